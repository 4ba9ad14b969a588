//! Folders that are not in use: archives, backups, templates, examples, tests.

use source_tree::RepoPath;
use yaml_node::Node;

/// Words that tell of something put away, wherever they stand in a folder's name.
const PUT_AWAY: [&str; 15] = [
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

/// Names of folders that hold what is to be copied or tried, and not what a cluster runs.
const NOT_RUN: [&str; 17] = [
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

/// Folders at the top that show manifests to a reader.
const DOCUMENTATION: [&str; 2] = ["doc", "docs"];

/// Marks of templates that something else fills in before Flux sees them.
const TEMPLATE_MARKS: [&str; 6] = ["${BOOTSTRAP_", "{{", "{%", "#{", "#%", "<%"];

/// Names among those that a cluster's own folder may bear, where it runs what others only try.
const TRIED: [&str; 6] = ["e2e", "example", "examples", "sample", "samples", "tests"];

/// Names among those of what is shown to a reader, which may run all the same.
const SHOWN: [&str; 4] = ["example", "examples", "sample", "samples"];

/// Whether the name of any folder in a path tells that what lies there is not in use.
pub fn is_left_over(path: &RepoPath) -> bool {
    // `clusters/NAME/examples` is a part of that cluster.
    let is_of_cluster = |depth: usize| {
        path.parts()
            .take(depth.saturating_sub(1))
            .any(|name| name == "clusters")
    };
    has_left_over_name(path, &|depth, name| {
        is_one_of(name.as_bytes(), &TRIED) && is_of_cluster(depth)
    })
}

/// Whether a folder in a path is not in use, also where what lies there says that Flux reconciles it.
pub(super) fn is_put_away(path: &RepoPath) -> bool {
    has_left_over_name(path, &|_, name| is_one_of(name.as_bytes(), &SHOWN))
}

/// Whether the name of a folder tells that it is not in use, except those that `is_used` knows by their depth.
fn has_left_over_name(path: &RepoPath, is_used: &dyn Fn(usize, &str) -> bool) -> bool {
    // Deeper down it may be the name of an app.
    if path
        .parts()
        .next()
        .is_some_and(|name| DOCUMENTATION.contains(&name))
    {
        return true;
    }
    let mut names = path.parts().enumerate();
    names.any(|(depth, name)| is_left_over_name(name) && !is_used(depth, name))
}

fn is_left_over_name(name: &str) -> bool {
    let bare = name.trim_matches('_').as_bytes();
    let mut words = bare.split(|byte| matches!(byte, b'-' | b'_' | b'.'));
    name.starts_with('.') || is_one_of(bare, &NOT_RUN) || words.any(|word| is_one_of(word, &PUT_AWAY))
}

/// Whether a word is one of these, in small or in capital letters.
fn is_one_of(word: &[u8], words: &[&str]) -> bool {
    words
        .iter()
        .any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}

/// Whether something else has to fill in a text before Flux sees it.
pub(super) fn has_template_marks(text: &str) -> bool {
    TEMPLATE_MARKS.iter().any(|mark| text.contains(mark))
}

/// Whether the texts by which Flux finds things hold the marks of a template.
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
    fn names_tell_what_is_not_in_use() {
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
