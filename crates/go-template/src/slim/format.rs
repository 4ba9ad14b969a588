//! Values turn into text as Go's `fmt` prints them: <https://pkg.go.dev/fmt>.

use super::context::Context;
use super::numbers::{write_float, write_int};
use super::quote::quote;
use super::value::{DEPTH, Value};

type Result<T> = std::result::Result<T, String>;

/// What an action writes.
pub(super) fn print(value: &Value, context: &Context) -> Result<String> {
    match value {
        Value::Nil => Ok("<no value>".into()),
        value => shown(value, context),
    }
}

/// `%v`
pub(super) fn shown(value: &Value, context: &Context) -> Result<String> {
    let mut out = String::new();
    write_value(value, 'v', &Flags::default(), 0, context, &mut out)?;
    Ok(out)
}

/// `fmt.Sprint`: a space between operands of which neither is a string.
pub(super) fn sprint(values: &[Value], context: &Context) -> Result<String> {
    let mut out = String::new();
    let mut after_text = true;
    for value in values {
        let text = matches!(value, Value::Text(_));
        if !text && !after_text {
            out.push(' ');
        }
        out.push_str(&shown(value, context)?);
        context.check_bytes(out.len())?;
        after_text = text;
    }
    Ok(out)
}

/// `fmt.Sprintln`
pub(super) fn print_all(values: &[Value], context: &Context) -> Result<String> {
    let mut out = String::new();
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        out.push_str(&shown(value, context)?);
        context.check_bytes(out.len())?;
    }
    out.push('\n');
    Ok(out)
}

/// The flags of a verb.
#[derive(Clone, Default)]
pub(super) struct Flags {
    pub(super) plus: bool,
    pub(super) minus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
}

/// `fmt.Sprintf` of a format and operands.
pub(super) fn sprintf(values: &[Value], context: &Context) -> Result<String> {
    let (Some(Value::Text(format)), Some(operands)) = (values.first(), values.get(1..)) else {
        return Err("no format".into());
    };
    let mut printer = Printer {
        operands,
        next: 0,
        reordered: false,
        good_index: true,
        context,
        out: String::new(),
    };
    let mut rest: &str = format;
    while let Some(at) = rest.find('%') {
        printer.out.push_str(rest.get(..at).unwrap_or_default());
        rest = printer.verb(rest.get(at + 1..).unwrap_or_default())?;
        context.check_bytes(printer.out.len())?;
    }
    printer.out.push_str(rest);
    printer.extra()?;
    Ok(printer.out)
}

struct Printer<'a> {
    operands: &'a [Value],
    next: usize,
    reordered: bool,
    good_index: bool,
    context: &'a Context,
    out: String,
}

impl<'a> Printer<'a> {
    /// Prints what follows a `%` and returns the rest.
    fn verb<'f>(&mut self, text: &'f str) -> Result<&'f str> {
        let mut flags = Flags::default();
        let mut rest = text;
        self.good_index = true;
        while let Some(c) = rest.chars().next() {
            match c {
                '#' => flags.sharp = true,
                '0' => flags.zero = true,
                '+' => flags.plus = true,
                '-' => flags.minus = true,
                ' ' => flags.space = true,
                _ => break,
            }
            rest = rest.get(1..).unwrap_or_default();
        }
        let mut after_index = false;
        rest = self.index(rest, &mut after_index);
        if let Some(after) = rest.strip_prefix('*') {
            rest = after;
            match self.star() {
                Some(width) => {
                    flags.minus |= width < 0;
                    flags.width = Some(size(width.unsigned_abs()));
                }
                None => self.out.push_str("%!(BADWIDTH)"),
            }
            after_index = false;
        } else {
            let (width, after) = digits(rest);
            if after_index && width.is_some() {
                self.good_index = false;
            }
            (flags.width, rest) = (width, after);
        }
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            if after_index {
                self.good_index = false;
            }
            rest = self.index(rest, &mut after_index);
            if let Some(after) = rest.strip_prefix('*') {
                rest = after;
                match self.star() {
                    // A negative precision is none.
                    Some(precision) => flags.precision = usize::try_from(precision).ok(),
                    None => self.out.push_str("%!(BADPREC)"),
                }
                after_index = false;
            } else {
                let (precision, after) = digits(rest);
                (flags.precision, rest) = (Some(precision.unwrap_or(0)), after);
            }
        }
        if !after_index {
            rest = self.index(rest, &mut after_index);
        }
        let Some(verb) = rest.chars().next() else {
            self.out.push_str("%!(NOVERB)");
            return Ok(rest);
        };
        rest = rest.get(verb.len_utf8()..).unwrap_or_default();
        // Minus wins over zero.
        flags.zero &= !flags.minus;
        if verb == '%' {
            self.out.push('%');
        } else if !self.good_index {
            self.out.push_str(&format!("%!{verb}(BADINDEX)"));
        } else if let Some(value) = self.operands.get(self.next) {
            self.next += 1;
            self.operand(value, verb, &flags)?;
        } else {
            self.out.push_str(&format!("%!{verb}(MISSING)"));
        }
        Ok(rest)
    }

    fn operand(&mut self, value: &Value, verb: char, flags: &Flags) -> Result<()> {
        if verb == 'T' {
            pad(value.type_name(), flags, &mut self.out);
            return Ok(());
        }
        if flags.sharp && verb == 'v' {
            return Err("the verb %#v is not supported".into());
        }
        write_value(value, verb, flags, 0, self.context, &mut self.out)
    }

    /// `[n]` in front of an operand.
    fn index<'f>(&mut self, text: &'f str, found: &mut bool) -> &'f str {
        let Some(inner) = text.strip_prefix('[') else {
            return text;
        };
        self.reordered = true;
        let Some((number, after)) = inner.split_once(']') else {
            self.good_index = false;
            return inner;
        };
        match number.parse::<usize>() {
            Ok(number) if number >= 1 && number <= self.operands.len() => {
                self.next = number - 1;
                *found = true;
            }
            _ => self.good_index = false,
        }
        after
    }

    fn star(&mut self) -> Option<i64> {
        let value = self.operands.get(self.next);
        self.next += usize::from(value.is_some());
        match value? {
            Value::Int(value) | Value::Int64(value) if value.unsigned_abs() <= 1_000_000 => Some(*value),
            _ => None,
        }
    }

    /// Operands that no verb took.
    fn extra(&mut self) -> Result<()> {
        if self.reordered || self.next >= self.operands.len() {
            return Ok(());
        }
        self.out.push_str("%!(EXTRA ");
        for (index, value) in self.operands.iter().skip(self.next).enumerate() {
            if index > 0 {
                self.out.push_str(", ");
            }
            match value {
                Value::Nil => self.out.push_str("<nil>"),
                value => {
                    self.out.push_str(value.type_name());
                    self.out.push('=');
                    self.out.push_str(&shown(value, self.context)?);
                }
            }
        }
        self.out.push(')');
        Ok(())
    }
}

/// A run of digits; numbers that are too large are none.
fn digits(text: &str) -> (Option<usize>, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    (number.parse().ok().filter(|number| *number <= 1_000_000), rest)
}

pub(super) fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn write_value(
    value: &Value,
    verb: char,
    flags: &Flags,
    depth: u32,
    context: &Context,
    out: &mut String,
) -> Result<()> {
    context.spend(1)?;
    context.check_bytes(out.len())?;
    if depth > DEPTH {
        return Err("a value holds itself".into());
    }
    let bad = |out: &mut String| -> Result<()> {
        out.push_str(&format!("%!{verb}({}=", value.type_name()));
        out.push_str(&shown(value, context)?);
        out.push(')');
        Ok(())
    };
    match value {
        Value::Unknown(reason) => return Err(reason.to_string()),
        Value::Nil if verb == 'v' => pad("<nil>", flags, out),
        Value::Nil if depth > 0 => out.push_str("<nil>"),
        Value::Nil => out.push_str(&format!("%!{verb}(<nil>)")),
        Value::Bool(value) => match verb {
            't' | 'v' => pad(if *value { "true" } else { "false" }, flags, out),
            _ => return bad(out),
        },
        Value::Int(int) | Value::Int64(int) => {
            if !write_int(i128::from(*int), verb, flags, out) {
                return bad(out);
            }
        }
        Value::Byte(byte) => {
            if !write_int(i128::from(*byte), verb, flags, out) {
                return bad(out);
            }
        }
        Value::Float(float) => {
            if flags.sharp {
                return Err("the flag # is not supported for floats".into());
            }
            let (verb, precision) = match verb {
                'v' => ('g', flags.precision),
                'g' | 'G' => (verb, flags.precision),
                'e' | 'E' | 'f' => (verb, Some(flags.precision.unwrap_or(6))),
                'F' => ('f', Some(flags.precision.unwrap_or(6))),
                'b' | 'x' | 'X' => return Err(format!("the verb %{verb} is not supported for floats")),
                _ => return bad(out),
            };
            write_float(*float, verb, precision, flags, out);
        }
        Value::Text(text) => match verb {
            'v' | 's' => pad(truncate(text, flags), flags, out),
            'q' => {
                let text = truncate(text, flags);
                let raw =
                    flags.sharp && !text.contains('`') && text.chars().all(|c| c == '\t' || !c.is_control());
                pad(
                    &if raw {
                        format!("`{text}`")
                    } else {
                        quote(text, flags.plus)
                    },
                    flags,
                    out,
                );
            }
            'x' | 'X' => {
                let bytes = text.as_bytes();
                let bytes = bytes
                    .get(..flags.precision.unwrap_or(bytes.len()))
                    .unwrap_or(bytes);
                pad(&hex(bytes, verb == 'X', flags), flags, out);
            }
            _ => return bad(out),
        },
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.items.iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                write_value(item, verb, flags, depth + 1, context, out)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push_str("map[");
            for (index, (key, item)) in map.entries.borrow().iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                write_value(&Value::Text(key.clone()), verb, flags, depth + 1, context, out)?;
                out.push(':');
                write_value(item, verb, flags, depth + 1, context, out)?;
            }
            out.push(']');
        }
    }
    Ok(())
}

fn truncate<'t>(text: &'t str, flags: &Flags) -> &'t str {
    match flags.precision.and_then(|length| text.char_indices().nth(length)) {
        Some((end, _)) => text.get(..end).unwrap_or(text),
        None => text,
    }
}

fn hex(bytes: &[u8], upper: bool, flags: &Flags) -> String {
    let mut out = String::new();
    let prefix = if upper { "0X" } else { "0x" };
    for (index, byte) in bytes.iter().enumerate() {
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
    out
}

pub(super) fn pad(text: &str, flags: &Flags, out: &mut String) {
    let missing = flags.width.unwrap_or(0).saturating_sub(text.chars().count());
    let fill = if flags.zero { "0" } else { " " };
    if flags.minus {
        out.push_str(text);
        out.push_str(&" ".repeat(missing));
    } else {
        out.push_str(&fill.repeat(missing));
        out.push_str(text);
    }
}
