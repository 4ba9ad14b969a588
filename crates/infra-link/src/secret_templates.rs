//! Texts that the templates of ExternalSecrets give to keys of Secrets, without the fetched values: they may name hosts.

use std::collections::BTreeMap;

use infra_model::ObjectRef;
use source_tree::Mark;

use crate::inventory::Inventory;
use crate::kinds::external_secret::{GROUP, KINDS, spec, target};
use crate::text_place;
/// One key of a Secret that a template makes.
pub(crate) struct SecretText {
    pub(crate) key: String,
    /// With a character that no host has in place of expressions.
    pub(crate) text: String,
    /// The place of its first line.
    pub(crate) mark: Mark,
}

/// Placeholder of an expression.
const COMPUTED: char = '\u{fffd}';

/// The texts of the Secrets that templates make, by the Secret.
pub(crate) fn secret_texts(inventory: &Inventory<'_>) -> BTreeMap<ObjectRef, Vec<SecretText>> {
    let mut texts: BTreeMap<ObjectRef, Vec<SecretText>> = BTreeMap::new();
    for object in inventory.of_kinds(GROUP, KINDS) {
        let view = inventory.view(object);
        let template = spec(object, view).and_then(|spec| spec.at(&["target", "template"]));
        let (Some(template), Some(made)) = (template, target(object, view)) else {
            continue;
        };
        let data = template.entries_of("data");
        let found = data.filter_map(|(key, value)| {
            Some(SecretText {
                key: key.to_owned(),
                text: without_computed(value.text()?),
                mark: text_place::first_line(value),
            })
        });
        texts
            .entry(ObjectRef::new("Secret", object.namespace, made))
            .or_default()
            .extend(found);
    }
    texts
}

/// A template's text with a placeholder for each of its expressions; line numbers stay.
fn without_computed(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (expression, after) = after.split_once("}}").unwrap_or((after, ""));
        plain.push_str(before);
        plain.push(COMPUTED);
        plain.extend(expression.chars().filter(|c| *c == '\n'));
        rest = after;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_no_part_of_a_host() {
        assert_eq!(
            without_computed("pg://{{ .a }}:{{ .b }}@db.svc:5432/x"),
            "pg://\u{fffd}:\u{fffd}@db.svc:5432/x"
        );
        assert_eq!(without_computed("{{ .host }}.io"), "\u{fffd}.io");
        assert_eq!(without_computed("a {{ .b"), "a \u{fffd}");
    }
}
