//! Numbers as Go's `strconv` reads and writes them.

/// `strconv.ParseInt`. With base 0 a prefix decides, and underscores are allowed.
pub fn parse_int(text: &[u8], base: u32) -> Option<i64> {
    let (negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, text),
    };
    let magnitude = parse_uint(digits, base)?;
    if negative {
        0_i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    }
}

fn parse_uint(text: &[u8], base: u32) -> Option<u64> {
    let (radix, digits) = match (base, text) {
        (0, [b'0', b'b' | b'B', _, ..]) => (2, text.get(2..)?),
        (0, [b'0', b'o' | b'O', _, ..]) => (8, text.get(2..)?),
        (0, [b'0', b'x' | b'X', _, ..]) => (16, text.get(2..)?),
        (0, [b'0', rest @ ..]) => (8, rest),
        (0, _) => (10, text),
        (base, _) => (base, text),
    };
    if text.is_empty() || base == 0 && !has_valid_underscores(text) {
        return None;
    }
    let mut value: u64 = 0;
    for c in digits {
        if *c == b'_' && base == 0 {
            continue;
        }
        let digit = char::from(*c).to_digit(radix)?;
        value = value
            .checked_mul(u64::from(radix))?
            .checked_add(u64::from(digit))?;
    }
    Some(value)
}

/// Whether underscores are only between digits, or after the prefix.
fn has_valid_underscores(text: &[u8]) -> bool {
    let text = text
        .strip_prefix(b"-")
        .or_else(|| text.strip_prefix(b"+"))
        .unwrap_or(text);
    let prefixed = matches!(text, [b'0', b'b' | b'B' | b'o' | b'O' | b'x' | b'X', ..]);
    let is_hex = prefixed && matches!(text.get(1), Some(b'x' | b'X'));
    let mut previous = if prefixed { b'0' } else { b'^' };
    for c in text.iter().skip(if prefixed { 2 } else { 0 }) {
        let now = match c {
            c if c.is_ascii_digit() || is_hex && c.is_ascii_hexdigit() => b'0',
            b'_' if previous == b'0' => b'_',
            b'_' => return false,
            _ if previous == b'_' => return false,
            _ => b'!',
        };
        previous = now;
    }
    previous != b'_'
}

/// `strconv.ParseFloat` with 64 bits; `None` if the text is invalid or out of range.
pub fn parse_float(text: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(text).ok()?;
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let negative = text.starts_with('-');
    let signed = |value: f64| if negative { -value } else { value };
    let lower = unsigned.to_ascii_lowercase();
    match lower.as_str() {
        "inf" | "infinity" => return Some(signed(f64::INFINITY)),
        "nan" => return (unsigned.len() == text.len()).then_some(f64::NAN),
        _ => {}
    }
    if lower.contains('_') && !has_valid_underscores(lower.as_bytes()) {
        return None;
    }
    let plain = lower.replace('_', "");
    let value = match plain.strip_prefix("0x") {
        Some(hex) => parse_hexadecimal(hex)?,
        None => {
            // Go's grammar is that of Rust, except for the names of infinity, and needs a digit.
            let valid = plain.starts_with(|c: char| c.is_ascii_digit() || c == '.')
                && plain.contains(|c: char| c.is_ascii_digit());
            plain.parse().ok().filter(|_| valid)?
        }
    };
    value.is_finite().then(|| signed(value))
}

/// Hexadecimal digits with an optional point, and a mandatory exponent of 2.
fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (digits, power) = text.split_once('p')?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (mut mantissa, mut power): (u64, i64) = (0, power.parse().ok()?);
    if whole.len() + fraction.len() == 0 {
        return None;
    }
    for (index, digit) in whole.chars().chain(fraction.chars()).enumerate() {
        let digit = u64::from(digit.to_digit(16)?);
        if mantissa >> 59 == 0 {
            mantissa = mantissa << 4 | digit;
            power = power.saturating_sub(if index >= whole.len() { 4 } else { 0 });
        } else {
            // A digit that no longer fits affects only rounding.
            mantissa |= u64::from(digit != 0);
            power = power.saturating_add(if index < whole.len() { 4 } else { 0 });
        }
    }
    let power = i32::try_from(power.clamp(-5000, 5000)).ok()?;
    #[expect(clippy::cast_precision_loss, reason = "rounds to the nearest")]
    let mantissa = mantissa as f64;
    // In two steps, so that the scale itself is never out of range.
    Some(mantissa * 2f64.powi(power / 2) * 2f64.powi(power - power / 2))
}

/// `strconv.FormatFloat` with the fewest digits that read back as the float. `notation` is `f`, `e` or `g`, which has an exponent
/// below 1e-4 and from 1e6 on.
pub fn format_float(float: f64, notation: char) -> String {
    if float.is_nan() {
        return "NaN".into();
    }
    if float.is_infinite() {
        return if float > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    let (negative, digits, power) = shortest(float);
    let mut out = String::with_capacity(digits.len() + 8);
    if negative {
        out.push('-');
    }
    let with_exponent = match notation {
        'e' => true,
        'g' => !(-4..6).contains(&power),
        _ => false,
    };
    if with_exponent {
        let (first, rest) = digits.split_at(1);
        out.push_str(first);
        if !rest.is_empty() {
            out.push('.');
            out.push_str(rest);
        }
        let sign = if power < 0 { '-' } else { '+' };
        out.push_str(&format!("e{sign}{:02}", power.unsigned_abs()));
        return out;
    }
    match usize::try_from(power) {
        Ok(power) if digits.len() <= power + 1 => {
            out.push_str(&digits);
            out.extend(std::iter::repeat_n('0', power + 1 - digits.len()));
        }
        Ok(power) => {
            let (whole, fraction) = digits.split_at(power + 1);
            out.extend([whole, ".", fraction]);
        }
        Err(_) => {
            out.push_str("0.");
            let zeros = usize::try_from(-1 - power).unwrap_or(0);
            out.extend(std::iter::repeat_n('0', zeros));
            out.push_str(&digits);
        }
    }
    out
}

/// Whether it is negative, the digits, and the power of ten of the first digit. Of two equally short and near texts, Go takes the
/// one with the even digit.
fn shortest(float: f64) -> (bool, String, i32) {
    let text = format!("{float:e}");
    let digits_of = |text: &str| -> usize {
        text.bytes()
            .take_while(|c| *c != b'e')
            .filter(u8::is_ascii_digit)
            .count()
    };
    let rounded = format!("{float:.*e}", digits_of(&text).saturating_sub(1));
    let text = match rounded.parse::<f64>() {
        Ok(same) if same == float => rounded,
        _ => text,
    };
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let digits = mantissa.chars().filter(char::is_ascii_digit).collect();
    (mantissa.starts_with('-'), digits, power.parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_read_as_go_reads_them() {
        for (text, value) in [
            ("1e3", Some(1000.0)),
            (".5", Some(0.5)),
            ("0x1p-2", Some(0.25)),
            ("0x1.8p1", Some(3.0)),
            ("1_0.5", Some(10.5)),
            ("1__0", None),
            ("_1", None),
            ("0x_1p4", Some(16.0)),
            ("1e400", None),
            ("e", None),
        ] {
            assert_eq!(parse_float(text.as_bytes()), value, "{text}");
        }
    }
}
