//! Unknown fields of a kustomization file, which Flux drops when it writes the file back.
//!
//! kustomize itself would refuse them, but <https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go> reads the
//! file without them.

use kustomize_build::Sources;
use source_tree::{Mark, RepoPath};
use yaml_node::{Node, Value};

use super::file::kustomization_files;
use super::known_fields::{KUSTOMIZATION, Kind};
use crate::flux::schema::{closest, entry_mark};

/// Most fields of one file that are reported.
const MAX_REPORTED: usize = 50;

/// A field that is dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DroppedField {
    /// Its path as written, such as `images[].newtags`.
    pub(crate) path: String,
    pub(crate) mark: Mark,
    /// The most similar known field.
    pub(crate) similar: Option<String>,
}

/// The fields that Flux drops from the kustomization file of a folder.
pub(crate) fn dropped_fields(sources: &Sources, dir: &RepoPath) -> Vec<DroppedField> {
    let mut found = Vec::new();
    let files = kustomization_files(sources, dir);
    let [path] = files.as_slice() else {
        return found;
    };
    let document = sources.document(path).ok().flatten();
    // Flux refuses a file of another type as a whole.
    let is_kustomization = |document: &Node| {
        let api_version = document.text_at(&["apiVersion"]).unwrap_or_default();
        api_version.is_empty() || api_version.starts_with("kustomize.config.k8s.io/")
    };
    if let Some(document) = document.filter(is_kustomization) {
        compare(&document, &KUSTOMIZATION, "", &mut found);
    }
    found
}

/// The known field, at any level of a kustomization file, that is most similar to `name`.
pub(crate) fn similar_field(name: &str) -> Option<String> {
    let mut names = Vec::new();
    collect(&KUSTOMIZATION, &mut names);
    closest(name, names.into_iter())
}

fn collect(kind: &'static Kind, names: &mut Vec<&'static str>) {
    match kind {
        Kind::List(item) => collect(item, names),
        Kind::Object(fields) => {
            for field in *fields {
                names.push(field.name);
                collect(field.kind, names);
            }
        }
        Kind::Text | Kind::Scalar | Kind::TextMap | Kind::Any => {}
    }
}

fn compare(node: &Node, kind: &Kind, path: &str, found: &mut Vec<DroppedField>) {
    match (kind, &node.value) {
        (Kind::List(kind), Value::Sequence(items)) => {
            let path = format!("{path}[]");
            items.iter().for_each(|item| compare(item, kind, &path, found));
        }
        (Kind::Object(fields), Value::Mapping(mapping)) => {
            let mut absent: Option<Vec<&str>> = None;
            for (key, value) in mapping.entries() {
                if found.len() >= MAX_REPORTED {
                    return;
                }
                let Some(name) = key.text() else { continue };
                let path = match path {
                    "" => name.to_owned(),
                    path => format!("{path}.{name}"),
                };
                // Go ignores the case of field names.
                match fields.iter().find(|field| field.name.eq_ignore_ascii_case(name)) {
                    Some(field) => compare(value, field.kind, &path, found),
                    // Such fields contain YAML anchors on purpose.
                    None if name.starts_with(['.', '_', '$']) || name.starts_with("x-") => {}
                    None => {
                        let absent = absent.get_or_insert_with(|| {
                            let is_stated =
                                |known: &&str| mapping.iter().any(|(key, _)| key.eq_ignore_ascii_case(known));
                            let names = fields.iter().map(|field| field.name);
                            names.filter(|name| !is_stated(name)).collect()
                        });
                        found.push(DroppedField {
                            path,
                            mark: entry_mark(key, value),
                            similar: closest(name, absent.iter().copied()),
                        });
                    }
                }
            }
        }
        _ => {}
    }
}
