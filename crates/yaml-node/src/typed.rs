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
    /// An integer of the range of Go's `int64` or `uint64`, in decimal.
    Int(Cow<'a, str>),
    /// A finite float.
    Float(f64),
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
        // Where a number is put between the quotes of the string that it overwrites, the quotes decide.
        tag @ (Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Timestamp)
            if scalar.style != Style::Plain && resolve(text, Dialect::V3) == *tag =>
        {
            &Tag::Str
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
            (_, Some(Number::Int(_))) if is_canonical(text) => Typed::Int(Cow::Borrowed(text)),
            (_, Some(Number::Int(int))) => Typed::Int(int.to_string().into()),
            (Tag::Int, Some(Number::Uint(uint))) => Typed::Int(uint.to_string().into()),
            (Tag::Float, Some(Number::Float(float))) if float.is_finite() => Typed::Float(float),
            (Tag::Float, Some(Number::Float(float))) => {
                return Err(fail(format!("json: unsupported value: {}", non_finite(float))));
            }
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
pub(crate) fn key_text<'a>(key: &'a Node, parent: &Node, top: bool) -> Result<Cow<'a, str>, WriteError> {
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

fn non_finite(float: f64) -> &'static str {
    if float.is_nan() {
        "NaN"
    } else if float > 0.0 {
        "+Inf"
    } else {
        "-Inf"
    }
}
