//! Secrets that the commands of Jobs make.
//!
//! [kube-webhook-certgen](https://github.com/jkroepke/kube-webhook-certgen), which many webhooks come with, and `kubectl create secret`
//! (<https://kubernetes.io/docs/reference/kubectl/generated/kubectl_create/kubectl_create_secret/>).

use crate::view::View;

/// A Secret that a command makes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct MadeSecret<'a> {
    pub(crate) name: &'a str,
    /// `None` is the namespace of the pod.
    pub(crate) namespace: Option<&'a str>,
}

/// The Secrets that the command of a container makes.
pub(crate) fn made_secrets(container: View<'_>) -> Vec<MadeSecret<'_>> {
    let fields = ["command", "args"].iter();
    let arguments: Vec<&str> = fields.flat_map(|field| container.texts_at(&[field])).collect();
    let mut made: Vec<MadeSecret<'_>> = webhook_certificate(&arguments).into_iter().collect();
    // A script is one argument; a command without a shell is all of them.
    made.extend(kubectl_secret(&arguments));
    let scripts = arguments.iter().filter(|argument| argument.contains(' '));
    for line in scripts.flat_map(|script| script.split(['\n', ';', '|', '&'])) {
        let words: Vec<&str> = line.split_whitespace().collect();
        made.extend(kubectl_secret(&words));
    }
    made
}

/// `create --secret-name=NAME`; `patch` has the option as well, and makes no Secret.
fn webhook_certificate<'a>(words: &[&'a str]) -> Option<MadeSecret<'a>> {
    words.iter().find(|word| **word == "create")?;
    Some(MadeSecret {
        name: option(words, &["--secret-name"]).filter(|name| is_name(name))?,
        namespace: namespace(words),
    })
}

/// `kubectl create secret TYPE NAME`.
fn kubectl_secret<'a>(words: &[&'a str]) -> Option<MadeSecret<'a>> {
    let at = words.windows(2).position(|pair| pair == ["create", "secret"])?;
    if !words.iter().take(at).any(|word| word.ends_with("kubectl")) {
        return None;
    }
    let rest = words.iter().skip(at + 2).map(|word| unquoted(word));
    let mut rest = rest.filter(|word| !word.starts_with('-'));
    Some(MadeSecret {
        name: rest.nth(1).filter(|name| is_name(name))?,
        namespace: namespace(words),
    })
}

/// The stated namespace. A variable is most often the pod's own namespace.
fn namespace<'a>(words: &[&'a str]) -> Option<&'a str> {
    option(words, &["--namespace", "-n"]).filter(|namespace| is_name(namespace))
}

/// The value of an option, behind a `=` or in the next word.
fn option<'a>(words: &[&'a str], names: &[&str]) -> Option<&'a str> {
    let mut positions = words.iter().enumerate();
    positions.find_map(|(at, word)| {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, value),
            None => (*word, *words.get(at + 1)?),
        };
        names.contains(&name).then(|| unquoted(value))
    })
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '\''])
}

/// Whether a text can be the name of an object, rather than a variable.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    !text.is_empty() && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use source_tree::{FileId, Limits};
    use yaml_node::read_documents;

    use super::*;

    fn check(text: &str, expected: &[(&str, Option<&str>)]) {
        let node = read_documents(text, FileId(1), &Limits::default())
            .unwrap()
            .remove(0);
        let found = made_secrets(View::new(&node, None, None));
        let found: Vec<_> = found.iter().map(|made| (made.name, made.namespace)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn commands_make_secrets() {
        check(
            "args: [create, --host=a, --namespace=$(POD_NAMESPACE), --secret-name=admission]",
            &[("admission", None)],
        );
        check(
            "args: [create, --secret-name, admission, --namespace, web]",
            &[("admission", Some("web"))],
        );
        check("args: [patch, --secret-name=admission]", &[]);
        check(
            "command: [kubectl, -n, web, create, secret, generic, token, --from-literal=a=b]",
            &[("token", Some("web"))],
        );
        check(
            "command: [sh, -c, 'set -e\n/bin/kubectl create secret tls \"cert\" --cert=a | kubectl apply -f -']",
            &[("cert", None)],
        );
        check("command: [sh, -c, 'kubectl create secret generic $NAME']", &[]);
        check("command: [sh, -c, 'kubectl get secret token']", &[]);
    }
}
