//! Pods that are told the name of a Secret in an argument or a variable: certificates of webhooks are made so.

use foldhash::{HashMap, HashMapExt};
use infra_model::Key;

use crate::linker::Linker;
use crate::view::View;

/// Who is told which name, by namespace and name.
pub(super) struct ToldNames<'a> {
    by_name: HashMap<(&'a str, &'a str), Vec<Told<'a>>>,
}

/// A workload that is told a name.
struct Told<'a> {
    key: &'a Key,
    /// By what, such as `env WEBHOOK_SECRET`.
    by: String,
}

impl<'a> ToldNames<'a> {
    pub(super) fn new(linker: &'a Linker<'_>) -> Self {
        let mut by_name: HashMap<(&str, &str), Vec<Told<'_>>> = HashMap::new();
        for candidate in linker.candidates {
            let mut tell = |value: &'a str, by: String| {
                let told = Told {
                    key: &candidate.key,
                    by,
                };
                by_name
                    .entry((candidate.namespace, value))
                    .or_default()
                    .push(told);
            };
            let containers = candidate.pods.into_iter().flat_map(|pods| pods.containers());
            for container in containers.filter(|container| !patches(container.view)) {
                for entry in container.view.get("env").into_iter().flat_map(View::items) {
                    let name = entry.text_of("name").filter(|name| is_about_secret(name));
                    if let (Some(name), Some(value)) = (name, entry.text_of("value")) {
                        tell(value, format!("env {name}"));
                    }
                }
                for item in ["command", "args"]
                    .iter()
                    .filter_map(|field| container.view.get(field))
                {
                    for text in item.items().filter_map(View::text) {
                        let flag = text.split_once('=').filter(|(flag, _)| is_about_secret(flag));
                        if let Some((flag, value)) = flag {
                            tell(value, flag.to_owned());
                        }
                    }
                }
            }
        }
        ToldNames { by_name }
    }

    /// The workload beside its user that is told the name of a Secret, and by what.
    pub(super) fn maker(&self, namespace: &str, name: &str, user: &str) -> Option<String> {
        let told = self.by_name.get(&(namespace, name))?;
        let other = told.iter().find(|told| *told.key != user)?;
        Some(format!("{}, which is told its name by {}", other.key, other.by))
    }
}

/// Whether a container puts a certificate that is there into a webhook, as kube-webhook-certgen does with the command `patch`.
fn patches(container: View<'_>) -> bool {
    let mut items = ["command", "args"]
        .iter()
        .filter_map(|field| container.get(field))
        .flat_map(View::items);
    items.any(|item| item.text() == Some("patch"))
}

/// Whether a flag or a variable says by its name that it is about a Secret or a certificate.
fn is_about_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["secret", "cert", "tls"].iter().any(|word| name.contains(word))
}
