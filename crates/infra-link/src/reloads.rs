//! The ConfigMaps and Secrets for whose changes Reloader restarts a workload
//! (<https://github.com/stakater/Reloader#how-to-use-reloader>).

use std::collections::BTreeSet;

use crate::inventory::Object;
use crate::linker::Linker;
use crate::pod_spec::PodTemplate;
use crate::uses::{Use, Used, User};

/// What stands in annotations before the words for what is watched.
const GROUP: &str = "reloader.stakater.com/";

/// What Reloader watches for a workload, as `ConfigMap/<name>`, sorted. `used` is what its service uses.
pub(crate) fn of(
    linker: &Linker<'_>,
    workload: &Object<'_>,
    pods: Option<PodTemplate<'_>>,
    used: &[&Use],
) -> Vec<String> {
    let view = linker.inventory.view(workload);
    let own = view.at(&["metadata", "annotations"]);
    let of_pods = pods.into_iter().flat_map(PodTemplate::annotations);
    let annotations: Vec<(&str, &str)> = own
        .into_iter()
        .flat_map(crate::view::View::entries)
        .chain(of_pods)
        .filter(|(key, _)| key.contains(GROUP))
        .filter_map(|(key, value)| Some((key, value.text()?)))
        .collect();
    if annotations.is_empty() {
        return Vec::new();
    }
    let read: Vec<(Used, String)> = used
        .iter()
        .filter(|one| matches!(&one.user, User::Service(_)))
        .filter(|one| matches!(one.used, Used::ConfigMap | Used::Secret))
        .map(|one| (one.used, linker.generated.object_name(one).name))
        .collect();
    let mut watched = BTreeSet::new();
    let mut add = |used: Used, name: &str| watched.insert(format!("{}/{name}", used.kind()));
    for (key, value) in annotations {
        let Some((kind, what)) = key.split_once(GROUP) else {
            continue;
        };
        let kind = match kind.trim_end_matches('.') {
            "configmap" => Some(Used::ConfigMap),
            "secret" => Some(Used::Secret),
            _ => None,
        };
        let is_of_kind = |used: Used| kind.is_none_or(|kind| kind == used);
        match (kind, what, value) {
            (Some(kind), "reload", names) => {
                for name in names.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                    add(kind, name);
                }
            }
            (_, "auto", "true") => {
                for (used, name) in read.iter().filter(|(used, _)| is_of_kind(*used)) {
                    add(*used, name);
                }
            }
            (None, "search", "true") => {
                for (used, name) in &read {
                    if is_matched(linker, *used, workload.namespace, name) {
                        add(*used, name);
                    }
                }
            }
            _ => {}
        }
    }
    watched.into_iter().collect()
}

/// Whether a ConfigMap or Secret lets itself be found by those that search.
fn is_matched(linker: &Linker<'_>, used: Used, namespace: &str, name: &str) -> bool {
    let mut objects = linker.inventory.of("", used.kind());
    objects.any(|object| {
        object.namespace == namespace
            && object.unhashed_name() == name
            && object.annotation("reloader.stakater.com/match") == Some("true")
    })
}
