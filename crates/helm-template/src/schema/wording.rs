//! Helm's messages for values that a schema refuses.

use std::fmt::Write;

use go_std::quote::quote as go_quote;
use go_std::regexp::GoRegex;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value as Json;

use super::failures::{Failure, Failures, Step, escape};
use super::numbers::{english, grouped};

/// A line of the message, with the lines below it.
struct Report {
    at: String,
    message: String,
    causes: Vec<Report>,
    /// Whether it is a reference, which is shown only if it leads to several errors.
    is_reference: bool,
}

/// The errors, one per line.
pub(super) fn explain(root: &Failures<'_>) -> String {
    let mut text = String::new();
    if let Some(report) = report(root) {
        for cause in report.ungrouped() {
            cause.write(0, &mut text);
        }
    }
    text
}

/// The message for several errors of one subschema.
const GROUP: &str = "validation failed";

impl Report {
    /// The errors of a group, or the only one.
    fn ungrouped(self) -> Vec<Report> {
        if self.message == GROUP && !self.is_reference {
            self.causes
        } else {
            vec![self]
        }
    }

    fn write(&self, indent: usize, text: &mut String) {
        let mut below = indent;
        if !(self.is_reference && self.causes.len() == 1) {
            // Writing to a string cannot fail.
            let _: std::fmt::Result = writeln!(
                text,
                "{:indent$}- at {}: {}",
                "",
                quote(&self.at),
                self.message,
                indent = 2 * indent
            );
            below += 1;
        }
        for cause in &self.causes {
            cause.write(below, text);
        }
    }
}

/// Keywords in the order in which they are checked. An error of the first four ends the check.
const ORDER: [&str; 36] = [
    "type",
    "const",
    "enum",
    "format",
    "$ref",
    "minProperties",
    "maxProperties",
    "required",
    "dependencies",
    "properties",
    "additionalProperties",
    "propertyNames",
    "dependentSchemas",
    "dependentRequired",
    "minItems",
    "maxItems",
    "uniqueItems",
    "items",
    "additionalItems",
    "contains",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "$dynamicRef",
    "not",
    "allOf",
    "anyOf",
    "oneOf",
    "if",
    "unevaluatedProperties",
    "unevaluatedItems",
];

/// How many of [`ORDER`] end the check.
const ENDING: usize = 4;

fn place(keyword: &str) -> usize {
    let keyword = match keyword {
        "patternProperties" => "properties",
        "prefixItems" => "items",
        "then" | "else" => "if",
        "$recursiveRef" => "$dynamicRef",
        keyword => keyword,
    };
    ORDER
        .iter()
        .position(|known| *known == keyword)
        .unwrap_or(ORDER.len())
}

fn report(node: &Failures<'_>) -> Option<Report> {
    let ending = node.own.iter().filter(|own| place(&own.keyword) < ENDING);
    if let Some(failure) = ending.min_by_key(|own| place(&own.keyword)) {
        return own_reports(node, &[failure]).into_iter().next();
    }
    let own_at = |index: usize| -> Vec<&Failure<'_>> {
        let own = node.own.iter();
        own.filter(|own| place(&own.keyword) == index).collect()
    };
    let mut causes = Vec::new();
    for (index, keyword) in ORDER.iter().enumerate() {
        let below = node
            .below
            .iter()
            .filter(|(step, _)| place(&step.keyword) == index);
        let own = own_at(index);
        match *keyword {
            "properties" => causes.extend(property_reports(node)),
            // Subschemas are reported with `properties`.
            "additionalProperties" => causes.extend(own_reports(node, &own)),
            "allOf" => {
                let causes_of_all: Vec<Report> = below.filter_map(|(_, node)| report(node)).collect();
                if !causes_of_all.is_empty() {
                    causes.push(Report {
                        causes: causes_of_all,
                        ..leaf(node, "'allOf' failed")
                    });
                }
            }
            _ => {
                causes.extend(own_reports(node, &own));
                causes.extend(below.filter_map(|(step, node)| report_below(step, node)));
            }
        }
    }
    causes.extend(own_reports(node, &own_at(ORDER.len())));
    match causes.len() {
        0 | 1 => causes.pop(),
        _ => Some(Report {
            causes,
            ..leaf(node, GROUP)
        }),
    }
}

/// The errors in properties of an object, sorted by name.
fn property_reports(node: &Failures<'_>) -> Vec<Report> {
    let is_property = |step: &Step| {
        matches!(
            step.keyword.as_str(),
            "properties" | "patternProperties" | "additionalProperties"
        )
    };
    let mut below: Vec<_> = node.below.iter().filter(|(step, _)| is_property(step)).collect();
    let rank = |step: &Step| match step.keyword.as_str() {
        "properties" => 0,
        "patternProperties" => 1,
        _ => 2,
    };
    below.sort_by(|(a, _), (b, _)| (&a.child, rank(a)).cmp(&(&b.child, rank(b))));
    below.into_iter().filter_map(|(_, node)| report(node)).collect()
}

fn report_below(step: &Step, node: &Failures<'_>) -> Option<Report> {
    match step.keyword.as_str() {
        // `then` and `else` are below `if`.
        "if" => node.below.values().find_map(report),
        "$ref" | "$dynamicRef" | "$recursiveRef" => Some(Report {
            causes: report(node)?.ungrouped(),
            is_reference: true,
            ..leaf(node, GROUP)
        }),
        _ => report(node),
    }
}

fn leaf(node: &Failures<'_>, message: impl Into<String>) -> Report {
    Report {
        at: node.at.clone(),
        message: message.into(),
        causes: Vec::new(),
        is_reference: false,
    }
}

/// The lines for errors of one subschema's own keywords. Missing properties share one line.
fn own_reports(node: &Failures<'_>, failures: &[&Failure<'_>]) -> Vec<Report> {
    let mut reports = Vec::new();
    let missing: Vec<&str> = failures
        .iter()
        .filter_map(|failure| match failure.kind {
            Kind::Required { property } => property.as_str(),
            _ => None,
        })
        .collect();
    if !missing.is_empty() {
        reports.push(leaf(node, missing_message(failures, &missing)));
    }
    for failure in failures {
        match failure.kind {
            Kind::Required { .. } => {}
            Kind::UnevaluatedProperties { unexpected } => {
                reports.extend(unexpected.iter().map(|name| Report {
                    at: format!("{}/{}", node.at, escape(name)),
                    ..leaf(node, "false schema")
                }));
            }
            // They are the last items of the list.
            Kind::UnevaluatedItems { unexpected } => {
                let length = failure.instance.as_array().map_or(0, Vec::len);
                reports.extend(
                    (length.saturating_sub(unexpected.len())..length).map(|index| Report {
                        at: format!("{}/{index}", node.at),
                        ..leaf(node, "false schema")
                    }),
                );
            }
            // Helm's library reports property names at the root.
            Kind::PropertyNames { error } => {
                let name = quote(error.instance().as_str().unwrap_or_default());
                let top = Failures::default();
                reports.push(Report {
                    causes: vec![leaf(&top, message(error.kind(), error.instance()))],
                    ..leaf(&top, format!("invalid propertyName {name}"))
                });
            }
            kind => reports.push(Report {
                causes: failure.alternatives.iter().filter_map(report).collect(),
                ..leaf(node, message(kind, failure.instance))
            }),
        }
        if let Some(report) = reports.last_mut()
            && matches!(failure.kind, Kind::OneOfMultipleValid { .. })
        {
            report.message = matches_message(failure);
            report.causes.clear();
        }
    }
    reports
}

fn missing_message(failures: &[&Failure<'_>], missing: &[&str]) -> String {
    let quoted: Vec<String> = missing.iter().map(|name| quote(name)).collect();
    let list = quoted.join(", ");
    match failures.first().map(|failure| failure.keyword.as_str()) {
        Some("required") | None if missing.len() == 1 => format!("missing property {list}"),
        Some("required") | None => format!("missing properties {list}"),
        Some(_) => format!("properties {list} required"),
    }
}

fn matches_message(failure: &Failure<'_>) -> String {
    let is_empty = |node: &Failures<'_>| node.own.is_empty() && node.below.is_empty();
    let alternatives = failure.alternatives.iter().enumerate();
    let matched: Vec<String> = alternatives
        .filter(|(_, node)| is_empty(node))
        .map(|(index, _)| index.to_string())
        .take(2)
        .collect();
    format!("'oneOf' failed, subschemas {} matched", matched.join(", "))
}

fn message(kind: &Kind, instance: &Json) -> String {
    let length = |json: &Json| match json {
        Json::String(text) => text.chars().count(),
        Json::Array(items) => items.len(),
        Json::Object(object) => object.len(),
        _ => 0,
    };
    let count = |keyword: &str, limit: u64| {
        let got = grouped(length(instance) as u64);
        format!("{keyword}: got {got}, want {}", grouped(limit))
    };
    let bound = |keyword: &str, limit: &Json| {
        let number = |json: &Json| english(json.as_f64().unwrap_or_default());
        format!("{keyword}: got {}, want {}", number(instance), number(limit))
    };
    match kind {
        Kind::Type { kind } => format!("got {}, want {}", type_of(instance), wanted(kind)),
        Kind::Enum { options } => match options.as_array() {
            Some(options)
                if options
                    .iter()
                    .any(|option| option.is_array() || option.is_object()) =>
            {
                "'enum' failed".into()
            }
            Some(options) if options.len() == 1 => format!("value must be {}", display(&options[0])),
            options => {
                let options: Vec<String> = options.into_iter().flatten().map(display).collect();
                format!("value must be one of {}", options.join(", "))
            }
        },
        Kind::Constant { expected_value } if expected_value.is_array() || expected_value.is_object() => {
            "'const' failed".into()
        }
        Kind::Constant { expected_value } => format!("value must be {}", display(expected_value)),
        Kind::FalseSchema => "false schema".into(),
        Kind::Format { format } => format_message(format, instance),
        Kind::AdditionalItems { limit } => format!(
            "last {} additionalItem(s) not allowed",
            grouped((length(instance).saturating_sub(*limit)) as u64)
        ),
        Kind::AdditionalProperties { unexpected } => {
            let mut names: Vec<String> = unexpected.iter().map(|name| quote(name)).collect();
            names.sort();
            format!("additional properties {} not allowed", names.join(", "))
        }
        Kind::AnyOf { .. } => "'anyOf' failed".into(),
        Kind::OneOfNotValid { .. } => "'oneOf' failed, none matched".into(),
        Kind::Not { .. } => "'not' failed".into(),
        Kind::Contains => "no items match contains schema".into(),
        Kind::MinItems { limit } => count("minItems", *limit),
        Kind::MaxItems { limit } => count("maxItems", *limit),
        Kind::MinLength { limit } => count("minLength", *limit),
        Kind::MaxLength { limit } => count("maxLength", *limit),
        Kind::MinProperties { limit } => count("minProperties", *limit),
        Kind::MaxProperties { limit } => count("maxProperties", *limit),
        Kind::Minimum { limit } => bound("minimum", limit),
        Kind::Maximum { limit } => bound("maximum", limit),
        Kind::ExclusiveMinimum { limit } => bound("exclusiveMinimum", limit),
        Kind::ExclusiveMaximum { limit } => bound("exclusiveMaximum", limit),
        Kind::MultipleOf { multiple_of } => format!(
            "multipleOf: got {}, want {}",
            english(instance.as_f64().unwrap_or_default()),
            english(*multiple_of)
        ),
        Kind::Pattern { pattern } => format!(
            "{} does not match pattern {}",
            quote(instance.as_str().unwrap_or_default()),
            quote(pattern)
        ),
        Kind::UniqueItems => equal_items_message(instance),
        other => other.keyword().to_owned(),
    }
}

fn equal_items_message(instance: &Json) -> String {
    let items = instance.as_array().map_or(&[][..], Vec::as_slice);
    let pair = items.iter().enumerate().find_map(|(at, item)| {
        let rest = items.get(at + 1..)?;
        let other = rest.iter().position(|other| other == item)?;
        Some((at, at + 1 + other))
    });
    let (first, second) = pair.unwrap_or_default();
    format!("items at {first} and {second} are equal")
}

fn format_message(format: &str, instance: &Json) -> String {
    if let ("regex", Some(pattern)) = (format, instance.as_str()) {
        let error = GoRegex::compile(pattern.as_bytes()).err().unwrap_or_default();
        return format!("{} is not valid regex: {error}", quote(pattern));
    }
    let reason = match format {
        "ipv4" => "expected four decimals",
        "uri" => "relative url",
        "email" | "idn-email" => "missing @",
        _ => "invalid",
    };
    format!("{} is not valid {format}: {reason}", display(instance))
}

fn type_of(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "boolean",
        Json::Number(_) => "number",
        Json::String(_) => "string",
        Json::Array(_) => "array",
        Json::Object(_) => "object",
    }
}

fn wanted(kind: &TypeKind) -> String {
    const TYPES: [&str; 7] = [
        "null", "boolean", "number", "integer", "string", "array", "object",
    ];
    let mut types: Vec<String> = match kind {
        TypeKind::Single(kind) => vec![kind.to_string()],
        TypeKind::Multiple(kinds) => kinds.iter().map(|kind| kind.to_string()).collect(),
    };
    types.sort_by_key(|name| TYPES.iter().position(|known| known == name));
    types.join(" or ")
}

/// A scalar as Go prints it; lists and maps as `value`.
fn display(json: &Json) -> String {
    match json {
        Json::Null => "<nil>".into(),
        Json::String(text) => quote(text),
        Json::Array(_) | Json::Object(_) => "value".into(),
        other => other.to_string(),
    }
}

/// Go's quoting, but with single quotes.
pub(super) fn quote(text: &str) -> String {
    // The library also replaces the closing quote if a backslash precedes it.
    let quoted = go_quote(text).replace("\\\"", "\"").replace('\'', "\\'");
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    format!("'{inner}'")
}
