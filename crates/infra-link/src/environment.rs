//! The containers of pods and the environment variables that they state.

use infra_model::pods::{Container, EnvVariable};

use crate::inventory::Inventory;
use crate::pod_spec::{self, PodTemplate};
use crate::view::View;

/// Longer values, and those of several lines, are not shown.
const LONGEST: usize = 256;

/// The containers of a pod, init containers first.
pub(crate) fn containers(pods: PodTemplate<'_>) -> Vec<Container> {
    let containers = pods.containers().map(|container| Container {
        name: container.name.unwrap_or_default().to_owned(),
        image: container.view.text_of("image").unwrap_or_default().to_owned(),
        init: container.init,
    });
    containers.collect()
}

/// The environment variables of a pod's containers, in order.
pub(crate) fn variables(inventory: &Inventory<'_>, pods: PodTemplate<'_>) -> Vec<EnvVariable> {
    let mut found = Vec::new();
    for container in pods.containers() {
        let entries = container.view.get("env").into_iter().flat_map(View::items);
        found.extend(entries.filter_map(|entry| variable(inventory, &container, entry)));
    }
    found
}

fn variable(
    inventory: &Inventory<'_>,
    container: &pod_spec::Container<'_>,
    entry: View<'_>,
) -> Option<EnvVariable> {
    let name = entry.get("name")?;
    let mut variable = EnvVariable {
        name: name.text().filter(|name| !name.is_empty())?.to_owned(),
        container: container.name.unwrap_or_default().to_owned(),
        init: container.init,
        ..EnvVariable::default()
    };
    let mut mark = name.mark();
    if let Some(value) = entry.get("value") {
        mark = value.mark();
        (variable.value, variable.written) = shown(&variable.name, value);
    } else if let Some(from) = entry.get("valueFrom") {
        let reference = |field: &str| {
            from.get(field)
                .filter(|reference| reference.get("name").is_some())
        };
        if let Some(reference) = reference("secretKeyRef") {
            variable.secret = reference.text_of("name").map(str::to_owned);
            variable.key = reference.text_of("key").map(str::to_owned);
        } else if let Some(reference) = reference("configMapKeyRef") {
            variable.config_map = reference.text_of("name").map(str::to_owned);
            variable.key = reference.text_of("key").map(str::to_owned);
        } else {
            variable.field = from
                .text_at(&["fieldRef", "fieldPath"])
                .or_else(|| from.text_at(&["resourceFieldRef", "resource"]))
                .map(str::to_owned);
        }
    }
    variable.source = inventory.place(mark);
    Some(variable)
}

/// A literal value as applied, and as written where that is another text. A credential is withheld, and what is long is left out.
fn shown(name: &str, value: View<'_>) -> (Option<String>, Option<String>) {
    let applied = value.text().unwrap_or_default();
    let built = value.built_text().unwrap_or(applied);
    let is_long = |text: &str| text.len() > LONGEST || text.trim_end().contains('\n');
    if is_long(applied) || is_long(built) {
        return (None, None);
    }
    let is_credential = |text: &str| redaction::credential(name, text).is_some();
    if is_credential(applied) || is_credential(built) {
        return (Some(redaction::REDACTED.to_owned()), None);
    }
    let written = (built != applied).then(|| built.to_owned());
    (Some(applied.to_owned()), written)
}
