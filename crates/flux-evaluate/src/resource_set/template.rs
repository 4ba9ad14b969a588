//! The template dialect of a ResourceSet, as flux-operator executes it.
//!
//! Actions stand between `<<` and `>>`, a missing key is an error, and functions are those of
//! [slim-sprig](https://go-task.github.io/slim-sprig/) with `slugify`, `toYaml` and `inputs`. What cannot be known without a
//! cluster fails where it is used.

use std::fmt;
use std::sync::{Arc, OnceLock};

use go_template::{
    Budget, ExecError, Execution, Function, Library, Limits, Mark, MissingKey, Output, Templates, Type,
    Unknown, Value, functions,
};

use super::slugify::SLUGIFY;

/// The name of every template, which one can call itself by.
const NAME: &str = "resourceset";

/// Far more than the templates of any ResourceSet need, for all inputs together.
const STEPS: u64 = 5_000_000;
/// Bytes of all texts and values that the templates of a ResourceSet make.
pub(super) const BYTES: u64 = 256 << 20;

/// What the templates of one ResourceSet may take. No text gets longer than `text_bytes`.
pub(super) fn budget(text_bytes: usize) -> Budget {
    Budget::new(Limits {
        steps: STEPS,
        text_bytes,
        total_bytes: BYTES,
        ..Limits::default()
    })
}

/// A parsed template.
pub(super) struct Template {
    templates: Templates,
}

/// Why a template does not parse or fails when it is executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct TemplateError {
    pub(super) message: String,
    /// Line of the template, 1-based.
    pub(super) line: u32,
}

/// What a template writes.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) text: String,
    /// The template's line behind each line of the text.
    pub(super) lines: Vec<u32>,
    /// Inputs that the text has as they are.
    pub(super) inputs: Vec<Input>,
}

/// An input that stands in a text.
#[derive(Debug)]
pub(super) struct Input {
    /// Line of the text, 1-based.
    pub(super) line: u32,
    pub(super) text: String,
    /// Where it is stated.
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

    /// Executes the template at the cost of a budget that all executions of a ResourceSet share. `inputs` is what the
    /// function of that name returns; functions may change it.
    pub(super) fn execute(&self, inputs: &Value, budget: &Budget) -> Result<Rendered, TemplateError> {
        let execution = Execution {
            limits: *budget.limits(),
            budget: Some(budget),
            unknown: Unknown::Error,
            host: inputs,
        };
        let output = self
            .templates
            .execute(NAME, Value::NIL, &execution)
            .map_err(|error| TemplateError::from(*error))?;
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
        let ends = line_ends(before);
        line = line.saturating_add(ends);
        passed = span.range.start;
        let text = bytes.get(span.range.clone()).map(String::from_utf8_lossy);
        if let (Some(Mark::Place(mark)), Some(text)) = (span.mark, text)
            && !text.is_empty()
        {
            // What is quoted is the input in quotes of YAML.
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

fn line_ends(bytes: &[u8]) -> u32 {
    let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(ends).unwrap_or(u32::MAX)
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

/// Unlike Helm's the function keeps the final line end.
const TO_YAML: Function = Function::new(&[Type::Any], |caller, arguments| {
    let text = functions::to_yaml(caller, arguments.any(0))?;
    Ok(Value::text(format!("{text}\n")))
});

/// What flux-operator leaves out of slim-sprig because of the clock.
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

/// The inputs that the template is executed with.
const INPUTS: Function = Function::new(&[], |caller, _| {
    Ok(caller.host::<Value>().cloned().unwrap_or(Value::NIL))
});
