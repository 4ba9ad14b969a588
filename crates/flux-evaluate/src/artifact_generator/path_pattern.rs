//! Outputs with `pathPattern`: one set of outputs per folder that matches the pattern.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};
use regex::Regex;
use source_tree::{EntryKind, RepoPath, SourceTree};

use super::spec::{CopyOperation, Output, is_dns_subdomain};

/// More than any real generator has.
const MAX_OUTPUTS: usize = 100_000;

/// One copy of `outputs` per folder of `tree` that matches `pattern` (without the alias), in the order of the folders.
///
/// A capture `{name}` matches any characters within one folder name. Names of
/// artifacts get the captured text in lower case, paths get it as it is.
pub(super) fn expand(
    pattern: &str,
    tree: &dyn SourceTree,
    outputs: &[Output],
) -> Result<Vec<Output>, String> {
    let segments = parse(pattern)?;
    let mut expanded = Vec::new();
    let mut seen: HashMap<String, RepoPath> = HashMap::new();
    for (folder, captures) in folders(tree, &segments) {
        let lower: BTreeMap<String, String> = captures
            .iter()
            .map(|(name, value)| (name.clone(), value.to_lowercase()))
            .collect();
        if let Some((name, value)) = lower.iter().find(|(_, value)| !is_label_value(value)) {
            return Err(format!(
                "{value:?}, captured as {name}, is not a valid label value"
            ));
        }
        for output in outputs {
            let output = fill_output(output, &lower, &captures)
                .map_err(|message| format!("artifact {} for {folder}: {message}", output.name))?;
            if !is_dns_subdomain(&output.name) {
                return Err(format!(
                    "artifact name {:?} is not a valid Kubernetes object name",
                    output.name
                ));
            }
            if let Some(other) = seen.insert(output.name.clone(), folder.clone()) {
                return Err(format!(
                    "folders {other} and {folder} both make the artifact {:?}",
                    output.name
                ));
            }
            if expanded.len() == MAX_OUTPUTS {
                return Err(format!("more than {MAX_OUTPUTS} artifacts"));
            }
            expanded.push(output);
        }
    }
    Ok(expanded)
}

/// One matcher per folder name of the pattern.
fn parse(pattern: &str) -> Result<Vec<Regex>, String> {
    let mut names: Vec<&str> = Vec::new();
    let mut segments = Vec::new();
    for segment in pattern.split('/') {
        let mut expression = String::from("^");
        let mut rest = segment;
        while let Some(at) = rest.find(['{', '}']) {
            expression.push_str(&regex::escape(&rest[..at]));
            rest = &rest[at..];
            if rest.starts_with('}') {
                return Err("a closing brace without an opening one".into());
            }
            let (name, after) = capture(rest)?;
            if names.contains(&name) {
                return Err(format!("capture {name:?} is used twice"));
            }
            names.push(name);
            expression.push_str(&format!("(?P<{name}>[^/]+)"));
            rest = after;
        }
        expression.push_str(&regex::escape(rest));
        expression.push('$');
        segments.push(Regex::new(&expression).map_err(|_| "too many captures".to_owned())?);
    }
    Ok(segments)
}

/// The name in the braces at the start of `text`, and what follows.
fn capture(text: &str) -> Result<(&str, &str), String> {
    let inner = text.get(1..).unwrap_or_default();
    let (name, after) = inner
        .split_once('}')
        .ok_or("an opening brace without a closing one")?;
    let mut bytes = name.bytes();
    let starts = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if !starts || !bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(format!("{name:?} is not a name of a capture"));
    }
    // Captures become labels.
    if name.len() > 63 || name.starts_with('_') || name.ends_with('_') {
        return Err(format!("capture {name:?} is not a valid label key"));
    }
    Ok((name, after))
}

type Captures = BTreeMap<String, String>;

/// The folders at the depth of the pattern that match it.
fn folders(tree: &dyn SourceTree, segments: &[Regex]) -> Vec<(RepoPath, Captures)> {
    let mut found = vec![(RepoPath::root(), Captures::new())];
    for segment in segments {
        let mut next = Vec::new();
        for (folder, captures) in &found {
            for (name, kind) in tree.list_without_links(folder).unwrap_or_default() {
                let Some(matched) = segment.captures(&name).filter(|_| kind == EntryKind::Directory) else {
                    continue;
                };
                let own = segment.capture_names().flatten();
                let own =
                    own.filter_map(|name| Some((name.to_owned(), matched.name(name)?.as_str().to_owned())));
                next.push((
                    folder.join(&name),
                    captures.clone().into_iter().chain(own).collect(),
                ));
            }
        }
        found = next;
    }
    found
}

fn fill_output(output: &Output, lower: &Captures, raw: &Captures) -> Result<Output, String> {
    let copy = output.copy.iter().map(|operation| {
        Ok(CopyOperation {
            from: fill(&operation.from, raw)?,
            to: fill(&operation.to, raw)?,
            ..operation.clone()
        })
    });
    Ok(Output {
        name: fill(&output.name, lower)?,
        copy: copy.collect::<Result<_, String>>()?,
        captures: lower.clone(),
        ..output.clone()
    })
}

fn fill(template: &str, captures: &Captures) -> Result<String, String> {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('}') {
            return Err(format!("{template:?} has a closing brace without an opening one"));
        }
        let (name, after) = capture(rest).map_err(|message| format!("{template:?}: {message}"))?;
        let value = captures
            .get(name)
            .ok_or_else(|| format!("{template:?} uses {name:?}, which pathPattern does not capture"))?;
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>
fn is_label_value(value: &str) -> bool {
    let bytes = value.as_bytes();
    value.len() <= 63
        && bytes
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        && bytes.first().is_none_or(u8::is_ascii_alphanumeric)
        && bytes.last().is_none_or(u8::is_ascii_alphanumeric)
}
