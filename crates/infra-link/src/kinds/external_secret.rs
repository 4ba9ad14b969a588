//! ExternalSecret and ClusterExternalSecret of the External Secrets Operator: the Secret they make, the stores they read.

use std::collections::BTreeSet;

use infra_model::ObjectRef;
use infra_model::secrets::ExternalSecretTemplate;

use crate::copies::Namespace;
use crate::inventory::{Inventory, Object};
use crate::view::View;

/// API group of the External Secrets Operator.
pub(crate) const GROUP: &str = "external-secrets.io";

/// The kinds that make Secrets.
pub(crate) const KINDS: &[&str] = &["ExternalSecret", "ClusterExternalSecret"];

/// The kinds from which they are read.
pub(crate) const STORES: &[&str] = &["SecretStore", "ClusterSecretStore"];

/// The `spec` of the ExternalSecret itself: a ClusterExternalSecret holds it one level down.
pub(crate) fn spec<'a>(object: &Object<'_>, view: View<'a>) -> Option<View<'a>> {
    match object.kind {
        "ClusterExternalSecret" => view.at(&["spec", "externalSecretSpec"]),
        _ => view.get("spec"),
    }
}

/// The name of the Secret that an ExternalSecret makes; none where it makes none.
pub(crate) fn target<'a>(object: &Object<'a>, view: View<'a>) -> Option<&'a str> {
    let (kind, name) = made(object, view)?;
    (kind == "Secret").then_some(name)
}

/// Kind and name of the ConfigMap or Secret that an ExternalSecret makes: `target.manifest` may state another kind
/// (<https://external-secrets.io/latest/guides/targeting-custom-resources/>).
pub(crate) fn made<'a>(object: &Object<'a>, view: View<'a>) -> Option<(&'static str, &'a str)> {
    let spec = spec(object, view)?;
    if spec.text_at(&["target", "creationPolicy"]) == Some("None") {
        return None;
    }
    let kind = match spec.at(&["target", "manifest"]) {
        None => "Secret",
        Some(manifest) => match (manifest.text_of("apiVersion"), manifest.text_of("kind")) {
            (Some("v1"), Some("Secret")) => "Secret",
            (Some("v1"), Some("ConfigMap")) => "ConfigMap",
            _ => return None,
        },
    };
    let own_name = match object.kind {
        "ClusterExternalSecret" => view
            .text_at(&["spec", "externalSecretName"])
            .unwrap_or(object.name),
        _ => object.name,
    };
    Some((kind, spec.text_at(&["target", "name"]).unwrap_or(own_name)))
}

/// Whether an ExternalSecret adds to a Secret that something else makes.
pub(crate) fn is_merged(object: &Object<'_>, view: View<'_>) -> bool {
    spec(object, view).and_then(|spec| spec.text_at(&["target", "creationPolicy"])) == Some("Merge")
}

/// Whether an ExternalSecret owns its Secret, as it does where nothing else is said.
pub(crate) fn is_owner(object: &Object<'_>, view: View<'_>) -> bool {
    let policy = spec(object, view).and_then(|spec| spec.text_at(&["target", "creationPolicy"]));
    policy.is_none_or(|policy| policy == "Owner")
}

/// Where a ClusterExternalSecret makes its Secret, as far as the repository tells.
pub(crate) struct Namespaces<'a> {
    /// Those it states, and those that it selects.
    pub(crate) made_in: Vec<&'a str>,
    /// Those of the repository that it does not select.
    pub(crate) left_out: BTreeSet<&'a str>,
}

/// The namespaces in which a ClusterExternalSecret makes its Secret
/// (<https://external-secrets.io/latest/api/clusterexternalsecret/>).
///
/// `known` are those of the repository.
pub(crate) fn namespaces<'a>(known: &[Namespace<'a>], view: View<'a>) -> Namespaces<'a> {
    let selectors = view.at(&["spec", "namespaceSelectors"]).into_iter();
    let selectors = selectors
        .flat_map(View::items)
        .chain(view.at(&["spec", "namespaceSelector"]));
    let selectors: Vec<View<'_>> = selectors.collect();
    let stated = view.at(&["spec", "namespaces"]).into_iter().flat_map(View::items);
    let mut made_in: Vec<&str> = stated.filter_map(View::text).collect();
    let mut left_out = BTreeSet::new();
    for namespace in known {
        if made_in.contains(&namespace.name) {
            continue;
        }
        let selected: Vec<Option<bool>> = selectors
            .iter()
            .map(|selector| namespace.is_selected(*selector))
            .collect();
        if selected.contains(&Some(true)) {
            made_in.push(namespace.name);
        } else if !selected.contains(&None) {
            left_out.insert(namespace.name);
        }
    }
    Namespaces { made_in, left_out }
}

/// What `target.template` makes of the keys that are fetched: `data` replaces them unless `mergePolicy` is `Merge`, and
/// `templateFrom` does as `data` does (<https://external-secrets.io/latest/guides/templating/>).
pub(crate) fn template(
    inventory: &Inventory<'_>,
    object: &Object<'_>,
    spec: View<'_>,
) -> Option<ExternalSecretTemplate> {
    let template = spec.at(&["target", "template"])?;
    let mut made = ExternalSecretTemplate::default();
    for (key, text) in template.get("data").into_iter().flat_map(View::entries) {
        made.keys
            .insert(key.to_owned(), fetched_keys(text.text().unwrap_or_default()));
    }
    let mut from = template
        .get("templateFrom")
        .into_iter()
        .flat_map(View::items)
        .peekable();
    let has_from = from.peek().is_some();
    for from in from {
        // Labels and annotations are no keys.
        if from.text_of("target").is_none_or(|target| target == "Data") {
            add_template_from(inventory, object, from, &mut made);
        }
    }
    if made.keys.is_empty() && !has_from {
        return None;
    }
    made.replaces = template.text_of("mergePolicy") != Some("Merge");
    Some(made)
}

fn add_template_from(
    inventory: &Inventory<'_>,
    object: &Object<'_>,
    from: View<'_>,
    made: &mut ExternalSecretTemplate,
) {
    if let Some(text) = from.text_of("literal") {
        return add_lines(text, made);
    }
    let Some(config_map) = from.get("configMap") else {
        made.more = true;
        return;
    };
    let found = config_map
        .text_of("name")
        .and_then(|name| inventory.find("", "ConfigMap", object.namespace, name));
    for item in config_map.get("items").into_iter().flat_map(View::items) {
        let Some(key) = item.text_of("key") else { continue };
        let text = found.and_then(|found| found.node().text_at(&["data", key]));
        match (item.text_of("templateAs"), text) {
            (Some("KeysAndValues"), Some(text)) => add_lines(text, made),
            (Some("KeysAndValues"), None) => made.more = true,
            _ => {
                let reads = text.map_or_else(|| vec![ALL.to_owned()], fetched_keys);
                made.keys.insert(key.to_owned(), reads);
            }
        }
    }
}

/// Stands for all fetched keys.
const ALL: &str = "*";

/// The keys of a text that is YAML once its templates are executed, line by line: what templates decide is not known.
fn add_lines(text: &str, made: &mut ExternalSecretTemplate) {
    let mut last: Option<String> = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let is_below = line.starts_with([' ', '\t', '#']);
        let key = line.split_once(':').map(|(key, _)| key.trim_matches(['"', '\'']));
        match key.filter(|key| !is_below && !key.contains("{{")) {
            Some(key) => {
                made.keys.insert(key.to_owned(), fetched_keys(line));
                last = Some(key.to_owned());
            }
            None if is_below => {
                if let Some(reads) = last.as_ref().and_then(|last| made.keys.get_mut(last)) {
                    reads.extend(fetched_keys(line));
                    reads.sort();
                    reads.dedup();
                }
            }
            None => made.more = true,
        }
    }
}

/// The fetched keys that a template reads: fields of the dot, and texts, by which `index` and `get` call them.
fn fetched_keys(text: &str) -> Vec<String> {
    let mut keys = BTreeSet::new();
    for expression in text.split("{{").skip(1) {
        let expression = expression.split("}}").next().unwrap_or_default();
        for (position, part) in expression.split(['"', '`']).enumerate() {
            if position % 2 == 1 {
                keys.insert(part.to_owned());
                continue;
            }
            let mut before = ' ';
            for (at, c) in part.char_indices() {
                let starts = c == '.' && !before.is_alphanumeric() && !matches!(before, '_' | ')' | '$');
                before = c;
                if !starts {
                    continue;
                }
                let rest = part.get(at + 1..).unwrap_or_default();
                let end = rest
                    .find(|c: char| c != '_' && !c.is_alphanumeric())
                    .unwrap_or(rest.len());
                match rest.get(..end) {
                    Some("") | None => keys.insert(ALL.to_owned()),
                    Some(key) => keys.insert(key.to_owned()),
                };
            }
        }
    }
    keys.into_iter().collect()
}

/// The stores that an ExternalSecret reads, as identities.
pub(crate) fn stores(object: &Object<'_>, view: View<'_>) -> Vec<ObjectRef> {
    let Some(spec) = spec(object, view) else {
        return Vec::new();
    };
    let list = |field: &str| spec.get(field).into_iter().flat_map(View::items);
    let references = spec
        .get("secretStoreRef")
        .into_iter()
        .chain(list("data").filter_map(|data| data.at(&["sourceRef", "storeRef"])))
        .chain(list("dataFrom").filter_map(|data| data.at(&["sourceRef", "storeRef"])));
    references
        .filter_map(|reference| {
            let kind = reference.text_of("kind").unwrap_or("SecretStore");
            let namespace = if kind == "ClusterSecretStore" {
                ""
            } else {
                object.namespace
            };
            Some(ObjectRef::new(kind, namespace, reference.text_of("name")?))
        })
        .collect()
}

/// The stores that anything reads, each as often as it is read.
pub(crate) fn read_stores<'a>(inventory: &'a Inventory<'a>) -> impl Iterator<Item = ObjectRef> + 'a {
    KINDS
        .iter()
        .flat_map(|kind| inventory.of(GROUP, kind))
        .flat_map(|object| stores(object, inventory.view(object)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_reads(text: &str, expected: &[&str]) {
        assert_eq!(fetched_keys(text), expected);
    }

    #[test]
    fn templates_read_fields_and_indexed_keys() {
        check_reads(
            "postgres://{{ .user }}:{{ .password | urlquery }}@db",
            &["password", "user"],
        );
        check_reads("{{ index . \"tls.crt\" | b64dec }}", &["*", "tls.crt"]);
        check_reads("{{ range $k, $v := . }}{{ $v.name }}{{ end }}", &["*"]);
        check_reads("https://x.example/.well-known", &[]);
    }

    #[test]
    fn lines_of_a_template_are_keys() {
        let mut made = ExternalSecretTemplate::default();
        add_lines("dsn: pg://{{ .a }}\nconf: |\n  x={{ .b }}\n", &mut made);
        let keys: Vec<_> = made
            .keys
            .iter()
            .map(|(key, reads)| (key.as_str(), reads.join(",")))
            .collect();
        assert_eq!(keys, [("conf", "b".to_owned()), ("dsn", "a".to_owned())]);
        assert!(!made.more);
        add_lines(
            "{{ range $k, $v := . }}\n{{ $k }}: {{ $v }}\n{{ end }}\n",
            &mut made,
        );
        assert!(made.more);
    }
}
