//! Syntax trees of templates, printed as Go prints them in errors.

use std::fmt;
use std::sync::{Arc, OnceLock};

use go_std::quote::quote;

use super::number::Number;
use crate::Text;

/// One template: a file, or a `define` or `block` in it.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) name: Arc<str>,
    pub(crate) source: Arc<Source>,
    pub(crate) root: List,
}

/// The text that a tree was parsed from.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: Arc<str>,
    pub(crate) text: Text,
    line_starts: OnceLock<Vec<usize>>,
}

impl Source {
    pub(crate) fn new(name: &str, text: Text) -> Self {
        Source {
            name: name.into(),
            text,
            line_starts: OnceLock::new(),
        }
    }

    /// The line, 1-based, and the bytes from its start.
    pub(crate) fn line_and_column(&self, position: usize) -> (u32, u32) {
        let starts = self.line_starts.get_or_init(|| {
            let ends = self.text.as_bytes().iter().enumerate();
            let after_ends = ends.filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1);
            std::iter::once(0).chain(after_ends).collect()
        });
        let line = starts.partition_point(|start| *start <= position).max(1);
        let column = position - starts.get(line - 1).copied().unwrap_or(0);
        (
            u32::try_from(line).unwrap_or(u32::MAX),
            u32::try_from(column).unwrap_or(u32::MAX),
        )
    }
}

impl Tree {
    /// Whether the template is only white space and comments.
    pub(crate) fn is_empty(&self) -> bool {
        let blank = |node: &Node| matches!(node, Node::Text(_, text) if text.to_str().trim().is_empty());
        self.root.nodes.iter().all(blank)
    }
}

/// Text and actions in order. Positions are bytes from the start of the source.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) nodes: Vec<Node>,
}

#[derive(Debug)]
pub(crate) enum Node {
    Text(usize, Text),
    Action(usize, Pipeline),
    If(Branch),
    With(Branch),
    Range(Branch),
    Template(usize, Arc<str>, Option<Pipeline>),
    Break,
    Continue,
}

/// `if`, `with` or `range` with both of its lists.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) pipeline: Pipeline,
    pub(crate) list: List,
    pub(crate) otherwise: Option<List>,
}

/// Commands, each with the result of the previous one as its last argument, and the variables that take the final result.
#[derive(Debug)]
pub(crate) struct Pipeline {
    pub(crate) position: usize,
    pub(crate) variables: Vec<Variable>,
    /// Whether the variables are assigned with `=`, not declared with `:=`.
    pub(crate) assigns: bool,
    pub(crate) commands: Vec<Command>,
}

/// A function or value and its arguments.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) position: usize,
    /// At least one.
    pub(crate) operands: Vec<Operand>,
}

/// `$x.a.b`
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) position: usize,
    pub(crate) name: Arc<str>,
    pub(crate) fields: Vec<Arc<str>>,
}

#[derive(Debug)]
pub(crate) enum Operand {
    Dot(usize),
    Nil(usize),
    Bool(usize, bool),
    Number(usize, Number),
    /// The literal and its value.
    Text(usize, Box<str>, Text),
    /// `.a.b`
    Field(usize, Vec<Arc<str>>),
    Variable(Variable),
    Function(usize, Box<str>),
    /// `(pipeline).a.b` and `function.a.b`
    Chain(usize, Box<Operand>, Vec<Arc<str>>),
    Pipeline(Pipeline),
}

/// A node of a tree, as errors refer to it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum NodeRef<'t> {
    Node(&'t Node),
    Pipeline(&'t Pipeline),
    Command(&'t Command),
    Operand(&'t Operand),
}

impl NodeRef<'_> {
    pub(crate) fn position(self) -> usize {
        match self {
            NodeRef::Node(
                Node::Text(position, _) | Node::Action(position, _) | Node::Template(position, ..),
            ) => *position,
            NodeRef::Node(Node::If(branch) | Node::With(branch) | Node::Range(branch)) => {
                branch.pipeline.position
            }
            NodeRef::Node(Node::Break | Node::Continue) => 0,
            NodeRef::Pipeline(pipeline) | NodeRef::Operand(Operand::Pipeline(pipeline)) => pipeline.position,
            NodeRef::Command(command) => command.position,
            NodeRef::Operand(
                Operand::Dot(position)
                | Operand::Nil(position)
                | Operand::Bool(position, _)
                | Operand::Number(position, _)
                | Operand::Text(position, ..)
                | Operand::Field(position, _)
                | Operand::Function(position, _)
                | Operand::Chain(position, ..)
                | Operand::Variable(Variable { position, .. }),
            ) => *position,
        }
    }
}

impl fmt::Display for NodeRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NodeRef::Node(node) => node.fmt(f),
            NodeRef::Pipeline(pipeline) => pipeline.fmt(f),
            NodeRef::Command(command) => command.fmt(f),
            NodeRef::Operand(operand) => operand.fmt(f),
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Node::Text(_, text) => write!(f, "{text}"),
            Node::Action(_, pipeline) => write!(f, "{{{{{pipeline}}}}}"),
            Node::If(branch) => branch.write("if", f),
            Node::With(branch) => branch.write("with", f),
            Node::Range(branch) => branch.write("range", f),
            Node::Template(_, name, None) => write!(f, "{{{{template {}}}}}", quote(name)),
            Node::Template(_, name, Some(pipeline)) => {
                write!(f, "{{{{template {} {pipeline}}}}}", quote(name))
            }
            Node::Break => f.write_str("{{break}}"),
            Node::Continue => f.write_str("{{continue}}"),
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.nodes.iter().try_for_each(|node| node.fmt(f))
    }
}

impl Branch {
    fn write(&self, word: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{{word} {}}}}}{}", self.pipeline, self.list)?;
        if let Some(list) = &self.otherwise {
            write!(f, "{{{{else}}}}{list}")?;
        }
        f.write_str("{{end}}")
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, variable) in self.variables.iter().enumerate() {
            let before = if index > 0 { ", " } else { "" };
            write!(f, "{before}{variable}")?;
        }
        if !self.variables.is_empty() {
            f.write_str(if self.assigns { " = " } else { " := " })?;
        }
        for (index, command) in self.commands.iter().enumerate() {
            let before = if index > 0 { " | " } else { "" };
            write!(f, "{before}{command}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, operand) in self.operands.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            match operand {
                Operand::Pipeline(pipeline) => write!(f, "({pipeline})")?,
                operand => operand.fmt(f)?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        fields(&self.fields, f)
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Dot(_) => f.write_str("."),
            Operand::Nil(_) => f.write_str("nil"),
            Operand::Bool(_, value) => write!(f, "{value}"),
            Operand::Number(_, number) => f.write_str(&number.text),
            Operand::Text(_, literal, _) => f.write_str(literal),
            Operand::Field(_, names) => fields(names, f),
            Operand::Variable(variable) => variable.fmt(f),
            Operand::Function(_, name) => f.write_str(name),
            Operand::Chain(_, start, names) => {
                match &**start {
                    Operand::Pipeline(pipeline) => write!(f, "({pipeline})")?,
                    start => start.fmt(f)?,
                }
                fields(names, f)
            }
            Operand::Pipeline(pipeline) => pipeline.fmt(f),
        }
    }
}

fn fields(names: &[Arc<str>], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    names.iter().try_for_each(|name| write!(f, ".{name}"))
}
