//! Scheduled backups of claims, databases and namespaces.

use infra_model::object::{ObjectField, OtherObject};

use crate::facts::mentioning;
use crate::graph::links::object_named;
use crate::object::value;
use crate::text::{joined, listed};
use crate::{Facts, copies};

use super::databases::{bootstrap, is_database, no_backup};
use super::exposure::addresses;
use super::fact::{CLAIM, Told, fact, last};

/// Kinds that are backed up, and the fields by which VolSync, CloudNativePG, mariadb-operator and KubeStash name one.
const NAMING: &[(&str, &[&str])] = &[
    (
        CLAIM,
        &["spec.sourcePVC", "spec.target.name", "spec.target.ref.name"],
    ),
    ("Cluster", &["spec.cluster.name"]),
    ("MariaDB", &["spec.mariaDbRef.name", "spec.target.name"]),
    ("Postgres", &["spec.target.name"]),
    ("MySQL", &["spec.target.name"]),
    ("MongoDB", &["spec.target.name"]),
];

/// Fields with the schedule of a backup.
const SCHEDULES: &[&str] = &[
    "spec.trigger.schedule",
    "spec.schedule",
    "spec.schedule.cron",
    "spec.backup.schedule",
    "spec.sessions[0].scheduler.schedule",
];

/// The backups of a claim or a database.
pub(super) fn backups(facts: &dyn Facts, kind: &str, namespace: &str, name: &str) -> Vec<Told> {
    let own = object_named(facts, kind, namespace, name);
    let stated = own.map_or_else(Vec::new, |(_, object)| of_itself(object));
    let Some((_, paths)) = NAMING.iter().find(|(of, _)| *of == kind) else {
        return stated;
    };
    let is_naming = |object: &OtherObject| {
        let mut values = paths.iter().map(|path| value(object, path));
        values.any(|value| value == Some(name)) || kind == CLAIM && is_naming_claim(object, name)
    };
    let objects = mentioning(facts.objects(), name);
    let objects = objects.filter(|(_, object)| object.namespace == namespace && is_naming(object));
    let made = objects.flat_map(|(key, object)| match backup(name, key, object) {
        Some(backup) => vec![backup],
        None => by_policy(facts, name, object),
    });
    let mut made: Vec<Told> = made.chain(stated).collect();
    if let Some(destination) = destination(facts, namespace, name) {
        for backup in &mut made {
            backup.text.push_str(&format!(", to {destination}"));
        }
    }
    made
}

/// Whether a claim is among the sources of an object: `spec.sources[0].pvc.name`.
fn is_naming_claim(object: &OtherObject, claim: &str) -> bool {
    let mut fields = object.fields.iter();
    fields
        .any(|(path, field)| path.starts_with("spec.") && path.ends_with(".pvc.name") && field.value == claim)
}

/// The schedules of a policy that names a claim and has none itself: those of objects that name the policy.
fn by_policy(facts: &dyn Facts, name: &str, policy: &OtherObject) -> Vec<Told> {
    let objects = mentioning(facts.objects(), &policy.name);
    let scheduling = objects.filter(|(_, object)| {
        let mut fields = object.fields.iter();
        object.namespace == policy.namespace
            && fields.any(|(path, field)| path.ends_with("Ref.name") && field.value == policy.name)
    });
    let backups = scheduling.filter_map(|(key, object)| backup(name, key, object));
    let mut backups: Vec<Told> = backups.collect();
    for backup in &mut backups {
        backup.text.push_str(&kept(policy));
    }
    backups
}

/// The destination of the backups of a CloudNativePG Cluster, which states it, or names an ObjectStore of its namespace
/// (<https://cloudnative-pg.io/plugin-barman-cloud/docs/usage/>).
fn destination(facts: &dyn Facts, namespace: &str, name: &str) -> Option<String> {
    let of = |object: &OtherObject| {
        let text = |key: &str| {
            let found = object.fields.iter().find(|(path, _)| last(path) == key);
            found.map(|(_, field)| field.value.as_str())
        };
        let endpoint = text("endpointURL").map(|endpoint| format!(" at {endpoint}"));
        let store = (object.kind == "ObjectStore").then(|| format!(" (ObjectStore {})", object.name));
        let path = text("destinationPath")?;
        Some(format!(
            "{path}{}{}",
            endpoint.unwrap_or_default(),
            store.unwrap_or_default()
        ))
    };
    let (_, cluster) = object_named(facts, "Cluster", namespace, name)?;
    of(cluster).or_else(|| {
        let (_, store) = cluster
            .fields
            .iter()
            .find(|(path, _)| last(path) == "barmanObjectName")?;
        let (_, store) = object_named(facts, "ObjectStore", namespace, &store.value)?;
        of(store)
    })
}

/// The line of an object: the fields that people ask for, and its backups.
pub(super) fn in_short(facts: &dyn Facts, object: &OtherObject) -> String {
    let summary = match object.kind.as_str() {
        "Gateway" => gateway(object),
        _ => crate::object::summary(object),
    };
    let backups = backups(facts, &object.kind, &object.namespace, &object.name).into_iter();
    let texts: Vec<String> = backups
        .map(|backup| match backup.text.rsplit_once(", to ") {
            Some((text, destination)) if has_destination(&summary, destination) => {
                format!(", backup {text}")
            }
            _ => format!(", backup {}", backup.text),
        })
        .collect();
    let has_backup = !texts.is_empty();
    let mut text = summary + &texts.concat();
    if let Some(bootstrap) = bootstrap(object) {
        text.push_str(&format!(", {bootstrap}"));
    }
    if is_database(object) && !has_backup {
        text.push_str(&format!(", backup {}", no_backup(object)));
    }
    if object.kind == CLAIM && !object.used_by.is_empty() {
        text.push_str(&format!(", used by {}", joined(&object.used_by)));
    }
    if let Some(to) = &object.copied_to {
        text.push_str(&format!(", copied to {}", copies::words(to)));
    }
    text
}

/// The addresses of a Gateway and its listeners: `, at 192.0.2.1, https 443 *.example.org`.
fn gateway(object: &OtherObject) -> String {
    const MOST: usize = 6;
    let mut text = listed(", at ", &addresses(object));
    let names = object.fields.iter().filter_map(|(path, field)| {
        let listener = path.strip_suffix(".name")?;
        (listener.starts_with("spec.listeners[") && listener.matches('.').count() == 1)
            .then_some((listener, field))
    });
    for (listener, name) in names.take(MOST) {
        let text_of = |key: &str| {
            let field = object.fields.get(&format!("{listener}.{key}"));
            field.map_or_else(String::new, |field| format!(" {}", field.value))
        };
        text.push_str(&format!(
            ", {}{}{}",
            name.value,
            text_of("port"),
            text_of("hostname")
        ));
    }
    text
}

/// Whether the summary of an object already has the destination of its backups.
fn has_destination(summary: &str, destination: &str) -> bool {
    let path = destination.split(' ').next().unwrap_or(destination);
    summary.contains(path) && !destination.contains("(ObjectStore ")
}

/// The schedules that a database states itself, as those of Percona, Zalando and Crunchy do.
fn of_itself(object: &OtherObject) -> Vec<Told> {
    let is_schedule = |path: &str| {
        let is_cron = matches!(last(path), "schedule" | "cron") || path.contains(".schedules.");
        is_cron && path.to_ascii_lowercase().contains("backup")
    };
    let stated = object.fields.iter().filter(|(path, _)| is_schedule(path));
    let text = |(path, field): (&String, &ObjectField)| {
        let text = format!("{} at {} ({path})", object.name, field.value);
        fact("backup", text, field.place(object.source.as_ref()))
    };
    stated.map(text).collect()
}

/// The backups of all claims of a namespace: Schedules of Velero and of K8up.
pub(super) fn of_namespace(facts: &dyn Facts, namespace: &str) -> Vec<Told> {
    let mut found = Vec::new();
    let schedules = mentioning(facts.objects(), "Schedule");
    for (key, object) in schedules.filter(|(_, object)| object.kind == "Schedule") {
        let list = |name: &str| -> Vec<&str> {
            let start = format!("spec.template.{name}[");
            let fields = object.fields.iter().filter(|(path, _)| path.starts_with(&start));
            fields.map(|(_, field)| field.value.as_str()).collect()
        };
        // https://velero.io/docs/main/api-types/schedule/, https://docs.k8up.io/k8up/references/api-reference.html
        let is_meant = match object.api_version.split('/').next() {
            Some("velero.io") => {
                let included = list("includedNamespaces");
                let is_included =
                    included.is_empty() || included.contains(&"*") || included.contains(&namespace);
                is_included && !list("excludedNamespaces").contains(&namespace)
            }
            Some("k8up.io" | "backup.appuio.ch") => object.namespace == namespace,
            _ => false,
        };
        let backup = is_meant.then(|| backup(&format!("namespace {namespace}"), key, object));
        let Some(mut backup) = backup.flatten() else {
            continue;
        };
        let labels = object.fields.iter();
        let labels = labels.filter(|(path, _)| path.contains("abelSelector.matchLabels."));
        let labels: Vec<String> = labels
            .map(|(path, field)| format!("{}={}", last(path), field.value))
            .collect();
        backup.text.push_str(&listed(", only what has ", &labels));
        found.push(backup);
    }
    folded(found)
}

/// Merges backups that differ only in schedule and object: `at A; B by X, Y`.
fn folded(all: Vec<Told>) -> Vec<Told> {
    /// Subject, schedule, object, and the rest.
    fn parts(text: &str) -> Option<(&str, &str, &str, &str)> {
        let (what, rest) = text.split_once(" at ")?;
        let (when, rest) = rest.split_once(" by ")?;
        let end = rest.find(", ").unwrap_or(rest.len());
        Some((what, when, rest.get(..end)?, rest.get(end..)?))
    }
    let mut found: Vec<Told> = Vec::new();
    for backup in all {
        let own = parts(&backup.text);
        let is_alike = |known: &Told| match (parts(&known.text), own) {
            // The objects of a merged text are separated by commas, so that they are in its rest.
            (Some((what, _, _, rest)), Some((own, _, _, own_rest))) => {
                what == own && rest.ends_with(own_rest)
            }
            _ => false,
        };
        match (found.iter_mut().find(|known| is_alike(known)), own) {
            (Some(known), Some((what, when, by, rest))) => {
                let earlier = known.text.clone();
                let earlier = earlier.strip_suffix(rest).unwrap_or(&earlier);
                if let Some((_, tail)) = earlier.split_once(" at ")
                    && let Some((times, makers)) = tail.split_once(" by ")
                {
                    known.text = format!("{what} at {times}; {when} by {makers}, {by}{rest}");
                }
            }
            _ => found.push(backup),
        }
    }
    found
}

/// The retention of an object's backups.
fn kept(object: &OtherObject) -> String {
    let retain: Vec<String> = object
        .fields
        .iter()
        .filter(|(path, _)| {
            path.contains(".retain.") || path.contains(".retention.") || path.as_str() == "spec.template.ttl"
        })
        .map(|(path, kept)| match last(path) {
            "ttl" => kept.value.clone(),
            key => match key.strip_prefix("keep") {
                Some(what) => format!("{} {}", what.to_lowercase(), kept.value),
                None => format!("{} {key}", kept.value),
            },
        })
        .collect();
    listed(", keeps ", &retain)
}

/// The NFS volume that is mounted for the repository
/// (<https://volsync.readthedocs.io/en/stable/usage/restic/index.html>).
fn machine(backup: &OtherObject) -> Option<String> {
    backup.fields.iter().find_map(|(path, field)| {
        let above = path.strip_suffix(".nfs.server")?;
        let folder = backup.fields.get(&format!("{above}.nfs.path"))?;
        Some(format!(" on {}:{}", field.value, folder.value))
    })
}

fn backup(name: &str, key: &str, object: &OtherObject) -> Option<Told> {
    let schedule = SCHEDULES.iter().find_map(|path| object.fields.get(path))?;
    let mut text = format!("{name} at {} by {key}", schedule.value);
    if value(object, "spec.suspend") == Some("true") {
        text.push_str(", suspended");
    }
    let target = object.fields.iter().find(|(path, _)| {
        ["repository", "destinationPath", "rcloneDestPath", "address"].contains(&last(path))
    });
    if let Some((path, target)) = target {
        text.push_str(&format!(", {} {}", last(path), target.value));
        text.push_str(&machine(object).unwrap_or_default());
    }
    text.push_str(&kept(object));
    Some(fact("backup", text, schedule.place(object.source.as_ref())))
}
