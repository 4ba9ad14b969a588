//! Format strings.

use go_std::text::runes;

use super::flags::Flags;
use super::printer::Printer;
use crate::error::FunctionResult;
use crate::{Kind, Value};

/// Larger numbers are invalid, as in Go.
const LARGEST: i64 = 1_000_000;

/// `fmt.Printf`
pub(super) fn printf(printer: &mut Printer<'_>, format: &[u8], operands: &[Value]) -> FunctionResult<()> {
    let mut state = Format {
        format,
        at: 0,
        operands,
        next: 0,
        reordered: false,
        good_index: true,
    };
    while state.at < format.len() {
        let rest = format.get(state.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == b'%').unwrap_or(rest.len());
        printer.budget.check_bytes(printer.out.len() + length)?;
        printer
            .out
            .extend_from_slice(rest.get(..length).unwrap_or_default());
        state.at += length;
        if state.at < format.len() {
            state.at += 1;
            state.verb(printer)?;
        }
    }
    state.extra(printer)
}

struct Format<'f> {
    format: &'f [u8],
    at: usize,
    operands: &'f [Value],
    next: usize,
    /// Whether an operand was chosen by its number.
    reordered: bool,
    good_index: bool,
}

impl Format<'_> {
    /// Reads a verb after its `%`, and prints its operand.
    fn verb(&mut self, printer: &mut Printer<'_>) -> FunctionResult<()> {
        self.good_index = true;
        let mut flags = Flags::default();
        while let Some(byte) = self.peek() {
            match byte {
                b'#' => flags.sharp = true,
                b'0' => flags.zero = true,
                b'+' => flags.plus = true,
                b'-' => flags.minus = true,
                b' ' => flags.space = true,
                _ => break,
            }
            self.at += 1;
        }
        let mut after_index = self.index();
        if self.peek() == Some(b'*') {
            self.at += 1;
            match self.star() {
                Some(width) => {
                    flags.width = usize::try_from(width.unsigned_abs()).ok();
                    if width < 0 {
                        flags.minus = true;
                        flags.zero = false;
                    }
                }
                None => printer.push("%!(BADWIDTH)"),
            }
            after_index = false;
        } else {
            flags.width = self.number();
            if after_index && flags.width.is_some() {
                self.good_index = false;
            }
        }
        if self.peek() == Some(b'.') && self.at + 1 < self.format.len() {
            self.at += 1;
            if after_index {
                self.good_index = false;
            }
            after_index = self.index();
            if self.peek() == Some(b'*') {
                self.at += 1;
                // A negative precision is invalid.
                flags.precision = self.star().and_then(|precision| usize::try_from(precision).ok());
                if flags.precision.is_none() {
                    printer.push("%!(BADPREC)");
                }
                after_index = false;
            } else {
                flags.precision = Some(self.number().unwrap_or(0));
            }
        }
        if !after_index {
            self.index();
        }
        let Some((_, verb, length)) = runes(self.format.get(self.at..).unwrap_or_default()).next() else {
            printer.push("%!(NOVERB)");
            return Ok(());
        };
        self.at += length;
        if verb == '%' {
            printer.out.push(b'%');
        } else if !self.good_index {
            printer.push(&format!("%!{verb}(BADINDEX)"));
        } else if let Some(value) = self.operands.get(self.next) {
            if matches!(verb, 'v' | 'w') {
                flags.sharp_v = std::mem::take(&mut flags.sharp);
                flags.plus_v = std::mem::take(&mut flags.plus);
            }
            printer.flags = flags;
            printer.operand(value, verb)?;
            self.next += 1;
        } else {
            printer.push(&format!("%!{verb}(MISSING)"));
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.format.get(self.at).copied()
    }

    /// Digits. A number that is too large ends the format.
    fn number(&mut self) -> Option<usize> {
        let mut number = None;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            let value = number.unwrap_or(0);
            if value > LARGEST {
                self.at = self.format.len();
                return None;
            }
            number = Some(value * 10 + i64::from(digit - b'0'));
            self.at += 1;
        }
        number.and_then(|number| usize::try_from(number).ok())
    }

    /// `[n]` before an operand, a width or a precision.
    fn index(&mut self) -> bool {
        if self.peek() != Some(b'[') {
            return false;
        }
        self.reordered = true;
        let rest = self.format.get(self.at..).unwrap_or_default();
        let Some(length) = rest
            .iter()
            .position(|byte| *byte == b']')
            .filter(|_| rest.len() >= 3)
        else {
            self.at += 1;
            self.good_index = false;
            return false;
        };
        let digits = rest.get(1..length).unwrap_or_default();
        self.at += length + 1;
        let number = std::str::from_utf8(digits)
            .ok()
            .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|digits| digits.parse::<usize>().ok());
        match number {
            Some(number) if number >= 1 && number <= self.operands.len() => {
                self.next = number - 1;
                true
            }
            number => {
                self.good_index = false;
                number.is_some()
            }
        }
    }

    /// The integer operand of a `*`.
    fn star(&mut self) -> Option<i64> {
        let value = self.operands.get(self.next)?;
        self.next += 1;
        let number = match &value.kind {
            Kind::Int(number) | Kind::Int64(number) => *number,
            Kind::Uint8(number) => i64::from(*number),
            Kind::Uint64(number) => i64::try_from(*number).ok()?,
            _ => return None,
        };
        (number.unsigned_abs() <= LARGEST.unsigned_abs()).then_some(number)
    }

    /// Reports unused operands.
    fn extra(&self, printer: &mut Printer<'_>) -> FunctionResult<()> {
        if self.reordered || self.next >= self.operands.len() {
            return Ok(());
        }
        printer.flags = Flags::default();
        printer.push("%!(EXTRA ");
        for (index, value) in self.operands.iter().skip(self.next).enumerate() {
            if index > 0 {
                printer.push(", ");
            }
            if value.is_nil() {
                printer.push("<nil>");
            } else {
                printer.push(value.type_name());
                printer.out.push(b'=');
                printer.operand(value, 'v')?;
            }
        }
        printer.out.push(b')');
        Ok(())
    }
}
