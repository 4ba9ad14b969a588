//! Volumes with data that the pods of a service mount.

use serde_json::Value;

use super::material::Material;
use crate::eval::question::{Catalog, Class, Fact, Question};
use crate::eval::rendering::Object;
use crate::json::{list, text_at};

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

/// Most folders that an answer shows.
const MOST: usize = 4;

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let workloads = || material.workloads.iter().copied();
    let claim = |volume: &Value| Some(text_at(volume, "/persistentVolumeClaim/claimName").to_owned());
    let mut questions = material.ask(&CLAIMS, workloads(), |workload| {
        material.about_service("where", workload, mounted(workload, claim))
    });
    let folders = workloads().filter(|workload| mounted(workload, folder).len() <= MOST);
    questions.extend(material.ask(&FOLDERS, folders, |workload| {
        material.about_service("where", workload, mounted(workload, folder))
    }));
    questions
}

/// The folder of the node, or of an NFS server, that a volume mounts.
fn folder(volume: &Value) -> Option<String> {
    let found = ["/hostPath/path", "/nfs/path"].map(|path| text_at(volume, path));
    found.into_iter().find(|path| !path.is_empty()).map(str::to_owned)
}

/// A fact for each mount of a volume that has a `source`: the source, and the path of the mount.
fn mounted(workload: &Object, source: impl Fn(&Value) -> Option<String>) -> Vec<Fact> {
    let pod = workload.pod();
    let containers = ["containers", "initContainers"].into_iter();
    let mounts: Vec<&Value> = containers
        .flat_map(|field| list(&pod[field]))
        .flat_map(|container| list(&container["volumeMounts"]))
        .collect();
    let mut facts = Vec::new();
    for volume in list(&pod["volumes"]) {
        let Some(source) = source(volume).filter(|source| !source.is_empty()) else {
            continue;
        };
        let own = mounts
            .iter()
            .filter(|mount| text_at(mount, "/name") == text_at(volume, "/name"));
        facts.extend(own.map(|mount| Fact::new([source.as_str(), text_at(mount, "/mountPath")])));
    }
    facts
}
