//! Changes that Flux holds back, and changes held back so far that now roll out.

use std::collections::BTreeMap;

use flux_evaluate::flux::{at_pointer, ignored_pointers};
use flux_evaluate::{Evaluated, Evaluation};
use source_tree::Diagnostic;
use yaml_node::Node;

use super::codes;
use super::subject::{Subject, of_release, warning};
use crate::counts::plural;
use crate::held::{Held, is_paused, is_suspended, marks};
use crate::objects::{Object, is_same_value};
use crate::owner::Owner;

pub(super) fn check(subject: &Subject<'_>, held: &Held<'_>, found: &mut Vec<Diagnostic>) {
    let Some((before, after)) = subject.both() else {
        return;
    };
    if before.node().same_value(after.node()) {
        return;
    }
    let suspended = match (is_suspended(before), is_suspended(after)) {
        (false, true) => Some((
            codes::HELD_BACK,
            "it is suspended: from now on nothing of it rolls out",
        )),
        (true, false) => Some((
            codes::RESUMED,
            "it is no longer suspended: everything that was held back rolls out at once, more than this change shows",
        )),
        (true, true) if after.kind() == "HelmRelease" || is_paused(after) => {
            Some((codes::HELD_BACK, "it is suspended: the change does not roll out"))
        }
        _ => None,
    };
    let part = after.node().at(&["spec", "suspend"]);
    found.extend(suspended.map(|(code, message)| warning(code, after, part, message)));
    let spec = [before, after].map(|object| object.node().get("spec"));
    let is_same_spec = matches!(spec, [Some(old), Some(new)] if old.same_value(new));
    if held.is_skipped(&subject.owner, after) && !is_same_spec {
        let message = "it is in the folder crds of its chart, which Flux installs and does not update";
        found.push(
            warning(codes::HELD_BACK, after, None, message)
                .hint("set spec.upgrade.crds: CreateReplace in the HelmRelease"),
        );
    }
    for (key, value) in marks(after) {
        let name = key.rsplit('/').next().unwrap_or(key);
        let message = format!("it is marked {name}: {value}: Flux does not apply the change");
        found.push(warning(codes::HELD_BACK, after, None, message));
    }
}

/// Reports how much of the change each suspended Kustomization holds back, and which changed fields a Kustomization ignores.
pub(super) fn check_owners(
    subjects: &[Subject<'_>],
    owners: &BTreeMap<Owner, &Evaluated>,
    after: &Evaluation,
    found: &mut Vec<Diagnostic>,
) {
    let mut held: BTreeMap<&Owner, usize> = BTreeMap::new();
    for subject in subjects {
        let kustomization = owners.get(&subject.owner).and_then(|owner| owner.object.as_ref());
        if let (Some(kustomization), Some((before, after))) = (kustomization, subject.both()) {
            ignored(&kustomization.node, before, after, found);
        }
        *held.entry(&subject.owner).or_default() += 1;
    }
    for (owner, number) in held {
        let evaluated = owners.get(owner);
        let kustomization = evaluated.and_then(|evaluated| evaluated.kustomization.as_ref());
        if kustomization.is_some_and(|kustomization| kustomization.suspend) {
            let changes = if number == 1 { "changes" } else { "change" };
            let message = format!(
                "it is suspended: {} of it {changes}, and none of that rolls out",
                plural(number, "object")
            );
            let object = evaluated.and_then(|evaluated| evaluated.object.as_ref());
            found.push(
                Diagnostic::warning(codes::HELD_BACK, message)
                    .at(object.and_then(|object| after.files.place(object.mark)))
                    .on(owner.to_string()),
            );
        }
    }
}

/// Changed fields that the Kustomization of the object ignores.
fn ignored(kustomization: &Node, before: &Object<'_>, after: &Object<'_>, found: &mut Vec<Diagnostic>) {
    for pointer in ignored_pointers(kustomization, after.node()) {
        let [old, new] = [before, after].map(|object| at_pointer(object.node(), pointer));
        if !is_same_value(old, new) {
            let message = format!(
                "its Kustomization ignores `{pointer}`: Flux leaves the field as it is in the cluster"
            );
            found.push(warning(codes::HELD_BACK, after, new, &message));
        }
    }
}

/// Charts that change and keep their version, so that source-controller makes no new artifact.
pub(super) fn check_charts(held: &Held<'_>, after: &Evaluation, found: &mut Vec<Diagnostic>) {
    for id in held.same_versions() {
        let version = after
            .rendered_release(id)
            .map(|rendered| rendered.version.as_str());
        let message = format!(
            "its chart changes and stays {}: source-controller packages it anew only with another version, so nothing of it rolls out",
            version.unwrap_or_default()
        );
        found.push(
            of_release(Diagnostic::warning(codes::HELD_BACK, message), after, id).hint(
                "raise `version` in its Chart.yaml, or set spec.chart.spec.reconcileStrategy: Revision",
            ),
        );
    }
}
