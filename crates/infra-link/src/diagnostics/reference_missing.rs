//! `reference-missing`: a workload needs an object that nothing makes or may make.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use flux_evaluate::ReleaseChart;
use infra_model::codes;
use source_tree::{Diagnostic, Place, Severity};

use super::told_names::ToldNames;
use crate::inventory::{Inventory, Object, Owner, SOURCE};
use crate::kinds::{external_secret, secret_provider_class};
use crate::linker::Linker;
use crate::producers::Producer;
use crate::repository_files::is_kustomization_file;
use crate::unknown_makers::UnknownOperators;
use crate::uses::{Certainty, Use, Used, User};

/// Objects that Kubernetes itself or a well-known operator makes in namespaces, whose names are always the same.
const WELL_KNOWN: &[(Used, &str)] = &[
    (Used::ConfigMap, "kube-root-ca.crt"),
    // https://docs.openshift.com/container-platform/latest/security/certificates/service-serving-certificate.html
    (Used::ConfigMap, "openshift-service-ca.crt"),
    // https://istio.io/latest/docs/ops/common-problems/injection/
    (Used::ConfigMap, "istio-ca-root-cert"),
    // https://linkerd.io/2/features/automatic-mtls/
    (Used::ConfigMap, "linkerd-identity-trust-roots"),
    // https://metallb.io/configuration/_advanced_l2_configuration/: the controller makes what its speakers agree by.
    (Used::Secret, "memberlist"),
    (Used::ServiceAccount, "default"),
];

fn is_well_known(one: &Use) -> bool {
    WELL_KNOWN
        .iter()
        .any(|(used, name)| *used == one.used && *name == one.name)
}

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut seen = BTreeSet::new();
    let mut by_namespace = BTreeMap::new();
    let unmounted = secret_provider_class::unmounted(inventory, linker.uses);
    let operators = UnknownOperators::new(inventory);
    let told_names = OnceCell::new();
    let mut missing: Vec<Missing> = Vec::new();
    let mut by_need: HashMap<String, usize> = HashMap::new();
    for one in linker.uses {
        let Some(user) = user(linker, one) else {
            continue;
        };
        if one.optional || one.certainty != Certainty::Stated || one.name.contains("${") || is_well_known(one)
        {
            continue;
        }
        let name = linker.generated.object_name(one);
        // A generated object that is used by its name without hash is not there under this name.
        let unhashed = linker.generated.rendered(one.used, &one.namespace, &one.name);
        let made = linker.producers.of(one, &name, linker.knowledge);
        let unmounted = unmounted.get(&name).filter(|class| {
            made == Producer::By(format!("SecretProviderClass/{}", linker.object_keys.key(class)))
        });
        // Values of a release are seldom made by another one, and what copies to chosen namespaces may not choose this one.
        let is_doubtful = one.how == "valuesFrom" || linker.producers.copies_anywhere(one.used, &one.name);
        let is_generated = linker
            .producers
            .may_be_generated(one.used, &one.namespace, &name.name);
        let may_be_made = made == Producer::Perhaps && is_doubtful && !is_generated && unhashed.is_none();
        if made != Producer::No && !may_be_made && unhashed.is_none() && unmounted.is_none() {
            continue;
        }
        let other = linker.producers.only_namespace(one.used, &one.name);
        // Credentials of Flux itself are often made by hand; one in another namespace tells that they are not.
        let is_elsewhere = other.is_some_and(|other| !other.is_empty() && *other != one.namespace);
        if is_of_flux(one) && (made != Producer::No || !is_elsewhere || is_of_repository(linker, one)) {
            continue;
        }
        if !seen.insert((one.user_text(), name.clone())) {
            continue;
        }
        let hint = match (unhashed, other.filter(|other| !other.is_empty() && *other != one.namespace)) {
            (None, Some(other)) => format!(
                "there is one of this name in the namespace {other}, which does not count: make it in {}, or correct the reference",
                one.namespace
            ),
            (Some(rendered), _) => format!(
                "it is generated as {rendered}: declare the field as a nameReference under `configurations`, or set disableNameSuffixHash"
            ),
            (None, None) if let Some(hint) = renamed_values(linker, one) => hint,
            (None, None) => made_under_another_name(linker, one).unwrap_or_else(|| {
                "add the object, correct the name, say `optional: true`, or declare it in the knowledge file under producedElsewhere".to_owned()
            }),
        };
        let perhaps = match is_of_flux(one) {
            // What is taken from a source does not come before the Secret that the source needs.
            true => may_be_applied_by(inventory, &one.namespace, |owner| {
                source_of(linker, owner).as_deref() != Some(one.user_text())
            }),
            false => *by_namespace
                .entry(one.namespace.as_str())
                .or_insert_with(|| may_be_applied_by(inventory, &one.namespace, |_| true)),
        };
        let maker = || {
            operators
                .maker(&one.namespace, &one.name)
                .filter(|_| unhashed.is_none())
        };
        let known = "which nothing that is known makes";
        let (severity, why) = match perhaps {
            _ if let Some(class) = unmounted => (
                Severity::Warning,
                format!(
                    "which {} makes only while a pod mounts it, and none does",
                    class.object_name()
                ),
            ),
            None if may_be_made => (
                Severity::Info,
                format!("{known}; a chart that is not at hand, or an operator, may"),
            ),
            None if let Some(maker) = maker() => (
                Severity::Info,
                format!("{known}; the operator of {} may", maker.object_name()),
            ),
            None if one.used == Used::Secret
                && unhashed.is_none()
                && let Some(maker) = told_names.get_or_init(|| ToldNames::new(linker)).maker(
                    &one.namespace,
                    &one.name,
                    one.user_text(),
                ) =>
            {
                (Severity::Info, format!("{known}; {maker}, may"))
            }
            None => (Severity::Warning, "which nothing makes".to_owned()),
            Some((owner, reason)) => (
                Severity::Info,
                format!("{known}; Kustomization {owner} may, {reason}"),
            ),
        };
        let hint = match unmounted {
            Some(_) => "mount the class in the pod as a `csi` volume".to_owned(),
            None => hint,
        };
        let need = format!("needs {name}, {why}");
        if let Some(known) = by_need.get(&need).and_then(|at| missing.get_mut(*at)) {
            known.others.push(user);
            continue;
        }
        by_need.insert(need.clone(), missing.len());
        missing.push(Missing {
            user,
            others: Vec::new(),
            need,
            severity,
            place: inventory.place(one.mark),
            object: name.to_string(),
            hint,
        });
    }
    missing.into_iter().map(Missing::finding).collect()
}

/// An object that is missing.
struct Missing {
    /// Who needs it first.
    user: String,
    /// Who needs it beside, for the same reason.
    others: Vec<String>,
    /// That it is needed, and why it is not there.
    need: String,
    severity: Severity,
    place: Option<Place>,
    object: String,
    hint: String,
}

impl Missing {
    fn finding(self) -> Diagnostic {
        const MOST: usize = 3;
        let (user, need) = (self.user, self.need);
        let names = self
            .others
            .iter()
            .map(|other| other.strip_prefix("service ").unwrap_or(other));
        let mut others: Vec<String> = names.take(MOST).map(str::to_owned).collect();
        if self.others.len() > MOST {
            others.push(format!("{} more", self.others.len() - MOST));
        }
        let message = match others.is_empty() {
            true => format!("{user} {need}"),
            false => format!("{user} (and {}) {need}", others.join(", ")),
        };
        Diagnostic::new(self.severity, codes::REFERENCE_MISSING, message)
            .at(self.place)
            .on(self.object)
            .hint(self.hint)
    }
}

/// What to do where a prefix or suffix renames an object of `valuesFrom`, and not what refers to it.
fn renamed_values(linker: &Linker<'_>, one: &Use) -> Option<String> {
    let User::Object(user) = &one.user else {
        return None;
    };
    let mut releases = linker.releases.iter().filter(|_| one.how == "valuesFrom");
    let release = releases.find(|release| linker.object_keys.kind_key(release.object) == *user)?;
    let mut of_kind = linker.inventory.of("", one.used.kind());
    let found = of_kind.find(|object| {
        object.namespace == one.namespace && is_renamed(linker.inventory, release.object, object, &one.name)
    })?;
    Some(format!(
        "there is {} {}: `namePrefix` and `nameSuffix` do not reach `spec.valuesFrom`; declare the field as a nameReference under `configurations`",
        found.kind, found.name
    ))
}

/// Whether a prefix or suffix of a kustomization file has renamed an object that is referred to by the name before, as it has
/// what refers to it.
pub(super) fn is_renamed(
    inventory: &Inventory<'_>,
    referrer: &Object<'_>,
    object: &Object<'_>,
    name: &str,
) -> bool {
    let by_kustomization_file = |object: &Object<'_>| {
        let name = object.applied.built.at(&["metadata", "name"]);
        let place = name.and_then(|name| inventory.place(name.mark));
        place.is_some_and(|place| is_kustomization_file(&place.file))
    };
    let affixes = object.unhashed_name().split_once(name);
    affixes.is_some_and(|(prefix, suffix)| {
        (!prefix.is_empty() || !suffix.is_empty())
            && referrer.name.starts_with(prefix)
            && referrer.name.ends_with(suffix)
    }) && by_kustomization_file(object)
        && by_kustomization_file(referrer)
}

/// What to do where an ExternalSecret has the name of a Secret, and makes one of another.
fn made_under_another_name(linker: &Linker<'_>, one: &Use) -> Option<String> {
    let inventory = linker.inventory;
    if one.used != Used::Secret {
        return None;
    }
    let object = inventory.find(
        external_secret::GROUP,
        "ExternalSecret",
        &one.namespace,
        &one.name,
    )?;
    let made = external_secret::target(object, inventory.view(object))?;
    let place = inventory.source(object);
    let place = place.map_or(String::new(), |place| format!(" ({place})"));
    Some(format!(
        "ExternalSecret {} makes the Secret {made}{place}: name that, or correct `target.name`",
        one.name
    ))
}

/// What a finding calls the user of an object, where it cannot do without: the pods of a service, a HelmRelease for its
/// values, or an object of Flux for its credentials.
pub(super) fn user(linker: &Linker<'_>, one: &Use) -> Option<String> {
    match &one.user {
        User::Service(service) => Some(format!("service {service}")),
        User::Object(object) if one.how == "valuesFrom" => {
            let rendered = linker.releases.iter().find(|release| {
                release.object.namespace == one.namespace
                    && linker.object_keys.kind_key(release.object) == *object
            });
            // What Helm says of it is a finding already.
            let is_said = rendered
                .and_then(|release| release.evaluated)
                .is_some_and(|evaluated| matches!(evaluated.chart, ReleaseChart::Failed(_)));
            (!is_said).then(|| object.replacen('/', " ", 1))
        }
        User::Object(object) if is_of_flux(one) => Some(object.replacen('/', " ", 1)),
        User::Object(_) => None,
    }
}

/// Whether an object of Flux itself takes its credentials from what is used.
fn is_of_flux(one: &Use) -> bool {
    let kind = match &one.user {
        User::Object(object) => object.split('/').next(),
        User::Service(_) => None,
    };
    let refers =
        || one.how == "reference" && matches!(kind, Some("ImageUpdateAutomation" | "Provider" | "Receiver"));
    one.used == Used::Secret && (matches!(one.how, "decryption" | "sourceAuth") || refers())
}

/// Whether a source is this repository: whoever has bootstrapped the cluster has made its credentials.
fn is_of_repository(linker: &Linker<'_>, one: &Use) -> bool {
    let inventory = linker.inventory;
    inventory.evaluation.self_sources.iter().any(|source| {
        let object = inventory.find(SOURCE, &source.kind, &source.namespace, &source.name);
        object.is_some_and(|object| linker.object_keys.kind_key(object) == one.user_text())
    })
}

/// `Kind/<key>` of the source of a Kustomization.
fn source_of(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<String> {
    let source = owner.evaluated.kustomization.as_ref()?.source.as_ref()?;
    let inventory = linker.inventory;
    let object = inventory.find(SOURCE, &source.id.kind, &source.id.namespace, &source.id.name)?;
    Some(linker.object_keys.kind_key(object))
}

/// The first Kustomization of those that count which may apply unknown objects to a namespace, and why they are unknown.
pub(super) fn may_be_applied_by<'i>(
    inventory: &'i Inventory<'_>,
    namespace: &str,
    counts: impl Fn(&Owner<'_>) -> bool,
) -> Option<(&'i str, &'static str)> {
    inventory
        .owners
        .iter()
        .filter(|owner| !owner.remote && counts(owner))
        .find_map(|owner| {
            let evaluated = owner.evaluated;
            let reason = inventory.unknown_part(owner)?;
            // All that it applies is moved to its `targetNamespace`.
            let target = evaluated
                .object
                .as_ref()
                .and_then(|object| object.node.text_at(&["spec", "targetNamespace"]))
                .filter(|target| !target.is_empty());
            let applies_there = target.is_none_or(|target| target == namespace);
            Some((owner.key.as_deref().unwrap_or("of the entry"), reason)).filter(|_| applies_there)
        })
}
