//! `buildMetadata`: annotations with the origin of objects and the transformers that changed them.

use yaml_node::{Dialect, Node, Tag, resolve};

use crate::ResMap;
use crate::node_edit::set_entry;
use crate::resource::Resource;

/// The annotation of `originAnnotations`.
pub(crate) const ORIGIN: &str = "config.kubernetes.io/origin";
/// The annotation of `transformerAnnotations`.
pub(crate) const TRANSFORMATIONS: &str = "alpha.config.kubernetes.io/transformations";

/// The options in `buildMetadata` of the kustomization that is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct BuildMetadata {
    /// Whether origins are tracked: if the field has any word, known or not.
    pub(crate) track: bool,
    /// `originAnnotations`
    pub(crate) origin: bool,
    /// `transformerAnnotations`
    pub(crate) transformer: bool,
    /// `managedByLabel`
    pub(crate) managed_by: bool,
}

impl BuildMetadata {
    /// From the words of the field. Unknown ones are ignored.
    pub(crate) fn new(words: &[smol_str::SmolStr]) -> Self {
        let has = |word: &str| words.iter().any(|known| known == word);
        BuildMetadata {
            track: !words.is_empty(),
            origin: has("originAnnotations"),
            transformer: has("transformerAnnotations"),
            managed_by: has("managedByLabel"),
        }
    }
}

/// The origin of an object or transformer, as in the annotations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OriginPath {
    /// The file, relative to the directory that is built.
    pub(crate) path: String,
    /// The file that configures a generator or transformer.
    pub(crate) configured_in: String,
    /// apiVersion, kind, name and namespace of the generator or transformer.
    pub(crate) configured_by: [String; 4],
}

impl OriginPath {
    /// The origin of `path` as seen from here.
    pub(crate) fn append(&self, path: &str) -> Self {
        OriginPath {
            path: join(&self.path, path),
            ..self.clone()
        }
    }

    /// The origin of objects of a built-in generator or transformer of this directory.
    pub(crate) fn builtin(&self, file_name: &str, kind: &str) -> Self {
        OriginPath {
            path: String::new(),
            configured_in: join(&self.path, file_name),
            configured_by: ["builtin".into(), kind.into(), String::new(), String::new()],
        }
    }

    /// The origin of objects of a plugin, from the plugin's own origin annotation.
    pub(crate) fn plugin(config: &Resource) -> Option<Self> {
        let annotation = config.annotation(ORIGIN)?;
        let path = annotation.lines().find_map(|line| line.strip_prefix("path: "));
        Some(OriginPath {
            path: String::new(),
            configured_in: path.unwrap_or_default().trim_matches('\'').to_owned(),
            configured_by: [
                config.api_version(),
                config.kind(),
                config.name(),
                config.namespace(),
            ]
            .map(str::to_owned),
        })
    }

    /// The text of the annotation.
    pub(crate) fn text(&self) -> String {
        self.lines().concat()
    }

    fn lines(&self) -> Vec<String> {
        let line = |(key, value): (&str, &String)| {
            (!value.is_empty()).then(|| format!("{key}: {}\n", scalar(value)))
        };
        let file = [("path", &self.path), ("configuredIn", &self.configured_in)];
        let mut lines: Vec<String> = file.into_iter().filter_map(line).collect();
        if self.configured_by.iter().any(|part| !part.is_empty()) {
            lines.push("configuredBy:\n".to_owned());
            let keys = ["  apiVersion", "  kind", "  name", "  namespace"].into_iter();
            lines.extend(keys.zip(&self.configured_by).filter_map(line));
        }
        if lines.is_empty() {
            lines.push("{}\n".to_owned());
        }
        lines
    }
}

/// Joins two paths and resolves `.` and `..`.
fn join(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

// A scalar with quotes if needed. Paths and ids seldom need them.
fn scalar(text: &str) -> String {
    let plain = resolve(text, Dialect::Yaml11) == Tag::Str
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with(|c: char| "-?:,[]{}#&*!|>'\"%@` ".contains(c))
        && !text.ends_with([':', ' ']);
    if plain {
        text.to_owned()
    } else if resolve(text, Dialect::Yaml11) == Tag::Str {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        format!("\"{text}\"")
    }
}

/// Adds an origin to an object without one.
pub(crate) fn add_origin(resource: &mut Resource, origin: &OriginPath) {
    if resource.annotation(ORIGIN).is_none() {
        set_annotation(resource, ORIGIN, origin.text());
    }
}

/// Sets or replaces the origin of an object.
pub(crate) fn set_origin(resource: &mut Resource, origin: &OriginPath) {
    add_annotation(resource, ORIGIN, origin.text());
}

/// Records a transformer on every object, whether it changed it or not. An object without origin was made by the
/// transformer.
pub(crate) fn add_transformation(map: &mut ResMap, origin: &OriginPath) {
    for resource in map.resources_mut() {
        if resource.annotation(ORIGIN).is_none() {
            set_annotation(resource, ORIGIN, origin.text());
            continue;
        }
        let mut text = match resource.annotation(TRANSFORMATIONS) {
            Some(known) if known.trim() != "[]" => known.to_owned(),
            _ => String::new(),
        };
        for (index, line) in origin.lines().iter().enumerate() {
            text.push_str(if index == 0 { "- " } else { "  " });
            text.push_str(line);
        }
        set_annotation(resource, TRANSFORMATIONS, text);
    }
}

fn set_annotation(resource: &mut Resource, key: &str, text: String) {
    if resource.has_syntax() {
        return resource.rewrite_annotations([(key.to_owned(), text)]);
    }
    add_annotation(resource, key, text);
}

fn add_annotation(resource: &mut Resource, key: &str, text: String) {
    if let Some(annotations) = resource.annotations_mut() {
        set_entry(annotations, key, Node::str(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_relative_to_the_built_directory() {
        let root = OriginPath::default();
        assert_eq!(
            root.append("../base").append("x.yaml").text(),
            "path: ../base/x.yaml\n"
        );
        assert_eq!(root.append("./a").append("../b").path, "b");
        assert_eq!(
            root.append("base")
                .builtin("kustomization.yaml", "ConfigMapGenerator")
                .text(),
            "configuredIn: base/kustomization.yaml\nconfiguredBy:\n  apiVersion: builtin\n  kind: ConfigMapGenerator\n"
        );
    }
}
