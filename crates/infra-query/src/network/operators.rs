//! Services that operators make of their resources, by name. They are no objects of the repository.

use infra_model::object::OtherObject;
use infra_model::operators::{operator, service_prefixes};

use crate::facts::{entries, mentioning};
use crate::{Facts, Keyed};

/// A resource whose operator names Services after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource {
    pub(super) namespace: String,
    pub(super) name: String,
    /// Prefix of the names of its Services.
    prefix: &'static str,
    /// Longer names of other resources, which a Service may belong to instead.
    longer: Vec<String>,
    /// Whether only Services of exactly the name are meant, in any namespace.
    is_exact: bool,
}

/// Services of a name, in any namespace, whose maker is not known.
pub(super) fn of_name(name: &str) -> Resource {
    Resource {
        namespace: String::new(),
        name: name.to_owned(),
        prefix: "",
        longer: Vec::new(),
        is_exact: true,
    }
}

/// Prefix of the names of an object's Services; `None` if no known operator makes any.
fn service_prefix(object: &OtherObject) -> Option<&'static str> {
    let (group, _) = object.api_version.split_once('/')?;
    operator(group, &object.kind)?.prefix
}

/// The resource for an object; `None` if no known operator makes Services of it.
pub(super) fn resource(facts: &dyn Facts, object: &OtherObject) -> Option<Resource> {
    let prefix = service_prefix(object)?;
    let others = mentioning(facts.objects(), &object.name);
    let longer = others.filter(|(_, other)| {
        let is_longer = other.namespace == object.namespace && is_below(&other.name, &object.name);
        is_longer && service_prefix(other).is_some()
    });
    Some(Resource {
        namespace: object.namespace.clone(),
        name: object.name.clone(),
        prefix,
        longer: longer.map(|(_, other)| other.name.clone()).collect(),
        is_exact: false,
    })
}

/// The resources behind a host `[pod.]name.namespace.svc[.domain]`.
pub(crate) fn behind<'a>(facts: &'a dyn Facts, host: &str) -> Vec<Keyed<'a, OtherObject>> {
    let Some((service, _)) = service_and_namespace(host) else {
        return Vec::new();
    };
    let found = called(facts, service);
    found
        .into_iter()
        .filter(|(_, object)| resource(facts, object).is_some_and(|resource| resource.has_service(host)))
        .collect()
}

/// The resource that a Secret of an operator is named after: `db-app` is made for Cluster `db`.
pub(crate) fn of_secret<'a>(
    facts: &'a dyn Facts,
    namespace: &str,
    name: &str,
) -> Option<Keyed<'a, OtherObject>> {
    let found = called(facts, name).into_iter();
    found
        .filter(|(_, object)| object.namespace == namespace && is_below(name, &object.name))
        .max_by_key(|(_, object)| object.name.len())
}

/// The resources whose name is a possible start of the name of a Service or Secret.
fn called<'a>(facts: &'a dyn Facts, name: &str) -> Vec<Keyed<'a, OtherObject>> {
    let starts = service_prefixes().filter_map(|prefix| name.strip_prefix(prefix)?.split('-').next());
    let mut starts: Vec<&str> = starts.collect();
    starts.sort_unstable();
    starts.dedup();
    let found = entries(facts.objects(), &starts);
    found
        .filter(|(_, object)| service_prefix(object).is_some())
        .collect()
}

/// Name and namespace of the Service of a host `[pod.]name.namespace.svc[.domain]`.
fn service_and_namespace(host: &str) -> Option<(&str, &str)> {
    let labels: Vec<&str> = host.split('.').collect();
    let svc = labels.iter().position(|label| *label == "svc")?;
    Some((labels.get(svc.checked_sub(2)?)?, labels.get(svc - 1)?))
}

/// Whether a name is `start`, a hyphen and more.
fn is_below(name: &str, start: &str) -> bool {
    name.strip_prefix(start).is_some_and(|rest| rest.starts_with('-'))
}

impl Resource {
    /// Whether a host is that of one of its Services: `[pod.]name.namespace.svc[.domain]`.
    pub(super) fn has_service(&self, host: &str) -> bool {
        let Some((service, namespace)) = service_and_namespace(host) else {
            return false;
        };
        if self.is_exact {
            return service == self.name;
        }
        let is = |name: &str| service == name || is_below(service, name);
        let own = service.strip_prefix(self.prefix);
        namespace == self.namespace
            && own.is_some_and(|own| own == self.name || is_below(own, &self.name))
            && !self.longer.iter().any(|longer| is(longer))
    }
}
