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
        command: words(container.view.get("command")),
        args: words(container.view.get("args")),
    });
    containers.collect()
}

/// The words of a command line as they may be shown: each without credentials, also one that follows its flag.
fn words(list: Option<View<'_>>) -> Vec<String> {
    const MOST: usize = 40;
    const LONGEST_WORD: usize = 400;
    let mut flag = "";
    let mut found = Vec::new();
    for text in list.into_iter().flat_map(View::items).filter_map(View::text) {
        if found.len() == MOST {
            found.push("…".to_owned());
            break;
        }
        let is_value_of_flag = !flag.is_empty() && redaction::credential(flag, text).is_some();
        let is_alone = !text.starts_with('-') && redaction::credential("", text).is_some();
        let shown = match is_value_of_flag || is_alone {
            true => redaction::REDACTED.to_owned(),
            // A script is looked at line by line, as people write it.
            false => {
                let lines = text.trim_end().lines().map(redaction::without_credentials);
                let script = lines.collect::<Vec<_>>().join("\n");
                redaction::without_random_words(&script).into_owned()
            }
        };
        found.push(match shown.char_indices().nth(LONGEST_WORD) {
            Some((end, _)) => format!("{}…", shown.get(..end).unwrap_or_default()),
            None => shown,
        });
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
