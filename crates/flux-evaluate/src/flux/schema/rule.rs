//! Rules about several fields of one object, which a definition states as CEL expressions.

use yaml_node::Node;

use super::Schema;

/// A rule.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rule {
    /// Exactly one of these fields is set.
    ExactlyOne(Vec<String>),
    /// At least one of these fields is set.
    AtLeastOne(Vec<String>),
    /// Not both fields are set.
    NotBoth(String, String),
    /// The field is set only where the other one has one of the values.
    OnlyWith(String, Choice),
    /// The field is not set where the other one has one of the values.
    NeverWith(String, Choice),
    /// The field is set where the other one has one of the values.
    NeededWith(String, Choice),
    /// The field is set unless the other one has one of the values.
    NeededWithout(String, Choice),
}

/// A field and values of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Choice {
    field: String,
    values: Vec<String>,
}

impl Rule {
    /// Reads `exactly-one chart chartRef` or `only-with sts provider=aws|generic`.
    pub(super) fn read(text: &str) -> Option<Rule> {
        let (word, rest) = text.split_once(' ')?;
        let fields = || rest.split(' ').map(str::to_owned).collect();
        let pair = || rest.split_once(' ');
        let choice = || {
            let (field, choice) = pair()?;
            Some((field.to_owned(), Choice::read(choice)?))
        };
        Some(match word {
            "exactly-one" => Rule::ExactlyOne(fields()),
            "at-least-one" => Rule::AtLeastOne(fields()),
            "not-both" => pair().map(|(a, b)| Rule::NotBoth(a.to_owned(), b.to_owned()))?,
            "only-with" => choice().map(|(field, choice)| Rule::OnlyWith(field, choice))?,
            "never-with" => choice().map(|(field, choice)| Rule::NeverWith(field, choice))?,
            "needed-with" => choice().map(|(field, choice)| Rule::NeededWith(field, choice))?,
            "needed-without" => choice().map(|(field, choice)| Rule::NeededWithout(field, choice))?,
            _ => return None,
        })
    }

    /// What is wrong with an object, in words, and the field to look at.
    pub(super) fn broken_by<'r>(
        &'r self,
        object: &Node,
        schema: &Schema,
    ) -> Option<(String, Option<&'r str>)> {
        let is_set = |field: &str| object.get(field).is_some_and(|value| !value.is_null());
        let names = |fields: &[String], and: &str| {
            let quoted: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
            quoted.join(and)
        };
        let holds = |choice: &Choice| choice.holds(object, schema);
        match self {
            Rule::ExactlyOne(fields) => match fields.iter().filter(|field| is_set(field)).count() {
                0 => Some((format!("has none of {}", names(fields, " and ")), None)),
                1 => None,
                _ => {
                    let second = fields.iter().filter(|field| is_set(field)).nth(1);
                    let message = format!("has more than one of {}", names(fields, " and "));
                    Some((message, second.map(String::as_str)))
                }
            },
            Rule::AtLeastOne(fields) => {
                let none = !fields.iter().any(|field| is_set(field));
                none.then(|| (format!("has none of {}", names(fields, " and ")), None))
            }
            Rule::NotBoth(a, b) => {
                let both = is_set(a) && is_set(b);
                both.then(|| (format!("has both `{a}` and `{b}`"), Some(b.as_str())))
            }
            Rule::OnlyWith(field, choice) => {
                let broken = is_set(field) && !holds(choice)?;
                broken.then(|| {
                    (
                        format!("has `{field}`, which needs {choice}"),
                        Some(field.as_str()),
                    )
                })
            }
            Rule::NeverWith(field, choice) => {
                let broken = is_set(field) && holds(choice)?;
                broken.then(|| {
                    (
                        format!("has `{field}`, which is not for {choice}"),
                        Some(field.as_str()),
                    )
                })
            }
            Rule::NeededWith(field, choice) => {
                let broken = !is_set(field) && holds(choice)?;
                broken.then(|| (format!("lacks `{field}`, which {choice} needs"), None))
            }
            Rule::NeededWithout(field, choice) => {
                let broken = !is_set(field) && !holds(choice)?;
                broken.then(|| {
                    (
                        format!("lacks `{field}`, which only {choice} can do without"),
                        None,
                    )
                })
            }
        }
    }
}

impl Choice {
    fn read(text: &str) -> Option<Choice> {
        let (field, values) = text.split_once('=')?;
        Some(Choice {
            field: field.to_owned(),
            values: values.split('|').map(str::to_owned).collect(),
        })
    }

    /// Whether the field has one of the values; `None` where its value is not known.
    fn holds(&self, object: &Node, schema: &Schema) -> Option<bool> {
        let stated = object.get(&self.field).filter(|value| !value.is_null());
        let default = schema
            .field(&self.field)
            .and_then(|field| field.default.as_deref());
        let value = match stated {
            Some(value) => value.text().filter(|text| !text.contains("${"))?,
            None => default.unwrap_or_default(),
        };
        Some(self.values.iter().any(|allowed| allowed == value))
    }
}

impl std::fmt::Display for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}: {}`", self.field, self.values.join("` or `"))
    }
}
