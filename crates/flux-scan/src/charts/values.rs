//! Values of charts and releases without credentials.

use infra_link::{ChartPlace, merge_values, withhold_credential};
use kustomize_build::Sources;
use source_tree::RepoPath;
use yaml_node::{Node, Value, read_documents, write_document};

use super::files::{Files, VALUES};

/// The values that a chart is rendered with, those of its release aside: its own `values.yaml`, or `valuesFiles` laid
/// over each other; none where it has none.
pub(super) fn defaults(
    sources: &Sources,
    chart: &ChartPlace,
    folder: &RepoPath,
    files: &Files,
) -> Result<Option<Node>, String> {
    let mut merged: Option<Node> = None;
    for file in &chart.values_files {
        // The paths start at the top of the source.
        let path = RepoPath::new(file);
        let values = match sources.text(&path) {
            Ok(text) => read(&text, &path, sources)?,
            Err(_) if chart.ignore_missing_values_files => continue,
            Err(_) => return Err(format!("its values file {path} is not in its source")),
        };
        match &mut merged {
            Some(merged) => merge_values(merged, &values),
            None => merged = Some(values),
        }
    }
    let path = RepoPath::new(VALUES);
    match (merged, files.get(&path)) {
        (Some(merged), _) => Ok(Some(merged)),
        (None, Some(bytes)) => {
            let text = String::from_utf8_lossy(bytes);
            read(&text, &folder.join(VALUES), sources).map(Some)
        }
        (None, None) => Ok(None),
    }
}

/// Values as YAML, with `<redacted>` for credentials.
pub(super) fn text(mut values: Node) -> Result<String, String> {
    withhold(&mut values, None);
    write_document(&values).map_err(|_| "its values have no YAML form".to_owned())
}

fn read(text: &str, path: &RepoPath, sources: &Sources) -> Result<Node, String> {
    let fault = |_| format!("{path} is no YAML");
    let documents = read_documents(text, sources.file_id(path), sources.limits()).map_err(fault)?;
    let mut values = documents
        .into_iter()
        .next()
        .filter(|values| !values.is_null())
        .unwrap_or_else(Node::empty_mapping);
    yaml_node::expand_merges(&mut values).map_err(|_| format!("{path} is no YAML"))?;
    Ok(values)
}

/// Replaces every credential below a node. `key` is the one it stands under.
fn withhold(node: &mut Node, key: Option<&str>) {
    match &mut node.value {
        Value::Scalar(scalar) => {
            if let Some(withheld) = withhold_credential(key.unwrap_or_default(), &scalar.text) {
                *node = Node::str(withheld);
            }
        }
        Value::Sequence(items) => items.items_mut().iter_mut().for_each(|item| withhold(item, key)),
        Value::Mapping(mapping) => {
            // The key of a `value` beside a `name` is the name.
            let name = mapping.get("name").and_then(Node::as_str).map(str::to_owned);
            for (key, value) in mapping.entries_mut() {
                let key = key.text().map(str::to_owned);
                match (key.as_deref(), &name) {
                    (Some("value"), Some(name)) => withhold(value, Some(name)),
                    (key, _) => withhold(value, key),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};

    #[test]
    fn credentials_are_withheld() {
        let values = "db: {password: hush-hush-1, host: db.x, url: 'pg://u:hush2@db/x'}\n\
                      env: [{name: API_TOKEN, value: hush-hush-3}]\nport: 80\n";
        let node = read_documents(values, FileId::NONE, &Limits::default())
            .unwrap()
            .remove(0);
        let text = text(node).unwrap();
        assert!(!text.contains("hush"), "{text}");
        assert!(text.contains("host: db.x") && text.contains("port: 80"), "{text}");
        assert_eq!(text.matches("<redacted>").count(), 3, "{text}");
    }
}
