//! Objects that name another one in a reference: a route its Gateway, a policy its route, a Certificate its issuer.

use std::collections::BTreeMap;
use std::fmt;

use infra_model::object::ObjectField;

use crate::facts::mentioning;
use crate::{Facts, Subject};

/// An object that names another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedBy<'a> {
    /// Key of the object.
    pub object: &'a str,
    /// The field that does, such as `spec.parentRefs[0]`.
    pub field: &'a str,
}

impl fmt::Display for NamedBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.object, self.field)
    }
}

/// The objects that name a thing by a reference, each once, in the order of their keys. Only what the catalogs keep of objects is
/// looked at.
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
    };
    if named.name.is_empty() {
        return Vec::new();
    }
    let objects = mentioning(facts.objects(), named.name);
    let naming = objects.filter_map(|(key, object)| {
        let field = named.field(&object.fields, &object.namespace)?;
        Some(NamedBy { object: key, field })
    });
    naming.collect()
}

struct Named<'n> {
    kind: &'n str,
    name: &'n str,
    namespace: &'n str,
}

impl Named<'_> {
    /// The first field that names it.
    fn field<'a>(&self, fields: &'a BTreeMap<String, ObjectField>, own_namespace: &str) -> Option<&'a str> {
        let is_there = |namespace: &str| self.namespace.is_empty() || self.namespace == namespace;
        let bearing = fields.iter().filter(|(_, field)| field.value == self.name);
        for (path, _) in bearing {
            // `spec.secretName`
            if self.kind == "Secret" && path.ends_with(".secretName") && is_there(own_namespace) {
                return Some(path);
            }
            let Some(reference) = path.strip_suffix(".name") else {
                continue;
            };
            let text = |part: &str| {
                fields
                    .get(&format!("{reference}.{part}"))
                    .map(|field| field.value.as_str())
            };
            let last = reference.rsplit('.').next().unwrap_or(reference);
            let last = last.split('[').next().unwrap_or(last);
            let is_kind = match text("kind") {
                Some(kind) => kind == self.kind,
                None => means(last, self.kind),
            };
            if is_kind && is_there(text("namespace").unwrap_or(own_namespace)) {
                return Some(reference);
            }
        }
        None
    }
}

/// Whether a reference that states no kind means this one.
fn means(reference: &str, kind: &str) -> bool {
    let reference = reference.strip_suffix('s').unwrap_or(reference);
    let Some(what) = reference.strip_suffix("Ref") else {
        return false;
    };
    match what {
        // https://gateway-api.sigs.k8s.io/reference/spec/
        "parent" => kind == "Gateway",
        "certificate" | "caCertificate" => kind == "Secret",
        what => {
            let (what, kind) = (what.to_ascii_lowercase(), kind.to_ascii_lowercase());
            !what.is_empty() && (what.ends_with(&kind) || kind.ends_with(&what))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(means(reference, kind), expected, "{reference} {kind}");
        }
    }
}
