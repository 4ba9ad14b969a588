//! The Services that operators make of their resources, by name: no object of the repository has them.

use infra_model::object::OtherObject;
use infra_model::operators::{operator, service_prefixes};

use crate::facts::{entries, mentioning};
use crate::{Facts, Keyed};

/// A resource after which its operator names Services.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Resource {
    pub(super) namespace: String,
    pub(super) name: String,
    /// What stands before the name in those of its Services.
    prefix: &'static str,
    /// Longer names of other resources, of which a Service may be in its place.
    longer: Vec<String>,
    /// Whether only a Service of the very name is meant, in any namespace.
    is_exact: bool,
}

/// The Services of one name, in any namespace: nothing is known of what makes them.
pub(super) fn of_name(name: &str) -> Resource {
    Resource {
        namespace: String::new(),
        name: name.to_owned(),
        prefix: "",
        longer: Vec::new(),
        is_exact: true,
    }
}

/// What stands before the name of a resource in those of its Services.
fn served(object: &OtherObject) -> Option<&'static str> {
    let (group, _) = object.api_version.split_once('/')?;
    operator(group, &object.kind)?.prefix
}

/// What an object is among them; none where no operator that is known makes Services of it.
pub(super) fn resource(facts: &dyn Facts, object: &OtherObject) -> Option<Resource> {
    let prefix = served(object)?;
    let others = mentioning(facts.objects(), &object.name);
    let longer = others.filter(|(_, other)| {
        other.namespace == object.namespace && is_below(&other.name, &object.name) && served(other).is_some()
    });
    Some(Resource {
        namespace: object.namespace.clone(),
        name: object.name.clone(),
        prefix,
        longer: longer.map(|(_, other)| other.name.clone()).collect(),
        is_exact: false,
    })
}

/// The resources of operators that are behind a host: `[pod.]name.namespace.svc[.domain]`.
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

/// The resource of an operator in a namespace after which a Secret is named that it makes: `db-app` of Cluster `db`.
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

/// The resources of operators whose names another one may begin with.
fn called<'a>(facts: &'a dyn Facts, name: &str) -> Vec<Keyed<'a, OtherObject>> {
    let starts = service_prefixes().filter_map(|prefix| name.strip_prefix(prefix)?.split('-').next());
    let mut starts: Vec<&str> = starts.collect();
    starts.sort_unstable();
    starts.dedup();
    let found = entries(facts.objects(), &starts);
    found.filter(|(_, object)| served(object).is_some()).collect()
}

/// The Service of a host in the cluster, and its namespace: `[pod.]name.namespace.svc[.domain]`.
fn service_and_namespace(host: &str) -> Option<(&str, &str)> {
    let labels: Vec<&str> = host.split('.').collect();
    let svc = labels.iter().position(|label| *label == "svc")?;
    Some((labels.get(svc.checked_sub(2)?)?, labels.get(svc - 1)?))
}

/// Whether a name is another one with more behind a hyphen.
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
