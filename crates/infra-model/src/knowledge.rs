//! What people wrote down beside the scan: the content of `flux-infra-guide.yaml`.

use std::collections::BTreeMap;

use crate::Place;

/// Curated knowledge. Every part is optional. Each entry knows its line, so that a stale one can be reported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Knowledge {
    /// Purpose by namespace.
    pub namespaces: BTreeMap<String, Noted<String>>,
    /// By service key or name.
    pub services: BTreeMap<String, Noted<ServiceKnowledge>>,
    /// By external name or host.
    pub externals: BTreeMap<String, Noted<ExternalKnowledge>>,
    /// By component name.
    pub components: BTreeMap<String, Noted<ComponentKnowledge>>,
    /// Tenants of the observability stack.
    pub tenants: Option<Tenants>,
    /// Markdown added to a section, by section.
    pub notes: BTreeMap<String, String>,
    /// Objects that something outside of the repository makes.
    pub produced_elsewhere: Vec<ProducedElsewhere>,
}

/// A value with the place that states it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Noted<T> {
    /// The value.
    pub value: T,
    /// Where it is stated.
    pub place: Option<Place>,
}

/// What is known of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceKnowledge {
    /// What it is.
    pub description: Option<String>,
    /// What happens when it fails.
    pub failure_impact: Option<String>,
    /// Other names.
    pub aliases: Vec<String>,
    /// Names of services and externals it needs.
    pub depends_on: Vec<String>,
}

/// What is known of something outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExternalKnowledge {
    /// What it is.
    pub description: Option<String>,
    /// A command that checks it.
    pub check: Option<String>,
}

/// What is known of a component of the platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ComponentKnowledge {
    /// What it is for.
    pub purpose: Option<String>,
    /// Where it stores.
    pub storage: Option<String>,
    /// Who reads it.
    pub consumers: Option<String>,
}

/// Tenants of the observability stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tenants {
    /// Request header that names the tenant.
    pub header: Option<String>,
    /// Names.
    pub names: Vec<String>,
}

/// A pattern of objects that something outside makes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProducedElsewhere {
    /// Kind.
    pub kind: String,
    /// Namespace; none for any.
    pub namespace: Option<String>,
    /// Name with `*` for any text.
    pub name: String,
    /// Where it is stated.
    pub place: Option<Place>,
}
