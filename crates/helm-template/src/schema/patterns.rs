//! Patterns of a schema, which are Go's regular expressions in Helm.

use go_std::regexp::GoRegex;
use regex::Regex;
use serde_json::{Map, Value};

use super::remote_refs::DATA;
use super::wording::quote;

/// Patterns that are written otherwise for the `regex` crate, with what the schema has.
#[derive(Debug, Default)]
pub(super) struct Patterns(Vec<(String, String)>);

/// Go refuses a pattern of the schema.
#[derive(Debug)]
pub(super) struct Refused;

impl Patterns {
    /// Writes patterns otherwise where only Go takes them as they are.
    ///
    /// # Errors
    /// Where Go refuses one.
    pub(super) fn of(schema: &mut Value) -> Result<Self, Refused> {
        let mut patterns = Patterns::default();
        patterns.walk(schema)?;
        Ok(patterns)
    }

    /// The text with the patterns of the schema.
    pub(super) fn restore(&self, mut text: String) -> String {
        for (written, original) in &self.0 {
            let ending = |pattern: &str| format!("does not match pattern {}", quote(pattern));
            text = text.replace(&ending(written), &ending(original));
        }
        text
    }

    fn walk(&mut self, schema: &mut Value) -> Result<(), Refused> {
        match schema {
            Value::Object(object) => {
                if let Some(Value::String(pattern)) = object.get_mut("pattern")
                    && let Some(written) = self.written(pattern)?
                {
                    *pattern = written;
                }
                if let Some(Value::Object(properties)) = object.get_mut("patternProperties") {
                    let mut taken = Map::new();
                    for (pattern, schema) in std::mem::take(properties) {
                        taken.insert(self.written(&pattern)?.unwrap_or(pattern), schema);
                    }
                    *properties = taken;
                }
                let mut below = object.iter_mut().filter(|(key, _)| !DATA.contains(&key.as_str()));
                below.try_for_each(|(_, value)| self.walk(value))
            }
            Value::Array(items) => items.iter_mut().try_for_each(|item| self.walk(item)),
            _ => Ok(()),
        }
    }

    fn written(&mut self, pattern: &str) -> Result<Option<String>, Refused> {
        let compiled = match GoRegex::compile(pattern.as_bytes()) {
            Ok(compiled) => compiled,
            // A bound that Go has elsewhere.
            Err(error) if error.contains("too large") => return Ok(None),
            Err(_) => return Err(Refused),
        };
        if Regex::new(pattern).is_ok() {
            return Ok(None);
        }
        let written = compiled.as_str().to_owned();
        self.0.push((written.clone(), pattern.to_owned()));
        Ok(Some(written))
    }
}
