//! Containers of pods and their environment variables.

use infra_model::pods::{Container, EnvVariable};

use crate::cut_text::cut;
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
        command: words(container.view, "command"),
        args: words(container.view, "args"),
    });
    containers.collect()
}

/// The words of a command line without credentials, also those that follow a flag.
fn words(container: View<'_>, field: &str) -> Vec<String> {
    const MOST: usize = 40;
    const LONGEST_WORD: usize = 400;
    let mut flag = "";
    let mut found = Vec::new();
    for text in container.texts_at(&[field]) {
        if found.len() == MOST {
            found.push("…".to_owned());
            break;
        }
        let is_value_of_flag = !flag.is_empty() && redaction::credential(flag, text).is_some();
        let is_alone = !text.starts_with('-') && redaction::credential("", text).is_some();
        let shown = match is_value_of_flag || is_alone {
            true => redaction::REDACTED.to_owned(),
            // In a script each line is checked on its own.
            false => {
                let lines = text.trim_end().lines().map(redaction::without_credentials);
                let script = lines.collect::<Vec<_>>().join("\n");
                redaction::without_random_words(&script).into_owned()
            }
        };
        found.push(cut(shown.into(), LONGEST_WORD));
        flag = match text.strip_prefix('-') {
            Some(flag) if !flag.contains(['=', ' ']) => flag.trim_start_matches('-'),
            _ => "",
        };
    }
    found
}

/// The environment variables of a pod's containers, in order.
pub(crate) fn variables(inventory: &Inventory<'_>, pods: PodTemplate<'_>) -> Vec<EnvVariable> {
    let mut found = Vec::new();
    for container in pods.containers() {
        let entries = container.view.items_of("env");
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
        let text = |path: [&str; 2]| from.text_at(&path).map(str::to_owned);
        if from.at(&["secretKeyRef", "name"]).is_some() {
            variable.secret = text(["secretKeyRef", "name"]);
            variable.key = text(["secretKeyRef", "key"]);
        } else if from.at(&["configMapKeyRef", "name"]).is_some() {
            variable.config_map = text(["configMapKeyRef", "name"]);
            variable.key = text(["configMapKeyRef", "key"]);
        } else {
            let field = text(["fieldRef", "fieldPath"]);
            variable.field = field.or_else(|| text(["resourceFieldRef", "resource"]));
        }
    }
    variable.source = inventory.place(mark);
    Some(variable)
}

/// A literal value as applied, and as written if that differs. Credentials are withheld, long values left out.
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
