//! Printing of one operand with one verb.

use super::flags::Flags;
use super::number::{write_float, write_hex, write_int};
use crate::error::FunctionResult;
use crate::{Budget, Kind, Text, Value};
use go_std::quote::{can_backquote, quote_bytes, quote_with};

/// The output so far, and the flags of the current verb.
pub(super) struct Printer<'b> {
    pub(super) out: Vec<u8>,
    pub(super) flags: Flags,
    pub(super) budget: &'b Budget,
    /// Set while a wrong verb is reported: methods are not called then.
    pub(super) erroring: bool,
}

impl<'b> Printer<'b> {
    pub(super) fn new(budget: &'b Budget) -> Self {
        Printer {
            out: Vec::new(),
            flags: Flags::default(),
            budget,
            erroring: false,
        }
    }

    pub(super) fn finish(self) -> Text {
        self.out.into()
    }

    pub(super) fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Charges one value, and checks the length of the output with padding.
    pub(super) fn check(&self) -> FunctionResult<()> {
        self.budget.spend(1)?;
        let padding = self.flags.width.unwrap_or(0) + self.flags.precision.unwrap_or(0);
        self.budget.check_bytes(self.out.len() + padding)
    }

    /// Prints an operand of `printf` or `print`.
    pub(super) fn operand(&mut self, value: &Value, verb: char) -> FunctionResult<()> {
        self.check()?;
        match (&value.kind, verb) {
            (Kind::Nil, 'T' | 'v') => self.flags.pad(b"<nil>", &mut self.out),
            (Kind::Nil, _) => self.bad_verb(None, verb)?,
            (_, 'T') => {
                let name = value.type_name();
                self.flags
                    .pad(self.flags.truncate(name.as_bytes()), &mut self.out);
            }
            (_, 'p') => self.pointer(value, 'p')?,
            (Kind::Bytes(bytes), _) => self.bytes(value, bytes, verb, "[]byte")?,
            _ => {
                if !self.methods(value, verb)? {
                    self.value(value, verb, 0)?;
                }
            }
        }
        Ok(())
    }

    /// `%!verb(type=value)`
    pub(super) fn bad_verb(&mut self, value: Option<&Value>, verb: char) -> FunctionResult<()> {
        let outer = std::mem::replace(&mut self.erroring, true);
        self.push("%!");
        self.out
            .extend_from_slice(verb.encode_utf8(&mut [0; 4]).as_bytes());
        self.out.push(b'(');
        match value {
            Some(value) => {
                self.push(value.type_name());
                self.out.push(b'=');
                self.operand(value, 'v')?;
            }
            None => self.push("<nil>"),
        }
        self.out.push(b')');
        self.erroring = outer;
        Ok(())
    }

    /// Prints the result of a `String` or `Error` method, if there is one and the verb accepts strings.
    pub(super) fn methods(&mut self, value: &Value, verb: char) -> FunctionResult<bool> {
        // `%w` is for `fmt.Errorf` only; the whole value is reported.
        if verb == 'w' && !self.erroring {
            self.bad_verb(Some(value), verb)?;
            return Ok(true);
        }
        let Kind::Object(object) = &value.kind else {
            return Ok(false);
        };
        if self.erroring || self.flags.sharp_v || !matches!(verb, 'v' | 's' | 'x' | 'X' | 'q') {
            return Ok(false);
        }
        match object.string() {
            Some(text) if !object.printed_by_pointer() => {
                self.text(value, text.as_bytes(), verb)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    pub(super) fn int(
        &mut self,
        value: &Value,
        number: i128,
        signed: bool,
        verb: char,
    ) -> FunctionResult<()> {
        if write_int(number, signed, verb, &self.flags, &mut self.out) {
            Ok(())
        } else {
            self.bad_verb(Some(value), verb)
        }
    }

    pub(super) fn float(&mut self, value: &Value, number: f64, verb: char) -> FunctionResult<()> {
        if write_float(number, verb, &self.flags, &mut self.out) {
            Ok(())
        } else {
            self.bad_verb(Some(value), verb)
        }
    }

    pub(super) fn complex(
        &mut self,
        value: &Value,
        real: f64,
        imaginary: f64,
        verb: char,
    ) -> FunctionResult<()> {
        if !matches!(verb, 'v' | 'b' | 'g' | 'G' | 'x' | 'X' | 'f' | 'F' | 'e' | 'E') {
            return self.bad_verb(Some(value), verb);
        }
        let plus = self.flags.plus;
        self.out.push(b'(');
        write_float(real, verb, &self.flags, &mut self.out);
        self.flags.plus = true;
        write_float(imaginary, verb, &self.flags, &mut self.out);
        self.push("i)");
        self.flags.plus = plus;
        Ok(())
    }

    pub(super) fn text(&mut self, value: &Value, text: &[u8], verb: char) -> FunctionResult<()> {
        self.budget.check_bytes(self.out.len() + text.len())?;
        let flags = &self.flags;
        match verb {
            'v' if flags.sharp_v => self.quoted(text),
            'v' | 's' => flags.pad(flags.truncate(text), &mut self.out),
            'x' | 'X' => self.hex(text, verb == 'X'),
            'q' => self.quoted(text),
            _ => return self.bad_verb(Some(value), verb),
        }
        Ok(())
    }

    fn quoted(&mut self, text: &[u8]) {
        let flags = &self.flags;
        let text = flags.truncate(text);
        let quoted = if flags.sharp && can_backquote(text) {
            [b"`", text, b"`"].concat()
        } else if flags.plus {
            quote_with(text, '"', true).into_bytes()
        } else {
            quote_bytes(text).into_bytes()
        };
        flags.pad(&quoted, &mut self.out);
    }

    /// Prints a `[]uint8` as a list of numbers, or as text.
    pub(super) fn bytes(
        &mut self,
        value: &Value,
        bytes: &Text,
        verb: char,
        type_name: &str,
    ) -> FunctionResult<()> {
        self.budget.spend(bytes.len() as u64)?;
        match verb {
            'v' | 'd' => {
                let (open, between, close) = if self.flags.sharp_v {
                    self.push(type_name);
                    ("{", ", ", "}")
                } else {
                    ("[", " ", "]")
                };
                self.push(open);
                for (index, byte) in bytes.as_bytes().iter().enumerate() {
                    if index > 0 {
                        self.push(between);
                    }
                    self.check()?;
                    if self.flags.sharp_v {
                        write_hex(i128::from(*byte), true, &self.flags, &mut self.out);
                    } else {
                        write_int(i128::from(*byte), false, verb, &self.flags, &mut self.out);
                    }
                }
                self.push(close);
                Ok(())
            }
            's' => {
                self.flags
                    .pad(self.flags.truncate(bytes.as_bytes()), &mut self.out);
                Ok(())
            }
            'x' | 'X' | 'q' => self.text(value, bytes.as_bytes(), verb),
            _ => self.value(value, verb, 0),
        }
    }

    /// Two digits per byte; the flags may add blanks between bytes, and prefixes.
    fn hex(&mut self, text: &[u8], upper: bool) {
        let flags = &self.flags;
        let text = text.get(..flags.precision.unwrap_or(text.len())).unwrap_or(text);
        let prefix = if upper { "0X" } else { "0x" };
        let mut out = String::with_capacity(text.len() * 2);
        for (index, byte) in text.iter().enumerate() {
            if flags.space && index > 0 {
                out.push(' ');
            }
            if flags.sharp && (flags.space || index == 0) {
                out.push_str(prefix);
            }
            out.push_str(&if upper {
                format!("{byte:02X}")
            } else {
                format!("{byte:02x}")
            });
        }
        flags.pad(out.as_bytes(), &mut self.out);
    }
}
