//! A template and its inputs turn into text.

use std::rc::Rc;

use super::ast::{Branch, Command, Kind, List, Node, Number, Operand, Pipeline};
use super::context::Context;
use super::functions::{self, Function, Type};
use super::rendered::{Origin, Rendered};
use super::value::Value;
use super::{Template, TemplateError, format};

/// Deeper than real templates call each other.
const DEPTH: u32 = 60;

pub(super) fn execute(template: &Template, inputs: &Value, bytes: usize) -> Result<Rendered, TemplateError> {
    let mut execution = Execution {
        template,
        inputs,
        context: Context::new(bytes),
        out: String::new(),
        origins: Vec::new(),
        variables: vec![("$".into(), Value::Nil)],
        depth: 0,
    };
    execution.list(&template.root, &Value::Nil)?;
    Ok(Rendered {
        text: execution.out,
        origins: execution.origins,
    })
}

struct Execution<'t> {
    template: &'t Template,
    inputs: &'t Value,
    context: Context,
    out: String,
    origins: Vec<Origin>,
    variables: Vec<(Rc<str>, Value)>,
    depth: u32,
}

/// How a list ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

type Result<T, E = TemplateError> = std::result::Result<T, E>;

/// An argument, and whether it may stand for any type that can be nil: Go tells a nil that a map holds from none at all.
struct Argument {
    value: Value,
    typed_nil: bool,
}

impl<'t> Execution<'t> {
    fn list(&mut self, list: &'t List, dot: &Value) -> Result<Flow> {
        for node in list {
            let flow = self.node(node, dot)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn node(&mut self, node: &'t Node, dot: &Value) -> Result<Flow> {
        self.spend(1, node.line)?;
        match &node.kind {
            Kind::Text(text) => self.write(text, node.line, true)?,
            Kind::Action(pipeline) => {
                let value = self.pipeline(pipeline, dot)?;
                if pipeline.variables.is_empty() {
                    let text =
                        format::print(&value, &self.context).map_err(|message| fault(message, node.line))?;
                    self.write(&text, node.line, false)?;
                }
            }
            Kind::If(branch) => return self.branch(branch, dot, false),
            Kind::With(branch) => return self.branch(branch, dot, true),
            Kind::Range(branch) => self.range(branch, dot)?,
            Kind::Template(name, pipeline) => self.call_template(name, pipeline.as_ref(), dot, node.line)?,
            Kind::Break => return Ok(Flow::Break),
            Kind::Continue => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn write(&mut self, text: &str, line: u32, advances: bool) -> Result<()> {
        self.context
            .check_bytes(self.out.len() + text.len())
            .map_err(|message| fault(message, line))?;
        self.origins.push(Origin {
            offset: self.out.len(),
            line,
            advances,
        });
        self.out.push_str(text);
        Ok(())
    }

    fn branch(&mut self, branch: &'t Branch, dot: &Value, with: bool) -> Result<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(&branch.pipeline, dot)?;
        let flow = if value.truth() {
            self.list(&branch.list, if with { &value } else { dot })?
        } else if let Some(list) = &branch.otherwise {
            self.list(list, dot)?
        } else {
            Flow::Next
        };
        self.variables.truncate(mark);
        Ok(flow)
    }

    fn range(&mut self, branch: &'t Branch, dot: &Value) -> Result<()> {
        let before = self.variables.len();
        let line = branch.pipeline.line;
        let value = self.pipeline(&branch.pipeline, dot)?;
        let mark = self.variables.len();
        let mut any = false;
        let mut iterate = |this: &mut Self, key: Value, element: Value| -> Result<Flow> {
            any = true;
            this.spend(1, line)?;
            let element = known(element, line)?;
            this.set_range_variables(&branch.pipeline, key, &element, mark, line)?;
            let flow = this.list(&branch.list, &element)?;
            this.variables.truncate(mark);
            Ok(flow)
        };
        match &value {
            Value::Nil => {}
            Value::Int(count) | Value::Int64(count) => {
                if branch.pipeline.variables.len() > 1 {
                    return Err(fault(
                        format!("can't use {count} to iterate over more than one variable"),
                        line,
                    ));
                }
                for index in 0..*count {
                    let element = match value {
                        Value::Int(_) => Value::Int(index),
                        _ => Value::Int64(index),
                    };
                    if iterate(self, Value::Nil, element)? == Flow::Break {
                        break;
                    }
                }
            }
            Value::List(list) => {
                for (index, element) in list.items.iter().enumerate() {
                    let index = Value::Int(i64::try_from(index).unwrap_or(i64::MAX));
                    if iterate(self, index, element.clone())? == Flow::Break {
                        break;
                    }
                }
            }
            Value::Map(map) => {
                let entries: Vec<(Rc<str>, Value)> = map
                    .entries
                    .borrow()
                    .iter()
                    .map(|(k, v)| (Rc::clone(k), v.clone()))
                    .collect();
                for (key, element) in entries {
                    if iterate(self, Value::Text(key), element)? == Flow::Break {
                        break;
                    }
                }
            }
            other => {
                let shown = format::print(other, &self.context).unwrap_or_default();
                return Err(fault(format!("range can't iterate over {shown}"), line));
            }
        }
        if let (false, Some(list)) = (any, &branch.otherwise) {
            self.list(list, dot)?;
        }
        self.variables.truncate(before);
        Ok(())
    }

    /// With one variable it is the element, with two the first is the key.
    fn set_range_variables(
        &mut self,
        pipeline: &Pipeline,
        key: Value,
        element: &Value,
        mark: usize,
        line: u32,
    ) -> Result<()> {
        let values = match pipeline.variables.len() {
            0 => return Ok(()),
            1 => vec![element.clone()],
            _ => vec![key, element.clone()],
        };
        if pipeline.assigns {
            for (name, value) in pipeline.variables.iter().zip(values) {
                self.assign(name, value, line)?;
            }
            return Ok(());
        }
        let first = mark.saturating_sub(values.len());
        for ((_, variable), value) in self.variables.iter_mut().skip(first).zip(values) {
            *variable = value;
        }
        Ok(())
    }

    fn call_template(
        &mut self,
        name: &str,
        pipeline: Option<&'t Pipeline>,
        dot: &Value,
        line: u32,
    ) -> Result<()> {
        let template = self.template;
        let list: &'t List = match template.defined.get(name) {
            Some(list) => list,
            // The template itself has this name.
            None if name == "resourceset" => &template.root,
            None => return Err(fault(format!("template {name:?} not defined"), line)),
        };
        if self.depth == DEPTH {
            return Err(fault("templates call each other too deeply", line));
        }
        let dot = match pipeline {
            Some(pipeline) => self.pipeline(pipeline, dot)?,
            None => Value::Nil,
        };
        let outer = std::mem::replace(&mut self.variables, vec![("$".into(), dot.clone())]);
        self.depth += 1;
        self.list(list, &dot)?;
        self.depth -= 1;
        self.variables = outer;
        Ok(())
    }

    fn pipeline(&mut self, pipeline: &'t Pipeline, dot: &Value) -> Result<Value> {
        let mut last: Option<Value> = None;
        for command in &pipeline.commands {
            last = Some(self.command(command, dot, last)?);
        }
        let value = last.unwrap_or(Value::Nil);
        for name in &pipeline.variables {
            if pipeline.assigns {
                self.assign(name, value.clone(), pipeline.line)?;
            } else {
                self.variables.push((Rc::clone(name), value.clone()));
            }
        }
        Ok(value)
    }

    fn assign(&mut self, name: &str, value: Value, line: u32) -> Result<()> {
        match self
            .variables
            .iter_mut()
            .rev()
            .find(|(known, _)| **known == *name)
        {
            Some((_, variable)) => {
                *variable = value;
                Ok(())
            }
            None => Err(fault(format!("undefined variable: {name}"), line)),
        }
    }

    fn command(&mut self, command: &'t Command, dot: &Value, last: Option<Value>) -> Result<Value> {
        let line = command.line;
        self.spend(1, line)?;
        let Some((first, arguments)) = command.operands.split_first() else {
            return Ok(Value::Nil);
        };
        if let Operand::Function(name) = first {
            return self.call(name, arguments, dot, last, line);
        }
        if !arguments.is_empty() || last.is_some() {
            return Err(fault("can't give argument to a value that is no function", line));
        }
        if let Operand::Nil = first {
            return Err(fault("nil is not a command", line));
        }
        Ok(self.operand(first, dot, line)?.value)
    }

    fn call(
        &mut self,
        name: &str,
        arguments: &'t [Operand],
        dot: &Value,
        last: Option<Value>,
        line: u32,
    ) -> Result<Value> {
        self.spend(1, line)?;
        let failed = |message: String| fault(format!("{name}: {message}"), line);
        match name {
            "inputs" if arguments.is_empty() && last.is_none() => return Ok(self.inputs.clone()),
            "inputs" => return Err(failed("takes no arguments".into())),
            "and" | "or" => return self.and_or(name, arguments, dot, last, line),
            _ => {}
        }
        let function = functions::find(name).map_err(failed)?;
        let count = arguments.len() + usize::from(last.is_some());
        let (fixed, variadic) = (function.fixed.len(), function.rest.is_some());
        if count < fixed || (count > fixed && !variadic) {
            let least = if variadic { "at least " } else { "" };
            return Err(failed(format!(
                "wrong number of args: want {least}{fixed} got {count}"
            )));
        }
        let mut values = Vec::with_capacity(count);
        for (index, argument) in arguments.iter().enumerate() {
            let wanted = parameter(&function, index);
            values.push(self.argument(argument, wanted, dot, name, line)?);
        }
        if let Some(value) = last {
            let argument = Argument {
                value,
                typed_nil: true,
            };
            values.push(convert(argument, parameter(&function, values.len()), name, line)?);
        }
        let value = (function.call)(&self.context, &values).map_err(failed)?;
        match &value {
            Value::Text(text) => self.context.check_bytes(text.len()).map_err(failed)?,
            Value::List(list) => self.context.spend(list.items.len() as u64).map_err(failed)?,
            _ => {}
        }
        Ok(value)
    }

    /// Both stop at the argument that decides.
    fn and_or(
        &mut self,
        name: &str,
        arguments: &'t [Operand],
        dot: &Value,
        last: Option<Value>,
        line: u32,
    ) -> Result<Value> {
        if arguments.is_empty() && last.is_none() {
            return Err(fault(
                format!("{name}: wrong number of args: want at least 1 got 0"),
                line,
            ));
        }
        let mut value = Value::Nil;
        for argument in arguments {
            value = self.argument(argument, Type::Any, dot, name, line)?;
            if value.truth() == (name == "or") {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    fn argument(
        &mut self,
        operand: &'t Operand,
        wanted: Type,
        dot: &Value,
        name: &str,
        line: u32,
    ) -> Result<Value> {
        let literal = |ok: Option<Value>, found: &str| {
            ok.ok_or_else(|| fault(format!("{name}: expected {}; found {found}", wanted.name()), line))
        };
        match (operand, wanted) {
            (Operand::Nil, Type::Any) => Ok(Value::Nil),
            (Operand::Nil, Type::Map) => Ok(Value::nil_map()),
            (Operand::Nil, _) => Err(fault(
                format!("{name}: cannot assign nil to {}", wanted.name()),
                line,
            )),
            (Operand::Bool(value), Type::Any | Type::Bool) => Ok(Value::Bool(*value)),
            (Operand::Bool(value), _) => literal(None, &value.to_string()),
            (Operand::Text(text), Type::Any | Type::Text) => Ok(Value::Text(Rc::clone(text))),
            (Operand::Text(text), _) => literal(None, &format!("{text:?}")),
            (Operand::Number(number), Type::Any) => ideal(*number, line),
            (Operand::Number(number), Type::Int) => {
                literal(number.int.map(Value::Int), &number.float.to_string())
            }
            (Operand::Number(number), Type::Float) => Ok(Value::Float(number.float)),
            (Operand::Number(number), _) => literal(None, &number.float.to_string()),
            _ => {
                let argument = self.operand(operand, dot, line)?;
                convert(argument, wanted, name, line)
            }
        }
    }

    fn operand(&mut self, operand: &'t Operand, dot: &Value, line: u32) -> Result<Argument> {
        let untyped = |value| Argument {
            value,
            typed_nil: true,
        };
        Ok(match operand {
            Operand::Dot => untyped(dot.clone()),
            Operand::Nil => untyped(Value::Nil),
            Operand::Bool(value) => untyped(Value::Bool(*value)),
            Operand::Number(number) => untyped(ideal(*number, line)?),
            Operand::Text(text) => untyped(Value::Text(Rc::clone(text))),
            Operand::Function(name) => untyped(self.call(name, &[], dot, None, line)?),
            Operand::Pipeline(pipeline) => {
                let mark = self.variables.len();
                let value = self.pipeline(pipeline, dot)?;
                // What parentheses declare stays declared, as in Go.
                debug_assert!(self.variables.len() >= mark);
                untyped(value)
            }
            Operand::Field(names) => fields(dot.clone(), names, line)?,
            Operand::Variable(name, names) => {
                let variable = self.variables.iter().rev().find(|(known, _)| known == name);
                let value = variable.map(|(_, value)| value.clone());
                let value = value.ok_or_else(|| fault(format!("undefined variable: {name}"), line))?;
                fields(value, names, line)?
            }
            Operand::Chain(start, names) => {
                if let Operand::Nil = **start {
                    return Err(fault("indirection through explicit nil", line));
                }
                let start = self.operand(start, dot, line)?;
                fields(start.value, names, line)?
            }
        })
    }

    fn spend(&self, steps: u64, line: u32) -> Result<()> {
        self.context.spend(steps).map_err(|message| fault(message, line))
    }
}

/// The value under a path of keys.
fn fields(start: Value, names: &[String], line: u32) -> Result<Argument> {
    let mut value = start;
    for name in names {
        value = match &value {
            Value::Nil => return Err(fault(format!("nil data; no entry for key {name:?}"), line)),
            Value::Map(map) => match map.get(name) {
                Some(value) => known(value, line)?,
                None => return Err(fault(format!("map has no entry for key {name:?}"), line)),
            },
            other => {
                let message = format!("can't evaluate field {name} in type {}", other.type_name());
                return Err(fault(message, line));
            }
        };
    }
    Ok(Argument {
        value,
        typed_nil: names.is_empty(),
    })
}

/// Sees that a value has the type of a parameter. Go's types are not converted into each other.
fn convert(argument: Argument, wanted: Type, name: &str, line: u32) -> Result<Value> {
    let value = known(argument.value, line)?;
    let fits = match (wanted, &value) {
        (Type::Any, _)
        | (Type::Text, Value::Text(_))
        | (Type::Int, Value::Int(_))
        | (Type::Float, Value::Float(_))
        | (Type::Bool, Value::Bool(_)) => true,
        (Type::Map, Value::Map(map)) => !map.texts,
        (Type::Map, Value::Nil) if argument.typed_nil => return Ok(Value::nil_map()),
        _ => false,
    };
    if fits {
        return Ok(value);
    }
    let message = format!(
        "{name}: wrong type for value; expected {}; got {}",
        wanted.name(),
        value.type_name()
    );
    Err(fault(message, line))
}

fn parameter(function: &Function, index: usize) -> Type {
    let fixed = function.fixed.get(index).copied();
    fixed.or(function.rest).unwrap_or(Type::Any)
}

/// The value of a number where nothing asks for a type.
fn ideal(number: Number, line: u32) -> Result<Value> {
    match number.int {
        _ if number.looks_float => Ok(Value::Float(number.float)),
        Some(int) => Ok(Value::Int(int)),
        None => Err(fault("a number overflows int", line)),
    }
}

fn known(value: Value, line: u32) -> Result<Value> {
    match value {
        Value::Unknown(reason) => Err(fault(reason.to_string(), line)),
        value => Ok(value),
    }
}

fn fault(message: impl Into<String>, line: u32) -> TemplateError {
    TemplateError {
        message: message.into(),
        line,
    }
}
