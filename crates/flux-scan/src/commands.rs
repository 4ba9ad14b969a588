//! ConfigMaps and Secrets that people make by hand, according to scripts and instructions in the repository:
//! `kubectl create secret generic NAME -n NAMESPACE`, `flux create secret git NAME`.

use std::collections::HashMap;

use source_tree::{ObjectRef, Place, RepoPath, SourceTree};

use crate::texts::stated_objects;

/// Suffixes of files with commands or instructions.
const ENDS: [&str; 8] = [".adoc", ".bash", ".just", ".md", ".mk", ".ps1", ".sh", ".txt"];

/// Beginnings of the names of such files, in any case.
const NAMES: [&str; 3] = ["justfile", "makefile", "taskfile"];

/// Folders at the top of the repository in which any file may contain commands.
const FOLDERS: [&str; 2] = [".github/workflows/", ".taskfiles/"];

/// Names and usual aliases of programs that create objects.
const PROGRAMS: [&str; 4] = ["flux", "k", "kubectl", "oc"];

/// The objects that commands in a repository create, and the files with these commands.
pub(crate) fn created_objects(tree: &dyn SourceTree) -> (HashMap<ObjectRef, Place>, Vec<RepoPath>) {
    stated_objects(tree, has_commands, of_text)
}

fn has_commands(path: &RepoPath, name: &str) -> bool {
    let begins = |known: &str| {
        let start = name.get(..known.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(known))
    };
    ENDS.iter().any(|end| name.ends_with(end))
        || NAMES.iter().any(|known| begins(known))
        || FOLDERS.iter().any(|folder| path.as_str().starts_with(folder))
}

/// The objects that the commands of a text create, with the lines at which the commands begin.
fn of_text(text: &str) -> Vec<(ObjectRef, u32)> {
    let mut found = Vec::new();
    let mut lines = (1_u32..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        if !line.contains(" create ") {
            continue;
        }
        let mut command = line.to_owned();
        // A command may continue on further lines.
        while command.trim_end().ends_with(['\\', '`'])
            && let Some((_, more)) = lines.next()
        {
            command.truncate(command.trim_end().len() - 1);
            command.push(' ');
            command.push_str(more);
        }
        let objects = command.split(['|', ';', '&']).filter_map(object);
        found.extend(objects.map(|object| (object, number)));
    }
    found
}

/// The object that a command creates, if its name and namespace are literal.
fn object(command: &str) -> Option<ObjectRef> {
    let words: Vec<&str> = command
        .split_whitespace()
        .map(|word| word.trim_matches(['"', '\'', '`']))
        .collect();
    let create = words
        .windows(2)
        .position(|pair| matches!(pair, ["create", "secret" | "configmap" | "cm"]))?;
    let program = words.get(..create)?;
    program.iter().find(|word| PROGRAMS.contains(word))?;
    let kind = match words.get(create + 1)? {
        &"secret" => "Secret",
        _ => "ConfigMap",
    };
    let by_flux = program.contains(&"flux");
    let flag = |name: &str| {
        let mut flags = words.iter().enumerate();
        flags.find_map(|(at, word)| match word.strip_prefix(name)? {
            "" => words.get(at + 1).copied(),
            rest => rest.strip_prefix('='),
        })
    };
    let namespace = flag("--namespace").or_else(|| flag("-n"));
    let namespace = namespace.unwrap_or(if by_flux { "flux-system" } else { "" });
    // The type of a Secret comes before its name.
    let first = create + if kind == "Secret" { 3 } else { 2 };
    let mut rest = words.get(first..)?.iter();
    let name = loop {
        match *rest.next()? {
            "-n" | "--namespace" => {
                rest.next();
            }
            flag if flag.starts_with('-') => {}
            name => break name,
        }
    };
    let is_literal = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
    };
    let is_valid = !name.is_empty() && is_literal(name) && is_literal(namespace);
    is_valid.then(|| ObjectRef::new(kind, namespace, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_make_objects() {
        for (text, expected) in [
            (
                "kubectl create secret generic web --from-env-file=.env -n shop",
                Some(("Secret", "shop", "web", 1)),
            ),
            (
                "Make it:\n\n    $ kubectl -n shop create secret docker-registry pull \\\n      --docker-username=x\n",
                Some(("Secret", "shop", "pull", 3)),
            ),
            (
                "# kubectl create secret tls --namespace=shop cert --cert=a --key=b",
                Some(("Secret", "shop", "cert", 1)),
            ),
            (
                "flux create secret git app --url=ssh://x | sops -e",
                Some(("Secret", "flux-system", "app", 1)),
            ),
            (
                "cat f | kubectl create cm settings --from-file=f",
                Some(("ConfigMap", "", "settings", 1)),
            ),
            (
                "- kubectl create configmap settings --from-file=f",
                Some(("ConfigMap", "", "settings", 1)),
            ),
            ("kubectl create secret generic \"$NAME\" -n shop", None),
            ("kubectl create secret generic web -n <namespace>", None),
            ("You can create secret generic things.", None),
            ("kubectl create namespace secret", None),
        ] {
            let found = of_text(text).into_iter().next();
            let expected =
                expected.map(|(kind, namespace, name, line)| (ObjectRef::new(kind, namespace, name), line));
            assert_eq!(found, expected, "{text}");
        }
    }
}
