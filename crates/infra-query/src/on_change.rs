//! What becomes of pods when a ConfigMap or Secret that they read changes.

use std::collections::BTreeMap;
use std::fmt;

use infra_model::config::{GeneratedBy, Usage};
use infra_model::secrets::{ProducedBy, SecretReference};
use plain_text::{Lines, line, printable_name};

use crate::facts::mentioning;
use crate::{Facts, Subject};

/// What becomes of the pods of a service, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OnChange {
    /// The name has a hash of the content, so that the pod template changes with it.
    Hash,
    /// Reloader restarts the workload.
    Reloader,
    /// The pods read it when they start, and go on with what they have read.
    Stale,
    /// The pods see new files, and are not restarted.
    Files,
}

impl OnChange {
    /// The words for it, after the name of a service.
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

/// What becomes of the services that read a thing, by key.
pub(crate) fn on_change<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Vec<(&'a str, OnChange)> {
    match subject {
        Subject::ConfigMap(_, map) => {
            let name = format!("ConfigMap/{}", map.name);
            let is_of_chart = map.generated_by == GeneratedBy::Helm;
            of_usage(
                facts,
                &map.usage,
                (&name, map.rendered_name.is_some()),
                is_of_chart,
            )
        }
        Subject::SecretReference(_, reference) => of_secret(facts, reference),
        Subject::Secret(_, secret) => secrets(facts, &secret.name, |reference| {
            reference.name == secret.name && reference.namespace == secret.namespace
        }),
        Subject::ExternalSecret(..) | Subject::SealedSecret(..) | Subject::VaultSecret(..) => {
            let object = format!("{}/{}", subject.kind(), subject.key());
            secrets(
                facts,
                subject.key(),
                |reference| matches!(&reference.produced_by, ProducedBy::Object(by) if *by == object),
            )
        }
        _ => Vec::new(),
    }
}

/// `name` occurs in what is meant.
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
    // What is made by a chart, or by nobody knows what.
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
    for one in usage {
        let Some((key, service)) = one
            .service
            .as_deref()
            .and_then(|key| facts.services().get_key_value(key))
        else {
            continue;
        };
        let kind = service.workload.as_ref().map(|workload| workload.kind.as_str());
        if !kind.is_some_and(|kind| KINDS.contains(&kind)) {
            continue;
        }
        let change = match one.how.as_str() {
            "env" | "envFrom" | "volume" if is_hashed => OnChange::Hash,
            "env" | "envFrom" | "volume" if service.reloads.iter().any(|watched| watched == name) => {
                OnChange::Reloader
            }
            "env" | "envFrom" => OnChange::Stale,
            // What `subPath` shows of a volume stays as it is.
            "volume" if one.sub_path.is_some() => OnChange::Stale,
            "volume" => OnChange::Files,
            _ => continue,
        };
        // Charts put sums of what they make into the annotations of their pods, which is not known here. Of what others make
        // they know nothing.
        if service.helm_release.is_some() && is_of_chart && !change.restarts() {
            continue;
        }
        let known = found.entry(key).or_insert(change);
        *known = (*known).min(change);
    }
    found.into_iter().collect()
}

/// One line for each service, those that restart first.
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
