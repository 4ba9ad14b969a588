//! The full text of a value of a ConfigMap.

use std::fmt;

use infra_model::Place;
use infra_model::config::{ConfigMap, ConfigValue};
use plain_text::{Lines, line, printable_name};

use crate::answer::display_answer;
use crate::find::{QueryError, find_for};
use crate::next_steps::{self, Step};
use crate::text::{in_namespace, places_text};
use crate::{Facts, Question, Subject, Text};

/// The text of a value, or of a part of it that is YAML or JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullText<'a> {
    /// Key of the ConfigMap.
    pub map_key: &'a str,
    /// Namespace of the ConfigMap.
    pub namespace: &'a str,
    /// Key of the value.
    pub key: String,
    /// The path in it.
    pub path: Option<String>,
    /// The text, without the credentials in it.
    pub text: String,
    /// The line that decides the value.
    pub place: Option<Place>,
    /// Whether the text is cut at the end.
    pub is_cut: bool,
    /// Commands that show the state in the cluster.
    pub check: Vec<Step>,
}

display_answer!(FullText<'_>, check);

impl Text for FullText<'_> {
    fn lines(&self, f: &mut Lines<'_>) -> fmt::Result {
        let mut title = printable_name(&self.key).into_owned();
        if let Some(path) = &self.path {
            title.push_str(&format!(" at {}", printable_name(path)));
        }
        title.push_str(&format!(" in ConfigMap {}", printable_name(self.map_key)));
        title.push_str(&in_namespace(self.namespace));
        line!(f, "{title}{}", places_text(&self.place, None))?;
        // The line numbers of a whole file are those that people edit.
        let is_file = self.path.is_none() && self.place.as_ref().is_some_and(|place| place.line == 1);
        for (number, line) in (1_usize..).zip(self.text.lines()) {
            match is_file {
                true => line!(f, "  {number}: {line}")?,
                false => line!(f, "  {line}")?,
            }
        }
        if self.is_cut {
            line!(f, "and more")?;
        }
        Ok(())
    }
}

/// The keys of multi-line values in the ConfigMaps that a term means: such a value may itself be YAML or JSON.
pub fn keys_with_text(facts: &dyn Facts, name: &str) -> Vec<String> {
    let hits = find_for(facts, name, Question::Config).unwrap_or_default();
    let maps = hits.iter().filter_map(|hit| hit.subject.config_map());
    let values = maps.flat_map(|(_, map)| &map.keys);
    let texts = values.filter(|(_, value)| matches!(value, ConfigValue::File { .. }));
    texts.map(|(key, _)| key.clone()).collect()
}

/// The text of a value, by the name of the ConfigMap and the key in it. `read` returns the text, its line, and whether
/// it is cut.
///
/// # Errors
/// [`QueryError`] if the name means no ConfigMap, or `read` finds no such value in it.
pub fn full_text<'a>(
    facts: &'a dyn Facts,
    name: &str,
    key: &str,
    path: Option<&str>,
    read: impl Fn(&ConfigMap) -> Option<(String, Option<Place>, bool)>,
) -> Result<FullText<'a>, QueryError> {
    let hits = find_for(facts, name, Question::Config)?;
    let maps: Vec<(&'a str, &'a ConfigMap)> = hits
        .iter()
        .flat_map(|hit| match hit.subject {
            Subject::ConfigMap(key, map) => vec![(key, map)],
            Subject::Service(_, service) => {
                let maps = service.config_maps.iter();
                maps.filter_map(|key| facts.config_maps().get_key_value(key))
                    .collect()
            }
            _ => Vec::new(),
        })
        .collect();
    let with_key = maps.iter().filter(|(_, map)| map.keys.contains_key(key));
    for (map_key, map) in with_key {
        let Some((text, place, is_cut)) = read(map) else {
            continue;
        };
        return Ok(FullText {
            map_key,
            namespace: &map.namespace,
            key: key.to_owned(),
            path: path.map(str::to_owned),
            text,
            place,
            is_cut,
            check: next_steps::steps_for(facts, Subject::ConfigMap(map_key, map)),
        });
    }
    let keys = maps.iter().flat_map(|(_, map)| map.keys.keys().cloned());
    Err(QueryError::NoKey {
        holder: name.to_owned(),
        key: match path {
            Some(path) => format!("{key} {path}"),
            None => key.to_owned(),
        },
        keys: keys.collect(),
    })
}
