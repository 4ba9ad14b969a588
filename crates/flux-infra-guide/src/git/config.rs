//! Settings of a repository's own configuration that a scan needs: remotes and the work tree.
//!
//! The format: <https://git-scm.com/docs/git-config#_configuration_file>. Included files are not read, because they may be
//! anywhere.

use camino::Utf8Path;

use super::{GitFolder, Unreadable, text};

/// Settings of a repository.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Config {
    /// `remote.origin.url`
    pub(super) origin: Option<String>,
    /// `url` and `pushurl` of the other remotes.
    pub(super) other_remotes: Vec<String>,
    /// `core.worktree`
    work_tree: Option<String>,
}

impl Config {
    /// Reads the configuration of a repository, and that of its work tree if there is one.
    pub(super) fn read(git: &GitFolder) -> Result<Self, Unreadable> {
        let mut config = Config::default();
        for path in [git.common.join("config"), git.own.join("config.worktree")] {
            config.add(&text(&path)?.unwrap_or_default());
        }
        Ok(config)
    }

    /// Whether the work tree is `folder`; the configuration may set another one.
    pub(super) fn has_work_tree(&self, git: &GitFolder, folder: &Utf8Path) -> bool {
        let real = |path: &Utf8Path| path.canonicalize_utf8().ok();
        self.work_tree
            .as_deref()
            .is_none_or(|path| real(&git.own.join(path)) == real(folder))
    }

    /// Adds the settings of a text. The last `worktree` counts, and the first `url`.
    fn add(&mut self, text: &str) {
        let mut section = String::new();
        let mut lines = text.lines();
        while let Some(line) = lines.next() {
            let mut rest = line.trim_start();
            if let Some(header) = rest.strip_prefix('[') {
                let Some((name, after)) = section_name(header) else {
                    continue;
                };
                section = name;
                rest = after.trim_start();
            }
            let name_end = rest
                .find(|char: char| !char.is_ascii_alphanumeric() && char != '-')
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at(name_end);
            let mut other = None;
            let setting = match (section.as_str(), name.to_ascii_lowercase().as_str()) {
                ("remote.origin", "url") => &mut self.origin,
                ("core.", "worktree") => &mut self.work_tree,
                (remote, "url" | "pushurl") if remote.starts_with("remote.") => &mut other,
                _ => {
                    // Any value may continue on the next line.
                    if let Some(value) = after.trim_start().strip_prefix('=') {
                        value_of(value, &mut lines);
                    }
                    continue;
                }
            };
            if let Some(value) = after.trim_start().strip_prefix('=') {
                let value = value_of(value, &mut lines);
                // Git takes the first of several URLs.
                if setting.is_none() || section == "core." {
                    *setting = Some(value);
                }
            }
            self.other_remotes.extend(other);
        }
    }
}

/// The name of a section, and the rest of the line: `core]` is `core.`, `remote "origin"]` is `remote.origin`.
fn section_name(header: &str) -> Option<(String, &str)> {
    let end = header.find(|char: char| char == ']' || char == '"' || char.is_whitespace())?;
    let (name, rest) = header.split_at(end);
    let name = name.to_ascii_lowercase();
    let rest = rest.trim_start();
    if let Some(after) = rest.strip_prefix(']') {
        // An old syntax has the second part after a dot.
        return Some(match name.split_once('.') {
            Some(_) => (name, after),
            None => (format!("{name}."), after),
        });
    }
    let mut second = String::new();
    let mut chars = rest.strip_prefix('"')?.char_indices();
    while let Some((index, char)) = chars.next() {
        match char {
            '\\' => second.push(chars.next()?.1),
            '"' => {
                let after = rest.get(index + 2..)?.trim_start().strip_prefix(']')?;
                return Some((format!("{name}.{second}"), after));
            }
            char => second.push(char),
        }
    }
    None
}

/// A value, without the spaces around it and the comment after it, and with quotes and escapes resolved.
fn value_of<'t>(first: &'t str, lines: &mut impl Iterator<Item = &'t str>) -> String {
    let mut value = String::new();
    // Spaces are part of the value only if something follows them.
    let mut spaces = String::new();
    let mut quoted = false;
    let mut line = first.trim_start();
    'lines: loop {
        let mut chars = line.chars();
        while let Some(char) = chars.next() {
            match char {
                '"' => quoted = !quoted,
                '#' | ';' if !quoted => break 'lines,
                '\\' => {
                    value.push_str(&std::mem::take(&mut spaces));
                    match chars.next() {
                        Some('n') => value.push('\n'),
                        Some('t') => value.push('\t'),
                        Some('b') => {
                            value.pop();
                        }
                        Some(char) => value.push(char),
                        None => {
                            line = match lines.next() {
                                Some(next) => next,
                                None => break 'lines,
                            };
                            continue 'lines;
                        }
                    }
                }
                char if char.is_whitespace() && !quoted => spaces.push(char),
                char => {
                    value.push_str(&std::mem::take(&mut spaces));
                    value.push(char);
                }
            }
        }
        break;
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[track_caller]
    fn check(text: &str, origin: Option<&str>, work_tree: Option<&str>) {
        let mut config = Config::default();
        config.add(text);
        let expected = Config {
            origin: origin.map(str::to_owned),
            other_remotes: config.other_remotes.clone(),
            work_tree: work_tree.map(str::to_owned),
        };
        assert_eq!(config, expected, "{text}");
    }

    #[test]
    fn every_remote_is_found() {
        let mut config = Config::default();
        config.add(
            "[remote \"origin\"]\nurl = https://example.org/fork\n[remote \"upstream\"]\n\turl = https://example.org/a\n\
             [branch \"main\"]\nremote = origin\n",
        );
        assert_eq!(config.other_remotes, ["https://example.org/a"]);
    }

    #[test]
    fn settings_are_found_however_they_are_written() {
        let url = Some("https://example.org/a b.git");
        check(
            "[remote \"origin\"]\n\turl = https://example.org/a b.git\n",
            url,
            None,
        );
        check(
            "[Remote \"origin\"] URL=\"https://example.org/a b.git\" # x",
            url,
            None,
        );
        check(
            "[remote.origin]\nurl = https://example.org/\\\na b.git ; x",
            url,
            None,
        );
        check("[remote \"Origin\"]\nurl = x", None, None);
        check("[remote \"origin2\"]\nurl = x\n[core]\nurl = y", None, None);
        check(
            "[core]\n\tbare = false\n\tworktree = ../x\nworkTree = ../y",
            None,
            Some("../y"),
        );
        check(
            "[remote \"origin\"]\nfetch = \\\nurl = no\nurl = https://example.org/a b.git",
            url,
            None,
        );
        check(
            "[remote \"origin\"]\nurl = https://example.org/a b.git\nurl = second",
            url,
            None,
        );
    }

    #[test]
    fn what_is_no_configuration_says_nothing() {
        for text in [
            "",
            "[",
            "[remote \"origin",
            "[remote \"origin\"",
            "url = x",
            "[core]\nworktree",
            "\u{0}=\\",
        ] {
            check(text, None, None);
        }
    }
}
