//! Workloads that get the name of a Secret in an argument or a variable: those that make certificates of webhooks do.

use foldhash::HashMap;
use infra_model::Key;

use crate::linker::Linker;
use crate::view::View;

/// Workloads by the namespace and the name of the Secret.
pub(super) struct SecretArguments<'a> {
    by_name: HashMap<(&'a str, &'a str), Vec<SecretArgument<'a>>>,
}

struct SecretArgument<'a> {
    workload: &'a Key,
    /// The flag or the variable, such as `env WEBHOOK_SECRET`.
    option: String,
}

impl<'a> SecretArguments<'a> {
    pub(super) fn new(linker: &'a Linker<'_>) -> Self {
        let mut by_name: HashMap<(&str, &str), Vec<SecretArgument<'_>>> = HashMap::default();
        for candidate in linker.candidates {
            let mut add = |value: &'a str, option: String| {
                let workload = &candidate.key;
                let arguments = by_name.entry((candidate.namespace, value)).or_default();
                arguments.push(SecretArgument { workload, option });
            };
            let containers = candidate.pods.into_iter().flat_map(|pods| pods.containers());
            for container in containers.filter(|container| !is_patching(container.view)) {
                for entry in container.view.items_at(&["env"]) {
                    let name = entry.text_of("name").filter(|name| is_about_secret(name));
                    if let (Some(name), Some(value)) = (name, entry.text_of("value")) {
                        add(value, format!("env {name}"));
                    }
                }
                for text in command_line(container.view).filter_map(View::text) {
                    let option = text.split_once('=').filter(|(flag, _)| is_about_secret(flag));
                    if let Some((flag, value)) = option {
                        add(value, flag.to_owned());
                    }
                }
            }
        }
        SecretArguments { by_name }
    }

    /// The workload other than `user` that gets the name of a Secret, and how.
    pub(super) fn maker(&self, namespace: &str, name: &str, user: &str) -> Option<String> {
        let mut arguments = self.by_name.get(&(namespace, name))?.iter();
        let SecretArgument { workload, option } = arguments.find(|argument| *argument.workload != user)?;
        Some(format!("{workload}, which gets its name from {option}"))
    }
}

fn command_line<'a>(container: View<'a>) -> impl Iterator<Item = View<'a>> {
    container
        .items_at(&["command"])
        .chain(container.items_at(&["args"]))
}

/// Whether a container puts an existing certificate into a webhook, as kube-webhook-certgen does with the command `patch`.
fn is_patching(container: View<'_>) -> bool {
    command_line(container).any(|item| item.text() == Some("patch"))
}

/// Whether the name of a flag or a variable says that it is about a Secret or a certificate.
fn is_about_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["secret", "cert", "tls"].iter().any(|word| name.contains(word))
}
