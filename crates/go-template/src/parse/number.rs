//! Number literals.

use go_std::quote::quote_bytes as quote;
use go_std::strconv::parse_float;

use crate::strconv::unquote_rune;

/// A number literal, as every type that it fits.
#[derive(Debug)]
pub(crate) struct Number {
    pub(crate) text: Box<str>,
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) complex: Option<(f64, f64)>,
}

impl Number {
    /// Whether the literal is a float for a parameter of any type.
    pub(crate) fn is_float(&self) -> bool {
        let text = &*self.text;
        let hex_int =
            text.len() > 2 && text.starts_with("0x") | text.starts_with("0X") && !text.contains(['p', 'P']);
        self.float.is_some()
            && !hex_int
            && !text.starts_with('\'')
            && text.contains(['.', 'e', 'E', 'p', 'P'])
    }

    /// A character constant.
    pub(super) fn character(text: &str) -> Result<Number, String> {
        let code = unquote_rune(text)?;
        Ok(Number {
            text: text.into(),
            int: Some(i64::from(code)),
            uint: Some(u64::from(code)),
            float: Some(f64::from(code)),
            complex: None,
        })
    }

    /// `1+2i`
    pub(super) fn complex(text: &str) -> Result<Number, String> {
        let failed = || "syntax error scanning complex number".to_owned();
        let inner = text.strip_suffix('i').ok_or_else(failed)?;
        let sign = inner.rfind(['+', '-']).ok_or_else(failed)?;
        // The sign of an exponent does not separate the parts.
        let sign = match inner.as_bytes().get(sign.saturating_sub(1)) {
            Some(b'e' | b'E' | b'p' | b'P') => inner
                .get(..sign)
                .and_then(|start| start.rfind(['+', '-']))
                .ok_or_else(failed)?,
            _ => sign,
        };
        let (real, imaginary) = inner.split_at(sign);
        let real = parse_float(real.as_bytes()).ok_or_else(failed)?;
        let imaginary = parse_float(imaginary.as_bytes()).ok_or_else(failed)?;
        Ok(Number::from_parts(text, real, imaginary))
    }

    /// Any other number.
    pub(super) fn plain(text: &str) -> Result<Number, String> {
        if let Some(imaginary) = text
            .strip_suffix('i')
            .and_then(|imaginary| parse_float(imaginary.as_bytes()))
        {
            return Ok(Number::from_parts(text, 0.0, imaginary));
        }
        let whole_number = integer(text);
        let int = whole_number.and_then(|int| i64::try_from(int).ok());
        let unsigned = whole_number.filter(|int| *int == 0 || !text.starts_with(['+', '-']));
        let uint = unsigned.and_then(|int| u64::try_from(int).ok());
        let mut number = Number {
            text: text.into(),
            int,
            uint,
            #[expect(clippy::cast_precision_loss, reason = "Go's conversion")]
            float: int.map(|int| int as f64).or(uint.map(|uint| uint as f64)),
            complex: None,
        };
        if number.float.is_none()
            && let Some(float) = parse_float(text.as_bytes())
        {
            if !text.contains(['.', 'e', 'E', 'p', 'P']) {
                return Err(format!("integer overflow: {}", quote(text.as_bytes())));
            }
            number.float = Some(float);
            number.int = whole(float);
            number.uint = whole_unsigned(float);
        }
        if number.float.is_none() {
            return Err(format!("illegal number syntax: {}", quote(text.as_bytes())));
        }
        Ok(number)
    }

    fn from_parts(text: &str, real: f64, imaginary: f64) -> Number {
        // A complex number without imaginary part also fits the other types.
        let float = (imaginary == 0.0).then_some(real);
        Number {
            text: text.into(),
            int: float.and_then(whole),
            uint: float.and_then(whole_unsigned),
            float,
            complex: Some((real, imaginary)),
        }
    }
}

fn whole(float: f64) -> Option<i64> {
    let fits = float.trunc() == float
        && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&float);
    #[expect(clippy::cast_possible_truncation, reason = "checked")]
    fits.then_some(float as i64)
}

fn whole_unsigned(float: f64) -> Option<u64> {
    let fits = float.trunc() == float && (0.0..18_446_744_073_709_551_616.0).contains(&float);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked")]
    fits.then_some(float as u64)
}

/// An integer literal of any base.
fn integer(text: &str) -> Option<i128> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let lower = unsigned.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, lower.get(2..)?),
        [b'0', b'o', ..] => (8, lower.get(2..)?),
        [b'0', b'b', ..] => (2, lower.get(2..)?),
        [b'0', _, ..] => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    // An underscore is allowed between digits, and after the prefix.
    if digits.ends_with('_') || digits.contains("__") || (radix == 10 && digits.starts_with('_')) {
        return None;
    }
    let digits = digits.replace('_', "");
    let valid = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = i128::from_str_radix(&digits, radix).ok().filter(|_| valid)?;
    Some(if negative { -value } else { value })
}
