//! Formatting of lists, maps, structs and their elements.

use super::number::write_hex;
use super::printer::Printer;
use crate::error::FunctionResult;
use crate::value::DEPTH;
use crate::{FunctionError, Kind, ListType, Object, Value};

/// The address that stands for all pointers.
const ADDRESS: i128 = 0xc0_0000_0000;

impl Printer<'_> {
    /// Prints a value without calling its own methods; those of its elements are called.
    pub(super) fn value(&mut self, value: &Value, verb: char, depth: u32) -> FunctionResult<()> {
        self.check()?;
        if depth > DEPTH {
            return Err(FunctionError::limit("a value holds itself"));
        }
        if depth > 0 && self.methods(value, verb)? {
            return Ok(());
        }
        match &value.kind {
            Kind::Nil if verb == 'v' => self.push("<nil>"),
            Kind::Nil => self.bad_verb(None, verb)?,
            Kind::Bool(is_true) if matches!(verb, 't' | 'v') => {
                self.flags.pad(is_true.to_string().as_bytes(), &mut self.out);
            }
            Kind::Bool(_) => self.bad_verb(Some(value), verb)?,
            Kind::Int(number) | Kind::Int64(number) => {
                self.int(value, i128::from(*number), true, verb)?;
            }
            Kind::Uint8(number) => self.int(value, i128::from(*number), false, verb)?,
            Kind::Uint64(number) => self.int(value, i128::from(*number), false, verb)?,
            Kind::Float(number) => self.float(value, *number, verb)?,
            Kind::Complex(real, imaginary) => self.complex(value, *real, *imaginary, verb)?,
            Kind::Text(text) => self.text(value, text.as_bytes(), verb)?,
            Kind::Bytes(bytes) if matches!(verb, 's' | 'q' | 'x' | 'X') => {
                self.bytes(value, bytes, verb, "[]uint8")?;
            }
            Kind::Bytes(_) | Kind::List(_) => self.list(value, verb, depth)?,
            Kind::Map(_) => self.map(value, verb, depth)?,
            Kind::Object(object) => self.object(value, &**object, verb, depth)?,
        }
        Ok(())
    }

    /// Prints an element of a list or map. A nil in an `interface {}` ignores the verb.
    fn element(&mut self, value: &Value, interface: bool, verb: char, depth: u32) -> FunctionResult<()> {
        if interface && value.is_nil() {
            self.push(if self.flags.sharp_v {
                "interface {}(nil)"
            } else {
                "<nil>"
            });
            return Ok(());
        }
        self.value(value, verb, depth)
    }

    fn list(&mut self, value: &Value, verb: char, depth: u32) -> FunctionResult<()> {
        let (interface, nil) = match &value.kind {
            Kind::List(list) => (list.list_type() == ListType::Any, list.is_nil()),
            _ => (false, false),
        };
        let (open, between, close) = if self.flags.sharp_v {
            self.push(value.type_name());
            if nil {
                self.push("(nil)");
                return Ok(());
            }
            ("{", ", ", "}")
        } else {
            ("[", " ", "]")
        };
        self.push(open);
        for (index, item) in value.elements().unwrap_or_default().iter().enumerate() {
            if index > 0 {
                self.push(between);
            }
            self.element(item, interface, verb, depth + 1)?;
        }
        self.push(close);
        Ok(())
    }

    fn map(&mut self, value: &Value, verb: char, depth: u32) -> FunctionResult<()> {
        let Kind::Map(map) = &value.kind else {
            return Ok(());
        };
        let (between, close) = if self.flags.sharp_v {
            self.push(value.type_name());
            if map.is_nil() {
                self.push("(nil)");
                return Ok(());
            }
            self.push("{");
            (", ", "}")
        } else {
            self.push("map[");
            (" ", "]")
        };
        let interface = map.map_type().has_any_values();
        for (index, (key, item)) in map.entries().iter().enumerate() {
            if index > 0 {
                self.push(between);
            }
            self.value(&Value::text(key.clone()), verb, depth + 1)?;
            self.out.push(b':');
            self.element(item, interface, verb, depth + 1)?;
        }
        self.push(close);
        Ok(())
    }

    fn object(&mut self, value: &Value, object: &dyn Object, verb: char, depth: u32) -> FunctionResult<()> {
        if let Some(underlying) = object.underlying() {
            return match underlying.kind {
                Kind::Int(number) | Kind::Int64(number) => self.int(value, i128::from(number), true, verb),
                _ => self.value(&underlying, verb, depth),
            };
        }
        let pointer = object.kind_name() == "ptr";
        if pointer && depth > 0 {
            return self.pointer(value, verb);
        }
        if pointer {
            self.out.push(b'&');
        }
        let (between, named) = if self.flags.sharp_v {
            self.push(value.type_name().trim_start_matches('*'));
            (", ", true)
        } else {
            (" ", self.flags.plus_v)
        };
        self.out.push(b'{');
        for (index, (name, field)) in object.fields().iter().enumerate() {
            if index > 0 {
                self.push(between);
            }
            if named {
                self.push(name);
                self.out.push(b':');
            }
            self.value(field, verb, depth + 1)?;
        }
        self.out.push(b'}');
        Ok(())
    }

    /// Prints an address. In Go they differ with every run, so one value represents all.
    pub(super) fn pointer(&mut self, value: &Value, verb: char) -> FunctionResult<()> {
        let address = match &value.kind {
            Kind::List(list) if list.is_nil() => 0,
            Kind::Map(map) if map.is_nil() => 0,
            Kind::List(_) | Kind::Map(_) | Kind::Bytes(_) => ADDRESS,
            Kind::Object(object) if matches!(object.kind_name(), "ptr" | "map" | "slice") => ADDRESS,
            _ => return self.bad_verb(Some(value), verb),
        };
        match verb {
            'v' if self.flags.sharp_v => {
                self.push(&format!("({})(0x{address:x})", value.type_name()));
                Ok(())
            }
            'v' if address == 0 => {
                self.flags.pad(b"<nil>", &mut self.out);
                Ok(())
            }
            'v' | 'p' => {
                write_hex(address, !self.flags.sharp, &self.flags, &mut self.out);
                Ok(())
            }
            'b' | 'o' | 'd' | 'x' | 'X' => self.int(value, address, false, verb),
            _ => self.bad_verb(Some(value), verb),
        }
    }
}
