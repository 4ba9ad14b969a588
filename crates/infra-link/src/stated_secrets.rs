//! Places of Secrets in files that Flux does not apply, such as templates for setting up a cluster. None of their text is returned.

use flux_evaluate::Evaluation;
use infra_model::Place;

use crate::mentions::text_files;

/// The lines at which a Secret of a name is stated, in a manifest, a generator or a call of kubectl; `most` of them.
pub fn stated_secrets(evaluation: &Evaluation, name: &str, most: usize) -> Vec<Place> {
    let mut found = Vec::new();
    for file in text_files(evaluation) {
        let Ok(text) = evaluation.sources.text_once(&file) else {
            continue;
        };
        if text.contains(name)
            && let Some(line) = line_of(&text, name)
        {
            found.push(Place { file, line });
        }
        if found.len() >= most {
            break;
        }
    }
    found
}

/// The line of a text at which it states a Secret of a name.
fn line_of(text: &str, name: &str) -> Option<u32> {
    // Whether the document is a Secret, and the line of its name.
    let mut is_secret = false;
    let mut named: Option<u32> = None;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let line = line.trim();
        if line.starts_with("---") {
            (is_secret, named) = (false, None);
            continue;
        }
        let plain = line.trim_start_matches("- ");
        is_secret |= is_field(plain, "kind", "Secret") || plain.starts_with("secretGenerator:");
        if named.is_none() && is_field(plain, "name", name) {
            named = Some(number);
        }
        if is_secret && named.is_some() {
            return named;
        }
        if line.contains("create secret ") && line.split_whitespace().any(|word| word == name) {
            return Some(number);
        }
    }
    None
}

/// Whether a line states a field with a value, in quotes or not.
fn is_field(line: &str, field: &str, value: &str) -> bool {
    let stated = line.split_once(':').filter(|(own, _)| *own == field);
    stated.is_some_and(|(_, stated)| {
        let stated = stated.split(" #").next().unwrap_or(stated).trim();
        stated.trim_matches(['"', '\'']) == value
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_stated_by_manifests_generators_and_kubectl() {
        for (text, expected) in [
            ("kind: Secret\nmetadata:\n  name: token\n", Some(3)),
            ("metadata:\n  name: \"token\" # ours\nkind: Secret\n", Some(2)),
            ("secretGenerator:\n  - name: token\n", Some(2)),
            (
                "kubectl -n flux-system create secret generic token --from-file=age.key\n",
                Some(1),
            ),
            (
                "kind: Secret\nmetadata: {name: other}\n---\nkind: ConfigMap\nmetadata:\n  name: token\n",
                None,
            ),
            (
                "kind: Pod\nspec:\n  volumes:\n    - secret:\n        name: token\n",
                None,
            ),
        ] {
            assert_eq!(line_of(text, "token"), expected, "{text}");
        }
    }
}
