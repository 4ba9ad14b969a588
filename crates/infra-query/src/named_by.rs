//! Objects that refer to another one: a route to its Gateway, a policy to its route, a Certificate to its issuer.

use std::borrow::Cow;
use std::fmt;

use infra_model::fields::Fields;
use infra_model::{ObjectRef, Place};

use crate::facts::mentioning;
use crate::{Facts, Subject};

/// An object that names another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedBy<'a> {
    /// Key of the object, which begins with its kind; of a HelmRelease `HelmRelease/<key>`.
    pub object: Cow<'a, str>,
    /// The field with the reference, such as `spec.parentRefs[0]`; of a HelmRelease a path among its values.
    pub field: Cow<'a, str>,
    /// The line of the field, if it is known.
    pub place: Option<Place>,
    /// Key of the service behind it, if it is a route that a chart makes.
    pub service: Option<&'a str>,
}

impl fmt::Display for NamedBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.object, self.field)
    }
}

/// The objects that refer to a subject, each once, in the order of their keys. Only fields that the catalogs have are
/// searched.
pub(crate) fn named_by<'a>(facts: &'a dyn Facts, subject: Subject<'a>) -> Vec<NamedBy<'a>> {
    if matches!(
        subject,
        Subject::ImageGroup(..) | Subject::Variable(..) | Subject::External(_)
    ) {
        return Vec::new();
    }
    let named = Named {
        kind: subject.kind(),
        name: subject.name(),
        namespace: subject.namespace(),
        is_object: matches!(subject, Subject::Object(..)),
    };
    naming(facts, &named, Some(subject))
}

/// The objects that refer to one that a chart makes, which has no entry.
pub(crate) fn naming_made<'a>(facts: &'a dyn Facts, made: &ObjectRef) -> Vec<NamedBy<'a>> {
    let named = Named {
        kind: &made.kind,
        name: &made.name,
        namespace: &made.namespace,
        is_object: true,
    };
    naming(facts, &named, None)
}

fn naming<'a>(facts: &'a dyn Facts, named: &Named<'_>, subject: Option<Subject<'a>>) -> Vec<NamedBy<'a>> {
    if named.name.is_empty() {
        return Vec::new();
    }
    let objects = mentioning(facts.objects(), named.name);
    let naming = objects.filter_map(|(key, object)| {
        let field = named.field(&object.fields, &object.namespace)?;
        // One of the object's own fields may have its name.
        if subject == Some(Subject::Object(key, object)) {
            return None;
        }
        Some(NamedBy {
            object: Cow::Borrowed(key),
            field: Cow::Borrowed(field),
            place: place(&object.fields, field, object.source.as_ref()),
            service: None,
        })
    });
    let mut found: Vec<NamedBy<'a>> = naming.collect();
    if named.kind == "Gateway" {
        add_routes(facts, named, &mut found);
    }
    if named.is_object {
        let used_by: &[String] = match subject {
            Some(Subject::Object(_, object)) => &object.used_by,
            _ => &[],
        };
        let is_user = |name: &str| {
            let mut services = used_by.iter().filter_map(|key| facts.services().get(key));
            services.any(|service| service.helm_release.as_deref() == Some(name))
        };
        let releases = mentioning(facts.helm_releases(), named.name);
        let releases = releases.filter(|(_, release)| !is_user(&release.name));
        found.extend(releases.filter_map(|(key, release)| {
            let field = named.field(&release.values, &release.release_namespace)?;
            if release.is_switched_off(field) {
                return None;
            }
            Some(NamedBy {
                object: Cow::Owned(format!("HelmRelease/{key}")),
                field: Cow::Borrowed(field),
                place: place(&release.values, field, release.source.as_ref()),
                service: None,
            })
        }));
    }
    found
}

/// Adds the routes through a Gateway that charts make, each with its host.
fn add_routes<'a>(facts: &'a dyn Facts, gateway: &Named<'_>, found: &mut Vec<NamedBy<'a>>) {
    let is_last = |path: &str, name: &str| path.rsplit('/').next() == Some(name);
    for (key, service) in mentioning(facts.services(), gateway.name) {
        for route in &service.routes {
            let mut through = route.through.as_deref().unwrap_or_default().split(", ");
            let is_route = |known: &NamedBy<'_>| {
                let rest = known.object.strip_prefix(route.kind.as_str());
                rest.is_some_and(|rest| is_last(rest, &route.name))
            };
            if through.any(|name| is_last(name, gateway.name)) && !found.iter().any(is_route) {
                found.push(NamedBy {
                    object: Cow::Owned(format!("{}/{}", route.kind, route.name)),
                    field: Cow::Borrowed(&route.host),
                    place: route.source.clone(),
                    service: Some(key),
                });
            }
        }
    }
}

/// The line of a field, or of the `name` in a reference.
fn place(fields: &Fields, field: &str, source: Option<&Place>) -> Option<Place> {
    let name = || fields.get(&format!("{field}.name"));
    fields.get(field).or_else(name)?.place(source)
}

/// The object that is named.
struct Named<'n> {
    kind: &'n str,
    name: &'n str,
    namespace: &'n str,
    /// Whether it has no other known users, so that fields named after its kind count too.
    is_object: bool,
}

impl Named<'_> {
    /// The first field that names it.
    fn field<'a>(&self, fields: &'a Fields, own_namespace: &str) -> Option<&'a str> {
        let is_there = |namespace: &str| self.namespace.is_empty() || self.namespace == namespace;
        for (path, field) in fields {
            if field.value != self.name {
                // https://doc.traefik.io/traefik/reference/routing-configuration/kubernetes/ingress/
                if self.is_object && field.value.contains('@') && is_named_after(path, self.kind) {
                    let full = format!("{}-{}@kubernetescrd", self.namespace, self.name);
                    if field.value.split(',').any(|part| part.trim() == full) {
                        return Some(path);
                    }
                }
                continue;
            }
            if self.is_object && is_there(own_namespace) && is_named_after(path, self.kind) {
                return Some(path);
            }
            // `spec.secretName`
            if self.kind == "Secret" && path.ends_with(".secretName") && is_there(own_namespace) {
                return Some(path);
            }
            let Some(reference) = path.strip_suffix(".name") else {
                continue;
            };
            let text = |part: &str| {
                let field = fields.get(&format!("{reference}.{part}"));
                field.map(|field| field.value.as_str())
            };
            let last = reference.rsplit('.').next().unwrap_or(reference);
            let last = last.split('[').next().unwrap_or(last);
            let is_kind = match text("kind") {
                Some(kind) => kind == self.kind,
                None => is_reference_to(last, self.kind),
            };
            if is_kind && is_there(text("namespace").unwrap_or(own_namespace)) {
                return Some(reference);
            }
        }
        None
    }
}

/// Whether a reference without a kind is to one of this kind, by its name.
fn is_reference_to(reference: &str, kind: &str) -> bool {
    let reference = reference.strip_suffix('s').unwrap_or(reference);
    let Some(what) = reference.strip_suffix("Ref") else {
        return false;
    };
    match what {
        // https://gateway-api.sigs.k8s.io/reference/spec/
        "parent" => kind == "Gateway",
        "backend" => kind == "Service",
        "certificate" | "caCertificate" => kind == "Secret",
        what => {
            let (what, kind) = (what.to_ascii_lowercase(), kind.to_ascii_lowercase());
            !what.is_empty() && (what.ends_with(&kind) || kind.ends_with(&what))
        }
    }
}

/// Whether a field is named after a kind: `spec.storageClassName`, `backend.service.name`, the annotation
/// `cert-manager.io/cluster-issuer`, or `ingress.className` among values.
fn is_named_after(path: &str, kind: &str) -> bool {
    let mut parts = parts(path).into_iter().rev();
    let Some(last) = parts.next() else { return false };
    let (called, above) = match last {
        "name" => (parts.next().unwrap_or_default(), parts.next()),
        last => (last, parts.next()),
    };
    let kind = kind.to_ascii_lowercase();
    let is_annotation = above == Some("annotations");
    let called = word(called);
    called == kind
        || is_other_name(&called, &kind)
        || kind == "persistentvolume" && last == "volumeName"
        || is_annotation && called.ends_with(&kind)
        || called == "class" && kind == format!("{}class", word(above.unwrap_or_default()))
}

/// Whether a word is another name of a kind.
fn is_other_name(word: &str, kind: &str) -> bool {
    const CLAIM: &[&str] = &[
        "claim",
        "existingclaim",
        "existingpersistentvolumeclaim",
        "existingpvc",
        "existingvolumeclaim",
        "pvc",
        "sourcepvc",
        "volumeclaim",
    ];
    kind == "persistentvolumeclaim" && CLAIM.contains(&word)
}

/// The name of a field in lower case, without `Name`, a plural `s`, and the prefix of an annotation.
fn word(field: &str) -> String {
    let field = field.rsplit('/').next().unwrap_or(field);
    let letters = field.chars().filter(char::is_ascii_alphanumeric);
    let word: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    let word = word.strip_suffix("name").unwrap_or(&word);
    match word.strip_suffix('s') {
        // `storageclass` is not a plural.
        Some(singular) if !singular.ends_with('s') => singular.to_owned(),
        _ => word.to_owned(),
    }
}

/// The names in a path, without positions. A name with dots is in brackets.
fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (part, behind) = match rest.strip_prefix('[') {
            Some(inside) => inside.split_once(']').unwrap_or((inside, "")),
            None => rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())),
        };
        if !part.is_empty() && !part.bytes().all(|byte| byte.is_ascii_digit()) {
            parts.push(part);
        }
        rest = behind.strip_prefix('.').unwrap_or(behind);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_called_after_kinds() {
        for (path, kind, expected) in [
            ("spec.storageClassName", "StorageClass", true),
            ("persistence.data.storageClass", "StorageClass", true),
            ("ingress.className", "IngressClass", true),
            ("spec.gatewayClassName", "GatewayClass", true),
            ("spec.gatewayClassName", "Gateway", false),
            (
                "metadata.annotations.[kubernetes.io/ingress.class]",
                "IngressClass",
                true,
            ),
            (
                "metadata.annotations.[cert-manager.io/cluster-issuer]",
                "ClusterIssuer",
                true,
            ),
            (
                "metadata.annotations.[cert-manager.io/cluster-issuer]",
                "Middleware",
                false,
            ),
            (
                "metadata.annotations.[traefik.ingress.kubernetes.io/router.middlewares]",
                "Middleware",
                true,
            ),
            ("spec.routes[0].middlewares[0].name", "Middleware", true),
            (
                "spec.rules[0].http.paths[0].backend.service.name",
                "Service",
                true,
            ),
            ("spec.serviceAccountName", "ServiceAccount", true),
            ("spec.serviceAccountName", "Service", false),
            ("persistence.data.existingClaim", "PersistentVolumeClaim", true),
            ("spec.sourcePVC", "PersistentVolumeClaim", true),
            ("spec.volumeName", "PersistentVolume", true),
            ("spec.volumes[0].name", "PersistentVolume", false),
            ("name", "Service", false),
            ("", "Service", false),
        ] {
            assert_eq!(is_named_after(path, kind), expected, "{path} {kind}");
        }
    }

    #[test]
    fn references_without_a_kind_mean_what_they_are_called() {
        for (reference, kind, expected) in [
            ("parentRefs", "Gateway", true),
            ("certificateRefs", "Secret", true),
            ("certificateRefs", "Certificate", false),
            ("passwordSecretRef", "Secret", true),
            ("repositoryRef", "ClusterRepository", true),
            ("repositoryRef", "Repository", true),
            ("issuerRef", "Issuer", true),
            ("configMapRef", "Secret", false),
            ("metadata", "Data", false),
            ("Ref", "Secret", false),
        ] {
            assert_eq!(is_reference_to(reference, kind), expected, "{reference} {kind}");
        }
    }
}
