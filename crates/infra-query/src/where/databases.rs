//! What a database of an operator begins with, and whether anything backs it up.

use infra_model::object::{ObjectField, OtherObject};

use super::told::last;

/// Fields under which operators state what a new database takes its data from: CloudNativePG, mariadb-operator, Crunchy, Zalando.
const BOOTSTRAPS: &[&str] = &[
    "spec.bootstrap.",
    "spec.bootstrapFrom.",
    "spec.dataSource.",
    "spec.clone.",
    "spec.standby.",
];

/// What a database that is made anew begins with, as in `bootstrap recovery from nas tt-rss-db (line 99)`.
pub(super) fn bootstrap(object: &OtherObject) -> Option<String> {
    let (group, _) = object.api_version.split_once('/')?;
    match (group, object.kind.as_str()) {
        ("postgresql.cnpg.io", "Cluster") => of_cloud_native(object),
        _ => of_others(object),
    }
}

/// <https://cloudnative-pg.io/documentation/current/bootstrap/>
fn of_cloud_native(object: &OtherObject) -> Option<String> {
    let stated = |start: &str| {
        object
            .fields
            .iter()
            .find(|(path, _)| path.starts_with(start))
            .map(|(_, field)| field)
    };
    let text_of = |path: &str| object.fields.get(path).map(|field| field.value.as_str());
    for (method, words) in [("recovery", "recovery"), ("pg_basebackup", "base backup")] {
        let start = format!("spec.bootstrap.{method}.");
        let Some(first) = stated(&start) else { continue };
        if let Some(backup) = object.fields.get(&format!("{start}backup.name")) {
            return Some(format!(
                "bootstrap {words} from Backup {}{}",
                backup.value,
                line(object, backup)
            ));
        }
        let Some(source) = object.fields.get(&format!("{start}source")) else {
            return Some(format!("bootstrap {words}{}", line(object, first)));
        };
        let external = object.fields.iter().find_map(|(path, field)| {
            let cluster = path.strip_suffix(".name")?;
            let is_cluster = cluster.starts_with("spec.externalClusters[") && cluster.ends_with(']');
            (is_cluster && field.value == source.value).then_some(cluster)
        });
        let of_external = |keys: &[&str]| {
            let external = external?;
            keys.iter().find_map(|key| text_of(&format!("{external}.{key}")))
        };
        let store = of_external(&[
            "plugin.parameters.barmanObjectName",
            "barmanObjectStore.destinationPath",
            "connectionParameters.host",
        ]);
        let server = of_external(&[
            "plugin.parameters.serverName",
            "barmanObjectStore.serverName",
            "connectionParameters.dbname",
        ]);
        let from: Vec<&str> = [store, server].into_iter().flatten().collect();
        let from = match from.is_empty() {
            true => source.value.clone(),
            false => from.join(" "),
        };
        return Some(format!("bootstrap {words} from {from}{}", line(object, source)));
    }
    let import = stated("spec.bootstrap.initdb.import.").map(|_| ", with an import of another database");
    stated("spec.bootstrap.initdb.").map(|field| {
        format!(
            "bootstrap initdb{}{}",
            import.unwrap_or_default(),
            line(object, field)
        )
    })
}

fn of_others(object: &OtherObject) -> Option<String> {
    let (path, field) = object
        .fields
        .iter()
        .find(|(path, _)| BOOTSTRAPS.iter().any(|start| path.starts_with(start)))?;
    Some(format!(
        "bootstrap from {} {}{}",
        last(path),
        field.value,
        line(object, field)
    ))
}

/// Whether it is a database of which backups would be known.
pub(super) fn is_database(object: &OtherObject) -> bool {
    object.kind == "Cluster" && object.api_version.starts_with("postgresql.cnpg.io/")
}

/// What is said of one that nothing backs up by a schedule.
pub(super) fn no_backup(object: &OtherObject) -> &'static str {
    // The write-ahead log alone is of no use without a base backup.
    let archives = object.fields.keys().any(|path| {
        path.starts_with("spec.backup.barmanObjectStore.")
            || path.starts_with("spec.plugins[") && last(path) == "barmanObjectName"
    });
    match archives {
        true => "none on a schedule, only the write-ahead log is archived",
        false => "none",
    }
}

/// The line of a field, for people who read on: its file where that is not the object's.
fn line(object: &OtherObject, field: &ObjectField) -> String {
    match (field.place(object.source.as_ref()), &field.file) {
        (Some(place), Some(_)) => format!(" ({place})"),
        (Some(place), None) => format!(" (line {})", place.line),
        (None, _) => String::new(),
    }
}
