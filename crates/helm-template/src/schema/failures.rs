//! Validation errors, arranged by subschema.

use std::collections::BTreeMap;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value as Json;

/// The errors of one subschema on one value.
#[derive(Debug, Default)]
pub(super) struct Failures<'a> {
    /// The location of the value, as a JSON pointer.
    pub(super) at: String,
    /// Errors of the subschema's own keywords, in the order of the validator.
    pub(super) own: Vec<Failure<'a>>,
    /// Errors of the subschemas below it.
    pub(super) below: BTreeMap<Step, Failures<'a>>,
}

/// An error of one keyword.
#[derive(Debug)]
pub(super) struct Failure<'a> {
    pub(super) keyword: String,
    pub(super) kind: &'a ValidationErrorKind,
    pub(super) instance: &'a Json,
    /// For `anyOf` and `oneOf`: the errors of each alternative.
    pub(super) alternatives: Vec<Failures<'a>>,
}

/// The step from a subschema to one below it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Step {
    pub(super) keyword: String,
    /// The index of an array item or subschema, for sorting.
    index: usize,
    /// The property or item that it checks; `None` if it checks the same value.
    pub(super) child: Option<String>,
    /// The name or index of the subschema under its keyword.
    pub(super) name: Option<String>,
}

/// Owned errors of a validation, which [`Failures`] borrow.
pub(super) struct Collected(Vec<ValidationError<'static>>);

impl Collected {
    pub(super) fn new(validator: &Validator, values: &Json) -> Self {
        Collected(
            validator
                .iter_errors(values)
                .map(ValidationError::to_owned)
                .take(MOST)
                .collect(),
        )
    }

    pub(super) fn failures(&self) -> Failures<'_> {
        Failures::arrange(&self.0, 0, 0, "")
    }
}

/// Most errors that are reported.
const MOST: usize = 2000;

impl<'a> Failures<'a> {
    /// Arranges errors. `steps` and `parts` are the lengths of the evaluation and instance paths that lead to `at`.
    fn arrange(errors: &'a [ValidationError<'static>], steps: usize, parts: usize, at: &str) -> Self {
        let mut root = Failures {
            at: at.to_owned(),
            ..Failures::default()
        };
        for error in errors {
            let path = segments(error.evaluation_path().as_str());
            let instance = segments(error.instance_path().as_str());
            let path = path.get(steps..).unwrap_or_default();
            let instance = instance.get(parts..).unwrap_or_default();
            root.insert(error, path, instance, steps, parts);
        }
        root
    }

    fn insert(
        &mut self,
        error: &'a ValidationError<'static>,
        mut path: &[String],
        mut instance: &[String],
        mut steps: usize,
        mut parts: usize,
    ) {
        let mut node = self;
        let is_false_schema = matches!(error.kind(), ValidationErrorKind::FalseSchema);
        while let Some((keyword, rest)) = path.split_first() {
            if rest.is_empty() && !is_false_schema {
                break;
            }
            let has_name = match keyword.as_str() {
                "properties" | "patternProperties" | "dependentSchemas" | "dependencies" | "prefixItems"
                | "allOf" | "anyOf" | "oneOf" => true,
                "items" => rest
                    .first()
                    .is_some_and(|next| next.bytes().all(|b| b.is_ascii_digit())),
                _ => false,
            };
            // `dependentRequired` and the like have no subschemas.
            if keyword == "dependentRequired" || (has_name && rest.len() == 1 && !is_false_schema) {
                break;
            }
            let looks_below = matches!(
                keyword.as_str(),
                "properties"
                    | "patternProperties"
                    | "additionalProperties"
                    | "unevaluatedProperties"
                    | "items"
                    | "prefixItems"
                    | "additionalItems"
                    | "unevaluatedItems"
                    | "contains"
            );
            let name = has_name.then(|| rest.first().cloned()).flatten();
            let child = looks_below.then(|| instance.first().cloned()).flatten();
            let step = Step {
                keyword: keyword.clone(),
                index: child
                    .as_deref()
                    .or(name.as_deref())
                    .and_then(|text| text.parse().ok())
                    .unwrap_or(0),
                child,
                name,
            };
            steps += 1 + usize::from(has_name);
            path = path.get(1 + usize::from(has_name)..).unwrap_or_default();
            let mut at = node.at.clone();
            if let Some(child) = &step.child {
                at.push('/');
                at.push_str(&escape(child));
                instance = instance.get(1..).unwrap_or_default();
                parts += 1;
            }
            node = node.below.entry(step).or_insert_with(|| Failures {
                at,
                ..Failures::default()
            });
        }
        let alternatives = match error.kind() {
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context }
            | ValidationErrorKind::OneOfMultipleValid { context } => {
                // The keyword, and the index of the alternative.
                let steps = steps + 2;
                context
                    .iter()
                    .map(|errors| Failures::arrange(errors, steps, parts, &node.at))
                    .collect()
            }
            _ => Vec::new(),
        };
        node.own.push(Failure {
            keyword: path.first().cloned().unwrap_or_default(),
            kind: error.kind(),
            instance: error.instance(),
            alternatives,
        });
    }
}

/// The segments of a JSON pointer, unescaped.
fn segments(pointer: &str) -> Vec<String> {
    let parts = pointer.split('/').skip(1);
    parts
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// A segment of a JSON pointer, escaped.
pub(super) fn escape(part: &str) -> String {
    part.replace('~', "~0").replace('/', "~1")
}
