//! `reference-missing` of ServiceAccounts: a Kustomization or HelmRelease is applied as an account that has no rights, since
//! nothing makes it and no binding names it.
//!
//! Controllers impersonate the account, so that a binding suffices:
//! <https://fluxcd.io/flux/components/kustomize/kustomizations/#role-based-access-control>.

use std::collections::{BTreeMap, BTreeSet};

use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, Mark, Severity};
use yaml_node::Node;

use super::{first_and_more, if_sure, kustomization_ref};
use crate::controllers::Controllers;
use crate::inventory::Inventory;
use crate::linker::{Linker, is_flux_instance};
use crate::uses::Used;

const RBAC: &str = "rbac.authorization.k8s.io";

/// Accounts that come with Flux or Kubernetes.
const WELL_KNOWN: &[&str] = &[
    "default",
    "kustomize-controller",
    "helm-controller",
    "flux-operator",
];

/// An object that is applied as an account.
struct Impersonation {
    object: ObjectRef,
    account: String,
    /// Where the account is stated; `None` for the one that the controller takes by default.
    stated: Option<Mark>,
    mark: Mark,
}

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let controllers = Controllers::of(inventory);
    let bound = bound(inventory);
    let has_rights = |namespace: &str, name: &str| {
        WELL_KNOWN.contains(&name)
            || name.contains("${")
            || bound.contains(&(namespace, name))
            // The group of all accounts of the namespace, or of the cluster.
            || bound.contains(&(namespace, ""))
            || bound.contains(&("", ""))
            || linker.is_made(Used::ServiceAccount, namespace, name)
            || linker.producers.may_be_generated(Used::ServiceAccount, namespace, name)
            || inventory.find("", "ServiceAccount", namespace, name).is_some()
    };
    let all = kustomizations(inventory, &controllers).chain(releases(linker, &controllers));
    let mut missing: BTreeMap<ObjectRef, Vec<Impersonation>> = BTreeMap::new();
    for user in all.filter(|user| !has_rights(&user.object.namespace, &user.account)) {
        let account = ObjectRef::new("ServiceAccount", &user.object.namespace, &user.account);
        missing.entry(account).or_default().push(user);
    }
    let finding = |(account, users): (ObjectRef, Vec<Impersonation>)| {
        let (first, more) = first_and_more(users)?;
        // Whoever makes a namespace decides on its accounts.
        let is_ours = inventory.find("", "Namespace", "", &account.namespace).is_some();
        let is_sure = is_ours && inventory.is_complete() && !linker.producers.has_charts(&account.namespace);
        let severity = if_sure(is_sure, Severity::Warning);
        let by_default = match first.stated {
            Some(_) => "",
            None => ", the default of its controller",
        };
        let message = format!(
            "{}{more} is applied as {account}{by_default}, which nothing makes and no binding names: the API server forbids all that it does",
            first.object
        );
        let place = first.stated.and_then(|mark| inventory.place(mark));
        Some(
            Diagnostic::new(severity, codes::REFERENCE_MISSING, message)
                .at(place.or_else(|| inventory.place(first.mark)))
                .on(first.object.to_string())
                .hint(
                    "add the ServiceAccount and a RoleBinding for it, or correct `spec.serviceAccountName`",
                ),
        )
    };
    missing.into_iter().filter_map(finding).collect()
}

fn kustomizations<'l>(
    inventory: &'l Inventory<'_>,
    controllers: &Controllers<'l>,
) -> impl Iterator<Item = Impersonation> + 'l {
    let default = controllers.default_account("kustomize-controller");
    inventory
        .owners
        .iter()
        .filter(|owner| !owner.remote)
        .filter_map(move |owner| {
            let evaluated = owner.evaluated;
            let object = evaluated.object.as_ref()?;
            if evaluated.generated_by.as_ref().is_some_and(is_flux_instance) {
                return None;
            }
            impersonation(kustomization_ref(owner)?, &object.node, object.mark, default)
        })
}

fn releases<'l>(
    linker: &'l Linker<'_>,
    controllers: &Controllers<'l>,
) -> impl Iterator<Item = Impersonation> + 'l {
    let default = controllers.default_account("helm-controller");
    let local = linker
        .releases
        .iter()
        .filter(|release| release.evaluated.is_some());
    local.filter_map(move |release| {
        let object = release.object;
        impersonation(object.object_name(), object.node(), object.applied.mark, default)
    })
}

fn impersonation(object: ObjectRef, node: &Node, mark: Mark, default: Option<&str>) -> Option<Impersonation> {
    let stated = node.at(&["spec", "serviceAccountName"]);
    let stated = stated.filter(|stated| stated.text().is_some_and(|text| !text.is_empty()));
    let account = stated.and_then(Node::text).or(default)?;
    Some(Impersonation {
        object,
        account: account.to_owned(),
        stated: stated.map(|stated| stated.mark),
        mark,
    })
}

/// Namespaces and names of the accounts that bindings name. The group of all accounts of a namespace has an empty name; that of
/// the whole cluster has an empty namespace, too.
fn bound<'i>(inventory: &Inventory<'i>) -> BTreeSet<(&'i str, &'i str)> {
    let kinds = ["RoleBinding", "ClusterRoleBinding"].into_iter();
    let bindings = kinds.flat_map(|kind| inventory.of(RBAC, kind));
    let bound = bindings.flat_map(|binding| {
        let subjects = binding.node().get("subjects").map_or(&[][..], Node::items);
        subjects.iter().filter_map(|subject| {
            let name = subject.text_at(&["name"]).unwrap_or_default();
            match subject.text_at(&["kind"])? {
                "ServiceAccount" => {
                    Some((subject.text_at(&["namespace"]).unwrap_or(binding.namespace), name))
                }
                "Group" => {
                    let group = name.strip_prefix("system:serviceaccounts")?;
                    Some((group.trim_start_matches(':'), ""))
                }
                "User" => name.strip_prefix("system:serviceaccount:")?.split_once(':'),
                _ => None,
            }
        })
    });
    bound.collect()
}
