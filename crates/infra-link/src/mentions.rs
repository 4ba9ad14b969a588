//! Lines of the files of a repository, applied or not, that mention a text: comments and the configuration of other tools, which
//! no catalog has.

use std::cell::LazyCell;

use flux_evaluate::Evaluation;
use infra_model::Place;
use source_tree::{EntryKind, RepoPath};

use crate::config_text::without_credentials;
use crate::cut_text::cut;
use crate::repository_files::each_entry;
use crate::secret_values::SecretValues;

/// Largest file of which a line is shown, in bytes.
const LARGEST: usize = 256 << 10;
/// Most files that are read.
const MOST_FILES: usize = 20_000;
/// Longest line that is shown, in characters.
const LONGEST: usize = 160;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// The line.
    pub place: Place,
    /// Its text without credentials; `None` for a file that is found by its name.
    pub text: Option<String>,
}

/// The lines of manifests and of other tools' configuration that are accepted, the first of each file; `most` of them.
pub fn mentions(evaluation: &Evaluation, accepts: &dyn Fn(&str) -> bool, most: usize) -> Vec<Mention> {
    let mut found = Vec::new();
    let secrets = LazyCell::new(|| SecretValues::new(evaluation));
    for file in text_files(evaluation) {
        if found.len() >= most {
            break;
        }
        let Ok(text) = evaluation.sources.text_once(&file) else {
            continue;
        };
        // No line is found by a credential.
        let mut lines = (1_u32..).zip(text.lines());
        let line = lines.find_map(|(number, line)| {
            let shown = shown(Some(line).filter(|line| accepts(line) && !secrets.is_in(line))?);
            accepts(&shown).then_some((number, shown))
        });
        let is_shown = || text.len() <= LARGEST && !has_possible_secrets(&text);
        // A file may be found by its name, too.
        let named = || file.file_name().is_some_and(accepts);
        let (line, text) = match line.filter(|_| is_shown()) {
            Some((number, line)) => (number, Some(line)),
            None if named() => (1, None),
            None => continue,
        };
        let place = Place { file, line };
        found.push(Mention { place, text });
    }
    found
}

/// Whether a file has values of Secrets in it, or texts in the form of credentials.
fn has_possible_secrets(text: &str) -> bool {
    let is_secret = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        line.starts_with("kind:") && line.contains("Secret") || line.starts_with("sops:")
    };
    text.contains("ENC[") || text.lines().any(is_secret) || redaction::credential_in_text(text)
}

fn shown(line: &str) -> String {
    let text = without_credentials("", line.trim());
    cut(redaction::without_random_words(&text), LONGEST)
}

/// The files of the repository that may be manifests or the configuration of another tool.
pub(crate) fn text_files(evaluation: &Evaluation) -> Vec<RepoPath> {
    const ENDS: [&str; 14] = [
        "yaml",
        "yml",
        "json",
        "toml",
        "conf",
        "cfg",
        "ini",
        "properties",
        "env",
        "sh",
        "j2",
        "tpl",
        "hcl",
        "tf",
    ];
    let mut files = Vec::new();
    let tree = evaluation.sources.tree();
    each_entry(tree, &RepoPath::root(), &mut |path, kind| {
        let end = path.file_name().and_then(|name| name.rsplit_once('.'));
        let is_text = kind == EntryKind::File && end.is_some_and(|(_, end)| ENDS.contains(&end));
        if is_text && files.len() < MOST_FILES {
            files.push(path.clone());
        }
    });
    files.sort();
    files
}
