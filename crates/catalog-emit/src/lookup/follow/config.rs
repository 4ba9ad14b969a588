//! A term turns into the values that it names, and what they are made of.

use std::collections::HashSet;

use super::{ConfigMaps, Follow, MOST_MEANINGS, Root, Section, Shape, Variables};
use crate::lookup::json::{member, members};
use crate::lookup::needles::variable;
use crate::lookup::part::{escaped, unescaped};

/// What says which values of a ConfigMap use a variable.
const VALUES: Shape = Shape::Only(&["name", "namespace", "keys", "resolved", "renderedName"]);

impl Follow<'_, '_> {
    /// Takes values and variables that a term names. Whether there are any.
    pub(super) fn config(&mut self, term: &str) -> bool {
        let term = term.trim();
        let is_variable = self.variable(variable(term));
        let mut named = Vec::new();
        let mut partly = Vec::new();
        let part = term.to_lowercase();
        for (index, _) in self.part.pages.mentions(ConfigMaps) {
            let entry = self.part.entry(ConfigMaps, index);
            let keys = members(member(entry.value, "keys").unwrap_or_default());
            let keys: Vec<String> = keys.filter_map(|key| unescaped(key.name)).collect();
            let names = [self.text(ConfigMaps, index, "name"), Some(entry.key)];
            let names: Vec<String> = names.into_iter().flatten().filter_map(unescaped).collect();
            if keys.iter().any(|key| is_value(term, &names, key)) {
                named.push(index);
            } else if keys.iter().any(|key| key.to_lowercase().contains(&part)) {
                partly.push(index);
            }
        }
        let values = if named.is_empty() { partly } else { named };
        let mut variables = HashSet::new();
        for index in values.iter().copied() {
            self.part.take(ConfigMaps, index, Shape::Full);
            variables_in(self.part.entry(ConfigMaps, index).value, &mut variables);
            if values.len() <= MOST_MEANINGS {
                self.steps(Root {
                    section: ConfigMaps,
                    index,
                });
            }
        }
        for name in variables {
            self.take_by_key(Variables, name, Shape::Full);
        }
        is_variable || !values.is_empty()
    }

    /// A variable, with the values that use it and what defines it.
    fn variable(&mut self, name: &str) -> bool {
        let name = escaped(name);
        let Some(index) = self.take_by_key(Variables, &name, Shape::Full) else {
            return false;
        };
        for index in self.part.pages.holding(ConfigMaps, &name) {
            self.part.take(ConfigMaps, index, VALUES);
        }
        let undefined = [b"\"name\":\"", name.as_slice(), b"\""].concat();
        for index in self.part.pages.holding(Section::Undefined, &undefined) {
            self.part.take(Section::Undefined, index, Shape::Full);
        }
        self.sources_of_variables(self.texts(Variables, index, "definedIn"));
        true
    }
}

/// Whether a term names a value by its key, or as `map.KEY` or `map/KEY`.
fn is_value(term: &str, maps: &[String], key: &str) -> bool {
    term.eq_ignore_ascii_case(key)
        || maps
            .iter()
            .filter_map(|map| term.strip_prefix(map.as_str())?.strip_prefix(['.', '/']))
            .any(|rest| rest.eq_ignore_ascii_case(key))
}

/// The names that stand where a variable may be.
fn variables_in<'p>(value: &'p [u8], names: &mut HashSet<&'p [u8]>) {
    for dollar in memchr::memchr_iter(b'$', value) {
        let rest = value.get(dollar + 1..).unwrap_or_default();
        let rest = rest.strip_prefix(b"{").unwrap_or(rest);
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let end = rest.iter().position(|byte| !is_name(byte)).unwrap_or(rest.len());
        names.insert(rest.get(..end).unwrap_or_default());
    }
}
