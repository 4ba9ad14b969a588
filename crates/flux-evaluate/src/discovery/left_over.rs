//! Folders that are not in use: archives, backups, templates, examples, tests.

use source_tree::RepoPath;
use yaml_node::Node;

/// Words in names of folders that are no longer in use.
const LEFT_OVER: [&str; 15] = [
    "archive",
    "archived",
    "archives",
    "attic",
    "backup",
    "backups",
    "bak",
    "deprecated",
    "disabled",
    "graveyard",
    "obsolete",
    "old",
    "orig",
    "trash",
    "unused",
];

/// Names of folders with manifests to copy or to try, which no cluster runs.
const SAMPLES: [&str; 17] = [
    "boilerplate",
    "e2e",
    "example",
    "examples",
    "fixture",
    "fixtures",
    "sample",
    "samples",
    "scaffold",
    "skeleton",
    "template",
    "templates",
    "testdata",
    "tests",
    "tmp",
    "tmpl",
    "tmpls",
];

/// Names of folders with documentation, at the top of the repository.
const DOCUMENTATION: [&str; 2] = ["doc", "docs"];

/// Markers of templates that something else renders before Flux sees them.
const TEMPLATE_MARKS: [&str; 6] = ["${BOOTSTRAP_", "{{", "{%", "#{", "#%", "<%"];

/// Those of the names that folders in use may have inside of a cluster's folder.
const USED_IN_CLUSTERS: [&str; 6] = ["e2e", "example", "examples", "sample", "samples", "tests"];

/// Those of the names that folders in use may have if a Kustomization points at them.
const USED_IF_RECONCILED: [&str; 4] = ["example", "examples", "sample", "samples"];

/// Whether the name of any folder in a path says that its files are not in use.
pub fn is_left_over(path: &RepoPath) -> bool {
    // `clusters/NAME/examples` is a part of that cluster.
    let is_in_cluster = |depth: usize| {
        let mut around = path.parts().take(depth.saturating_sub(1));
        around.any(|name| name == "clusters")
    };
    has_left_over_name(path, &|depth, name| {
        is_one_of(name.as_bytes(), &USED_IN_CLUSTERS) && is_in_cluster(depth)
    })
}

/// Whether the name of any folder in a path says that its files are no longer in use.
pub(super) fn is_archived(path: &RepoPath) -> bool {
    path.parts().any(is_archive_name)
}

/// Whether a folder in a path is not in use even if one of its files says that Flux reconciles it.
pub(super) fn is_certainly_left_over(path: &RepoPath) -> bool {
    has_left_over_name(path, &|_, name| is_one_of(name.as_bytes(), &USED_IF_RECONCILED))
}

/// Whether the name of a folder says that it is not in use. `is_used` are exceptions, by depth and name.
fn has_left_over_name(path: &RepoPath, is_used: &dyn Fn(usize, &str) -> bool) -> bool {
    let top = path.parts().next();
    let mut names = path.parts().enumerate();
    // Deeper down `docs` may be the name of an app.
    top.is_some_and(|name| DOCUMENTATION.contains(&name))
        || names.any(|(depth, name)| is_left_over_name(name) && !is_used(depth, name))
}

fn is_left_over_name(name: &str) -> bool {
    let bare = name.trim_matches('_').as_bytes();
    const INITIALS: u32 = initials(&SAMPLES);
    name.starts_with('.') || may_be(bare, INITIALS) && is_one_of(bare, &SAMPLES) || is_archive_name(name)
}

fn is_archive_name(name: &str) -> bool {
    const INITIALS: u32 = initials(&LEFT_OVER);
    let mut words = name.as_bytes().split(|byte| matches!(byte, b'-' | b'_' | b'.'));
    words.any(|word| may_be(word, INITIALS) && is_one_of(word, &LEFT_OVER))
}

/// Whether a word is one of these, ignoring case.
fn is_one_of(word: &[u8], words: &[&str]) -> bool {
    words
        .iter()
        .any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}

/// The first letters of words in lower case, a bit for each.
const fn initials(words: &[&str]) -> u32 {
    let (mut bits, mut at) = (0, 0);
    while at < words.len() {
        bits |= 1 << (words[at].as_bytes()[0] - b'a');
        at += 1;
    }
    bits
}

/// Whether any of the words with these first letters may be this one. Most words begin otherwise.
fn may_be(word: &[u8], initials: u32) -> bool {
    let first = word.first().map(u8::to_ascii_lowercase);
    first.is_some_and(|first| first.is_ascii_lowercase() && initials & (1 << (first - b'a')) != 0)
}

/// Whether a text is a template that something else renders before Flux sees it.
pub(super) fn has_template_marks(text: &str) -> bool {
    TEMPLATE_MARKS.iter().any(|mark| text.contains(mark))
}

/// Whether a field that identifies or locates an object is a template.
pub(super) fn is_template(object: &Node) -> bool {
    let paths: [&[&str]; 6] = [
        &["metadata", "name"],
        &["metadata", "namespace"],
        &["spec", "path"],
        &["spec", "url"],
        &["spec", "sourceRef", "name"],
        &["spec", "ref", "branch"],
    ];
    paths
        .iter()
        .any(|path| object.text_at(path).is_some_and(has_template_marks))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mark_folders_that_are_not_in_use() {
        for path in [
            ".archive/clusters/a",
            "_archive/a",
            "archive/main/apps",
            "clusters/old",
            "k8s-old/apps",
            "kubernetes.orig/apps",
            "templates/ks",
            "tests/ats",
            ".taskfiles/x",
            "clusters/examples",
            "clusters/stg/templates",
            "docs/demo",
        ] {
            assert!(is_left_over(&RepoPath::new(path)), "{path}");
        }
        for path in [
            "clusters/test",
            "clusters/stg/examples",
            "gold/apps",
            "environments/tst/01",
            "templated-apps",
            "apps/docs",
            "",
        ] {
            assert!(!is_left_over(&RepoPath::new(path)), "{path}");
        }
    }
}
