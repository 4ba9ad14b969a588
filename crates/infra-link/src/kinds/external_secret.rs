//! ExternalSecret and ClusterExternalSecret of the External Secrets Operator: the Secrets that they make, the stores that they
//! read.

use std::collections::BTreeSet;

use infra_model::ObjectRef;
use infra_model::secrets::ExternalSecretTemplate;

use crate::copies::Namespace;
use crate::inventory::{Inventory, Object};
use crate::uses::Used;
use crate::view::View;

/// API group of the External Secrets Operator.
pub(crate) const GROUP: &str = "external-secrets.io";

/// The kinds that make Secrets.
pub(crate) const KINDS: &[&str] = &["ExternalSecret", "ClusterExternalSecret"];

/// The kinds of stores.
pub(crate) const STORES: &[&str] = &["SecretStore", "ClusterSecretStore"];

/// The `spec` of the ExternalSecret itself, which a ClusterExternalSecret has one level down.
pub(crate) fn spec<'a>(object: &Object<'_>, view: View<'a>) -> Option<View<'a>> {
    match object.kind {
        "ClusterExternalSecret" => view.at(&["spec", "externalSecretSpec"]),
        _ => view.get("spec"),
    }
}

/// The name of the Secret that an ExternalSecret makes, if it makes one.
pub(crate) fn target<'a>(object: &Object<'a>, view: View<'a>) -> Option<&'a str> {
    let (used, name) = made_object(object, view)?;
    (used == Used::Secret).then_some(name)
}

/// Kind and name of the ConfigMap or Secret that an ExternalSecret makes: `target.manifest` may state another kind
/// (<https://external-secrets.io/latest/guides/targeting-custom-resources/>).
pub(crate) fn made_object<'a>(object: &Object<'a>, view: View<'a>) -> Option<(Used, &'a str)> {
    let spec = spec(object, view)?;
    let target = spec.get("target");
    let text = |field: &str| target.and_then(|target| target.text_of(field));
    if text("creationPolicy") == Some("None") {
        return None;
    }
    let used = match target.and_then(|target| target.get("manifest")) {
        None => Used::Secret,
        Some(manifest) if manifest.text_of("apiVersion") == Some("v1") => {
            Used::of_data(manifest.text_of("kind")?)?
        }
        Some(_) => return None,
    };
    let own_name = match object.kind {
        "ClusterExternalSecret" => view
            .text_at(&["spec", "externalSecretName"])
            .unwrap_or(object.name),
        _ => object.name,
    };
    Some((used, text("name").unwrap_or(own_name)))
}

/// Whether an ExternalSecret adds to a Secret that something else makes.
pub(crate) fn is_merged(object: &Object<'_>, view: View<'_>) -> bool {
    spec(object, view).and_then(|spec| spec.text_at(&["target", "creationPolicy"])) == Some("Merge")
}

/// Whether an ExternalSecret owns its Secret, which is the default.
pub(crate) fn is_owner(object: &Object<'_>, view: View<'_>) -> bool {
    let policy = spec(object, view).and_then(|spec| spec.text_at(&["target", "creationPolicy"]));
    policy.is_none_or(|policy| policy == "Owner")
}

/// The namespaces of a ClusterExternalSecret, as far as the repository states them.
pub(crate) struct Namespaces<'a> {
    /// Those that it names, and those that it selects.
    pub(crate) made_in: Vec<&'a str>,
    /// Those that it does not select.
    pub(crate) left_out: BTreeSet<&'a str>,
}

/// The namespaces in which a ClusterExternalSecret makes its Secret
/// (<https://external-secrets.io/latest/api/clusterexternalsecret/>).
///
/// `known` are those of the repository.
pub(crate) fn namespaces<'a>(known: &[Namespace<'a>], view: View<'a>) -> Namespaces<'a> {
    let selectors = view.items_at(&["spec", "namespaceSelectors"]);
    let selectors: Vec<View<'_>> = selectors.chain(view.at(&["spec", "namespaceSelector"])).collect();
    let mut made_in: Vec<&str> = view.texts_at(&["spec", "namespaces"]).collect();
    let mut left_out = BTreeSet::new();
    for namespace in known {
        if made_in.contains(&namespace.name) {
            continue;
        }
        let selected = selectors.iter().map(|selector| namespace.is_selected(*selector));
        let selected: Vec<Option<bool>> = selected.collect();
        if selected.contains(&Some(true)) {
            made_in.push(namespace.name);
        } else if !selected.contains(&None) {
            left_out.insert(namespace.name);
        }
    }
    Namespaces { made_in, left_out }
}

/// The keys that `target.template` makes of fetched ones: `data` and `templateFrom` replace these unless `mergePolicy` is
/// `Merge` (<https://external-secrets.io/latest/guides/templating/>).
pub(crate) fn template(
    inventory: &Inventory<'_>,
    object: &Object<'_>,
    spec: View<'_>,
) -> Option<ExternalSecretTemplate> {
    let template = spec.at(&["target", "template"])?;
    let mut made = ExternalSecretTemplate::default();
    for (key, text) in template.entries_of("data") {
        made.keys
            .insert(key.to_owned(), fetched_keys(text.text().unwrap_or_default()));
    }
    if made.keys.is_empty() && template.items_of("templateFrom").next().is_none() {
        return None;
    }
    for from in template.items_of("templateFrom") {
        // Labels and annotations are no keys.
        if from.text_of("target").is_none_or(|target| target == "Data") {
            add_template_from(inventory, object, from, &mut made);
        }
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
    for item in config_map.items_of("items") {
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

/// The name for all fetched keys.
const ALL: &str = "*";

/// Adds the keys of a text that is YAML once its templates are executed, line by line; keys that templates compute are unknown.
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

/// The fetched keys that a template reads: fields of the dot, and quoted keys for `index` and `get`.
fn fetched_keys(text: &str) -> Vec<String> {
    let mut keys = BTreeSet::new();
    for expression in text.split("{{").skip(1) {
        let expression = expression.split("}}").next().unwrap_or_default();
        for (position, part) in expression.split(['"', '`']).enumerate() {
            if position % 2 == 1 {
                keys.insert(part.to_owned());
                continue;
            }
            let is_before = |c: char| !c.is_alphanumeric() && !matches!(c, '_' | ')' | '$');
            keys.extend(fields_after(part, is_before).map(|key| match key {
                "" => ALL.to_owned(),
                key => key.to_owned(),
            }));
        }
    }
    keys.into_iter().collect()
}

/// The names after those dots of an expression that follow such a character, or begin it; empty for the dot alone.
pub(super) fn fields_after(part: &str, is_before: impl Fn(char) -> bool) -> impl Iterator<Item = &str> {
    part.match_indices('.').filter_map(move |(at, _)| {
        let (before, rest) = (part.get(..at)?, part.get(at + 1..)?);
        let end = rest.find(|c: char| c != '_' && !c.is_alphanumeric());
        let field = rest.get(..end.unwrap_or(rest.len()))?;
        is_before(before.chars().next_back().unwrap_or(' ')).then_some(field)
    })
}

/// The stores that an ExternalSecret reads.
pub(crate) fn stores(object: &Object<'_>, view: View<'_>) -> Vec<ObjectRef> {
    let Some(spec) = spec(object, view) else {
        return Vec::new();
    };
    let items = spec.items_of("data").chain(spec.items_of("dataFrom"));
    let of_items = items.filter_map(|data| data.at(&["sourceRef", "storeRef"]));
    let references = spec.get("secretStoreRef").into_iter().chain(of_items);
    references
        .filter_map(|reference| store(object, reference))
        .collect()
}

/// The store that a reference of an object names.
pub(super) fn store(object: &Object<'_>, reference: View<'_>) -> Option<ObjectRef> {
    let kind = reference.text_of("kind").unwrap_or("SecretStore");
    let namespace = match kind {
        "ClusterSecretStore" => "",
        _ => object.namespace,
    };
    Some(ObjectRef::new(kind, namespace, reference.text_of("name")?))
}

/// The stores that anything reads, each as often as it is read.
pub(crate) fn read_stores<'a>(inventory: &'a Inventory<'a>) -> impl Iterator<Item = ObjectRef> + 'a {
    let objects = inventory.of_kinds(GROUP, KINDS);
    objects.flat_map(|object| stores(object, inventory.view(object)))
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
