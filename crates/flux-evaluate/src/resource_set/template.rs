//! The template dialect of a ResourceSet, as flux-operator executes it.
//!
//! The delimiters are `<<` and `>>`, a missing key is an error, and functions are those of
//! [slim-sprig](https://go-task.github.io/slim-sprig/) with `slugify`, `toYaml` and `inputs`. Using a value that only a cluster
//! knows is an error.

use std::fmt;
use std::sync::{Arc, OnceLock};

use go_template::{
    Budget, ExecError, Execution, Function, Library, Limits, Mark, MissingKey, Output, Templates, Type,
    Unknown, Value, functions,
};

use super::slugify::SLUGIFY;

/// The name of every template, by which it can call itself.
const NAME: &str = "resourceset";

/// Steps of all templates of a ResourceSet together, far more than any needs.
const MAX_STEPS: u64 = 5_000_000;
/// Bytes of all texts and values of the templates of a ResourceSet.
pub(super) const MAX_BYTES: u64 = 256 << 20;

/// The budget of the templates of one ResourceSet. `text_bytes` is the bound of each text.
pub(super) fn budget(text_bytes: usize) -> Budget {
    Budget::new(Limits {
        steps: MAX_STEPS,
        text_bytes,
        total_bytes: MAX_BYTES,
        ..Limits::default()
    })
}

/// A parsed template.
pub(super) struct Template {
    templates: Templates,
}

/// Why a template cannot be parsed or executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TemplateError {
    pub(super) message: String,
    /// Line of the template, 1-based.
    pub(super) line: u32,
}

/// The output of a template.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) text: String,
    /// The line of the template for each line of the text.
    pub(super) lines: Vec<u32>,
    /// Inputs that are in the text unchanged.
    pub(super) inputs: Vec<Input>,
}

/// An input in a text.
#[derive(Debug)]
pub(super) struct Input {
    /// Line of the text, 1-based.
    pub(super) line: u32,
    pub(super) text: String,
    /// Its place.
    pub(super) mark: source_tree::Mark,
}

impl Template {
    pub(super) fn parse(text: &str) -> Result<Template, TemplateError> {
        let mut templates = Templates::new(NAME, library())
            .with_delimiters("<<", ">>")
            .with_missing_key(MissingKey::Error);
        templates.parse(NAME, text).map_err(|error| TemplateError {
            message: error.message,
            line: error.line,
        })?;
        Ok(Template { templates })
    }

    /// Executes the template with a budget that all executions of a ResourceSet share. The function `inputs` returns `inputs`;
    /// functions may change it.
    pub(super) fn execute(&self, inputs: &Value, budget: &Budget) -> Result<Rendered, TemplateError> {
        let execution = Execution {
            limits: *budget.limits(),
            budget: Some(budget),
            unknown: Unknown::Error,
            host: inputs,
        };
        let output = self.templates.execute(NAME, Value::NIL, &execution);
        let output = output.map_err(|error| TemplateError::from(*error))?;
        Ok(Rendered {
            inputs: inputs_of(&output),
            text: output.text.to_str().into_owned(),
            lines: output.lines().into_iter().map(|(_, line)| line).collect(),
        })
    }
}

fn inputs_of(output: &Output) -> Vec<Input> {
    let bytes = output.text.as_bytes();
    let mut inputs = Vec::new();
    let (mut line, mut passed) = (1_u32, 0);
    for span in output.spans() {
        let before = bytes.get(passed..span.range.start).unwrap_or_default();
        let breaks = before.iter().filter(|byte| **byte == b'\n').count();
        line = line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
        passed = span.range.start;
        let text = bytes.get(span.range.clone()).map(String::from_utf8_lossy);
        if let (Some(Mark::Place(mark)), Some(text)) = (span.mark, text)
            && !text.is_empty()
        {
            // Without quotes of YAML around the input.
            let quoted = ['"', '\''].iter().find_map(|quote| {
                let inner = text.strip_prefix(*quote)?;
                inner.strip_suffix(*quote)
            });
            inputs.push(Input {
                line,
                text: quoted.unwrap_or(&text).to_owned(),
                mark: *mark,
            });
        }
    }
    inputs
}

impl From<ExecError> for TemplateError {
    fn from(error: ExecError) -> Self {
        let message = match error.message.strip_prefix("error calling ") {
            Some(call) => call.to_owned(),
            None if error.unknown => error.message,
            None => format!("{}: {}", error.node, error.message),
        };
        TemplateError {
            message,
            line: error.line,
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the template: {}", self.line, self.message)
    }
}

fn library() -> Arc<Library> {
    static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| {
        let own = [
            ("inputs", INPUTS),
            ("mustToYaml", TO_YAML),
            ("slugify", SLUGIFY),
            ("toYaml", TO_YAML),
        ];
        Arc::new(functions::slim_sprig().without(&NOT_HERMETIC).with(own))
    });
    Arc::clone(library)
}

/// Unlike Helm's, the function keeps the final line break.
const TO_YAML: Function = Function::new(&[Type::Any], |caller, arguments| {
    let text = functions::to_yaml(caller, arguments.any(0))?;
    Ok(Value::text(format!("{text}\n")))
});

/// Functions of slim-sprig that flux-operator removes because they depend on the clock.
const NOT_HERMETIC: [&str; 8] = [
    "date",
    "dateInZone",
    "dateModify",
    "date_in_zone",
    "date_modify",
    "htmlDate",
    "htmlDateInZone",
    "now",
];

/// The function `inputs`.
const INPUTS: Function = Function::new(&[], |caller, _| {
    Ok(caller.host::<Value>().cloned().unwrap_or(Value::NIL))
});
