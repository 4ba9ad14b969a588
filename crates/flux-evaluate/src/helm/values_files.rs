//! `valuesFiles` of a chart: merged in order, they are its default values.
//!
//! <https://github.com/fluxcd/source-controller/blob/v1.9.0/internal/helm/chart/builder_local.go>

use helm_template::{Chart, Error, Stage};
use kustomize_build::Sources;
use source_tree::{FileId, Limits, RepoPath};
use yaml_node::{Node, Value, read_yaml11};

/// The file of a chart's own values.
const VALUES: &str = "values.yaml";

/// The merged values of the files. In a GitRepository or Bucket (`sources`), paths start at its top.
///
/// # Errors
/// [`Error`] for a file that is missing or not a mapping.
pub(super) fn merged(
    chart: &Chart,
    files: &[String],
    ignore_missing: bool,
    sources: Option<&Sources>,
) -> Result<Node, Error> {
    let fail =
        |message: String| Error::new(Stage::Values, format!("failed to merge chart values: {message}"));
    let mut merged = Node::empty_mapping();
    for file in files {
        let values = match sources {
            Some(sources) => in_files(sources, &RepoPath::new(file)),
            None if file == VALUES => Some(Ok(chart.values.clone())),
            None => in_chart(chart, file),
        };
        match values {
            Some(values) => merge(&mut merged, &values.map_err(fail)?),
            None if ignore_missing => {}
            None => return Err(fail(format!("no values file found at path '{file}'"))),
        }
    }
    Ok(merged)
}

/// The values of a file of a source, with their lines.
pub(super) fn in_files(sources: &Sources, path: &RepoPath) -> Option<Result<Node, String>> {
    let text = sources.text(path).ok()?;
    Some(read(&text, sources.file_id(path), path.as_str()))
}

fn in_chart(chart: &Chart, name: &str) -> Option<Result<Node, String>> {
    let name = name.trim_start_matches("./");
    let file = chart.files.iter().find(|file| &*file.name == name)?;
    Some(read(&file.text(), FileId::NONE, name))
}

fn read(text: &str, file: FileId, name: &str) -> Result<Node, String> {
    let values = read_yaml11(text, file, &Limits::default())
        .map_err(|error| format!("unmarshaling values from '{name}' failed: {error}"))?;
    let values = values.filter(|values| !values.is_null());
    let values = values.unwrap_or_else(Node::empty_mapping);
    match values.value {
        Value::Mapping(_) => Ok(values),
        _ => Err(format!("the values in '{name}' are not a mapping")),
    }
}

/// Merges values as Helm does: mappings key by key, anything else as a whole.
pub(crate) fn merge(base: &mut Node, over: &Node) {
    let (Value::Mapping(map), Value::Mapping(from)) = (&mut base.value, &over.value) else {
        *base = over.clone();
        return;
    };
    for (key, value) in from.iter() {
        match map.get_mut(key) {
            Some(known) => merge(known, value),
            None => map.insert(key, value.clone()),
        }
    }
}
