//! Validation of an object by the schema of its kind.

use source_tree::Mark;
use yaml_node::{Node, Tag};

use super::{Pattern, Schema, ValueType};

/// Most violations that are reported for one object.
const MAX_VIOLATIONS: usize = 10;

/// A field that violates the schema.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Violation<'n> {
    /// For example `spec.sourceRef.kind` or `spec.dependsOn[1]`.
    pub(crate) path: String,
    pub(crate) mark: Mark,
    pub(crate) problem: Problem<'n>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Problem<'n> {
    /// The definition does not declare the field; `similar` is a declared one with a similar name.
    Undeclared { similar: Option<String> },
    /// A required field is absent.
    Missing,
    /// A value of another type.
    Type {
        found: &'static str,
        expected: &'static str,
        value: &'n Node,
    },
    /// A value that is not in the enumeration.
    NotAllowed { value: &'n str, allowed: Vec<String> },
    /// A string that does not match the pattern.
    Pattern { value: &'n str, pattern: Pattern },
    /// A string or list with too few or too many characters or items.
    Length {
        count: usize,
        bounds: (usize, usize),
        of: &'static str,
    },
    /// A rule about several fields is violated; the message follows the path in a sentence.
    Rule(String),
}

impl Schema {
    /// The violations in `spec` of an object. Strings with unknown variables are not checked.
    pub(crate) fn violations<'n>(&self, spec: &'n Node) -> Vec<Violation<'n>> {
        let mut check = Check {
            path: vec![Step::Field("spec")],
            found: Vec::new(),
        };
        check.value(spec, self);
        check.found
    }
}

/// A step down to a value.
#[derive(Clone, Copy)]
enum Step<'a> {
    Field(&'a str),
    Item(usize),
}

struct Check<'n> {
    path: Vec<Step<'n>>,
    found: Vec<Violation<'n>>,
}

impl<'n> Check<'n> {
    fn report(&mut self, mark: Mark, problem: Problem<'n>) {
        if self.found.len() < MAX_VIOLATIONS {
            let mut path = String::new();
            for step in &self.path {
                match step {
                    Step::Field(name) if path.is_empty() => path.push_str(name),
                    Step::Field(name) => path.extend([".", name]),
                    Step::Item(index) => path.push_str(&format!("[{index}]")),
                }
            }
            self.found.push(Violation { path, mark, problem });
        }
    }

    /// Checks a value one step down.
    fn below(&mut self, step: Step<'n>, check: impl FnOnce(&mut Self)) {
        self.path.push(step);
        check(self);
        self.path.pop();
    }

    fn value(&mut self, node: &'n Node, schema: &Schema) {
        // The API server replaces null by the default, and refuses it if there is none.
        let is_default = node.is_null() && schema.default.is_some();
        if is_default || node.text().is_some_and(|text| text.contains("${")) {
            return;
        }
        let expected = match &schema.value_type {
            ValueType::Any => return,
            ValueType::Text if node.as_str().is_some() => return self.text(node, schema),
            ValueType::Text => "a string",
            ValueType::Boolean if node.as_bool().is_some() => return,
            ValueType::Boolean => "a boolean",
            ValueType::Number if is_number(node) => return,
            ValueType::Number => "a number",
            ValueType::IntegerOrText if is_number(node) || node.as_str().is_some() => return,
            ValueType::IntegerOrText => "a number or a string",
            ValueType::Object { fields, rules } if node.as_mapping().is_some() => {
                self.fields(node, fields);
                for rule in rules {
                    if let Some((message, field)) = rule.broken_by(node, schema) {
                        let field = field.and_then(|field| node.get(field));
                        let mark = field.map_or(node.mark, |field| field.mark);
                        self.report(mark, Problem::Rule(message));
                    }
                }
                return;
            }
            ValueType::Map(values) if node.as_mapping().is_some() => {
                for (key, value) in node.iter() {
                    self.below(Step::Field(key), |check| check.value(value, values));
                }
                return;
            }
            ValueType::Object { .. } | ValueType::Map(_) => "a mapping",
            ValueType::List(items) => match node.as_sequence() {
                Some(list) => {
                    self.length(node, list.len(), schema, "items");
                    for (index, item) in list.iter().enumerate() {
                        self.below(Step::Item(index), |check| check.value(item, items));
                    }
                    return;
                }
                None => "a list",
            },
        };
        let problem = Problem::Type {
            found: type_name(node),
            expected,
            value: node,
        };
        self.report(node.mark, problem);
    }

    fn fields(&mut self, node: &'n Node, fields: &[(String, Schema)]) {
        let entries = node.as_mapping().map_or(&[][..], |mapping| mapping.entries());
        for (key, value) in entries {
            let Some(name) = key.text() else { continue };
            match fields.iter().find(|(known, _)| known == name) {
                Some((_, schema)) => self.below(Step::Field(name), |check| check.value(value, schema)),
                None if name.contains("${") => {}
                None => {
                    let names = fields.iter().map(|(known, _)| known.as_str());
                    let similar = closest(name, names.filter(|known| node.get(known).is_none()));
                    self.below(Step::Field(name), |check| {
                        check.report(entry_mark(key, value), Problem::Undeclared { similar })
                    });
                }
            }
        }
        for (name, _) in fields.iter().filter(|(_, schema)| schema.is_required) {
            if node.get(name).is_none() {
                let index = self.found.len();
                self.report(node.mark, Problem::Missing);
                if let Some(violation) = self.found.get_mut(index) {
                    violation.path.extend([".", name]);
                }
            }
        }
    }

    fn text(&mut self, node: &'n Node, schema: &Schema) {
        let Some(value) = node.text() else { return };
        if !schema.allowed.is_empty() && !schema.allowed.iter().any(|allowed| allowed == value) {
            let allowed = schema.allowed.clone();
            self.report(node.mark, Problem::NotAllowed { value, allowed });
        }
        if let Some(pattern) = schema.pattern.as_ref().filter(|pattern| !pattern.accepts(value)) {
            let pattern = pattern.clone();
            self.report(node.mark, Problem::Pattern { value, pattern });
        }
        self.length(node, value.chars().count(), schema, "characters");
    }

    fn length(&mut self, node: &'n Node, count: usize, schema: &Schema, of: &'static str) {
        let bounds = schema.length;
        if count < bounds.0 || count > bounds.1 {
            self.report(node.mark, Problem::Length { count, bounds, of });
        }
    }
}

/// The place of a mapping's entry.
pub(crate) fn entry_mark(key: &Node, value: &Node) -> Mark {
    if key.mark.is_some() { key.mark } else { value.mark }
}

fn is_number(node: &Node) -> bool {
    let tag = node.as_scalar().map(|scalar| &scalar.tag);
    matches!(tag, Some(Tag::Int | Tag::Float))
}

/// The type of a value in words.
pub(crate) fn type_name(value: &Node) -> &'static str {
    match value.as_scalar().map(|scalar| &scalar.tag) {
        Some(Tag::Int | Tag::Float) => "a number",
        Some(Tag::Bool) => "a boolean",
        Some(Tag::Null) => "null",
        Some(_) => "a string",
        None if value.as_sequence().is_some() => "a list",
        None => "a mapping",
    }
}

/// The most similar of some names, if so few letters differ that it may be a typing error.
pub(crate) fn closest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let most = (name.len() / 4).clamp(1, 3);
    let distances = names.map(|known| (strsim::osa_distance(name, known), known));
    let closest = distances.filter(|(distance, _)| *distance <= most).min()?;
    Some(closest.1.to_owned())
}
