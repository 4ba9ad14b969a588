//! Fetched keys that the templates of an ExternalSecret require: External Secrets executes them with `missingkey=error`
//! (<https://github.com/external-secrets/external-secrets/blob/main/runtime/template/v2/template.go>).

use std::collections::BTreeSet;

use crate::inventory::{Inventory, Object};
use crate::kinds::external_secret;
use crate::view::View;

/// Actions whose body may be skipped, executed with another dot, or only when it is called.
const BLOCKS: &[&str] = &["if", "with", "range", "define", "block"];

/// The keys that templates read and that nothing fetches, each with the text that reads it.
pub(crate) fn unfetched<'a>(
    inventory: &'a Inventory<'a>,
    object: &Object<'a>,
    view: View<'a>,
) -> Vec<(String, View<'a>)> {
    let Some(spec) = external_secret::spec(object, view) else {
        return Vec::new();
    };
    let Some(template) = spec.at(&["target", "template"]) else {
        return Vec::new();
    };
    // The keys of `dataFrom` are unknown, and a template that is merged into a Secret may read the keys there.
    let is_open = spec.items_of("dataFrom").next().is_some()
        || matches!(
            spec.text_at(&["target", "creationPolicy"]),
            Some("Merge" | "CreateOrMerge" | "None")
        )
        || template
            .text_of("engineVersion")
            .is_some_and(|version| version != "v2");
    if is_open {
        return Vec::new();
    }
    let data = spec.items_of("data");
    let fetched: BTreeSet<&str> = data.filter_map(|data| data.text_of("secretKey")).collect();
    let mut texts: Vec<View<'a>> = Vec::new();
    for path in [
        &["data"][..],
        &["metadata", "annotations"],
        &["metadata", "labels"],
    ] {
        texts.extend(template.entries_at(path).map(|(_, text)| text));
    }
    for from in template.items_of("templateFrom") {
        texts.extend(from.get("literal"));
        let name = from.text_at(&["configMap", "name"]);
        let found = name.and_then(|name| inventory.find("", "ConfigMap", object.namespace, name));
        let Some(found) = found else { continue };
        let keys = from.items_at(&["configMap", "items"]);
        texts.extend(keys.filter_map(|item| inventory.view(found).at(&["data", item.text_of("key")?])));
    }
    let mut missing: Vec<(String, View<'a>)> = Vec::new();
    for text in texts {
        let needed = needed(text.text().unwrap_or_default()).into_iter();
        for key in needed.filter(|key| !fetched.contains(key.as_str())) {
            if missing.iter().all(|(known, _)| *known != key) {
                missing.push((key, text));
            }
        }
    }
    if fetched.iter().any(|key| key.contains("${")) {
        missing.clear();
    }
    missing
}

/// The keys that a template always reads as fields of its dot: those in blocks may never be read.
fn needed(text: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let mut depth = 0_usize;
    // The value of a Flux variable may be anything.
    if text.contains("${") {
        return keys;
    }
    for expression in text.split("{{").skip(1) {
        let expression = expression.split("}}").next().unwrap_or_default();
        let expression = expression.trim_matches(|c: char| c == '-' || c.is_whitespace());
        let words = || expression.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.');
        let first = words().next().unwrap_or_default();
        if first == "end" {
            depth = depth.saturating_sub(1);
            continue;
        }
        // These stop at the first value that decides.
        let stops = words().any(|word| matches!(word, "and" | "or"));
        if depth == 0 && first != "else" && !expression.starts_with("/*") && !stops {
            keys.extend(fields(expression));
        }
        depth += usize::from(BLOCKS.contains(&first));
    }
    keys
}

/// The fields of the dot in an expression.
fn fields(expression: &str) -> Vec<String> {
    let is_before = |c: char| c.is_whitespace() || matches!(c, '(' | '|' | ',' | '=');
    let unquoted = expression.split(['"', '`']).step_by(2);
    unquoted
        .flat_map(|part| external_secret::fields_after(part, is_before))
        .filter(|field| field.starts_with(|c: char| c == '_' || c.is_alphabetic()))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(
            needed(text).iter().map(String::as_str).collect::<Vec<_>>(),
            expected
        );
    }

    #[test]
    fn keys_that_are_always_read() {
        check(
            "postgres://{{ .user }}:{{ .pass | urlquery }}@db",
            &["pass", "user"],
        );
        check("{{- printf \"%s.x\" (.a | trim) -}}", &["a"]);
        check(
            "{{ if .a }}{{ .b }}{{ else }}{{ .c }}{{ end }}{{ .d }}",
            &["a", "d"],
        );
        check("{{ range $k, $v := . }}{{ .name }}{{ end }}", &[]);
        check("{{ with .a }}{{ .b }}{{ end }}", &["a"]);
        check("{{ index . \"tls.crt\" }}{{ get . \"x\" }}{{ $x.y }}", &[]);
        check("{{ or .a .b }}{{ /* .c */ }}{{ .d.e }}", &["d"]);
        check("${x} {{ .a }}", &[]);
        check("{{ (fromJson .a).b }}", &["a"]);
        check("{{ mul 1 .5 }}", &[]);
    }
}
