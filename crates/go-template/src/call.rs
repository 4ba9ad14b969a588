//! The caller and the arguments of a function.

use std::any::Any;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use crate::{Budget, ExecError, FunctionError, Kind, List, Map, ParseError, Parsed, Text, Value};

/// The execution that calls a function.
pub trait Caller<'e> {
    /// The budget of the execution. A function charges work that grows with its input, and checks the length of a long string
    /// before building it.
    fn budget(&self) -> &Budget;

    /// [`Execution::host`](crate::Execution::host): data for functions, such as the inputs of a ResourceSet.
    fn host_any(&self) -> &'e dyn Any;

    /// Executes a template by name, as `include` does, and returns its output.
    ///
    /// # Errors
    /// If there is no such template, or it fails.
    fn execute(&mut self, name: &str, data: Value) -> Result<Value, Box<ExecError>>;

    /// Charges the work of [`parse`](Caller::parse); a text that was parsed before is free.
    ///
    /// # Errors
    /// If a limit is hit.
    fn spend_on_parsing(&self, text: &Text) -> Result<(), FunctionError>;

    /// Parses a text that can call all other templates, as `tpl` does, under the name of the set.
    ///
    /// # Errors
    /// If the text does not parse.
    fn parse(&mut self, text: &Text) -> Result<Arc<Parsed>, ParseError>;

    /// Executes a parsed text. Templates that it defines exist while it executes, and hide others of the same name.
    ///
    /// # Errors
    /// If the execution fails.
    fn execute_parsed(&mut self, parsed: &Arc<Parsed>, data: Value) -> Result<Value, Box<ExecError>>;
}

impl<'e> dyn Caller<'e> + '_ {
    /// [`host_any`](Caller::host_any), if it has this type.
    pub fn host<T: Any>(&self) -> Option<&'e T> {
        self.host_any().downcast_ref()
    }
}

/// The arguments of one call, already checked against the [`Signature`](crate::Signature). An accessor returns the zero value
/// of its type for an argument of another type.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a>(pub &'a [Value]);

impl<'a> Arguments<'a> {
    /// The number of arguments.
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// An argument of any type.
    pub fn any(self, index: usize) -> &'a Value {
        const NIL: &Value = &Value::NIL;
        self.0.get(index).unwrap_or(NIL)
    }

    /// The arguments from `index` on.
    pub fn rest(self, index: usize) -> &'a [Value] {
        self.0.get(index..).unwrap_or_default()
    }

    /// A `string`.
    pub fn text(self, index: usize) -> &'a Text {
        static EMPTY: OnceLock<Text> = OnceLock::new();
        match &self.any(index).kind {
            Kind::Text(text) => text,
            _ => EMPTY.get_or_init(|| Text::from("")),
        }
    }

    /// The bytes of a `string`.
    pub(crate) fn bytes(self, index: usize) -> &'a [u8] {
        self.text(index).as_bytes()
    }

    /// An `int`, `int64` or `uint32`, capped at the largest `int64`.
    pub fn int(self, index: usize) -> i64 {
        match &self.any(index).kind {
            Kind::Int(value) | Kind::Int64(value) => *value,
            Kind::Uint64(value) => i64::try_from(*value).unwrap_or(i64::MAX),
            _ => 0,
        }
    }

    /// A `float64`.
    pub fn float(self, index: usize) -> f64 {
        match &self.any(index).kind {
            Kind::Float(value) => *value,
            _ => 0.0,
        }
    }

    /// A `bool`.
    pub fn bool(self, index: usize) -> bool {
        matches!(self.any(index).kind, Kind::Bool(true))
    }

    /// A `map[string]interface {}`, which may be nil.
    pub fn map(self, index: usize) -> Rc<Map> {
        match &self.any(index).kind {
            Kind::Map(map) => Rc::clone(map),
            _ => Rc::new(Map::nil()),
        }
    }

    /// A list, which may be nil.
    pub fn list(self, index: usize) -> Rc<List> {
        match &self.any(index).kind {
            Kind::List(list) => Rc::clone(list),
            _ => Rc::new(List::nil()),
        }
    }
}
