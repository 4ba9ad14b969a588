//! A Go template and its inputs turn into text.
//!
//! The language of <https://pkg.go.dev/text/template> between `<<` and `>>`, with `missingkey=error`, the repeatable
//! functions of <https://go-task.github.io/slim-sprig/>, and `slugify`, `toYaml` and `inputs` of flux-operator.

// From text to a template.
mod ast;
mod lex;
mod literal;
mod parse;

// From a template to text.
mod context;
mod exec;
mod rendered;
mod value;

// What a template calls.
mod builtins;
mod compare;
mod format;
mod functions;
mod numbers;
mod quote;

#[cfg(test)]
mod tests;

use std::fmt;
use std::rc::Rc;

use foldhash::HashMap;

pub use functions::adler32;
pub use rendered::Rendered;
pub use value::{List, Map, Value};

/// A parsed template.
pub struct Template {
    root: ast::List,
    /// What `define` and `block` define.
    defined: HashMap<String, Rc<ast::List>>,
}

/// Why a template does not parse or fails when it is executed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// What is wrong.
    pub message: String,
    /// Line of the template, 1-based.
    pub line: u32,
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} of the template: {}", self.line, self.message)
    }
}

impl Template {
    /// Parses a template.
    pub fn parse(text: &str) -> Result<Template, TemplateError> {
        parse::parse(text)
    }

    /// Executes it. `inputs` is what the function of that name returns; functions may change it. No more than `bytes` are
    /// written.
    pub fn execute(&self, inputs: &Value, bytes: usize) -> Result<rendered::Rendered, TemplateError> {
        exec::execute(self, inputs, bytes)
    }
}
