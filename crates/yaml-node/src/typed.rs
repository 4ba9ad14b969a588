//! The Go value of a scalar.

use std::borrow::Cow;

use crate::resolve::{Dialect, Number, parse_number, resolve};
use crate::{Scalar, Style, Tag, binary, timestamp};

/// A scalar as a JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Typed<'a> {
    Null,
    Bool(bool),
    /// An integer in the range of Go's `int64` or `uint64`, in decimal.
    Int(Cow<'a, str>),
    /// A finite float.
    Float(f64),
    Str(Cow<'a, str>),
}

/// The type of a scalar once it is written and read back: an untyped one has the type of its text, and a number that
/// took over the quotes of an overwritten string is a string.
pub(crate) fn effective_tag(scalar: &Scalar, dialect: Dialect) -> Cow<'_, Tag> {
    match &scalar.tag {
        Tag::Untyped if scalar.style == Style::Plain => Cow::Owned(resolve(&scalar.text, dialect)),
        Tag::Untyped => Cow::Owned(Tag::Str),
        tag @ (Tag::Null | Tag::Bool | Tag::Int | Tag::Float | Tag::Timestamp)
            if scalar.style != Style::Plain && resolve(&scalar.text, dialect) == *tag =>
        {
            Cow::Owned(Tag::Str)
        }
        tag => Cow::Borrowed(tag),
    }
}

/// The value of a scalar, or Go's error.
pub(crate) fn typed(scalar: &Scalar, dialect: Dialect) -> Result<Typed<'_>, String> {
    let text = scalar.text.as_str();
    let tag = effective_tag(scalar, dialect);
    let mismatch = || {
        let found = match resolve(text, dialect) {
            // go-yaml does not resolve to these if another type is expected.
            Tag::Merge | Tag::Timestamp => Tag::Str,
            found => found,
        };
        format!(
            "yaml: cannot decode {} `{text}` as a {}",
            tag_name(&found),
            tag_name(&tag)
        )
    };
    match &*tag {
        Tag::Str | Tag::Merge | Tag::Custom(_) | Tag::Untyped => Ok(Typed::Str(Cow::Borrowed(text))),
        Tag::Null if resolve(text, dialect) == Tag::Null => Ok(Typed::Null),
        Tag::Null => Err(mismatch()),
        Tag::Bool => match text.as_bytes().first() {
            _ if resolve(text, dialect) != Tag::Bool => Err(mismatch()),
            Some(b't' | b'T' | b'y' | b'Y') => Ok(Typed::Bool(true)),
            _ => Ok(Typed::Bool(text.eq_ignore_ascii_case("on"))),
        },
        Tag::Int => match parse_number(text, dialect) {
            Some(Number::Int(_)) if is_canonical(text) => Ok(Typed::Int(Cow::Borrowed(text))),
            Some(Number::Int(int)) => Ok(Typed::Int(int.to_string().into())),
            Some(Number::Uint(uint)) => Ok(Typed::Int(uint.to_string().into())),
            _ => Err(mismatch()),
        },
        Tag::Float => match parse_number(text, dialect) {
            #[allow(clippy::cast_precision_loss, reason = "Go converts so too")]
            Some(Number::Int(int)) => Ok(Typed::Float(int as f64)),
            Some(Number::Float(float)) if float.is_finite() => Ok(Typed::Float(float)),
            Some(Number::Float(float)) => Err(format!("json: unsupported value: {}", non_finite(float))),
            _ => Err(mismatch()),
        },
        Tag::Timestamp => match (timestamp::parse(text), dialect) {
            (None, _) => Err(mismatch()),
            (Some(_), Dialect::Yaml11) => Ok(Typed::Str(Cow::Borrowed(text))),
            (Some(moment), Dialect::V3) => match moment.rfc3339() {
                Some(text) => Ok(Typed::Str(text.into())),
                None => Err(
                    "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON: \
                             timezone hour outside of range [0,23]"
                        .into(),
                ),
            },
        },
        Tag::Binary => match binary::decode(text) {
            Some(bytes) => Ok(Typed::Str(binary::to_text(&bytes).into())),
            None => Err("yaml: !!binary value contains invalid base64 data".into()),
        },
    }
}

/// A tag as go-yaml names it in messages: an untyped scalar counts as a string.
pub(crate) fn tag_name(tag: &Tag) -> &str {
    match tag {
        Tag::Untyped => Tag::Str.name(),
        tag => tag.name(),
    }
}

/// Whether a decimal is spelled as Go prints it. Most are, and need no copy.
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
