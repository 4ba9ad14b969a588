//! What a template consists of.

use std::rc::Rc;

/// Text and actions in order.
pub(super) type List = Vec<Node>;

/// One text or action.
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Line of the template.
    pub(super) line: u32,
}

pub(super) enum Kind {
    Text(String),
    Action(Pipeline),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template(String, Option<Pipeline>),
    Break,
    Continue,
}

/// `if`, `with` or `range` with both of its lists.
pub(super) struct Branch {
    pub(super) pipeline: Pipeline,
    pub(super) list: List,
    pub(super) otherwise: Option<List>,
}

/// Commands, each given the result of the one before, and the variables that take the last result.
pub(super) struct Pipeline {
    pub(super) variables: Vec<Rc<str>>,
    /// `=` in place of `:=`.
    pub(super) assigns: bool,
    pub(super) commands: Vec<Command>,
    pub(super) line: u32,
}

/// A function or value and its arguments.
pub(super) struct Command {
    pub(super) operands: Vec<Operand>,
    pub(super) line: u32,
}

pub(super) enum Operand {
    Dot,
    Nil,
    Bool(bool),
    Number(Number),
    Text(Rc<str>),
    /// `.a.b`
    Field(Vec<String>),
    /// `$x.a.b`
    Variable(Rc<str>, Vec<String>),
    /// A name of a function.
    Function(String),
    /// `(pipeline).a.b` and `function.a.b`
    Chain(Box<Operand>, Vec<String>),
    Pipeline(Pipeline),
}

/// A number literal, which may serve as several types.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) int: Option<i64>,
    pub(super) float: f64,
    /// Whether it is a float where nothing asks for a type.
    pub(super) looks_float: bool,
}
