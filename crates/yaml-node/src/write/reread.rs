//! Texts as they are after kustomize has written and read them, which it does twice before it prints.
//!
//! A resource is written and read by go-yaml v3, then written as JSON and read by go-yaml v2. Nearly every text
//! survives unchanged; this file handles the others.

use std::borrow::Cow;

use memchr::{memchr, memchr3};

use super::analysis::analyze;
use super::emitter::Emitter;
use super::scalar::{Form, Position, choose_form, is_simple_key, write_form};
use crate::scan::{Scanner, TokenKind};
use crate::{Dialect, Style};

/// Longest key in JSON, quotes and escapes included, that go-yaml v2 accepts.
const JSON_KEY_CHARS: usize = 1024;

/// A text after go-yaml v3 has written and read it.
///
/// # Errors
/// go-yaml's message, if it cannot read its own output.
pub(super) fn reread_yaml<'a>(
    text: &'a str,
    style: Style,
    position: Position,
) -> Result<Cow<'a, str>, String> {
    if is_stable(text, style) {
        return Ok(Cow::Borrowed(text));
    }
    let bytes = text.as_bytes();
    let analysis = analyze(text, Dialect::V3);
    let form = choose_form(text, &analysis, wanted_form(text, style), position);
    let separators = bytes.contains(&0xE2);
    match form {
        Form::Plain | Form::DoubleQuoted => return Ok(Cow::Borrowed(text)),
        Form::SingleQuoted | Form::Literal if bytes.first() != Some(&b'\t') && !separators => {
            return Ok(Cow::Borrowed(text));
        }
        _ => {}
    }
    let mut written = String::with_capacity(text.len() + 16);
    let mut emitter = Emitter::new(&mut written, usize::MAX);
    emitter.indent = 0;
    write_form(&mut emitter, text, form, !position.simple_key);
    emitter.indent = -1;
    emitter.end_document();
    // In a list, so that the indent is that of a value in a mapping.
    let document = format!("- {written}");
    scan_scalar(&document, Dialect::V3, 2).map(Cow::Owned)
}

/// Whether a text is read back unchanged in any form that it may get. Only folding changes breaks; otherwise only a
/// leading tab and line separators are changed. 0xE2 begins the line separator, among others.
pub(super) fn is_stable(text: &str, style: Style) -> bool {
    let bytes = text.as_bytes();
    let is_changed = match style {
        Style::Folded => memchr3(b'\n', b'\r', 0xE2, bytes).is_some(),
        _ => !text.is_ascii() && memchr(0xE2, bytes).is_some(),
    };
    !is_changed && bytes.first() != Some(&b'\t')
}

/// The form that go-yaml v3 prefers for a style.
pub(super) fn wanted_form(text: &str, style: Style) -> Form {
    match style {
        Style::DoubleQuoted => Form::DoubleQuoted,
        Style::SingleQuoted => Form::SingleQuoted,
        Style::Literal => Form::Literal,
        Style::Folded => Form::Folded,
        Style::Plain if text.contains('\n') => Form::Literal,
        Style::Plain => Form::Plain,
    }
}

/// A text after go-yaml v2 has read it from JSON.
///
/// # Errors
/// go-yaml's message, if it refuses the text.
pub(super) fn reread_json(text: &str, key: bool) -> Result<Cow<'_, str>, String> {
    if memchr3(0x7F, 0xC2, 0xEF, text.as_bytes()).is_none() {
        if key && text.len() + 2 > JSON_KEY_CHARS / 6 {
            check_key_length(text)?;
        }
        return Ok(Cow::Borrowed(text));
    }
    let forbidden = |c| matches!(c, '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}');
    if text.chars().any(forbidden) {
        return Err("yaml: control characters are not allowed".into());
    }
    let next_line = text.contains('\u{85}');
    if key {
        check_key_length(text)?;
        if next_line {
            return Err(NO_KEY.into());
        }
    }
    if !next_line {
        return Ok(Cow::Borrowed(text));
    }
    // JSON does not escape U+0085, which is a line break in YAML 1.1 and is folded.
    let mut json = String::with_capacity(text.len() + 16);
    crate::json_string::write_string(text, &mut json);
    scan_scalar(&json, Dialect::Yaml11, 0).map(Cow::Owned)
}

const NO_KEY: &str = "yaml: did not find expected ',' or '}'";

fn check_key_length(key: &str) -> Result<(), String> {
    let mut json = String::with_capacity(key.len() + 16);
    crate::json_string::write_string(key, &mut json);
    if json.chars().count() > JSON_KEY_CHARS {
        return Err(NO_KEY.into());
    }
    Ok(())
}

/// The scalar after `before` tokens.
fn scan_scalar(document: &str, dialect: Dialect, before: usize) -> Result<String, String> {
    let mut scanner = Scanner::new(document, dialect);
    let mut scan = || {
        for _ in 0..before {
            scanner.next()?;
        }
        scanner.next()
    };
    match scan() {
        Ok(token) => match token.kind {
            TokenKind::Scalar(text, _) => Ok(text.into_owned()),
            _ => Ok(String::new()),
        },
        Err(problem) => Err(format!("yaml: {}", problem.message)),
    }
}

/// A key after go-yaml v3 has written and read it.
pub(super) fn reread_key<'a>(text: &'a str, style: Style, flow: bool) -> Result<Cow<'a, str>, String> {
    if is_stable(text, style) {
        return Ok(Cow::Borrowed(text));
    }
    let simple_key = is_simple_key(text, &analyze(text, Dialect::V3));
    reread_yaml(text, style, Position { flow, simple_key })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn yaml(text: &str, style: Style) -> Result<String, String> {
        reread_yaml(text, style, Position::default()).map(Cow::into_owned)
    }

    #[test]
    fn folded_text_changes() {
        assert_eq!(yaml("s\n  b\nc\n", Style::Folded).unwrap(), "s\n\n  b\nc\n");
        assert_eq!(yaml("one\n\ntwo", Style::Folded).unwrap(), "one\n\ntwo");
        assert_eq!(yaml("one\ntwo\n\n", Style::Folded).unwrap(), "one\ntwo\n\n\n");
        assert_eq!(yaml("one\ntwo", Style::Literal).unwrap(), "one\ntwo");
    }

    #[test]
    fn a_tab_in_front_of_lines_cannot_be_read_back() {
        let error = "yaml: found a tab character where an indentation space is expected";
        assert_eq!(yaml("\ta\nb", Style::Plain).unwrap_err(), error);
        assert_eq!(yaml("\ta\nb", Style::Literal).unwrap_err(), error);
        assert_eq!(yaml("\ta\nb", Style::DoubleQuoted).unwrap(), "\ta\nb");
        assert_eq!(yaml("\ta", Style::Plain).unwrap(), "\ta");
    }

    #[test]
    fn json_folds_next_line_and_refuses_controls() {
        assert_eq!(reread_json("a\u{85}b", false).unwrap(), "a b");
        assert_eq!(reread_json("a\u{A0}b", false).unwrap(), "a\u{A0}b");
        assert!(reread_json("a\u{7F}", false).is_err());
        assert!(reread_json(&"k".repeat(1022), true).is_ok());
        assert!(reread_json(&"k".repeat(1023), true).is_err());
        assert!(reread_json(&"<".repeat(171), true).is_err());
    }
}
