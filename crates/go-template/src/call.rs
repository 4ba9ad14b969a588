//! What a function is called with: its caller and its arguments.

use std::any::Any;
use std::rc::Rc;
use std::sync::{Arc, OnceLock};

use crate::{Budget, ExecError, FunctionError, Kind, List, Map, ParseError, Parsed, Text, Value};

/// The execution that calls a function.
pub trait Caller<'e> {
    /// What is left of the bounds of the execution. A function accounts for work that grows with its input, and asks before it
    /// makes a long text.
    fn budget(&self) -> &Budget;

    /// What the caller of the execution gave along for its functions, such as the inputs of a ResourceSet.
    fn host_any(&self) -> &'e dyn Any;

    /// Executes a template by its name, as `include` does. The result is the text that it writes.
    ///
    /// # Errors
    /// Where there is no such template or it fails.
    fn execute(&mut self, name: &str, data: Value) -> Result<Value, Box<ExecError>>;

    /// Accounts for what [`parse`](Caller::parse) does with a text: nothing where it was parsed before.
    ///
    /// # Errors
    /// Where a limit is hit.
    fn spend_on_parsing(&self, text: &Text) -> Result<(), FunctionError>;

    /// Parses a text that can call all other templates, as `tpl` does. Its name is that of the set.
    ///
    /// # Errors
    /// Where the text does not parse.
    fn parse(&mut self, text: &Text) -> Result<Arc<Parsed>, ParseError>;

    /// Executes a text that was parsed. What it defines exists while it is executed, and hides templates of the same names.
    ///
    /// # Errors
    /// Where the execution fails.
    fn execute_parsed(&mut self, parsed: &Arc<Parsed>, data: Value) -> Result<Value, Box<ExecError>>;
}

impl<'e> dyn Caller<'e> + '_ {
    /// [`host_any`](Caller::host_any), where it is of this type.
    pub fn host<T: Any>(&self) -> Option<&'e T> {
        self.host_any().downcast_ref()
    }
}

/// The arguments of one call. They have the types that the [`Signature`](crate::Signature) states, so that the typed
/// accessors are asked for parameters of their type only; otherwise they return the zero of the type.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a>(pub &'a [Value]);

impl<'a> Arguments<'a> {
    /// How many there are.
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

    /// An `int`, `int64` or `uint32`.
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

    /// A `map[string]interface {}`, perhaps a nil one.
    pub fn map(self, index: usize) -> Rc<Map> {
        match &self.any(index).kind {
            Kind::Map(map) => Rc::clone(map),
            _ => Rc::new(Map::nil()),
        }
    }

    /// A list, perhaps a nil one.
    pub fn list(self, index: usize) -> Rc<List> {
        match &self.any(index).kind {
            Kind::List(list) => Rc::clone(list),
            _ => Rc::new(List::nil()),
        }
    }
}
