//! Operands as arguments of a parameter's type.

use super::call::Call;
use super::frame::Frame;
use super::slot::Slot;
use crate::error::ExecResult;
use crate::parse::{NodeRef, Operand};
use crate::{Kind, ListType, Type, Value};

impl<'f> Frame<'f, '_> {
    /// The value of an operand for a parameter.
    pub(super) fn argument(&mut self, dot: &Slot, wanted: Type, operand: &'f Operand) -> ExecResult<Value> {
        self.at(NodeRef::Operand(operand));
        match operand {
            Operand::Nil(_) => {
                zero(wanted).ok_or_else(|| self.error(format!("cannot assign nil to {}", wanted.name())))
            }
            Operand::Bool(..) | Operand::Number(..) | Operand::Text(..) => self.literal(wanted, operand),
            _ => {
                let slot = self.operand(dot, operand)?;
                self.convert(slot, wanted)
            }
        }
    }

    /// The value of an operand for a parameter of any type.
    pub(super) fn operand(&mut self, dot: &Slot, operand: &'f Operand) -> ExecResult<Slot> {
        self.at(NodeRef::Operand(operand));
        Ok(match operand {
            Operand::Dot(_) => dot.clone(),
            Operand::Nil(_) => Slot::INVALID,
            Operand::Field(_, names) => self.fields(
                dot,
                dot.clone(),
                operand,
                names,
                std::slice::from_ref(operand),
                None,
            )?,
            Operand::Variable(variable) => self.variable_operand(dot, operand, variable, &[], None)?,
            Operand::Pipeline(pipeline) => self.nested(dot, pipeline)?,
            Operand::Function(_, name) => self.function(dot, Call::without_arguments(operand, name))?,
            Operand::Chain(_, start, names) => {
                let start = self.chain_start(dot, operand, start)?;
                self.fields(dot, start, operand, names, &[], None)?
            }
            Operand::Bool(..) | Operand::Number(..) | Operand::Text(..) => {
                Slot::plain(self.literal(Type::Any, operand)?)
            }
        })
    }

    /// The value of a literal, which takes the type of the parameter.
    pub(super) fn literal(&self, wanted: Type, operand: &Operand) -> ExecResult<Value> {
        let number = match operand {
            Operand::Number(_, number) => Some(number),
            _ => None,
        };
        let found = |what: &str, value: Option<Value>| {
            value.ok_or_else(|| self.error(format!("expected {what}; found {operand}")))
        };
        match (wanted, operand) {
            (Type::Any | Type::Reflect, Operand::Number(_, number)) => self.ideal(number),
            (Type::Any | Type::Reflect | Type::Bool, Operand::Bool(_, value)) => Ok(Value::bool(*value)),
            (Type::Any | Type::Reflect | Type::Text, Operand::Text(_, _, text)) => {
                Ok(Value::text(text.clone()))
            }
            (Type::Bool, _) => found("bool", None),
            (Type::Text, _) => found("string", None),
            (Type::Int, _) => found("integer", number.and_then(|n| n.int).map(Value::int)),
            (Type::Int64 | Type::Number(_), _) => {
                found("integer", number.and_then(|n| n.int).map(Value::int64))
            }
            (Type::Uint32, _) => {
                let value = number.and_then(|n| n.uint).map(Kind::Uint64);
                found("unsigned integer", value.map(Value::new))
            }
            (Type::Float, _) => found("float", number.and_then(|n| n.float).map(Value::float)),
            _ => Err(self.error(format!(
                "can't handle {operand} for arg of type {}",
                wanted.name()
            ))),
        }
    }

    /// Checks that a value has the type of a parameter. Nothing is converted, as in Go.
    pub(super) fn convert(&self, slot: Slot, wanted: Type) -> ExecResult<Value> {
        let slot = self.usable(slot)?;
        if slot.is_invalid() {
            return zero(wanted)
                .ok_or_else(|| self.error(format!("invalid value; expected {}", wanted.name())));
        }
        if is_assignable(&slot.value, wanted) {
            return Ok(slot.value);
        }
        let got = if slot.value.is_nil() {
            slot.type_name()
        } else {
            slot.value.type_name()
        };
        Err(self.error(format!(
            "wrong type for value; expected {}; got {got}",
            wanted.name()
        )))
    }
}

/// The nil of a parameter's type, if it has one.
fn zero(wanted: Type) -> Option<Value> {
    match wanted {
        Type::Any | Type::Reflect => Some(Value::NIL),
        Type::List | Type::Texts => Some(Value::nil_list()),
        Type::Map => Some(Value::nil_map()),
        Type::Object(name) if name.starts_with('*') => Some(Value::NIL),
        _ => None,
    }
}

fn is_assignable(value: &Value, wanted: Type) -> bool {
    match (wanted, &value.kind) {
        (Type::Any | Type::Reflect, _)
        | (Type::Bool, Kind::Bool(_))
        | (Type::Int, Kind::Int(_))
        | (Type::Int64, Kind::Int64(_))
        | (Type::Float, Kind::Float(_))
        | (Type::Text, Kind::Text(_)) => true,
        (Type::List, Kind::List(list)) => list.list_type() == ListType::Any,
        (Type::Texts, Kind::List(list)) => list.list_type() == ListType::Text,
        (Type::Map, Kind::Map(map)) => map.map_type().has_any_values(),
        (Type::Number(name), Kind::Object(object)) => object.type_name() == name,
        (Type::Object(name), Kind::Object(object)) => {
            object.type_name() == name || object.type_name().strip_prefix('*') == Some(name)
        }
        _ => false,
    }
}
