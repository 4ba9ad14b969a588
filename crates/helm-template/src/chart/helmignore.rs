//! `.helmignore` files.
//!
//! Rules: [pkg/ignore](https://github.com/helm/helm/blob/v4.2.4/pkg/ignore/rules.go). Unlike in `.gitignore`, the first matching
//! rule decides, and `!x` at once ignores everything that does *not* match `x`.

use std::cell::Cell;

use super::path_match::path_match;

/// The name of the file, in the root folder of a chart.
pub(super) const FILE_NAME: &str = ".helmignore";

/// Longest line that is read.
const LINE_BYTES: usize = 64 * 1024;

/// The rules of a file, followed by Helm's own.
#[derive(Debug)]
pub(super) struct IgnoreRules {
    rules: Vec<Rule>,
    /// The remaining work for matching, in characters of patterns times characters of paths.
    left: Cell<u64>,
}

/// Bound for `left`, far above what real charts need.
const WORK: u64 = 1 << 32;

#[derive(Debug)]
struct Rule {
    negated: bool,
    directory_only: bool,
    /// Whether the pattern is matched against the base name only.
    base_name: bool,
    pattern: String,
}

impl IgnoreRules {
    /// Parses a file; pass an empty text if the chart has none.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut rules = Vec::new();
        for line in text.strip_prefix('\u{feff}').unwrap_or(text).lines() {
            if line.len() >= LINE_BYTES {
                return Err("bufio.Scanner: token too long".into());
            }
            rules.extend(Rule::parse(line)?);
        }
        // Helm's own rule: hidden files are not templates.
        rules.extend(Rule::parse("templates/.?*")?);
        Ok(IgnoreRules {
            rules,
            left: Cell::new(WORK),
        })
    }

    /// Whether the file or folder at `path`, relative to the chart, is ignored.
    ///
    /// # Errors
    /// If matching all rules and paths takes too long.
    pub(super) fn is_ignored(&self, path: &str, is_directory: bool) -> Result<bool, String> {
        for rule in &self.rules {
            let work = (rule.pattern.len() as u64 + 16).saturating_mul(path.len() as u64 + 16);
            let left = self.left.get().checked_sub(work);
            self.left
                .set(left.ok_or(".helmignore has too many rules for the files of the chart")?);
            if rule.negated {
                if (rule.directory_only && !is_directory) || !rule.is_match(path) {
                    return Ok(true);
                }
            } else if (is_directory || !rule.directory_only) && rule.is_match(path) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Rule {
    fn parse(line: &str) -> Result<Option<Rule>, String> {
        let rule = line.trim();
        if rule.is_empty() || rule.starts_with('#') {
            return Ok(None);
        }
        if rule.contains("**") {
            return Err("double-star (**) syntax is not supported".into());
        }
        if path_match(rule, "abc").is_err() {
            return Err("syntax error in pattern".into());
        }
        let (negated, rule) = (rule.starts_with('!'), rule.strip_prefix('!').unwrap_or(rule));
        let (directory_only, rule) = (rule.ends_with('/'), rule.strip_suffix('/').unwrap_or(rule));
        Ok(Some(Rule {
            negated,
            directory_only,
            base_name: !rule.contains('/'),
            pattern: rule.strip_prefix('/').unwrap_or(rule).to_owned(),
        }))
    }

    fn is_match(&self, path: &str) -> bool {
        let name = if self.base_name {
            path.rsplit('/').next().unwrap_or(path)
        } else {
            path
        };
        path_match(&self.pattern, name).unwrap_or(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_ignored(rules: &str, path: &str, is_directory: bool) -> bool {
        IgnoreRules::parse(rules)
            .unwrap()
            .is_ignored(path, is_directory)
            .unwrap()
    }

    #[test]
    fn the_first_rule_decides_and_negation_drops_the_rest() {
        for (rules, path, is_directory, expected) in [
            ("*.txt", "a/b.txt", false, true),
            ("/*.txt", "a/b.txt", false, false),
            ("a/*.txt", "a/b.txt", false, true),
            ("docs/", "docs", true, true),
            ("docs/", "docs", false, false),
            ("!*.yaml", "a.txt", false, true),
            ("!*.yaml", "a.yaml", false, false),
            ("# *.txt\n\n  *.md  ", "a.md", false, true),
            ("", "templates/.hidden", false, true),
            ("", "templates/x", false, false),
        ] {
            assert_eq!(is_ignored(rules, path, is_directory), expected, "{rules} {path}");
        }
        assert!(IgnoreRules::parse("a/**/b").is_err());
        assert!(IgnoreRules::parse("[").is_err());
    }
}
