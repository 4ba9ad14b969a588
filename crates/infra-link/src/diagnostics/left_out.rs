//! What comments leave out: paths in the place of `resources`, and whole Kustomizations.

use std::collections::BTreeMap;

use kustomize_build::Sources;
use source_tree::{Place, RepoPath};

use super::orphan::is_kustomization_file;

/// List items in comments that may be paths, such as `# - ../loki/ks.yaml`, with their lines.
pub(super) fn commented_items(text: &str) -> impl Iterator<Item = (u32, &str)> {
    (1_u32..).zip(text.lines()).filter_map(|(line, content)| {
        let comment = content.trim_start().strip_prefix('#')?.trim_start_matches('#');
        let item = comment.trim_start().strip_prefix("- ")?;
        let path = item.split_whitespace().next()?.trim_matches(['"', '\'']);
        let is_path = !path.is_empty() && !path.contains([':', '{', '$']);
        is_path.then_some((line, path))
    })
}

/// Adds the folders that Kustomizations in comments would build: `# path: ./loki/app` below `# kind: Kustomization`.
pub(super) fn commented_kustomizations(
    sources: &Sources,
    files: &[RepoPath],
    left_out: &mut BTreeMap<RepoPath, Place>,
) {
    for file in files.iter().filter(|file| !is_kustomization_file(file)) {
        let Ok(text) = sources.text_once(file) else {
            continue;
        };
        for (line, path) in commented_paths(&text) {
            left_out.entry(RepoPath::new(path)).or_insert(Place {
                file: file.clone(),
                line,
            });
        }
    }
}

/// `path` of Kustomizations in comments, with their lines.
fn commented_paths(text: &str) -> Vec<(u32, &str)> {
    if !text.contains('#') || !text.contains("path:") {
        return Vec::new();
    }
    let comments = (1_u32..).zip(text.lines()).filter_map(|(line, content)| {
        let comment = content.trim_start().strip_prefix('#')?.trim_start_matches('#');
        Some((line, comment.trim()))
    });
    let comments: Vec<(u32, &str)> = comments.collect();
    if !comments
        .iter()
        .any(|(_, comment)| *comment == "kind: Kustomization")
    {
        return Vec::new();
    }
    let paths = comments.into_iter().filter_map(|(line, comment)| {
        let path = comment.strip_prefix("path:")?.split_whitespace().next()?;
        let path = path
            .trim_matches(['"', '\''])
            .trim_start_matches("./")
            .trim_end_matches('/');
        let is_path = !path.is_empty() && path != "." && !path.contains([':', '{', '$']);
        is_path.then_some((line, path))
    });
    paths.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kustomization_in_a_comment_leaves_its_folder_out() {
        let document = "---\n# apiVersion: x\n# kind: Kustomization\n# spec:\n#   path: \"./apps/emqx/\" # later\n#   interval: 1m\n";
        assert_eq!(commented_paths(document), [(5, "apps/emqx")]);
        assert!(commented_paths("# path: ./apps\nkind: Kustomization\n").is_empty());
        assert!(commented_paths("# kind: Kustomization\n# path: ./\n").is_empty());
    }

    #[test]
    fn comments_name_what_is_left_out() {
        let text =
            "resources:\n  - a\n  # - ../b/ks.yaml # later\n  #- c\n  ## - \"d\"\n# - name: x\n# text - e\n";
        let found: Vec<_> = commented_items(text).collect();
        assert_eq!(found, [(3, "../b/ks.yaml"), (4, "c"), (5, "d")]);
    }
}
