//! ConfigMaps and Secrets whose changes make Reloader restart a workload
//! (<https://github.com/stakater/Reloader#how-to-use-reloader>).

use std::collections::BTreeSet;

use smol_str::SmolStr;

use crate::inventory::Object;
use crate::linker::Linker;
use crate::pod_spec::PodTemplate;
use crate::uses::{Use, Used, User};

/// The domain of the annotations, behind a kind or none.
const GROUP: &str = "reloader.stakater.com/";

/// The objects that Reloader watches for a workload, as `ConfigMap/<name>`, sorted. `used` are the uses of its service.
pub(crate) fn watched(
    linker: &Linker<'_>,
    workload: &Object<'_>,
    pods: Option<PodTemplate<'_>>,
    used: &[&Use],
) -> Vec<String> {
    let view = linker.inventory.view(workload);
    let own = view.entries_at(&["metadata", "annotations"]);
    let annotations: Vec<(&str, &str)> = own
        .chain(pods.into_iter().flat_map(PodTemplate::annotations))
        .filter(|(key, _)| key.contains(GROUP))
        .filter_map(|(key, value)| Some((key, value.text()?)))
        .collect();
    if annotations.is_empty() {
        return Vec::new();
    }
    let read: Vec<(Used, SmolStr)> = used
        .iter()
        .filter(|found| matches!(&found.user, User::Service(_)))
        .filter(|found| matches!(found.used, Used::ConfigMap | Used::Secret))
        .map(|found| (found.used, linker.generated.object_name(found).name))
        .collect();
    let mut objects = BTreeSet::new();
    let mut add = |used: Used, name: &str| objects.insert(format!("{}/{name}", used.kind()));
    for (key, value) in annotations {
        let Some((kind, setting)) = key.split_once(GROUP) else {
            continue;
        };
        let kind = match kind.trim_end_matches('.') {
            "configmap" => Some(Used::ConfigMap),
            "secret" => Some(Used::Secret),
            _ => None,
        };
        if let (Some(kind), "reload") = (kind, setting) {
            for name in value.split(',').map(str::trim).filter(|name| !name.is_empty()) {
                add(kind, name);
            }
        }
        for (used, name) in read.iter().filter(|_| value == "true") {
            let is_watched = match setting {
                "auto" => kind.is_none_or(|kind| kind == *used),
                "search" => kind.is_none() && is_matched(linker, *used, workload.namespace, name),
                _ => false,
            };
            if is_watched {
                add(*used, name);
            }
        }
    }
    objects.into_iter().collect()
}

/// Whether a ConfigMap or Secret has the annotation that `search` looks for.
fn is_matched(linker: &Linker<'_>, used: Used, namespace: &str, name: &str) -> bool {
    let mut objects = linker.inventory.of("", used.kind());
    objects.any(|object| {
        object.namespace == namespace
            && object.unhashed_name() == name
            && object.annotation("reloader.stakater.com/match") == Some("true")
    })
}
