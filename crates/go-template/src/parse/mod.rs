//! Template text turns into trees.

mod lex;
mod number;
mod parser;
mod tree;

pub(crate) use number::Number;
pub(crate) use parser::{Syntax, parse};
pub(crate) use tree::{Branch, Command, List, Node, NodeRef, Operand, Pipeline, Source, Tree, Variable};
