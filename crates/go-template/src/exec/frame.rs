//! The execution of one template.

use std::sync::Arc;

use go_std::quote::quote;

use super::output::Writer;
use super::range;
use super::slot::Slot;
use super::state::State;
use crate::error::ExecResult;
use crate::parse::{Branch, List, Node, NodeRef, Pipeline, Tree};
use crate::{Caller, ExecError, FunctionError, fmt};

/// The execution of one template: its variables, and the node that errors refer to.
pub(super) struct Frame<'f, 'e> {
    pub(super) state: &'f mut State<'e>,
    tree: &'f Tree,
    data: Slot,
    variables: Vec<(&'f str, Slot)>,
    at: NodeRef<'f>,
    out: &'f mut Writer,
}

/// How a list of nodes ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    Next,
    Break,
    Continue,
}

impl<'f, 'e> Frame<'f, 'e> {
    pub(super) fn new(state: &'f mut State<'e>, tree: &'f Tree, data: Slot, out: &'f mut Writer) -> Self {
        const NOWHERE: &Node = &Node::Break;
        Frame {
            state,
            tree,
            variables: vec![("$", data.clone())],
            data,
            at: NodeRef::Node(tree.root.nodes.first().unwrap_or(NOWHERE)),
            out,
        }
    }

    /// Executes the whole template.
    pub(super) fn execute(mut self) -> ExecResult<()> {
        let (tree, data) = (self.tree, self.data.clone());
        self.list(&data, &tree.root)?;
        Ok(())
    }

    pub(super) fn list(&mut self, dot: &Slot, list: &'f List) -> ExecResult<Flow> {
        for node in &list.nodes {
            let flow = self.node(dot, node)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn node(&mut self, dot: &Slot, node: &'f Node) -> ExecResult<Flow> {
        self.at(NodeRef::Node(node));
        self.spend(1)?;
        match node {
            Node::Text(position, text) => {
                self.check_output(text.len())?;
                self.out.text(text.as_bytes(), &self.tree.source, *position);
            }
            Node::Action(position, pipeline) => {
                let slot = self.pipeline(dot, pipeline)?;
                if pipeline.variables.is_empty() {
                    self.at(NodeRef::Node(node));
                    self.print(&slot, *position)?;
                }
            }
            Node::If(branch) => return crate::stack::grow(|| self.branch(dot, branch, false)),
            Node::With(branch) => return crate::stack::grow(|| self.branch(dot, branch, true)),
            Node::Range(branch) => {
                let variables = self.variables.len();
                crate::stack::grow(|| range::range(self, dot, node, branch))?;
                self.variables.truncate(variables);
            }
            Node::Template(_, name, pipeline) => {
                crate::stack::grow(|| self.template(dot, name, pipeline.as_ref()))?;
            }
            Node::Break => return Ok(Flow::Break),
            Node::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn print(&mut self, slot: &Slot, position: usize) -> ExecResult<()> {
        let budget = self.state.budget();
        let text = fmt::print_action(&slot.value, budget).map_err(|error| self.failed(error))?;
        self.check_output(text.len())?;
        self.out.value(
            text.as_bytes(),
            slot.value.shared_mark(),
            &self.tree.source,
            position,
        );
        Ok(())
    }

    fn check_output(&self, more: usize) -> ExecResult<()> {
        let budget = self.state.budget();
        budget
            .check_bytes(self.out.len() + more)
            .and_then(|()| budget.allocate(more))
            .map_err(|error| self.failed(error))
    }

    fn branch(&mut self, dot: &Slot, branch: &'f Branch, with: bool) -> ExecResult<Flow> {
        let variables = self.variables.len();
        let slot = self.pipeline(dot, &branch.pipeline)?;
        let flow = if slot.value.truth() {
            self.list(if with { &slot } else { dot }, &branch.list)?
        } else if let Some(list) = &branch.otherwise {
            self.list(dot, list)?
        } else {
            Flow::Next
        };
        self.variables.truncate(variables);
        Ok(flow)
    }

    fn template(&mut self, dot: &Slot, name: &str, pipeline: Option<&'f Pipeline>) -> ExecResult<()> {
        let Some(tree) = self.state.tree(name) else {
            return Err(self.error(format!("template {} not defined", quote(name))));
        };
        self.state.enter().map_err(|error| self.failed(error))?;
        let data = match pipeline {
            Some(pipeline) => self.pipeline(dot, pipeline)?,
            None => Slot::INVALID,
        };
        Frame::new(self.state, &tree, data, self.out).execute()?;
        self.state.leave();
        Ok(())
    }

    /// Sets the node that errors refer to from here on.
    pub(super) fn at(&mut self, node: NodeRef<'f>) {
        self.at = node;
    }

    pub(super) fn mark(&self) -> usize {
        self.variables.len()
    }

    pub(super) fn pop(&mut self, mark: usize) {
        self.variables.truncate(mark);
    }

    pub(super) fn push(&mut self, name: &'f str, slot: Slot) {
        self.variables.push((name, slot));
    }

    /// Sets the variable at `from_top` from the end; the last one is 1.
    pub(super) fn set_top(&mut self, from_top: usize, slot: Slot) {
        let index = self.variables.len().saturating_sub(from_top);
        if let Some((_, variable)) = self.variables.get_mut(index) {
            *variable = slot;
        }
    }

    pub(super) fn assign(&mut self, name: &str, slot: Slot) -> ExecResult<()> {
        match self.variables.iter_mut().rev().find(|(known, _)| *known == name) {
            Some((_, variable)) => {
                *variable = slot;
                Ok(())
            }
            None => Err(self.error(format!("undefined variable: {name}"))),
        }
    }

    pub(super) fn variable(&self, name: &str) -> ExecResult<Slot> {
        match self.variables.iter().rev().find(|(known, _)| *known == name) {
            Some((_, slot)) => Ok(slot.clone()),
            None => Err(self.error(format!("undefined variable: {name}"))),
        }
    }

    pub(super) fn spend(&self, steps: u64) -> ExecResult<()> {
        self.state
            .budget()
            .spend(steps)
            .map_err(|error| self.failed(error))
    }

    /// An error at the current node.
    pub(super) fn error(&self, message: impl Into<String>) -> Box<ExecError> {
        self.error_of(message.into(), None)
    }

    /// A function's error as one of the current node, for limits and unknown values.
    pub(super) fn failed(&self, error: FunctionError) -> Box<ExecError> {
        Box::new(ExecError {
            limit: error.limit,
            unknown: error.unknown,
            ..*self.error(error.message)
        })
    }

    /// An error at the current node, with the error of a function as its cause.
    pub(super) fn error_of(&self, message: String, cause: Option<FunctionError>) -> Box<ExecError> {
        let (line, column) = self.tree.source.line_and_column(self.at.position());
        Box::new(ExecError {
            file: Arc::clone(&self.tree.source.name),
            line,
            column,
            template: Arc::clone(&self.tree.name),
            node: self.at.to_string(),
            limit: cause.as_ref().is_some_and(|cause| cause.limit),
            unknown: cause.as_ref().is_some_and(|cause| cause.unknown),
            message,
            cause,
        })
    }
}
