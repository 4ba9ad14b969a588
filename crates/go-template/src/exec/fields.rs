//! Fields, keys and methods: `.a.b`.

use std::rc::Rc;
use std::sync::Arc;

use go_std::quote::quote;

use super::call::{Call, Callee};
use super::frame::Frame;
use super::slot::Slot;
use crate::error::ExecResult;
use crate::parse::Operand;
use crate::{Kind, Map, MapType, Mark, MissingKey, Object, Value};

impl<'f> Frame<'f, '_> {
    /// `.a.b.c`, the last of which may be a method with arguments. The first of `operands` is the chain itself.
    pub(super) fn fields(
        &mut self,
        dot: &Slot,
        receiver: Slot,
        node: &'f Operand,
        names: &'f [Arc<str>],
        operands: &'f [Operand],
        last: Option<Slot>,
    ) -> ExecResult<Slot> {
        let Some((last_name, names)) = names.split_last() else {
            return Ok(receiver);
        };
        let mut slot = receiver;
        for name in names {
            slot = self.field(dot, slot, Call::without_arguments(node, name))?;
        }
        let call = Call {
            operands: operands.get(1..).unwrap_or_default(),
            last,
            ..Call::without_arguments(node, last_name)
        };
        self.field(dot, slot, call)
    }

    fn field(&mut self, dot: &Slot, receiver: Slot, call: Call<'f>) -> ExecResult<Slot> {
        let name = call.name;
        if receiver.is_invalid() {
            if self.state.missing_key() == MissingKey::Error {
                return Err(self.error(format!("nil data; no entry for key {}", quote(name))));
            }
            return Ok(Slot::INVALID);
        }
        let type_name = receiver.type_name();
        let has_arguments = call.has_arguments();
        match &receiver.value.kind {
            Kind::Nil => {
                return Err(self.error(format!("nil pointer evaluating {type_name}.{name}")));
            }
            Kind::Map(map) => {
                if let MapType::Named(type_name) = map.map_type()
                    && let Some(methods) = self.state.library().methods(type_name)
                    && methods.names.contains(&name)
                {
                    let object = (methods.object)(map);
                    if let Some(signature) = object.method(name) {
                        return self.call(dot, Callee::Method(object, signature, None), call);
                    }
                }
                return self.entry(map, name, has_arguments);
            }
            Kind::Object(object) => {
                let (object, mark) = (Rc::clone(object), receiver.value.shared_mark().cloned());
                return self.object_field(dot, &object, mark, type_name, call);
            }
            _ => {}
        }
        Err(self.error(format!("can't evaluate field {name} in type {type_name}")))
    }

    fn object_field(
        &mut self,
        dot: &Slot,
        object: &Rc<dyn Object>,
        mark: Option<Rc<Mark>>,
        type_name: &str,
        call: Call<'f>,
    ) -> ExecResult<Slot> {
        let name = call.name;
        let has_arguments = call.has_arguments();
        if let Some(signature) = object.method(name) {
            return self.call(dot, Callee::Method(Rc::clone(object), signature, mark), call);
        }
        if let Some(why) = object.uncallable(name) {
            return Err(self.error(why));
        }
        if let Some((_, value)) = object.fields().into_iter().find(|(field, _)| *field == name) {
            if !object.exported_fields().iter().any(|(field, _)| *field == name) {
                return Err(self.error(format!(
                    "{name} is an unexported field of struct type {}",
                    type_name.trim_start_matches('*')
                )));
            }
            if has_arguments {
                return Err(self.error(format!("{name} has arguments but cannot be invoked as function")));
            }
            return self.usable(Slot::plain(value));
        }
        if let Some(Value {
            kind: Kind::Map(map), ..
        }) = object.underlying()
        {
            return self.entry(&map, name, has_arguments);
        }
        Err(self.error(format!("can't evaluate field {name} in type {type_name}")))
    }

    fn entry(&self, map: &Map, name: &str, has_arguments: bool) -> ExecResult<Slot> {
        if has_arguments {
            return Err(self.error(format!("{name} is not a method but has arguments")));
        }
        let interface = map.map_type().has_any_values();
        if let Some(value) = map.get(name) {
            return self.usable(Slot::element(value, interface));
        }
        match self.state.missing_key() {
            MissingKey::Invalid => Ok(Slot::INVALID),
            MissingKey::Zero if interface => Ok(Slot::element(Value::NIL, true)),
            MissingKey::Zero => Ok(Slot::plain(map.map_type().zero())),
            MissingKey::Error => Err(self.error(format!("map has no entry for key {}", quote(name)))),
        }
    }
}
