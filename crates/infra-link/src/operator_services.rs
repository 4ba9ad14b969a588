//! Services that well-known operators make of their custom resources.

use infra_model::operators::{ServiceName, operator};

use crate::inventory::Object;
use crate::view::View;

/// A Service that an operator makes.
pub(crate) struct MadeService {
    pub(crate) name: String,
    /// Its ports; empty if they are not known.
    pub(crate) ports: Vec<i64>,
}

/// The Services that an operator makes of an object, in its namespace.
pub(crate) fn made_services(object: &Object<'_>, view: View<'_>) -> Vec<MadeService> {
    if (object.group, object.kind) == ("postgresql.cnpg.io", "Cluster") {
        return cloud_native_pg(object, view);
    }
    let services = operator(object.group, object.kind).map(|operator| operator.services);
    let services = services.into_iter().flatten();
    services
        .map(|(name, ports)| MadeService {
            name: match name {
                ServiceName::Ending(end) => format!("{}{end}", object.name),
                ServiceName::Fixed(name) => (*name).to_owned(),
            },
            ports: ports.iter().map(|port| i64::from(*port)).collect(),
        })
        .collect()
}

/// The Services of a cluster of CloudNativePG (<https://cloudnative-pg.io/documentation/current/service_management/>): the one for
/// writing cannot be disabled.
fn cloud_native_pg(object: &Object<'_>, view: View<'_>) -> Vec<MadeService> {
    let disabled = view.texts_at(&["spec", "managed", "services", "disabledDefaultServices"]);
    let disabled: Vec<&str> = disabled.collect();
    let own = ["rw", "ro", "r"]
        .into_iter()
        .filter(|end| *end == "rw" || !disabled.contains(end))
        .map(|end| format!("{}-{end}", object.name));
    let additional = view
        .items_at(&["spec", "managed", "services", "additional"])
        .filter_map(|service| service.text_at(&["serviceTemplate", "metadata", "name"]))
        .map(str::to_owned);
    let made = |name| MadeService {
        name,
        ports: vec![5432],
    };
    own.chain(additional).map(made).collect()
}
