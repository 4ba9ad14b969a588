//! What data the pods of a service mount.

use serde_json::Value;

use super::material::Material;
use crate::eval::question::{Catalog, Class, Fact, Question};
use crate::eval::rendering::{Object, list, text};
use crate::facts::pod;

static CLAIMS: Class = Class {
    name: "claims",
    asks: "Which volume claims does X mount, and where?",
    catalog: Catalog::Services,
};
static FOLDERS: Class = Class {
    name: "folders of the node",
    asks: "Which folders of its node or of another machine does X mount, and where?",
    catalog: Catalog::Services,
};

/// An answer shows so many folders.
const MOST: usize = 4;

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let workloads = || material.workloads.iter().copied();
    let claim = |volume: &Value| Some(text(volume, "/persistentVolumeClaim/claimName").to_owned());
    let mut questions = material.ask(&CLAIMS, workloads(), |workload| {
        material.of_service("where", workload, mounted(workload, claim))
    });
    let folders = workloads().filter(|workload| mounted(workload, folder).len() <= MOST);
    questions.extend(material.ask(&FOLDERS, folders, |workload| {
        material.of_service("where", workload, mounted(workload, folder))
    }));
    questions
}

fn items<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    list(value.pointer(pointer).unwrap_or(&Value::Null))
}

/// The folder that a volume is.
fn folder(volume: &Value) -> Option<String> {
    let found = ["/hostPath/path", "/nfs/path"].map(|path| text(volume, path));
    found.into_iter().find(|path| !path.is_empty()).map(str::to_owned)
}

/// A fact for each volume that `what` knows: it, and where a container mounts it.
fn mounted(workload: &Object, what: impl Fn(&Value) -> Option<String>) -> Vec<Fact> {
    let spec = pod::pod_spec(&workload.value).unwrap_or(&Value::Null);
    let containers = ["/containers", "/initContainers"]
        .into_iter()
        .flat_map(|path| items(spec, path));
    let mounts: Vec<&Value> = containers
        .flat_map(|container| items(container, "/volumeMounts"))
        .collect();
    let mut facts = Vec::new();
    for volume in items(spec, "/volumes") {
        let Some(what) = what(volume).filter(|what| !what.is_empty()) else {
            continue;
        };
        let own = mounts
            .iter()
            .filter(|mount| text(mount, "/name") == text(volume, "/name"));
        facts.extend(own.map(|mount| Fact::new([what.as_str(), text(mount, "/mountPath")])));
    }
    facts
}
