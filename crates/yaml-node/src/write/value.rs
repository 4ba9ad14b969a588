//! A scalar turns into the value that Go would hold for it after kustomize's re-reading.

use std::borrow::Cow;

use source_tree::Mark;

use crate::resolve::{Dialect, Number, parse_number, resolve};
use crate::{Node, Scalar, Style, Tag, Value, WriteError, timestamp};

/// A scalar as JSON knows it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Typed<'a> {
    Null,
    Bool(bool),
    /// The number as it is printed.
    Number(Cow<'a, str>),
    Str(Cow<'a, str>),
}

/// The value of a scalar.
pub(crate) fn typed(scalar: &Scalar, mark: Mark) -> Result<Typed<'_>, WriteError> {
    let text = scalar.text.as_str();
    let fail = |message: String| WriteError { mark, message };
    let resolved;
    let tag = match &scalar.tag {
        Tag::Untyped if scalar.style == Style::Plain => {
            resolved = resolve(text, Dialect::V3);
            &resolved
        }
        tag => tag,
    };
    let mismatch = |wanted: &str| {
        fail(format!(
            "yaml: cannot decode {} `{text}` as a {wanted}",
            tag_name(&resolve(text, Dialect::V3))
        ))
    };
    Ok(match tag {
        Tag::Str | Tag::Merge | Tag::Custom(_) | Tag::Untyped => Typed::Str(Cow::Borrowed(text)),
        Tag::Null if matches!(text, "" | "~" | "null" | "Null" | "NULL") => Typed::Null,
        Tag::Null => return Err(mismatch("!!null")),
        Tag::Bool => match text {
            "true" | "True" | "TRUE" => Typed::Bool(true),
            "false" | "False" | "FALSE" => Typed::Bool(false),
            _ => return Err(mismatch("!!bool")),
        },
        Tag::Int | Tag::Float => match (tag, parse_number(text, Dialect::V3)) {
            (_, Some(Number::Int(_))) if is_canonical(text) => Typed::Number(Cow::Borrowed(text)),
            (_, Some(Number::Int(int))) => Typed::Number(int.to_string().into()),
            (Tag::Int, Some(Number::Uint(uint))) => Typed::Number(uint.to_string().into()),
            (Tag::Float, Some(Number::Float(float))) => match format_float(float) {
                Some(text) => Typed::Number(text.into()),
                None => return Err(fail(format!("json: unsupported value: {}", go_non_finite(float)))),
            },
            _ => return Err(mismatch(tag_name(tag))),
        },
        Tag::Timestamp => {
            let moment = timestamp::parse(text).ok_or_else(|| mismatch("!!timestamp"))?;
            let text = moment.rfc3339().ok_or_else(|| {
                fail("json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: timezone hour outside of range [0,23]".into())
            })?;
            Typed::Str(text.into())
        }
        Tag::Binary => {
            let bytes = crate::binary::decode(text)
                .ok_or_else(|| fail("yaml: !!binary value contains invalid base64 data".into()))?;
            Typed::Str(crate::binary::to_text(&bytes).into())
        }
    })
}

/// The key as text. Only at the top of a document do other scalars become text.
pub(super) fn key_text<'a>(key: &'a Node, parent: &Node, top: bool) -> Result<Cow<'a, str>, WriteError> {
    let unsupported = || WriteError {
        mark: if key.mark.is_some() { key.mark } else { parent.mark },
        message: "json: unsupported type: map[interface {}]interface {}".into(),
    };
    let Value::Scalar(scalar) = &key.value else {
        return Err(unsupported());
    };
    match &scalar.tag {
        Tag::Str | Tag::Merge => Ok(Cow::Borrowed(scalar.text.as_str())),
        Tag::Untyped if scalar.style != Style::Plain || resolve(&scalar.text, Dialect::V3) == Tag::Str => {
            Ok(Cow::Borrowed(scalar.text.as_str()))
        }
        _ if top => Ok(Cow::Borrowed(scalar.text.as_str())),
        _ => Err(unsupported()),
    }
}

fn tag_name(tag: &Tag) -> &str {
    match tag {
        Tag::Null => "!!null",
        Tag::Bool => "!!bool",
        Tag::Int => "!!int",
        Tag::Float => "!!float",
        Tag::Str | Tag::Untyped => "!!str",
        Tag::Timestamp => "!!timestamp",
        Tag::Binary => "!!binary",
        Tag::Merge => "!!merge",
        Tag::Custom(name) => name,
    }
}

/// A decimal as Go prints it, so that most numbers need no copy.
fn is_canonical(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (!digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit())) || text == "0"
}

/// A float as it comes out of Go's JSON and go-yaml v2; nothing for infinities.
pub(crate) fn format_float(float: f64) -> Option<String> {
    if !float.is_finite() {
        return None;
    }
    if float == 0.0 {
        return Some("0".into());
    }
    let shortest = format!("{float:e}");
    let (mantissa, exponent) = shortest.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |m| ("-", m));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let digit_count = i32::try_from(digits.len()).ok()?;
    // Go's JSON writes integral floats below 1e21 as integers, which go-yaml reads back as such where they fit.
    if exponent >= digit_count - 1 && exponent < 21 {
        let whole = fixed(sign, &digits, exponent);
        if whole.parse::<i64>().is_ok() || whole.parse::<u64>().is_ok() {
            return Some(whole);
        }
    }
    // `%g` with the shortest precision: an exponent below 1e-4 and from 1e6 on.
    if (-4..6).contains(&exponent) {
        return Some(fixed(sign, &digits, exponent));
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    Some(format!(
        "{sign}{first}{point}{rest}e{exponent_sign}{:02}",
        exponent.abs()
    ))
}

fn fixed(sign: &str, digits: &str, exponent: i32) -> String {
    if exponent < 0 {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        return format!("{sign}0.{}{digits}", "0".repeat(zeros));
    }
    let whole = usize::try_from(exponent).unwrap_or(0) + 1;
    if digits.len() <= whole {
        format!("{sign}{digits}{}", "0".repeat(whole - digits.len()))
    } else {
        format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
    }
}

fn go_non_finite(float: f64) -> &'static str {
    if float.is_nan() {
        "NaN"
    } else if float > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    }
}
