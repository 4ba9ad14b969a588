//! `reference-missing`: a workload needs an object that nothing makes or may make.

use std::collections::BTreeSet;

use infra_model::codes;
use source_tree::Diagnostic;

use super::super::Linker;
use super::super::producers::Made;
use super::super::uses::{Certainty, Use, Used, User};

/// Objects that Kubernetes itself makes in every namespace.
fn is_made_by_kubernetes(one: &Use) -> bool {
    match one.used {
        Used::ConfigMap => matches!(one.name.as_str(), "kube-root-ca.crt" | "openshift-service-ca.crt"),
        Used::ServiceAccount => one.name == "default",
        Used::Secret | Used::SecretProviderClass => false,
    }
}

pub(super) fn find(linker: &mut Linker<'_>) {
    let inventory = linker.inventory;
    // What a failed build would have made is not known.
    if inventory
        .owners
        .iter()
        .any(|owner| owner.evaluated.error.is_some())
    {
        return;
    }
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for one in linker.uses {
        let User::Service(service) = &one.user else {
            continue;
        };
        if one.optional
            || one.certainty != Certainty::Stated
            || one.name.contains("${")
            || is_made_by_kubernetes(one)
        {
            continue;
        }
        let name = linker.generated.object_name(one);
        // A generated object that is used by its name without hash is not there under this name.
        let unhashed = linker.generated.rendered(one.used, &one.namespace, &one.name);
        let made = linker.producers.of(one, &name, linker.knowledge);
        if made != Made::No && unhashed.is_none() {
            continue;
        }
        if !seen.insert((service, name.clone())) {
            continue;
        }
        let hint = match unhashed {
            Some(rendered) => format!(
                "it is generated as {rendered}: declare the field as a nameReference under `configurations`, or set disableNameSuffixHash"
            ),
            None => "add the object, correct the name, say `optional: true`, or declare it in the knowledge file under producedElsewhere".to_owned(),
        };
        findings.push(
            Diagnostic::warning(
                codes::REFERENCE_MISSING,
                format!("service {service} needs {name}, which nothing makes"),
            )
            .at(inventory.place(one.mark))
            .on(name.to_string())
            .hint(hint),
        );
    }
    linker.diagnostics.extend(findings);
}
