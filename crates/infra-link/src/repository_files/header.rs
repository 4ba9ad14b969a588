//! Headers of the objects in a manifest, read line by line: type, namespace and name.

use infra_model::ObjectRef;
use smol_str::SmolStr;
use source_tree::{FileId, Limits, Place, RepoPath};

use super::kustomization_file;

/// Groups of files in the form of objects that other programs than Kubernetes read.
const OTHER_PROGRAMS: [&str; 7] = [
    "backstage.io",
    "config.kubernetes.io",
    "eksctl.io",
    "k3d.io",
    "kind.x-k8s.io",
    "kustomize.config.k8s.io",
    "skaffold",
];

/// Beginnings of template expressions in names.
const TEMPLATE_MARKS: [&str; 6] = ["{{", "${", "<<", "[[", "{%", "#{"];

/// Largest document, in bytes, that is parsed if its lines are not enough.
const LARGEST_PARSED: usize = 64 << 10;

/// Most objects of one file.
const MOST: usize = 10_000;

/// Type and name of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) api_version: String,
    /// Kind, namespace as stated, name.
    pub(crate) id: ObjectRef,
    /// The line on which it begins.
    pub(crate) line: u32,
    /// `spec.path`.
    pub(crate) path: Option<String>,
    /// The text before an object in a comment.
    pub(crate) comment: Option<String>,
}

impl Header {
    /// Its place in a file.
    pub(crate) fn place(&self, file: &RepoPath) -> Place {
        Place {
            file: file.clone(),
            line: self.line,
        }
    }

    /// The group of its API.
    pub(crate) fn group(&self) -> &str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// The folder that a Flux Kustomization builds.
    pub(crate) fn flux_path(&self) -> Option<RepoPath> {
        let is_kustomization = self.id.kind == "Kustomization" && self.group() == crate::inventory::KUSTOMIZE;
        let path = self.path.as_deref().filter(|_| is_kustomization)?;
        let path = RepoPath::new(path.trim_start_matches("./"));
        (!path.is_root() && !path.as_str().contains(['$', '{'])).then_some(path)
    }

    fn is_object(&self) -> bool {
        let ObjectRef { kind, name, .. } = &self.id;
        let group = self.group();
        !self.api_version.is_empty()
            && !kind.is_empty()
            && !name.is_empty()
            && !OTHER_PROGRAMS.contains(&group)
            && !TEMPLATE_MARKS
                .iter()
                .any(|mark| kind.contains(mark) || name.contains(mark))
    }
}

/// The objects of a manifest.
pub(crate) fn headers(text: &str) -> Vec<Header> {
    if !text.contains("kind") || !text.contains("apiVersion") {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut document = Document::default();
    let mut start = 0;
    let mut number = 0;
    for line in text.split_inclusive('\n') {
        number += 1;
        let content = line.trim_end();
        if content == "---" || content.starts_with("--- ") {
            document.finish(text, start, &mut found);
            document = Document::default();
        } else {
            document.line(number, start, content);
        }
        start += line.len();
        if found.len() >= MOST {
            return found;
        }
    }
    document.finish(text, start, &mut found);
    found
}

/// The objects of a template of manifests, with their lines. One whose namespace is an expression has none.
pub fn template_objects(text: &str) -> Vec<(ObjectRef, u32)> {
    let objects = headers(text).into_iter().map(|header| {
        let mut object = header.id;
        if TEMPLATE_MARKS.iter().any(|mark| object.namespace.contains(mark)) {
            object.namespace = SmolStr::default();
        }
        let line = type_line(text, header.line, &object.name);
        (object, line)
    });
    objects.collect()
}

/// The line that begins the type of an object, which may follow text in another language in the same document.
fn type_line(text: &str, first: u32, name: &str) -> u32 {
    let lines = (1_u32..).zip(text.lines()).skip(first.saturating_sub(1) as usize);
    let (mut api_version, mut kind) = (None, None);
    for (number, line) in lines {
        match line {
            _ if line.starts_with("apiVersion:") => api_version = Some(number),
            _ if line.starts_with("kind:") => kind = Some(number),
            _ if line.contains(name) && api_version.is_some() && kind.is_some() => break,
            _ => {}
        }
    }
    api_version.min(kind).unwrap_or(first)
}

/// The objects in the comments of a manifest.
pub(crate) fn commented(text: &str) -> Vec<Header> {
    let may_be = |line: &str| {
        let content = line.strip_prefix('#').unwrap_or_default().trim_start();
        content.starts_with("kind:")
    };
    // Few files have any.
    let mut comments = text.match_indices('#').filter_map(|(at, _)| text.get(at + 1..));
    let states_kind = |comment: &str| comment.strip_prefix(' ').unwrap_or(comment).starts_with("kind:");
    if !comments.any(states_kind) || !text.lines().any(may_be) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut block: Vec<&str> = Vec::new();
    let mut first = 1;
    for (number, line) in (1_u32..).zip(text.lines().chain(["end"])) {
        match line.strip_prefix('#') {
            Some(comment) => {
                if block.is_empty() {
                    first = number;
                }
                block.push(comment);
            }
            None => {
                found.extend(uncommented(&block, first));
                block.clear();
            }
        }
        if found.len() >= MOST {
            break;
        }
    }
    found
}

fn uncommented(block: &[&str], first: u32) -> Vec<Header> {
    if !block.iter().any(|line| line.trim_start().starts_with("kind:")) {
        return Vec::new();
    }
    let mut lines = block.iter();
    let is_spaced = lines.all(|line| line.trim().is_empty() || line.starts_with(' '));
    let lines = block.iter().map(|line| match is_spaced {
        true => line.strip_prefix(' ').unwrap_or(line),
        false => line,
    });
    let lines: Vec<&str> = lines.chain([""]).collect();
    let mut headers = headers(&lines.join("\n"));
    for header in &mut headers {
        header.line += first - 1;
    }
    if let Some(header) = headers.first_mut() {
        header.comment = prose(block);
    }
    headers
}

/// The text before the object in a comment.
fn prose(block: &[&str]) -> Option<String> {
    const STARTS: [&str; 3] = ["---", "apiVersion:", "kind:"];
    let lines = block.iter().map(|line| line.trim_start_matches('#').trim());
    let before = lines.take_while(|line| !STARTS.iter().any(|start| line.starts_with(start)));
    let lines: Vec<&str> = before.filter(|line| line.contains(' ')).collect();
    (!lines.is_empty()).then(|| kustomization_file::shown(&lines.join(" ")))
}

/// Reader of one document.
#[derive(Default)]
struct Document {
    header: Header,
    /// Offset and line of the first line.
    start: Option<(usize, u32)>,
    /// The field at the left edge, and the indentation of its own fields.
    field: Field,
    depth: Option<usize>,
    /// Whether a value of the header is more than one plain or quoted word.
    is_complex: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Field {
    #[default]
    Other,
    Metadata,
    Spec,
}

impl Document {
    fn line(&mut self, number: u32, offset: usize, line: &str) {
        let content = line.trim_start();
        let is_directive = ["{%", "{{", "<%"].iter().any(|mark| content.starts_with(mark));
        if content.is_empty() || content.starts_with('#') || is_directive {
            return;
        }
        if self.start.is_none() {
            self.start = Some((offset, number));
            self.header.line = number;
        }
        let indent = line.len() - content.len();
        if indent == 0 {
            self.field = Field::Other;
            self.depth = None;
            if content.starts_with('{') {
                self.is_complex = true;
                return;
            }
            let Some((key, value)) = content.split_once(':') else {
                return;
            };
            match key.trim_matches(['"', '\'']) {
                "apiVersion" => self.header.api_version = self.word(value),
                "kind" => self.header.id.kind = self.word(value).into(),
                "metadata" => {
                    self.field = Field::Metadata;
                    self.is_complex |= !is_block(value);
                }
                "spec" => self.field = Field::Spec,
                _ => {}
            }
            return;
        }
        if self.field == Field::Other || *self.depth.get_or_insert(indent) != indent {
            return;
        }
        let Some((key, value)) = content.split_once(':') else {
            return;
        };
        match (self.field, key.trim_matches(['"', '\''])) {
            (Field::Metadata, "name") => self.header.id.name = self.word(value).into(),
            (Field::Metadata, "namespace") => self.header.id.namespace = self.word(value).into(),
            (Field::Spec, "path") => self.header.path = Some(self.word(value)),
            _ => {}
        }
    }

    /// A value of one word.
    fn word(&mut self, value: &str) -> String {
        let mut value = value.trim();
        if let Some(rest) = value.strip_prefix('&') {
            value = rest.split_once(' ').map_or("", |(_, value)| value.trim());
        }
        if let Some(quote) = value.chars().next().filter(|first| ['"', '\''].contains(first)) {
            let inner = value.get(1..).unwrap_or_default();
            return inner.split(quote).next().unwrap_or_default().to_owned();
        }
        self.is_complex |= value.starts_with(['*', '|', '>', '!', '[', '{']);
        value.split(" #").next().unwrap_or_default().trim().to_owned()
    }

    fn finish(mut self, text: &str, end: usize, found: &mut Vec<Header>) {
        let Some((start, line)) = self.start else { return };
        let text = text.get(start..end).unwrap_or_default();
        if self.is_complex && text.len() <= LARGEST_PARSED {
            self.parse(text, line);
        }
        if self.header.is_object() {
            found.push(self.header);
        }
    }

    fn parse(&mut self, text: &str, line: u32) {
        let documents = yaml_node::read_documents(text, FileId::NONE, &Limits::default());
        let Some(document) = documents.ok().and_then(|documents| documents.into_iter().next()) else {
            return;
        };
        let text = |path: &[&str]| document.text_at(path).unwrap_or_default().to_owned();
        self.header = Header {
            api_version: text(&["apiVersion"]),
            id: ObjectRef::new(
                text(&["kind"]),
                text(&["metadata", "namespace"]),
                text(&["metadata", "name"]),
            ),
            line,
            path: document.text_at(&["spec", "path"]).map(str::to_owned),
            comment: None,
        };
    }
}

/// Whether a field's value begins on the next line.
fn is_block(value: &str) -> bool {
    let value = value.trim();
    value.is_empty() || value.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn texts(headers: &[Header]) -> Vec<String> {
        let text = |header: &Header| format!("{} {}", header.line, header.id);
        headers.iter().map(text).collect()
    }

    #[test]
    fn objects_are_known_by_their_lines() {
        let text = "\
# a comment
apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    name: other
  name: &app web # the name
  namespace: 'shop'
spec:
  template:
    metadata:
      name: inner
---
kind: Service
apiVersion: v1
metadata: {name: web, namespace: shop}
---
{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"web\"}}
---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Component
metadata:
  name: not-an-object
---
apiVersion: v1
kind: Secret
metadata:
  name: \"{{ .Release.Name }}\"
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: apps
spec:
  path: ./apps
";
        let found = headers(text);
        assert_eq!(
            texts(&found),
            [
                "2 Deployment/shop/web",
                "14 Service/shop/web",
                "18 ConfigMap/web",
                "30 Kustomization/apps"
            ]
        );
        assert_eq!(found[3].flux_path(), Some(RepoPath::new("apps")));
    }

    #[test]
    fn templates_state_objects_between_their_directives() {
        let text = "\
{% if tunnel %}
---
{{- with .Tunnel }}
apiVersion: v1
kind: Secret
metadata:
  name: tunnel
  {% if place %}
  namespace: {{ place }}
  {% endif %}
stringData:
  {{ range .Keys }}
  key: {{ . }}
  {{ end }}
---
apiVersion: v1
kind: Secret
metadata:
  name: {{ name }}
  namespace: shop
{% endif %}
---
cluster: {
  content = <<-EOT
apiVersion: v1
kind: ConfigMap
metadata:
  name: roots
  namespace: shop
EOT
}
";
        let objects = [
            (ObjectRef::new("Secret", "", "tunnel"), 4),
            (ObjectRef::new("ConfigMap", "shop", "roots"), 25),
        ];
        assert_eq!(template_objects(text), objects);
    }

    #[test]
    fn objects_in_comments_are_known_by_their_lines() {
        let text = "\
apiVersion: v1
kind: Service
metadata:
  name: live
# apiVersion: apps/v1
# kind: Deployment
# metadata:
#   name: web
#   namespace: shop

#---
#apiVersion: v1
#kind: ConfigMap
#metadata:
#  name: plain
# kind: of prose that says nothing
";
        assert_eq!(
            texts(&commented(text)),
            ["5 Deployment/shop/web", "12 ConfigMap/plain"]
        );
    }
}
