//! Comments of people about a line of a manifest: on the line, or directly above it.

use std::collections::BTreeMap;
use std::rc::Rc;

use infra_model::fields::Fields;
use infra_model::secrets::Protection;
use infra_model::{Infrastructure, Place, RepoPath};
use kustomize_build::Sources;
use redaction::REDACTED;

use crate::cut_text::cut;

/// Longer ones are cut, in characters.
const LONGEST: usize = 200;

/// Adds the comments of fields of objects, of values, and of Secrets that SOPS encrypts, whose contents people describe there.
pub(crate) fn add(sources: &Sources, model: &mut Infrastructure) {
    let objects = model.objects.values_mut();
    let objects = objects.map(|object| (object.source.as_ref(), &mut object.fields));
    let releases = model.helm_releases.values_mut();
    let releases = releases.map(|release| (release.source.as_ref(), &mut release.values));
    // Few files have both.
    rayon::join(
        || add_to_fields(objects, Files::new(sources)),
        || add_to_fields(releases, Files::new(sources)),
    );
    let mut files = Files::new(sources);
    for secret in model.secrets.secrets.values_mut() {
        if let (Protection::Sops, Some(place)) = (secret.protection, &secret.source) {
            secret.comment = files.comment(place);
        }
    }
}

fn add_to_fields<'m>(
    entries: impl Iterator<Item = (Option<&'m Place>, &'m mut Fields)>,
    mut files: Files<'_>,
) {
    for (source, fields) in entries {
        for field in fields.values_mut() {
            // The comment of a credential may contain it.
            if field.value == REDACTED {
                continue;
            }
            if let Some(place) = field.place(source) {
                field.comment = files.comment(&place);
            }
        }
    }
}

/// The comments of a file, by line.
type Comments = BTreeMap<u32, String>;

/// The comments of files.
struct Files<'s> {
    sources: &'s Sources,
    known: BTreeMap<RepoPath, Rc<Comments>>,
    /// The last file: the fields of an object are mostly in one.
    last: Option<(RepoPath, Rc<Comments>)>,
}

impl<'s> Files<'s> {
    fn new(sources: &'s Sources) -> Self {
        Files {
            sources,
            known: BTreeMap::new(),
            last: None,
        }
    }

    fn comment(&mut self, place: &Place) -> Option<String> {
        if self.last.as_ref().is_none_or(|(file, _)| *file != place.file) {
            let of_file = self.known.entry(place.file.clone()).or_insert_with(|| {
                let text = self.sources.text_once(&place.file).unwrap_or_default();
                Rc::new(comments(&text))
            });
            self.last = Some((place.file.clone(), Rc::clone(of_file)));
        }
        let (_, comments) = self.last.as_ref()?;
        comments.get(&place.line).cloned()
    }
}

/// The comment of each line that has one: on the line, else directly above it with its indentation.
fn comments(text: &str) -> Comments {
    let mut found = Comments::new();
    let mut lines = Lines {
        rest: text,
        number: 1,
    };
    let mut above: Vec<&str> = Vec::new();
    let mut column = 0;
    loop {
        if above.is_empty() && !lines.skip_to_sign() {
            break;
        }
        let Some((number, line)) = lines.next() else { break };
        let start = line.trim_start();
        let own_column = line.len() - start.len();
        if let Some(comment) = start.strip_prefix('#') {
            if own_column != column {
                above.clear();
            }
            column = own_column;
            above.push(comment.trim_matches('#').trim());
            continue;
        }
        // A comment above the marker of a document is about the first line below.
        if start.trim_end() == "---" {
            continue;
        }
        let own = comment_of(line).and_then(|comment| shown(&[comment]));
        let comment = own.or_else(|| shown(&above).filter(|_| own_column == column));
        if let Some(comment) = comment.filter(|_| !start.is_empty()) {
            found.insert(number, comment);
        }
        above.clear();
    }
    found
}

/// The lines of a text with their numbers.
struct Lines<'t> {
    rest: &'t str,
    /// The number of the next line.
    number: u32,
}

impl<'t> Lines<'t> {
    /// Skips the lines before the next `#`; `false` if there is none. Most lines have none.
    fn skip_to_sign(&mut self) -> bool {
        let Some(sign) = self.rest.find('#') else {
            return false;
        };
        let before = self.rest.get(..sign).unwrap_or_default();
        if let Some(end) = before.rfind('\n') {
            let ends = before.bytes().filter(|byte| *byte == b'\n').count();
            self.number = self
                .number
                .saturating_add(u32::try_from(ends).unwrap_or(u32::MAX));
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
        }
        true
    }

    fn next(&mut self) -> Option<(u32, &'t str)> {
        let next = (self.number, self.rest.lines().next()?);
        self.number = self.number.saturating_add(1);
        self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        Some(next)
    }
}

/// The comment after a value. A `#` in quotes begins no comment.
fn comment_of(line: &str) -> Option<&str> {
    let (before, comment) = line.rsplit_once(" #")?;
    let is_whole = |quote: char| before.matches(quote).count() % 2 == 0 && !comment.contains(quote);
    (is_whole('"') && is_whole('\'')).then(|| comment.trim())
}

/// The text of a comment; `None` if it is YAML, for tools, or may be a credential.
fn shown(lines: &[&str]) -> Option<String> {
    let prose = lines.iter().copied().filter(|line| !line.is_empty());
    let prose: Vec<&str> = prose.collect();
    if prose.is_empty() || prose.iter().any(|line| is_for_tools(line) || is_yaml(line)) {
        return None;
    }
    let text = prose.join(" ");
    let is_prose = text.contains(' ');
    let is_plain = redaction::free_text(&text) == text && redaction::without_random_words(&text) == text;
    if !is_prose || !is_plain || text.contains("ENC[") {
        return None;
    }
    Some(cut(text.into(), LONGEST))
}

/// Whether a line of a comment is a field or item that somebody commented out.
fn is_yaml(line: &str) -> bool {
    let is_item = line.starts_with("- ") || line.ends_with(':') || line.contains(['{', '}']);
    // `replicas: 3` and `NODE_PORT: set in a secret` are fields, `Note: it takes long` is not.
    let is_field = line.split_once(": ").is_some_and(|(key, value)| {
        let is_label = key.starts_with(|c: char| c.is_ascii_uppercase()) && !key.contains(['_', '.']);
        let is_word = !key.is_empty() && !key.contains(' ');
        is_word && !(is_label && value.split_whitespace().count() > 1)
    });
    is_item || is_field
}

/// Whether a comment is for a tool.
fn is_for_tools(line: &str) -> bool {
    const STARTS: &[&str] = &[
        "yaml-language-server",
        "yamllint",
        "renovate:",
        "kics",
        "checkov",
        "trivy",
        "nosemgrep",
        "noqa",
        "prettier-ignore",
        "pragma",
        "tfsec",
        "Source:",
        "@",
        "$",
        "!",
        "--",
        "==",
    ];
    STARTS.iter().any(|start| line.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::comments;

    #[test]
    fn words_behind_or_above_a_line_are_about_it() {
        let text = "# the head of the file\n# in two lines\nkind: A\n---\n# of the second\nkind: B # short one\na:\n  # deeper than the next\nb: 1\n\
                    c: 'x # no comment of it'\n# replicas: 3\nd: 4\n# renovate: depName=web\ne: 5\n# pass word: hunter2 hunter3\n\n# password: hunter2\nf: 6\n";
        let found: Vec<(u32, String)> = comments(text).into_iter().collect();
        let expected = [(3, "the head of the file in two lines"), (6, "short one")];
        let expected = expected.map(|(line, text)| (line, text.to_owned()));
        assert_eq!(found, expected);
    }
}
