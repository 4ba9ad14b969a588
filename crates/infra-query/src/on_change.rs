//! What happens to pods when a ConfigMap or Secret that they read changes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use infra_model::config::{GeneratedBy, Usage};
use infra_model::secrets::{ProducedBy, SecretReference};
use plain_text::{Lines, line, printable_name};

use crate::facts::mentioning;
use crate::{Facts, Subject};

/// What happens to the pods of a service, the strongest effect first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnChange {
    /// They are replaced: the name has a hash of the content, so that the pod template changes.
    Hash,
    /// They are replaced by Reloader.
    Reloader,
    /// They keep the values that they have read when they started.
    Stale,
    /// They see the new files, and are not replaced.
    Files,
}

impl OnChange {
    /// The words for it, behind the name of a service.
    pub fn as_str(self) -> &'static str {
        match self {
            OnChange::Hash => "restarts: the name has a hash of the content, which is another one then",
            OnChange::Reloader => "restarts: Reloader watches it",
            OnChange::Stale => "does not restart, and keeps the values that it has read at its start",
            OnChange::Files => "does not restart, and sees the new files after a while",
        }
    }

    /// Whether the pods are replaced.
    pub fn restarts(self) -> bool {
        matches!(self, OnChange::Hash | OnChange::Reloader)
    }
}

/// Kinds that replace their pods when the pod template changes.
const KINDS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "Rollout"];

/// What happens to the pods of services that read one of some subjects, by key; each once.
pub(crate) fn on_changes<'a>(
    facts: &'a dyn Facts,
    subjects: impl Iterator<Item = Subject<'a>>,
) -> Vec<(&'a str, OnChange)> {
    let changes = subjects.flat_map(|subject| on_change(facts, subject));
    let changes: BTreeSet<(&str, OnChange)> = changes.collect();
    changes.into_iter().collect()
}

fn on_change<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Vec<(&'a str, OnChange)> {
    match subject {
        Subject::ConfigMap(_, map) => {
            let name = format!("ConfigMap/{}", map.name);
            let is_hashed = map.rendered_name.is_some();
            let is_of_chart = map.generated_by == GeneratedBy::Helm;
            of_usage(facts, &map.usage, (&name, is_hashed), is_of_chart)
        }
        Subject::SecretReference(_, reference) => of_secret(facts, reference),
        Subject::Secret(_, secret) => secrets(facts, &secret.name, |reference| {
            reference.name == secret.name && reference.namespace == secret.namespace
        }),
        Subject::ExternalSecret(..) | Subject::SealedSecret(..) | Subject::VaultSecret(..) => {
            let object = ProducedBy::Object(format!("{}/{}", subject.kind(), subject.key()));
            secrets(facts, subject.key(), |reference| reference.produced_by == object)
        }
        _ => Vec::new(),
    }
}

/// What happens to readers of the Secrets that `is_meant` accepts, whose entries mention `name`.
fn secrets<'a>(
    facts: &'a dyn Facts,
    name: &str,
    is_meant: impl Fn(&SecretReference) -> bool,
) -> Vec<(&'a str, OnChange)> {
    let references = mentioning(facts.secret_references(), name);
    let meant = references.filter(|(_, reference)| is_meant(reference));
    meant
        .flat_map(|(_, reference)| of_secret(facts, reference))
        .collect()
}

fn of_secret<'a>(facts: &'a dyn Facts, reference: &'a SecretReference) -> Vec<(&'a str, OnChange)> {
    let mut stated = mentioning(facts.secrets(), &reference.name);
    let stated =
        stated.find(|(_, secret)| secret.name == reference.name && secret.namespace == reference.namespace);
    let is_hashed = stated.is_some_and(|(_, secret)| secret.rendered_name.is_some());
    let name = format!("Secret/{}", reference.name);
    // An unknown maker may be the chart.
    let is_of_chart = match &reference.produced_by {
        ProducedBy::Object(object) => object.starts_with("HelmRelease/"),
        ProducedBy::Unknown | ProducedBy::Nothing => true,
    };
    of_usage(facts, &reference.usage, (&name, is_hashed), is_of_chart)
}

fn of_usage<'a>(
    facts: &'a dyn Facts,
    usage: &'a [Usage],
    (name, is_hashed): (&str, bool),
    is_of_chart: bool,
) -> Vec<(&'a str, OnChange)> {
    let mut found: BTreeMap<&str, OnChange> = BTreeMap::new();
    for used in usage {
        let key = used.service.as_deref();
        let Some((key, service)) = key.and_then(|key| facts.services().get_key_value(key)) else {
            continue;
        };
        let workload = service.workload.as_ref();
        if !workload.is_some_and(|workload| KINDS.contains(&workload.kind.as_str())) {
            continue;
        }
        let change = match used.how.as_str() {
            "env" | "envFrom" | "volume" if is_hashed => OnChange::Hash,
            "env" | "envFrom" | "volume" if service.reloads.iter().any(|watched| watched == name) => {
                OnChange::Reloader
            }
            "env" | "envFrom" => OnChange::Stale,
            // Kubernetes does not update files that are mounted by `subPath`.
            "volume" if used.sub_path.is_some() => OnChange::Stale,
            "volume" => OnChange::Files,
            _ => continue,
        };
        // Charts may put checksums of their own ConfigMaps and Secrets into annotations of their pods, which is not
        // known here.
        if service.helm_release.is_some() && is_of_chart && !change.restarts() {
            continue;
        }
        let known = found.entry(key).or_insert(change);
        *known = (*known).min(change);
    }
    found.into_iter().collect()
}

/// Writes a line for each service, those that restart first.
pub(crate) fn lines(f: &mut Lines<'_>, changes: &[(&str, OnChange)]) -> fmt::Result {
    const MOST: usize = 8;
    if changes.is_empty() {
        return Ok(());
    }
    let mut sorted: Vec<&(&str, OnChange)> = changes.iter().collect();
    sorted.sort_by_key(|(key, change)| (*change, *key));
    sorted.dedup();
    line!(f, "when its values change:")?;
    for (key, change) in sorted.iter().take(MOST) {
        line!(f, "  {} {}", printable_name(key), change.as_str())?;
    }
    match sorted.len().saturating_sub(MOST) {
        0 => Ok(()),
        more => line!(f, "  and {more} more"),
    }
}
