//! Calls of functions and methods.

use std::rc::Rc;

use go_std::quote::quote;

use super::frame::Frame;
use super::slot::Slot;
use crate::error::ExecResult;
use crate::parse::{NodeRef, Operand};
use crate::{
    Arguments, Caller, Function, FunctionError, Kind, Mark, Object, Signature, Type, Unknown, Value, builtins,
};

/// A call as written.
pub(super) struct Call<'f> {
    /// The position of errors of the function.
    pub(super) node: NodeRef<'f>,
    pub(super) name: &'f str,
    /// The arguments after the name.
    pub(super) operands: &'f [Operand],
    /// The piped value.
    pub(super) last: Option<Slot>,
}

impl<'f> Call<'f> {
    pub(super) fn without_arguments(node: &'f Operand, name: &'f str) -> Self {
        Call {
            node: NodeRef::Operand(node),
            name,
            operands: &[],
            last: None,
        }
    }

    pub(super) fn has_arguments(&self) -> bool {
        !self.operands.is_empty() || self.last.is_some()
    }
}

/// The function or method that is called.
pub(super) enum Callee {
    Function(Function),
    /// A method, with the mark of the value that has it.
    Method(Rc<dyn Object>, Signature, Option<Rc<Mark>>),
}

const AT_LEAST_ONE: Signature = Signature {
    fixed: &[Type::Reflect],
    rest: Some(Type::Reflect),
};

impl<'f> Frame<'f, '_> {
    pub(super) fn function(&mut self, dot: &Slot, call: Call<'f>) -> ExecResult<Slot> {
        let function = match (self.state.library().get(call.name), call.name) {
            (Some(function), _) => *function,
            (None, "and" | "or") => return self.and_or(dot, call),
            (None, "call") => return self.call_value(dot, call),
            (None, "len") => return self.len(dot, call),
            (None, name) => builtins::get(name)
                .ok_or_else(|| self.error(format!("{} is not a defined function", quote(name))))?,
        };
        self.call(dot, Callee::Function(function), call)
    }

    pub(super) fn call(&mut self, dot: &Slot, callee: Callee, call: Call<'f>) -> ExecResult<Slot> {
        let (signature, weight) = match &callee {
            Callee::Function(function) => (function.signature, function.weight),
            Callee::Method(_, signature, _) => (*signature, 1),
        };
        self.check_count(signature, &call)?;
        let mut arguments = Vec::with_capacity(call.operands.len() + 1);
        for (index, operand) in call.operands.iter().enumerate() {
            arguments.push(self.argument(dot, parameter(signature, index), operand)?);
        }
        if let Some(last) = call.last {
            arguments.push(self.convert(last, parameter(signature, arguments.len()))?);
        }
        let size: u64 = arguments.iter().map(size).sum();
        self.spend(u64::from(weight).saturating_mul(1 + size / 8))?;
        let executed = self.state.executed();
        let result = match &callee {
            Callee::Function(function) => (function.call)(self.state, Arguments(&arguments)),
            Callee::Method(object, ..) => object.call(call.name, self.state, Arguments(&arguments)),
        };
        let result = result.and_then(|value| {
            self.account(&value)?;
            Ok(value)
        });
        let value = result.map_err(|error| self.call_failed(&call.node, call.name, error))?;
        let keeps = matches!(&callee, Callee::Function(function) if function.keeps_mark);
        // Output of a template that the call executed has its mark already.
        let value = if self.state.executed() == executed {
            match callee {
                // Results of methods of an unknown value are unknown too.
                Callee::Method(_, _, Some(mark)) if matches!(&*mark, Mark::Unknown(_)) => {
                    value.with_shared_mark(Some(mark))
                }
                _ => self.marked(value, &arguments, keeps),
            }
        } else {
            value
        };
        if let (Unknown::Error, Some(why)) = (self.state.unknown(), value.why_unknown()) {
            let error = match find(&arguments, &is_unknown) {
                Some(_) => FunctionError::unknown(&**why),
                None => FunctionError::unknown(format!("the result {why}, so it is unknown")),
            };
            return Err(self.call_failed(&call.node, call.name, error));
        }
        Ok(Slot::plain(value))
    }

    fn call_failed(&mut self, node: &NodeRef<'f>, name: &str, error: FunctionError) -> Box<crate::ExecError> {
        self.at(*node);
        if error.limit && error.exec.is_none() {
            return self.failed(error);
        }
        let message = format!("error calling {name}: {}", error.message);
        self.error_of(message, Some(error))
    }

    fn check_count(&self, signature: Signature, call: &Call<'_>) -> ExecResult<()> {
        let fixed = signature.fixed.len();
        let given = call.operands.len();
        let count = given + usize::from(call.last.is_some());
        let name = call.name;
        if signature.rest.is_some() {
            if count < fixed {
                return Err(self.error(format!(
                    "wrong number of args for {name}: want at least {fixed} got {given}"
                )));
            }
        } else if count != fixed {
            return Err(self.error(format!(
                "wrong number of args for {name}: want {fixed} got {count}"
            )));
        }
        Ok(())
    }

    /// Charges the memory of a result.
    fn account(&self, value: &Value) -> Result<(), FunctionError> {
        let budget = self.state.budget();
        match &value.kind {
            Kind::Text(text) | Kind::Bytes(text) => {
                budget.check_bytes(text.len())?;
                budget.allocate(text.len())
            }
            Kind::List(list) => {
                budget.spend(list.items().len() as u64)?;
                budget.allocate(std::mem::size_of_val(list.items()))
            }
            _ => Ok(()),
        }
    }

    /// The result with the mark that follows from the arguments.
    fn marked(&mut self, value: Value, arguments: &[Value], keeps: bool) -> Value {
        if is_unknown(&value) {
            self.state.saw_unknown();
            return value;
        }
        if matches!(value.kind, Kind::List(_) | Kind::Map(_)) {
            return value;
        }
        if let Some(unknown) = arguments.iter().find(|value| is_unknown(value)) {
            return value.with_mark_of(unknown);
        }
        // A string may be computed from everything in a list or map, unless it is one of its elements.
        if self.state.has_seen_unknown()
            && let Kind::Text(text) = &value.kind
            && let Some(unknown) = find(arguments, &is_unknown)
            && find(
                arguments,
                &|value| matches!(&value.kind, Kind::Text(element) if element.is_same(text)),
            )
            .is_none()
        {
            return value.with_mark_of(&unknown);
        }
        if keeps && value.mark().is_none() {
            let marked = arguments.iter().rev().find(|argument| argument.mark().is_some());
            if let Some(marked) = marked {
                return value.with_mark_of(marked);
            }
        }
        value
    }

    /// `and` and `or`, which stop at the first argument that decides.
    fn and_or(&mut self, dot: &Slot, call: Call<'f>) -> ExecResult<Slot> {
        self.check_count(AT_LEAST_ONE, &call)?;
        let decides = call.name == "or";
        let mut value = Value::NIL;
        for operand in call.operands {
            value = self.argument(dot, Type::Reflect, operand)?;
            if value.truth() == decides {
                return Ok(Slot::plain(value));
            }
        }
        match call.last {
            Some(last) => self.convert(last, Type::Reflect).map(Slot::plain),
            None => Ok(Slot::plain(value)),
        }
    }

    /// `len`, which reports a nil element of a map differently from a missing value.
    fn len(&mut self, dot: &Slot, call: Call<'f>) -> ExecResult<Slot> {
        const SIGNATURE: Signature = Signature {
            fixed: &[Type::Reflect],
            rest: None,
        };
        self.check_count(SIGNATURE, &call)?;
        let slot = match (call.operands.first(), call.last) {
            (Some(operand), _) => self.operand(dot, operand)?,
            (None, last) => last.unwrap_or(Slot::INVALID),
        };
        let slot = self.usable(slot)?;
        let result = if slot.is_invalid() {
            Err("reflect: call of reflect.Value.Type on zero Value".into())
        } else {
            builtins::len(&slot.value)
        };
        let length = result.map_err(|error| self.call_failed(&call.node, "len", error))?;
        let length = self.marked(length, std::slice::from_ref(&slot.value), false);
        Ok(Slot::plain(length))
    }

    /// `call`, which always fails: no value is a function.
    fn call_value(&mut self, dot: &Slot, call: Call<'f>) -> ExecResult<Slot> {
        self.check_count(AT_LEAST_ONE, &call)?;
        let mut values = Vec::new();
        for operand in call.operands {
            values.push(self.argument(dot, Type::Reflect, operand)?);
        }
        let name = call.operands.first().map(ToString::to_string);
        let value = match (values.into_iter().next(), call.last) {
            (Some(value), _) => value,
            (None, Some(last)) => self.convert(last, Type::Reflect)?,
            (None, None) => Value::NIL,
        };
        let message = if value.is_nil() {
            "call of nil".to_owned()
        } else {
            let name = name.unwrap_or_else(|| match &value.kind {
                Kind::Text(text) => text.to_string(),
                _ => format!("<{} Value>", value.type_name()),
            });
            format!("non-function {name} of type {}", value.type_name())
        };
        Err(self.call_failed(&call.node, "call", FunctionError::new(message)))
    }
}

fn parameter(signature: Signature, index: usize) -> Type {
    let fixed = signature.fixed.get(index).copied();
    fixed.or(signature.rest).unwrap_or(Type::Any)
}

fn is_unknown(value: &Value) -> bool {
    value.why_unknown().is_some()
}

/// Work for a function that goes through a value.
fn size(value: &Value) -> u64 {
    let size = match &value.kind {
        Kind::Text(text) | Kind::Bytes(text) => text.len(),
        Kind::List(list) => 2 * list.items().len(),
        Kind::Map(map) => 2 * map.len(),
        _ => 0,
    };
    size as u64
}

/// Searches values and their elements, within bounds.
fn find(values: &[Value], wanted: &dyn Fn(&Value) -> bool) -> Option<Value> {
    let mut left = 10_000_u32;
    values
        .iter()
        .find_map(|value| find_in(value, wanted, 16, &mut left))
}

fn find_in(value: &Value, wanted: &dyn Fn(&Value) -> bool, depth: u32, left: &mut u32) -> Option<Value> {
    if wanted(value) {
        return Some(value.clone());
    }
    *left = left.checked_sub(1)?;
    let inner = depth.checked_sub(1)?;
    match &value.kind {
        Kind::List(list) => list
            .items()
            .iter()
            .find_map(|item| find_in(item, wanted, inner, left)),
        Kind::Map(map) => map
            .entries()
            .values()
            .find_map(|item| find_in(item, wanted, inner, left)),
        _ => None,
    }
}
