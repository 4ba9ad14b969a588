//! Databases of operators: their bootstrap, and whether they are backed up.

use infra_model::object::{ObjectField, OtherObject};

use super::fact::last;
use crate::object::{line_in_brackets, value};

/// Fields with the origin of the data of a new database: CloudNativePG, mariadb-operator, Crunchy, Zalando.
const BOOTSTRAPS: &[&str] = &[
    "spec.bootstrap.",
    "spec.bootstrapFrom.",
    "spec.dataSource.",
    "spec.clone.",
    "spec.standby.",
];

/// The origin of the data of a new database, such as `bootstrap recovery from nas tt-rss-db (line 99)`.
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
        let mut fields = object.fields.iter();
        let (_, field) = fields.find(|(path, _)| path.starts_with(start))?;
        Some(field)
    };
    let line = |field: &ObjectField| line_in_brackets(object, field);
    for (method, words) in [("recovery", "recovery"), ("pg_basebackup", "base backup")] {
        let start = format!("spec.bootstrap.{method}.");
        let Some(first) = stated(&start) else { continue };
        if let Some(backup) = object.fields.get(&format!("{start}backup.name")) {
            let line = line(backup);
            return Some(format!("bootstrap {words} from Backup {}{line}", backup.value));
        }
        let Some(source) = object.fields.get(&format!("{start}source")) else {
            return Some(format!("bootstrap {words}{}", line(first)));
        };
        let external = object.fields.iter().find_map(|(path, field)| {
            let cluster = path.strip_suffix(".name")?;
            let is_cluster = cluster.starts_with("spec.externalClusters[") && cluster.ends_with(']');
            (is_cluster && field.value == source.value).then_some(cluster)
        });
        let of_external = |keys: &[&str]| {
            let external = external?;
            keys.iter()
                .find_map(|key| value(object, &format!("{external}.{key}")))
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
        return Some(format!("bootstrap {words} from {from}{}", line(source)));
    }
    let import = stated("spec.bootstrap.initdb.import.").map(|_| ", with an import of another database");
    let line = line(stated("spec.bootstrap.initdb.")?);
    Some(format!("bootstrap initdb{}{line}", import.unwrap_or_default()))
}

fn of_others(object: &OtherObject) -> Option<String> {
    let (path, field) = object
        .fields
        .iter()
        .find(|(path, _)| BOOTSTRAPS.iter().any(|start| path.starts_with(start)))?;
    let line = line_in_brackets(object, field);
    Some(format!("bootstrap from {} {}{line}", last(path), field.value))
}

/// Whether an object is a database whose backups would be known.
pub(super) fn is_database(object: &OtherObject) -> bool {
    object.kind == "Cluster" && object.api_version.starts_with("postgresql.cnpg.io/")
}

/// The text for a database without scheduled backups.
pub(super) fn no_backup(object: &OtherObject) -> &'static str {
    // The write-ahead log is of no use without a base backup.
    let archives = object.fields.keys().any(|path| {
        path.starts_with("spec.backup.barmanObjectStore.")
            || path.starts_with("spec.plugins[") && last(path) == "barmanObjectName"
    });
    match archives {
        true => "none on a schedule, only the write-ahead log is archived",
        false => "none",
    }
}
