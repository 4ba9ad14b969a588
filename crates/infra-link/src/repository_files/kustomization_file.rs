//! Paths in kustomization files and in their comments, read line by line.

use std::collections::BTreeSet;

use source_tree::{Place, RepoPath};

/// Fields that list files and folders of resources.
const LISTS: [&str; 3] = ["resources", "bases", "components"];

/// Other fields that name files.
const OTHERS: [&str; 15] = [
    "configMapGenerator",
    "configurations",
    "crds",
    "generators",
    "helmChartInflationGenerator",
    "helmCharts",
    "helmGlobals",
    "openapi",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "secretGenerator",
    "transformers",
    "validators",
];

/// Longest text that may be a path.
const LONGEST: usize = 512;

/// A kustomization file.
#[derive(Debug)]
pub(crate) struct KustomizationFile {
    pub(crate) path: RepoPath,
    /// Files and folders in `resources`, `bases` and `components`.
    pub(crate) lists: BTreeSet<RepoPath>,
    /// Texts in other fields that may be paths: patches, files of generators.
    pub(crate) others: BTreeSet<RepoPath>,
    /// List items in comments that may be paths.
    pub(crate) commented: Vec<CommentedItem>,
    /// The line of `resources`, else the first.
    pub(crate) resources_line: u32,
}

/// A list item in a comment.
#[derive(Debug)]
pub(crate) struct CommentedItem {
    pub(crate) line: u32,
    pub(crate) path: RepoPath,
    /// The comment behind it, or above.
    pub(crate) reason: Option<String>,
}

impl KustomizationFile {
    /// Reads the file at a path.
    pub(crate) fn read(path: RepoPath, text: &str) -> Self {
        let folder = path.parent().unwrap_or_default();
        let mut file = KustomizationFile {
            path,
            lists: BTreeSet::new(),
            others: BTreeSet::new(),
            commented: Vec::new(),
            resources_line: 1,
        };
        // In JSON fields are not at the left edge: every text counts.
        let is_json = text.trim_start().starts_with('{');
        let mut field = if is_json { LISTS[0] } else { "" };
        let mut above = Prose::default();
        for (number, line) in (1_u32..).zip(text.lines()) {
            if let Some((item, comment)) = commented_item(line) {
                let comment = Some(comment).filter(|comment| !comment.is_empty());
                let reason = comment.unwrap_or(&above.text);
                file.commented.push(CommentedItem {
                    line: number,
                    path: folder.join(item),
                    reason: (!reason.is_empty()).then(|| shown(reason)),
                });
                above.is_used = true;
                continue;
            }
            above.read(line);
            let mut content = without_comment(line);
            // A list may be at the left edge as well.
            if let Some((key, rest)) = content.split_once(':')
                && !is_json
                && !key.starts_with([' ', '\t', '-', '#'])
            {
                field = key;
                if field == "resources" {
                    file.resources_line = number;
                }
                content = rest;
            }
            let paths = match field {
                field if LISTS.contains(&field) => &mut file.lists,
                field if OTHERS.contains(&field) => &mut file.others,
                _ => continue,
            };
            let words = content.split([' ', '\t', '"', '\'', '[', ']', '{', '}', ',', '=']);
            let words = words.filter(|word| {
                !word.is_empty() && *word != "-" && word.len() < LONGEST && !word.contains(':')
            });
            paths.extend(words.map(|word| folder.join(word)));
        }
        file
    }

    /// All paths that it may name.
    pub(crate) fn named(&self) -> impl Iterator<Item = &RepoPath> {
        self.lists.iter().chain(&self.others)
    }

    /// The place of its list of resources.
    pub(crate) fn resources(&self) -> Place {
        Place {
            file: self.path.clone(),
            line: self.resources_line,
        }
    }
}

/// A list item in a comment that may be a path, such as `# - ../loki/ks.yaml`, and the comment behind it.
fn commented_item(line: &str) -> Option<(&str, &str)> {
    let comment = line.trim_start().strip_prefix('#')?.trim_start_matches('#');
    let item = comment.trim_start().strip_prefix("- ")?;
    let (path, rest) = item.split_once(char::is_whitespace).unwrap_or((item, ""));
    let path = path.trim_matches(['"', '\'']);
    let comment = rest.trim_start().strip_prefix('#').unwrap_or_default().trim();
    (!path.is_empty() && path.len() < LONGEST && !path.contains([':', '{', '$'])).then_some((path, comment))
}

/// The prose of the comment before a line.
#[derive(Default)]
struct Prose {
    text: String,
    /// Whether an item followed it: later prose is about other items.
    is_used: bool,
}

impl Prose {
    /// Reads a line that is no item in a comment. YAML in a comment is no prose.
    fn read(&mut self, line: &str) {
        let comment = line.trim_start().strip_prefix('#');
        let comment = comment.map(|comment| comment.trim_start_matches('#').trim());
        let prose = comment.filter(|comment| comment.contains(' ') && !comment.ends_with(':'));
        if prose.is_none() || self.is_used {
            *self = Prose::default();
        }
        let Some(prose) = prose.filter(|_| self.text.len() < LONGEST) else {
            return;
        };
        if !self.text.is_empty() {
            self.text.push(' ');
        }
        self.text.push_str(prose);
    }
}

/// A comment without credentials, short enough for a line: only the end of a long one, which is nearest to its item.
pub(super) fn shown(comment: &str) -> String {
    const LONGEST: usize = 200;
    let text = redaction::free_text(comment);
    let text = redaction::without_random_words(&text);
    match text.char_indices().rev().nth(LONGEST) {
        Some((start, _)) => format!("…{}", text.get(start..).unwrap_or_default()),
        None => text.into_owned(),
    }
}

fn without_comment(line: &str) -> &str {
    if !line.contains('#') {
        return line;
    }
    match line.find(" #") {
        _ if line.starts_with('#') => "",
        Some(at) => line.get(..at).unwrap_or_default(),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn lists_other_fields_and_comments_are_separate() {
        let text = "\
kind: Kustomization
namespace: web
resources:
- a.yaml # the first
  # - ../b/ks.yaml # later
- \"c\"
#- d
## - 'e'
# - name: x
components: [../f, g]
patches:
  - path: h.yaml
configMapGenerator:
- files: [values.yaml=i.yaml]
";
        let file = KustomizationFile::read(RepoPath::new("apps/web/kustomization.yaml"), text);
        let texts = |paths: &BTreeSet<RepoPath>| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            texts(&file.lists),
            ["apps/f", "apps/web/a.yaml", "apps/web/c", "apps/web/g"]
        );
        for other in ["apps/web/h.yaml", "apps/web/i.yaml"] {
            assert!(file.others.contains(&RepoPath::new(other)), "{other}");
        }
        let commented: Vec<_> = file
            .commented
            .iter()
            .map(|item| (item.line, item.path.to_string(), item.reason.as_deref()))
            .collect();
        assert_eq!(
            commented,
            [
                (5, "apps/b/ks.yaml".to_owned(), Some("later")),
                (7, "apps/web/d".to_owned(), None),
                (8, "apps/web/e".to_owned(), None)
            ]
        );
        assert_eq!(file.resources_line, 3);
    }

    #[test]
    fn the_comment_around_an_item_may_say_why() {
        let text = "\
resources:
# The volume is corrupted,
# to be restored.
#- a
#- b # by hand
#- c
# Of another kind.
#- d
- e
#
# components:
#- f
# password: hunter2-and-more is lost
#- g
";
        let file = KustomizationFile::read(RepoPath::new("kustomization.yaml"), text);
        let reasons: Vec<_> = file.commented.iter().map(|item| item.reason.as_deref()).collect();
        let volume = Some("The volume is corrupted, to be restored.");
        let expected = [
            volume,
            Some("by hand"),
            volume,
            Some("Of another kind."),
            None,
            Some(redaction::REDACTED),
        ];
        assert_eq!(reasons, expected);
    }
}
