//! Flux kinds whose definition in the cluster may differ from the tables: a patch changes it, or it comes from a URL.
//!
//! Both are documented ways to use fields that a release of Flux does not have yet, or that another controller adds:
//! <https://flux-iac.github.io/tofu-controller/use-tf-controller/provide-customized-health-checks-and-notifications/>.

use std::collections::BTreeSet;
use std::sync::Arc;

use yaml_node::Node;

use super::bootstrapped;
use super::build::SharedBuild;
use super::key::Key;
use super::round::{Evaluator, Round};
use super::state::State;
use crate::flux::api_group;

/// Patches of definitions, and remote resources that may contain definitions.
#[derive(Default)]
pub(super) struct Replaced {
    /// The text of each patch, or the name of its target.
    patches: Vec<String>,
    /// Files and folders outside of the repository.
    elsewhere: BTreeSet<String>,
}

impl Replaced {
    /// `bootstrapped` are the builds of the folders that `flux bootstrap` has applied.
    pub(super) fn find(
        evaluator: &Evaluator<'_>,
        state: &State,
        view: &Round<'_>,
        bootstrapped: &[SharedBuild],
    ) -> Self {
        let mut replaced = Replaced::default();
        let stated = view.typed.flux_instances.iter().map(|(instance, _)| instance);
        let instances = stated.chain(&evaluator.entry.instance);
        // A build that succeeds contains the patched definitions.
        let unbuilt = view.reach.definitions.iter().filter(|(id, _)| {
            let output = state.outputs.get(&Key::Kustomization((*id).clone()));
            output.is_none_or(|output| output.result.is_err())
        });
        let of_unbuilt = unbuilt.flat_map(|(_, definition)| {
            let patches = definition.object.node.at(&["spec", "patches"]);
            patches.map_or(&[][..], Node::items)
        });
        for patch in instances.flat_map(|instance| &instance.patches).chain(of_unbuilt) {
            replaced.add_patch(patch);
        }
        let outputs = state.outputs.values().filter_map(|output| output.build.as_ref());
        for build in outputs.chain(bootstrapped) {
            if let Ok(build) = &**build {
                let left_out = build.left_out.iter().map(|part| &part.what);
                let of_flux = left_out.filter(|what| what.contains("fluxcd"));
                replaced.elsewhere.extend(of_flux.cloned());
            }
        }
        replaced
    }

    fn add_patch(&mut self, patch: &Node) {
        let kind = patch.text_at(&["target", "kind"]).unwrap_or_default();
        let text = patch.text_at(&["patch"]).unwrap_or_default();
        if kind == "CustomResourceDefinition" || text.contains("kind: CustomResourceDefinition") {
            let name = patch.text_at(&["target", "name"]).unwrap_or_default();
            self.patches.push(match kind.is_empty() {
                true => text.to_owned(),
                false => name.to_owned(),
            });
        }
    }

    /// Whether the definition of an object's kind may differ from the tables.
    pub(super) fn may_define(&self, object: &Node) -> bool {
        if self.patches.is_empty() && self.elsewhere.is_empty() {
            return false;
        }
        let group = api_group(object);
        let plural = plural(object.text_at(&["kind"]).unwrap_or_default());
        let name = format!("{plural}.{group}");
        // A pattern or an empty name may match any definition.
        let is_patched = |patch: &String| patch.contains(&name) || !patch.contains("fluxcd.");
        let is_pattern = |patch: &String| patch.contains(['*', '|', '(']);
        let is_brought = |what: &String| match what.contains("fluxcd.io_") {
            // The file of a single definition.
            true => what.contains(&format!("{group}_{plural}")),
            false => {
                let controller = controller(group);
                controller.is_some_and(|controller| what.contains(controller))
                    || what.contains("fluxcd/flux2")
            }
        };
        let mut patches = self.patches.iter();
        patches.any(|patch| is_patched(patch) || is_pattern(patch)) || self.elsewhere.iter().any(is_brought)
    }
}

/// The builds of the folders that `flux bootstrap` applies, whether the entry lists them or not.
pub(super) fn folders_of_bootstrapping(evaluator: &Evaluator<'_>) -> Vec<SharedBuild> {
    let files = evaluator.entry.bootstrap_files.iter();
    let mut builds: Vec<SharedBuild> = Vec::new();
    for build in files.filter_map(|file| bootstrapped::folder(evaluator, file)) {
        if builds.iter().all(|known| !Arc::ptr_eq(known, &build)) {
            builds.push(build);
        }
    }
    builds
}

/// The plural of a kind, with which the name of its definition begins.
fn plural(kind: &str) -> String {
    let kind = kind.to_ascii_lowercase();
    match kind.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{kind}s"),
    }
}

/// The controller whose repository contains the definitions of a group.
fn controller(group: &str) -> Option<&'static str> {
    Some(match group {
        "source.toolkit.fluxcd.io" => "source-controller",
        "kustomize.toolkit.fluxcd.io" => "kustomize-controller",
        "helm.toolkit.fluxcd.io" => "helm-controller",
        "notification.toolkit.fluxcd.io" => "notification-controller",
        "image.toolkit.fluxcd.io" => "fluxcd/image-",
        "source.extensions.fluxcd.io" => "source-watcher",
        "fluxcd.controlplane.io" => "flux-operator",
        _ => return None,
    })
}
