//! Findings about the linked model: one file per code, or per code and kind of object.

mod account_missing;
mod api_removed;
mod api_version;
mod backend_missing;
mod bootstrap_elsewhere;
mod claim_missing;
mod contested_owner;
mod contested_release;
mod contested_secret;
mod core_api_removed;
mod core_fields;
mod cross_namespace_blocked;
mod decryption_missing;
mod definitions_in_time;
mod dependencies;
mod expressions;
mod external_secret_fields;
mod flux_secret_keys;
mod health_check_missing;
mod image_automation;
mod image_markers;
mod issuer_missing;
mod key_missing;
mod merge_missing;
mod namespace_missing;
mod needed_first;
mod notification_missing;
mod orphan;
mod reconcile_disabled;
mod redacted;
mod reference_missing;
mod resource_sets;
mod route_backends;
mod secret_arguments;
mod source_invalid;
mod source_missing;
mod store_missing;
mod target_namespace;
mod template_keys;
mod variable_names;
mod variable_unreplaced;
mod version_unserved;

use flux_evaluate::Evaluation;
use infra_model::{ObjectRef, Place, codes};
use rayon::prelude::*;
use source_tree::{Diagnostic, Mark, Severity};
use yaml_node::Node;

use crate::inventory::{self, Inventory, Object, Owner};
use crate::linker::Linker;

pub(crate) use bootstrap_elsewhere::bootstrap_elsewhere;
pub(crate) use definitions_in_time::definitions_in_time;
pub(crate) use image_markers::image_markers;
pub(crate) use orphan::orphans;

/// Codes of findings that do not depend on what else the cluster holds.
const IN_REMOTE_CLUSTERS: &[&str] = &[
    codes::API_REMOVED,
    codes::CONTESTED_OWNER,
    codes::FIELD_INVALID,
    codes::KEY_MISSING,
    codes::RECONCILE_DISABLED,
    codes::REDACTED,
    codes::VARIABLE_UNREPLACED,
];

type Find = fn(&Linker<'_>) -> Vec<Diagnostic>;

/// The first of the items that share one finding, and ` (and 2 more)` for the others.
fn first_and_more<T>(found: impl IntoIterator<Item = T>) -> Option<(T, String)> {
    let mut found = found.into_iter();
    let first = found.next()?;
    let more = match found.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    Some((first, more))
}

/// `severity` where the finding is certain; a note where something unknown may make the object.
fn if_sure(is_sure: bool, severity: Severity) -> Severity {
    match is_sure {
        true => severity,
        false => Severity::Info,
    }
}

/// The place of a mark in an object; that of the object if no line states it.
fn place_or_source(inventory: &Inventory<'_>, object: &Object<'_>, mark: Mark) -> Option<Place> {
    let place = mark.is_some().then(|| inventory.place(mark)).flatten();
    place.or_else(|| inventory.source(object))
}

/// ` (file:line)` of an object, which follows its name in a message.
fn source_in_parentheses(inventory: &Inventory<'_>, object: &Object<'_>) -> String {
    let place = inventory.source(object);
    place.map_or(String::new(), |place| format!(" ({place})"))
}

/// A Kustomization as an object; `None` for an entry that no Kustomization points at.
fn kustomization_ref(owner: &Owner<'_>) -> Option<ObjectRef> {
    owner.evaluated.id.as_ref().map(inventory::kustomization_ref)
}

/// Whether the value at `path` is `true`.
fn is_true(node: &Node, path: &[&str]) -> bool {
    node.at(path).and_then(Node::as_bool) == Some(true)
}

/// Whether everything that Flux applies to a cluster is known.
fn is_known(evaluation: &Evaluation) -> bool {
    let unresolved = [codes::RESOURCE_SET_UNRESOLVED, codes::LIMIT_REACHED];
    let mut findings = evaluation.diagnostics.iter();
    !evaluation.is_assumed
        && evaluation.evaluated().all(|evaluated| {
            !evaluated.external && evaluated.error.is_none() && evaluated.left_out.is_empty()
        })
        && !findings.any(|finding| unresolved.contains(&finding.code.as_ref()))
}

/// The findings of all checks, in their order.
pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let all: [Find; 34] = [
        resource_sets::find,
        account_missing::find,
        cross_namespace_blocked::find,
        dependencies::find,
        reference_missing::find,
        backend_missing::find,
        claim_missing::find,
        issuer_missing::find,
        merge_missing::find,
        notification_missing::find,
        image_automation::find,
        source_invalid::find,
        source_missing::find,
        store_missing::find,
        namespace_missing::find,
        target_namespace::find,
        contested_owner::find,
        contested_release::find,
        contested_secret::find,
        decryption_missing::find,
        api_removed::find,
        core_api_removed::find,
        version_unserved::find,
        core_fields::find,
        expressions::find,
        external_secret_fields::find,
        redacted::find,
        key_missing::find,
        flux_secret_keys::find,
        template_keys::find,
        variable_names::find,
        variable_unreplaced::find,
        health_check_missing::find,
        reconcile_disabled::find,
    ];
    let mut findings: Vec<Diagnostic> = all.par_iter().flat_map(|find| find(linker)).collect();
    // The repository does not show what else a remote cluster holds.
    if linker.inventory.evaluation.is_remote {
        findings.retain(|finding| IN_REMOTE_CLUSTERS.contains(&finding.code.as_ref()));
    }
    findings
}
