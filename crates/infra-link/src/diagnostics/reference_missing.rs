//! `reference-missing`: a workload needs an object that nothing makes.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use flux_evaluate::ReleaseChart;
use infra_model::codes;
use source_tree::{Diagnostic, Place, Severity};

use super::secret_arguments::SecretArguments;
use super::source_in_parentheses;
use crate::inventory::{Inventory, Object, Owner, SOURCE};
use crate::kinds::{external_secret, secret_provider_class};
use crate::linker::Linker;
use crate::producers::Producer;
use crate::repository_files::is_kustomization_file;
use crate::unknown_makers::UnknownOperators;
use crate::uses::{Certainty, Use, Used, User};

/// Objects that Kubernetes itself or a well-known operator makes in every namespace under the same name.
const WELL_KNOWN: &[(Used, &str)] = &[
    (Used::ConfigMap, "kube-root-ca.crt"),
    // https://docs.openshift.com/container-platform/latest/security/certificates/service-serving-certificate.html
    (Used::ConfigMap, "openshift-service-ca.crt"),
    // https://istio.io/latest/docs/ops/common-problems/injection/
    (Used::ConfigMap, "istio-ca-root-cert"),
    // https://linkerd.io/2/features/automatic-mtls/
    (Used::ConfigMap, "linkerd-identity-trust-roots"),
    // https://metallb.io/configuration/_advanced_l2_configuration/: MetalLB's controller makes it for its speakers.
    (Used::Secret, "memberlist"),
    (Used::ServiceAccount, "default"),
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut seen = BTreeSet::new();
    let mut by_namespace = BTreeMap::new();
    let unmounted = secret_provider_class::unmounted(inventory, linker.uses);
    let operators = UnknownOperators::new(inventory);
    let arguments = OnceCell::new();
    let mut missing: Vec<Missing> = Vec::new();
    let mut by_need: HashMap<String, usize> = HashMap::new();
    for usage in linker.uses {
        let Some(user) = user(linker, usage) else {
            continue;
        };
        let is_well_known = WELL_KNOWN.contains(&(usage.used, usage.name.as_str()));
        if usage.optional
            || usage.certainty != Certainty::Stated
            || usage.name.contains("${")
            || is_well_known
        {
            continue;
        }
        let name = linker.generated.object_name(usage);
        // A generated object does not exist under its name without the hash.
        let unhashed = linker
            .generated
            .rendered(usage.used, &usage.namespace, &usage.name);
        let made = linker.producers.of(usage, &name, linker.knowledge);
        let unmounted = unmounted.get(&name).filter(|class| {
            made == Producer::By(format!("SecretProviderClass/{}", linker.object_keys.key(class)))
        });
        // Releases seldom make each other's values, and a copier to chosen namespaces may not choose this one.
        let is_doubtful =
            usage.how == "valuesFrom" || linker.producers.copies_anywhere(usage.used, &usage.name);
        let is_generated = linker
            .producers
            .may_be_generated(usage.used, &usage.namespace, &name.name);
        let may_be_made = made == Producer::Perhaps && is_doubtful && !is_generated && unhashed.is_none();
        if made != Producer::No && !may_be_made && unhashed.is_none() && unmounted.is_none() {
            continue;
        }
        let other = linker.producers.only_namespace(usage.used, &usage.name);
        let other = other.filter(|other| !other.is_empty() && *other != usage.namespace);
        // Credentials of Flux itself are often made by hand, unless the repository has them in another namespace.
        if is_of_flux(usage) && (made != Producer::No || other.is_none() || is_of_repository(linker, usage)) {
            continue;
        }
        if !seen.insert((usage.user_text(), name.clone())) {
            continue;
        }
        let hint = match (unhashed, other) {
            _ if unmounted.is_some() => "mount the class in the pod as a `csi` volume".to_owned(),
            (None, Some(other)) => format!(
                "there is one of this name in the namespace {other}, which does not count: make it in {}, or correct the reference",
                usage.namespace
            ),
            (Some(rendered), _) => format!(
                "it is generated as {rendered}: declare the field as a nameReference under `configurations`, or set disableNameSuffixHash"
            ),
            (None, None) if let Some(hint) = renamed_values(linker, usage) => hint,
            (None, None) => made_under_another_name(linker, usage).unwrap_or_else(|| {
                "add the object, correct the name, say `optional: true`, or declare it in the knowledge file under producedElsewhere".to_owned()
            }),
        };
        let perhaps = match is_of_flux(usage) {
            // The content of a source cannot make the Secret that the source needs.
            true => may_be_applied_by(inventory, &usage.namespace, |owner| {
                source_of(linker, owner).as_deref() != Some(usage.user_text())
            }),
            false => *by_namespace
                .entry(usage.namespace.as_str())
                .or_insert_with(|| may_be_applied_by(inventory, &usage.namespace, |_| true)),
        };
        let maker = || {
            operators
                .maker(&usage.namespace, &usage.name)
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
                format!("{known}; a chart that is not available, or an operator, may"),
            ),
            None if let Some(maker) = maker() => (
                Severity::Info,
                format!("{known}; the operator of {} may", maker.object_name()),
            ),
            None if usage.used == Used::Secret
                && unhashed.is_none()
                && let Some(maker) = arguments.get_or_init(|| SecretArguments::new(linker)).maker(
                    &usage.namespace,
                    &usage.name,
                    usage.user_text(),
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
            place: inventory.place(usage.mark),
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
    /// Who else needs it, for the same reason.
    others: Vec<String>,
    /// `needs …, which …`.
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

/// The hint if a prefix or suffix renames an object of `valuesFrom`, but not the reference to it.
fn renamed_values(linker: &Linker<'_>, usage: &Use) -> Option<String> {
    let User::Object(user) = &usage.user else {
        return None;
    };
    let mut releases = linker.releases.iter().filter(|_| usage.how == "valuesFrom");
    let release = releases.find(|release| linker.object_keys.kind_key(release.object) == *user)?;
    let mut of_kind = linker.inventory.of("", usage.used.kind());
    let found = of_kind.find(|object| {
        object.namespace == usage.namespace
            && is_renamed(linker.inventory, release.object, object, &usage.name)
    })?;
    Some(format!(
        "there is {} {}: `namePrefix` and `nameSuffix` do not reach `spec.valuesFrom`; declare the field as a nameReference under `configurations`",
        found.kind, found.name
    ))
}

/// Whether a prefix or suffix of a kustomization file has renamed an object and its referrer, while the reference has the old name.
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

/// The hint if an ExternalSecret has the name of the Secret, but makes a Secret of another name.
fn made_under_another_name(linker: &Linker<'_>, usage: &Use) -> Option<String> {
    let inventory = linker.inventory;
    if usage.used != Used::Secret {
        return None;
    }
    let (group, kind) = (external_secret::GROUP, "ExternalSecret");
    let object = inventory.find(group, kind, &usage.namespace, &usage.name)?;
    let made = external_secret::target(object, inventory.view(object))?;
    let place = source_in_parentheses(inventory, object);
    Some(format!(
        "ExternalSecret {} makes the Secret {made}{place}: name that, or correct `target.name`",
        usage.name
    ))
}

/// The name, in a finding, of a user that does not work without the object: the pods of a service, a HelmRelease for its values, or
/// an object of Flux for its credentials.
pub(super) fn user(linker: &Linker<'_>, usage: &Use) -> Option<String> {
    match &usage.user {
        User::Service(service) => Some(format!("service {service}")),
        User::Object(object) if usage.how == "valuesFrom" => {
            let rendered = linker.releases.iter().find(|release| {
                release.object.namespace == usage.namespace
                    && linker.object_keys.kind_key(release.object) == *object
            });
            // Helm's error is a finding already.
            let has_failed = rendered
                .and_then(|release| release.evaluated)
                .is_some_and(|evaluated| matches!(evaluated.chart, ReleaseChart::Failed(_)));
            (!has_failed).then(|| object.replacen('/', " ", 1))
        }
        User::Object(object) if is_of_flux(usage) => Some(object.replacen('/', " ", 1)),
        User::Object(_) => None,
    }
}

/// Whether an object of Flux itself takes its credentials from the used object.
fn is_of_flux(usage: &Use) -> bool {
    let kind = match &usage.user {
        User::Object(object) => object.split('/').next(),
        User::Service(_) => None,
    };
    let refers = || {
        usage.how == "reference" && matches!(kind, Some("ImageUpdateAutomation" | "Provider" | "Receiver"))
    };
    usage.used == Used::Secret && (matches!(usage.how, "decryption" | "sourceAuth") || refers())
}

/// Whether the user is the source of this repository, whose credentials were made when the cluster was bootstrapped.
fn is_of_repository(linker: &Linker<'_>, usage: &Use) -> bool {
    let inventory = linker.inventory;
    inventory.evaluation.self_sources.iter().any(|source| {
        let object = inventory.find(SOURCE, &source.kind, &source.namespace, &source.name);
        object.is_some_and(|object| linker.object_keys.kind_key(object) == usage.user_text())
    })
}

/// `Kind/<key>` of the source of a Kustomization.
fn source_of(linker: &Linker<'_>, owner: &Owner<'_>) -> Option<String> {
    let source = owner.evaluated.kustomization.as_ref()?.source.as_ref()?;
    let inventory = linker.inventory;
    let object = inventory.find(SOURCE, &source.id.kind, &source.id.namespace, &source.id.name)?;
    Some(linker.object_keys.kind_key(object))
}

/// The first Kustomization, of those that `counts` accepts, that may apply unknown objects to a namespace, and why they are unknown.
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
            let reason = inventory.unknown_part(owner)?;
            // `targetNamespace` moves everything that it applies.
            let object = owner.evaluated.object.as_ref();
            let target = object.and_then(|object| object.node.text_at(&["spec", "targetNamespace"]));
            let applies_there = target.is_none_or(|target| target.is_empty() || target == namespace);
            Some((owner.key.as_deref().unwrap_or("of the entry"), reason)).filter(|_| applies_there)
        })
}
