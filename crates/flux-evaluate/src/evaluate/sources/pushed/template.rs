//! Texts of scripts, in which some variables have no known value.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::{Regex, RegexBuilder};

use super::values::Values;

/// Most parts of a text, its longest form in bytes, and how deep variables are replaced inside each other.
const MOST_PARTS: usize = 32;
const LONGEST: usize = 4096;
const MOST_NESTED: usize = 4;

/// What a URL is compared with, and the variables of its groups.
#[derive(Debug)]
pub(super) struct UrlPattern {
    pattern: Regex,
    variables: Vec<String>,
}

/// A text with variables whose values the file does not state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Variable(String),
}

impl Template {
    /// A text with the values that are known of its variables.
    pub(super) fn read(raw: &str, values: &Values<'_>) -> Self {
        let mut template = Template::default();
        template.add(raw, values, 0);
        template
    }

    fn add(&mut self, raw: &str, values: &Values<'_>, depth: usize) {
        let Some(variable) = VARIABLE.as_ref() else {
            return;
        };
        let mut from = 0;
        for captures in variable.captures_iter(raw) {
            let Some(whole) = captures.get(0).filter(|_| !self.is_full()) else {
                return;
            };
            self.push_text(raw.get(from..whole.start()).unwrap_or_default());
            from = whole.end();
            let name = captures.iter().skip(1).flatten().next();
            let name = name
                .map_or("", |name| name.as_str())
                .trim()
                .trim_start_matches('.');
            match (values.known(name), values.stated(name)) {
                (Some(value), _) => self.push_text(&value),
                (None, Some(value)) if depth < MOST_NESTED => self.add(value, values, depth + 1),
                _ => self.0.push(Part::Variable(name.to_owned())),
            }
        }
        self.push_text(raw.get(from..).unwrap_or_default());
    }

    /// Whether it is a text without variables, and this one.
    pub(super) fn is_text(&self, text: &str) -> bool {
        matches!(self.0.as_slice(), [Part::Text(own)] if own == text)
    }

    fn is_full(&self) -> bool {
        self.0.len() >= MOST_PARTS || self.length() >= LONGEST
    }

    fn length(&self) -> usize {
        let texts = self.0.iter().map(|part| match part {
            Part::Text(text) => text.len(),
            Part::Variable(_) => 0,
        });
        texts.sum()
    }

    fn push_text(&mut self, text: &str) {
        if self.is_full() {
            return;
        }
        match self.0.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.0.push(Part::Text(text.to_owned())),
        }
    }

    /// Cuts a tag or digest off, which stands behind the last slash.
    pub(super) fn without_tag(mut self) -> Self {
        let has_slash = |part: &Part| matches!(part, Part::Text(text) if text.contains('/'));
        let last = self.0.iter().rposition(has_slash).unwrap_or_default();
        for (at, part) in self.0.iter_mut().enumerate().skip(last) {
            let Part::Text(text) = part else { continue };
            let from = text.rfind('/').map_or(0, |slash| slash + 1);
            let name = text.get(from..).unwrap_or_default();
            if let Some(end) = name.find([':', '@']) {
                text.truncate(from + end);
                self.0.truncate(at + 1);
                break;
            }
        }
        self
    }

    /// A path below a folder that only a run knows starts at the top of the repository, as `$ROOT/deploy` does.
    pub(super) fn below_root(mut self) -> Self {
        if let [Part::Variable(name), Part::Text(rest), ..] = self.0.as_mut_slice() {
            let name = name.to_ascii_lowercase();
            let is_root = ["root", "dir", "pwd", "workspace"]
                .iter()
                .any(|word| name.contains(word));
            if let Some(below) = rest.strip_prefix('/').filter(|_| is_root) {
                *rest = below.to_owned();
                self.0.remove(0);
            }
        }
        self
    }

    /// What the text is as the URL of a source; `None` if it is hardly more than variables.
    pub(super) fn url_pattern(&self) -> Option<UrlPattern> {
        const SHORTEST: usize = "oci://".len() + 4;
        let (mut pattern, mut variables) = (String::from("^"), Vec::new());
        for part in &self.0 {
            match part {
                Part::Text(text) => pattern.push_str(&regex::escape(text)),
                Part::Variable(name) => {
                    pattern.push_str("([^/]+)");
                    variables.push(name.clone());
                }
            }
        }
        pattern.push_str("/?$");
        let pattern = RegexBuilder::new(&pattern).case_insensitive(true).build().ok()?;
        (self.length() >= SHORTEST).then_some(UrlPattern { pattern, variables })
    }

    /// The text with values for its variables; `None` if one is missing.
    pub(super) fn with(&self, values: &BTreeMap<&str, String>) -> Option<String> {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Variable(name) => values.get(name.as_str()).map(String::as_str),
        });
        parts.collect()
    }
}

impl UrlPattern {
    /// The values of the variables with which it is a URL.
    pub(super) fn values(&self, url: &str) -> Option<BTreeMap<&str, String>> {
        let captures = self.pattern.captures(url)?;
        let mut values: BTreeMap<&str, String> = BTreeMap::new();
        for (name, value) in self.variables.iter().zip(captures.iter().skip(1).flatten()) {
            let value = value.as_str().to_owned();
            if values.get(name.as_str()).is_some_and(|known| *known != value) {
                return None;
            }
            values.insert(name, value);
        }
        Some(values)
    }
}

/// A variable of GitHub or GitLab, of a shell or make, of Task or just.
static VARIABLE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\$\{\{\s*([^}]+?)\s*\}\}|\$\{([A-Za-z_]\w*)\}|\$\(([^)]*)\)|\$([A-Za-z_]\w*)|\{\{\s*([^}]+?)\s*\}\}",
    )
    .ok()
});
