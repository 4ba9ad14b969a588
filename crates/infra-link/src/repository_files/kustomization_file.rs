//! What a kustomization file names, and what its comments name, line by line.

use std::collections::BTreeSet;

use source_tree::{Place, RepoPath};

/// Fields that list what a build takes as a whole.
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

/// Longest text that is taken for a path.
const LONGEST: usize = 512;

/// A kustomization file.
#[derive(Debug)]
pub(crate) struct KustomizationFile {
    pub(crate) path: RepoPath,
    /// Files and folders in `resources`, `bases` and `components`.
    pub(crate) lists: BTreeSet<RepoPath>,
    /// Texts in other fields that may be paths: patches, files of generators.
    pub(crate) others: BTreeSet<RepoPath>,
    /// List items in comments that may be paths, with their lines.
    pub(crate) commented: Vec<(u32, RepoPath)>,
    /// The line of `resources`, else the first.
    pub(crate) resources_line: u32,
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
        // Of JSON, whose fields are not at the left edge, every text counts.
        let is_json = text.trim_start().starts_with('{');
        let mut field = if is_json { LISTS[0] } else { "" };
        for (number, line) in (1_u32..).zip(text.lines()) {
            if let Some(item) = commented_item(line) {
                file.commented.push((number, folder.join(item)));
                continue;
            }
            let mut content = without_comment(line);
            // A list may stand at the left edge as well.
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

    /// Everything that it may name.
    pub(crate) fn named(&self) -> impl Iterator<Item = &RepoPath> {
        self.lists.iter().chain(&self.others)
    }

    /// Where its list of resources is.
    pub(crate) fn resources(&self) -> Place {
        Place {
            file: self.path.clone(),
            line: self.resources_line,
        }
    }
}

/// A list item in a comment that may be a path, such as `# - ../loki/ks.yaml`.
fn commented_item(line: &str) -> Option<&str> {
    let comment = line.trim_start().strip_prefix('#')?.trim_start_matches('#');
    let item = comment.trim_start().strip_prefix("- ")?;
    let path = item.split_whitespace().next()?.trim_matches(['"', '\'']);
    (!path.is_empty() && path.len() < LONGEST && !path.contains([':', '{', '$'])).then_some(path)
}

fn without_comment(line: &str) -> &str {
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
    fn lists_and_other_fields_and_comments_are_told_apart() {
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
            .map(|(line, path)| (*line, path.to_string()))
            .collect();
        assert_eq!(
            commented,
            [
                (5, "apps/b/ks.yaml".to_owned()),
                (7, "apps/web/d".to_owned()),
                (8, "apps/web/e".to_owned())
            ]
        );
        assert_eq!(file.resources_line, 3);
    }
}
