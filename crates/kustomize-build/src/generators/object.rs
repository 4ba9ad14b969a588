//! The object of pairs that both generators make.

use smol_str::SmolStr;
use source_tree::FileId;
use yaml_node::{Mapping, Node, Value};

use super::pair::Pair;
use super::{env_file, files, literals, options};
use crate::BuildError;
use crate::error::Context;
use crate::kustomization::{GeneratorArgs, GeneratorOptions, Text};
use crate::load::Loader;
use crate::node_edit::{set_entry, untyped};
use crate::resource::{Behavior, Origin, OriginKind, Resource};

/// The pairs of all sources in the order envs, literals, files, sorted by key.
pub(super) fn pairs(args: &GeneratorArgs, loader: &Loader<'_>) -> Result<Vec<Pair>, BuildError> {
    let list = |texts: &[Text]| {
        // With more than one `=`, it may be a literal in the wrong list, and so a secret.
        let is_hidden = |text: &str| text.matches('=').count() > 1;
        let shown = |text: &Text| {
            if is_hidden(text) {
                "…".into()
            } else {
                text.value.clone()
            }
        };
        let texts: Vec<SmolStr> = texts.iter().map(shown).collect();
        format!("[{}]", texts.join(" "))
    };
    let all = || {
        let mut pairs = env_file::pairs(&args.envs, loader)
            .context(|| format!("env source files: {}", list(&args.envs)))?;
        pairs.extend(literals::pairs(&args.literals).context(|| "literal sources".into())?);
        let files = files::pairs(&args.files, loader);
        pairs.extend(files.context(|| format!("file sources: {}", list(&args.files)))?);
        Ok::<_, BuildError>(pairs)
    };
    let mut pairs = all().context(|| "loading KV pairs".into()).at(args.mark)?;
    pairs.sort_by(|a, b| a.key.cmp(&b.key));
    if let Some(twice) = pairs.windows(2).find(|pair| pair[0].key == pair[1].key) {
        return Err(BuildError::generator(format!(
            "configmap {} illegally repeats the key `{}`",
            &*args.name, twice[1].key
        ))
        .at(args.mark));
    }
    Ok(pairs)
}

/// An object with only a name and namespace.
pub(super) fn base(
    kind: &'static str,
    args: &GeneratorArgs,
    loader: &Loader<'_>,
) -> Result<Node, BuildError> {
    if args.name.is_empty() {
        return Err(BuildError::generator("a configmap must have a name").at(args.mark));
    }
    if loader.sources().syntax().is_enabled() {
        return Ok(base_of_text(kind, args, loader));
    }
    let metadata = metadata(args, |text| untyped(text.value.clone(), text.mark)).with_mark(args.mark);
    let node = Node::mapping([
        ("apiVersion", Node::str("v1").with_mark(args.mark)),
        ("kind", Node::str(kind).with_mark(args.mark)),
        ("metadata", metadata),
    ]);
    Ok(node.with_mark(args.mark))
}

/// As [`base`], parsed from text as kustomize does, so with go-yaml's syntax details.
fn base_of_text(kind: &str, args: &GeneratorArgs, loader: &Loader<'_>) -> Node {
    let text = format!("\napiVersion: v1\nkind: {kind}\n");
    let sources = loader.sources();
    let read = sources.syntax().read(&text, FileId::NONE, sources.limits());
    let mut node = read.unwrap_or_default().pop().unwrap_or_else(Node::empty_mapping);
    if let Some(object) = node.as_mapping_mut() {
        let metadata = metadata(args, |text| Node::str(text.value.clone()));
        object.insert("metadata", metadata);
    }
    node
}

fn metadata(args: &GeneratorArgs, value: impl Fn(&Text) -> Node) -> Node {
    let mut metadata = Mapping::default();
    for (field, text) in [("name", &args.name), ("namespace", &args.namespace)] {
        if !text.is_empty() {
            set_entry(&mut metadata, field, value(text));
        }
    }
    Node::new(Value::Mapping(metadata))
}

/// Makes the object a resource: applies the options and notes the behaviour and whether the name gets a hash.
pub(super) fn finish(mut node: Node, args: &GeneratorArgs, kind: OriginKind) -> Resource {
    let none = GeneratorOptions::default();
    let options = args.options.as_ref().unwrap_or(&none);
    options::apply(&mut node, options, args.mark);
    let mut resource = Resource::new(node);
    resource.origin = Origin {
        mark: args.mark,
        kind,
    };
    resource.needs_hash_suffix = !options.disable_name_suffix_hash;
    resource.behavior = Behavior::from_text(&args.behavior);
    resource.expose_generator();
    resource
}

/// Sets `field.key` in an object.
pub(super) fn set_data(node: &mut Node, field: &str, key: &str, value: Node) {
    if let Some(object) = node.as_mapping_mut() {
        let mark = value.mark;
        let data = object.get_or_insert_with(field, || Node::empty_mapping().with_mark(mark));
        if let Some(data) = data.as_mapping_mut() {
            set_entry(data, key, value);
        }
    }
}

/// Base64, split into lines of 70 characters with a newline each if it is that long.
pub(super) fn base64_lines(bytes: &[u8]) -> String {
    use base64::Engine;
    const WIDTH: usize = 70;
    let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
    if encoded.len() < WIDTH {
        return encoded;
    }
    let mut lines = String::with_capacity(encoded.len() + encoded.len() / WIDTH + 1);
    let mut rest = encoded.as_str();
    while let Some((line, after)) = rest.split_at_checked(WIDTH) {
        lines.push_str(line);
        lines.push('\n');
        rest = after;
    }
    if !rest.is_empty() {
        lines.push_str(rest);
        lines.push('\n');
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_base64_is_cut_into_lines() {
        assert_eq!(base64_lines(b"abc"), "YWJj");
        let long = base64_lines(&[0; 60]);
        assert_eq!(long.lines().map(str::len).collect::<Vec<_>>(), [70, 10]);
        assert!(long.ends_with('\n'));
        // Exactly one full line still ends in a newline.
        assert_eq!(base64_lines(&[0; 51]).len(), 68);
    }
}
