//! Values turn into text as Go's `fmt` prints them: <https://pkg.go.dev/fmt>.

use super::exec::Context;
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
struct Flags {
    plus: bool,
    minus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
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

fn size(number: u64) -> usize {
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

/// Whether integers have the verb.
fn write_int(value: i128, verb: char, flags: &Flags, out: &mut String) -> bool {
    let character = u32::try_from(value)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    let (radix, upper) = match verb {
        'v' | 'd' => (10, false),
        'b' => (2, false),
        'o' | 'O' => (8, false),
        'x' => (16, false),
        'X' => (16, true),
        'c' => {
            pad(&character.to_string(), flags, out);
            return true;
        }
        'q' => {
            pad(&quote_with(&character.to_string(), '\'', flags.plus), flags, out);
            return true;
        }
        'U' => {
            let mut text = format!("U+{:04X}", value.max(0));
            if flags.sharp && is_print(character) {
                text.push_str(&format!(" '{character}'"));
            }
            pad(&text, flags, out);
            return true;
        }
        _ => return false,
    };
    let mut number = in_radix(value.unsigned_abs(), radix, upper);
    let mut flags = flags.clone();
    if let Some(precision) = flags.precision {
        flags.zero = false;
        if precision == 0 && value == 0 {
            pad("", &flags, out);
            return true;
        }
        number = format!("{}{number}", "0".repeat(precision.saturating_sub(number.len())));
    }
    let prefix = match (flags.sharp, verb) {
        (_, 'O') => "0o",
        (true, 'b') => "0b",
        (true, 'o') if !number.starts_with('0') => "0",
        (true, 'x') => "0x",
        (true, 'X') => "0X",
        _ => "",
    };
    let sign = match (value < 0, flags.plus, flags.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (.., true) => " ",
        _ => "",
    };
    if let (true, Some(width)) = (flags.zero, flags.width) {
        // Prefixes come on top of the width, as in Go.
        let wanted = width.saturating_sub(sign.len());
        number = format!("{}{number}", "0".repeat(wanted.saturating_sub(number.len())));
        flags.zero = false;
    }
    pad(&format!("{sign}{prefix}{number}"), &flags, out);
    true
}

fn in_radix(mut value: u128, radix: u128, upper: bool) -> String {
    let mut digits = Vec::new();
    loop {
        let digit = u32::try_from(value % radix).unwrap_or_default();
        let digit = char::from_digit(digit, 16).unwrap_or('0');
        digits.push(if upper { digit.to_ascii_uppercase() } else { digit });
        value /= radix;
        if value == 0 {
            return digits.iter().rev().collect();
        }
    }
}

fn write_float(value: f64, verb: char, precision: Option<usize>, flags: &Flags, out: &mut String) {
    let mut flags = flags.clone();
    let number = if value.is_nan() {
        flags.zero = false;
        "NaN".to_owned()
    } else if value.is_infinite() {
        flags.zero = false;
        "Inf".to_owned()
    } else {
        format_float(value.abs(), verb, precision)
    };
    let negative = value.is_sign_negative() && !value.is_nan();
    let sign = match (
        negative,
        flags.plus || (value.is_infinite() && !negative),
        flags.space,
    ) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (.., true) => " ",
        _ => "",
    };
    let width = flags.width.unwrap_or(0);
    if flags.zero && width > sign.len() + number.len() {
        out.push_str(sign);
        out.push_str(&"0".repeat(width - sign.len() - number.len()));
        out.push_str(&number);
        return;
    }
    pad(&format!("{sign}{number}"), &flags, out);
}

/// As `strconv.FormatFloat`, for a positive number.
fn format_float(value: f64, verb: char, precision: Option<usize>) -> String {
    let upper = verb.is_ascii_uppercase();
    let text = match (verb.to_ascii_lowercase(), precision) {
        ('f', Some(precision)) => format!("{value:.precision$}"),
        ('f', None) => format!("{value}"),
        ('e', Some(precision)) => exponent(&format!("{value:.precision$e}")),
        ('e', None) => exponent(&format!("{value:e}")),
        _ => general(value, precision),
    };
    if upper { text.to_uppercase() } else { text }
}

/// `%g`: the shorter of the two notations, without final zeros.
fn general(value: f64, precision: Option<usize>) -> String {
    let precision = precision.map(|precision| precision.max(1));
    let scientific = match precision {
        Some(precision) => format!("{value:.*e}", precision - 1),
        None => format!("{value:e}"),
    };
    let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let count = i32::try_from(digits.len().max(1)).unwrap_or(i32::MAX);
    let limit = match precision.map(|precision| i32::try_from(precision).unwrap_or(i32::MAX)) {
        Some(precision) if precision > count && count > power => count,
        Some(precision) => precision,
        None => 6,
    };
    if power < -4 || power >= limit {
        let mut mantissa = digits.to_owned();
        if mantissa.len() > 1 {
            mantissa.insert(1, '.');
        }
        if mantissa.is_empty() {
            mantissa.push('0');
        }
        return exponent(&format!("{mantissa}e{power}"));
    }
    let decimals = size((count - power - 1).max(0).unsigned_abs().into());
    format!("{value:.decimals$}")
}

/// Go writes a sign and two digits at least.
fn exponent(text: &str) -> String {
    let (mantissa, power) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, power) = match power.strip_prefix('-') {
        Some(power) => ('-', power),
        None => ('+', power),
    };
    format!("{mantissa}e{sign}{power:0>2}")
}

fn pad(text: &str, flags: &Flags, out: &mut String) {
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

/// `strconv.Quote`; `ascii` also escapes what is not ASCII.
pub(super) fn quote(text: &str, ascii: bool) -> String {
    quote_with(text, '"', ascii)
}

fn quote_with(text: &str, quote: char, ascii: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\x07' => out.push_str("\\a"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x0b' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_ascii_graphic() || c == ' ' || (!ascii && !c.is_ascii() && is_print(c)) => out.push(c),
            c if u32::from(c) < 0x80 => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c if u32::from(c) > 0xFFFF => out.push_str(&format!("\\U{:08x}", u32::from(c))),
            c => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        }
    }
    out.push(quote);
    out
}

/// Whether a character is a letter, mark, number, punctuation or symbol, or the space.
fn is_print(c: char) -> bool {
    // After a letter, Rust escapes exactly what is not printable.
    !format!("{:?}", format!("a{c}")).contains("\\u")
}
