//! Rules about several fields of an object, which definitions express as CEL expressions.

use yaml_node::Node;

use super::Schema;

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Rule {
    /// Exactly one of these fields is set.
    ExactlyOne(Vec<String>),
    /// At least one of these fields is set.
    AtLeastOne(Vec<String>),
    /// Not both fields are set.
    NotBoth(String, String),
    /// The field is set only if the other one has one of the values.
    OnlyWith(String, Choice),
    /// The field is not set if the other one has one of the values.
    NeverWith(String, Choice),
    /// The field is set if the other one has one of the values.
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

    /// The message about an object that violates the rule, and the field at fault.
    pub(super) fn broken_by<'r>(
        &'r self,
        object: &Node,
        schema: &Schema,
    ) -> Option<(String, Option<&'r str>)> {
        let is_set = |field: &str| object.get(field).is_some_and(|value| !value.is_null());
        let names = |fields: &[String]| {
            let quoted: Vec<String> = fields.iter().map(|field| format!("`{field}`")).collect();
            quoted.join(" and ")
        };
        let holds = |choice: &Choice| choice.holds(object, schema);
        let (message, field) = match self {
            Rule::ExactlyOne(fields) | Rule::AtLeastOne(fields)
                if !fields.iter().any(|field| is_set(field)) =>
            {
                (format!("has none of {}", names(fields)), None)
            }
            Rule::ExactlyOne(fields) => {
                let second = fields.iter().filter(|field| is_set(field)).nth(1)?;
                (format!("has more than one of {}", names(fields)), Some(second))
            }
            Rule::NotBoth(a, b) if is_set(a) && is_set(b) => (format!("has both `{a}` and `{b}`"), Some(b)),
            Rule::OnlyWith(field, choice) if is_set(field) && !holds(choice)? => {
                (format!("has `{field}`, which needs {choice}"), Some(field))
            }
            Rule::NeverWith(field, choice) if is_set(field) && holds(choice)? => {
                (format!("has `{field}`, which is not for {choice}"), Some(field))
            }
            Rule::NeededWith(field, choice) if !is_set(field) && holds(choice)? => {
                (format!("lacks `{field}`, which {choice} needs"), None)
            }
            Rule::NeededWithout(field, choice) if !is_set(field) && !holds(choice)? => (
                format!("lacks `{field}`, which only {choice} can do without"),
                None,
            ),
            _ => return None,
        };
        Some((message, field.map(String::as_str)))
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

    /// Whether the field has one of the values; `None` if its value is unknown.
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
