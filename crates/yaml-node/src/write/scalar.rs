//! A string turns into a plain, quoted or literal scalar.

use source_tree::Mark;

use super::emitter::{Emitter, WIDTH};
use crate::resolve::{Dialect, resolve};
use crate::{Tag, WriteError};

/// Longest key in bytes that is written as `key:`; longer ones as `? key`.
const SIMPLE_KEY_BYTES: usize = 128;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
}

/// What go-yaml's emitter finds out about a text before it chooses a form.
#[derive(Clone, Copy)]
struct Analysis {
    multiline: bool,
    plain: bool,
    single_quoted: bool,
    block: bool,
}

/// Writes a key and tells whether it is a simple one: `key:` rather than `? key` and `: value`.
pub(super) fn write_key(emitter: &mut Emitter<'_>, text: &str, mark: Mark) -> Result<bool, WriteError> {
    let simple = text.len() <= SIMPLE_KEY_BYTES && !text.chars().any(is_break);
    if !simple {
        emitter.indicator("?", true, true);
    }
    write_string(emitter, text, simple, mark)?;
    Ok(simple)
}

/// Writes a text in the form that go-yaml v2 chooses for a Go string.
pub(super) fn write_string(
    emitter: &mut Emitter<'_>,
    text: &str,
    simple_key: bool,
    mark: Mark,
) -> Result<(), WriteError> {
    if let Some(message) = refused(text) {
        return Err(WriteError {
            mark,
            message: message.into(),
        });
    }
    let analysis = analyze(text);
    let mut form = if text.contains('\n') {
        Form::Literal
    } else if resolve(text, Dialect::Yaml11) == Tag::Str && !is_sexagesimal(text) || text == "<<" {
        Form::Plain
    } else {
        Form::DoubleQuoted
    };
    if simple_key && analysis.multiline {
        form = Form::DoubleQuoted;
    }
    if form == Form::Plain && (!analysis.plain || text.is_empty() && simple_key) {
        form = Form::SingleQuoted;
    }
    if form == Form::SingleQuoted && !analysis.single_quoted
        || form == Form::Literal && (!analysis.block || simple_key)
    {
        form = Form::DoubleQuoted;
    }
    let outer = emitter.start_scalar();
    match form {
        Form::Plain => write_plain(emitter, text, !simple_key),
        Form::SingleQuoted => write_single_quoted(emitter, text, !simple_key),
        Form::DoubleQuoted => write_double_quoted(emitter, text, !simple_key),
        Form::Literal => write_literal(emitter, text),
    }
    emitter.indent = outer;
    Ok(())
}

/// Characters that go-yaml v2 refuses to read back from JSON.
fn refused(text: &str) -> Option<&'static str> {
    text.chars()
        .any(|c| matches!(c, '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}'))
        .then_some("yaml: control characters are not allowed")
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`: numbers of base 60, which only YAML 1.1 has.
fn is_sexagesimal(text: &str) -> bool {
    let rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !rest.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    let mut parts = rest.split(':');
    let first = parts.next().unwrap_or_default();
    if !first.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
        return false;
    }
    let mut parts = parts.peekable();
    let mut any = false;
    while let Some(part) = parts.next() {
        any = true;
        let digits = match (parts.peek(), part.split_once('.')) {
            (None, Some((digits, fraction))) => {
                if !fraction.bytes().all(|b| b.is_ascii_digit() || b == b'_') {
                    return false;
                }
                digits
            }
            _ => part,
        };
        match digits.as_bytes() {
            [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9'] => {}
            _ => return false,
        }
    }
    any
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}') && c != '\u{FEFF}'
}

fn analyze(text: &str) -> Analysis {
    if text.is_empty() {
        return Analysis {
            multiline: false,
            plain: true,
            single_quoted: true,
            block: false,
        };
    }
    let mut indicators = text.starts_with("---") || text.starts_with("...");
    let (mut line_breaks, mut special) = (false, false);
    let (mut break_space, mut space_break) = (false, false);
    let (mut previous_space, mut previous_break) = (false, false);
    let mut preceded_by_whitespace = true;
    let mut chars = text.char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        let followed_by_whitespace = chars.peek().is_none_or(|(_, next)| matches!(next, ' ' | '\t'));
        match c {
            '#' if preceded_by_whitespace => indicators = true,
            ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`'
                if index == 0 =>
            {
                indicators = true;
            }
            '?' | '-' if index == 0 && followed_by_whitespace => indicators = true,
            ':' if followed_by_whitespace => indicators = true,
            _ => {}
        }
        special |= !is_printable(c);
        let (space, line_break) = (c == ' ', is_break(c));
        break_space |= space && previous_break;
        space_break |= line_break && previous_space;
        line_breaks |= line_break;
        previous_space = space;
        previous_break = line_break;
        preceded_by_whitespace = line_break || matches!(c, ' ' | '\t' | '\0');
    }
    let edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
    let blank_edges = edge(text.chars().next()) || edge(text.chars().next_back());
    let distorted = space_break || special;
    Analysis {
        multiline: line_breaks,
        plain: !(blank_edges || break_space || distorted || line_breaks || indicators),
        single_quoted: !(break_space || distorted),
        block: !(text.ends_with(' ') || distorted),
    }
}

fn write_plain(emitter: &mut Emitter<'_>, text: &str, fold: bool) {
    emitter.separate();
    write_folding(emitter, text, fold);
    emitter.end_scalar();
}

/// Text on one line that fits, or is folded at spaces.
fn write_folding(emitter: &mut Emitter<'_>, text: &str, fold: bool) {
    let mut spaces = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == ' ' {
            if fold && !spaces && emitter.column > WIDTH && chars.peek().is_some_and(|next| *next != ' ') {
                emitter.write_indent();
            } else {
                emitter.put(' ');
            }
            spaces = true;
        } else {
            emitter.put(c);
            emitter.text_starts();
            spaces = false;
        }
    }
}

fn write_single_quoted(emitter: &mut Emitter<'_>, text: &str, fold: bool) {
    emitter.indicator("'", true, false);
    let (mut spaces, mut breaks) = (false, false);
    let mut chars = text.char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        if c == ' ' {
            if fold
                && !spaces
                && emitter.column > WIDTH
                && index > 0
                && chars.peek().is_some_and(|(_, next)| *next != ' ')
            {
                emitter.write_indent();
            } else {
                emitter.put(' ');
            }
            spaces = true;
        } else if is_break(c) {
            if !breaks && c == '\n' {
                emitter.put_break();
            }
            emitter.text_break(c);
            breaks = true;
        } else {
            if breaks {
                emitter.write_indent();
            }
            if c == '\'' {
                emitter.put('\'');
            }
            emitter.put(c);
            emitter.text_starts();
            spaces = false;
            breaks = false;
        }
    }
    emitter.indicator("'", false, false);
}

fn write_double_quoted(emitter: &mut Emitter<'_>, text: &str, fold: bool) {
    emitter.indicator("\"", true, false);
    // go-yaml looks for a byte order mark at the start of the text whatever the position it is at.
    let escape_all = text.starts_with('\u{FEFF}');
    let mut spaces = false;
    let mut chars = text.char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        if escape_all || !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
            write_escape(emitter, c);
            spaces = false;
        } else if c == ' ' {
            match chars.peek() {
                Some((_, next)) if fold && !spaces && emitter.column > WIDTH && index > 0 => {
                    let more = *next == ' ';
                    emitter.write_indent();
                    if more {
                        emitter.put('\\');
                    }
                }
                _ => emitter.put(' '),
            }
            spaces = true;
        } else {
            emitter.put(c);
            spaces = false;
        }
    }
    emitter.indicator("\"", false, false);
}

fn write_escape(emitter: &mut Emitter<'_>, c: char) {
    let short = match c {
        '\0' => '0',
        '\u{07}' => 'a',
        '\u{08}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{0B}' => 'v',
        '\u{0C}' => 'f',
        '\r' => 'r',
        '\u{1B}' => 'e',
        '"' => '"',
        '\\' => '\\',
        '\u{85}' => 'N',
        '\u{A0}' => '_',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        _ => {
            let code = u32::from(c);
            let escape = match code {
                ..=0xFF => format!("\\x{code:02X}"),
                ..=0xFFFF => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
            emitter.push_str(&escape, escape.len());
            return;
        }
    };
    emitter.put('\\');
    emitter.put(short);
}

fn write_literal(emitter: &mut Emitter<'_>, text: &str) {
    emitter.indicator("|", true, false);
    if text.starts_with(|c: char| c == ' ' || is_break(c)) {
        emitter.indicator("2", false, false);
    }
    let mut last = text.chars().rev();
    match (last.next().is_some_and(is_break), last.next()) {
        (false, _) => emitter.indicator("-", false, false),
        (true, None) => emitter.indicator("+", false, false),
        (true, Some(before)) if is_break(before) => emitter.indicator("+", false, false),
        (true, Some(_)) => {}
    }
    emitter.block_starts();
    let mut breaks = true;
    for c in text.chars() {
        if is_break(c) {
            emitter.text_break(c);
            breaks = true;
        } else {
            if breaks {
                emitter.write_indent();
            }
            emitter.put(c);
            emitter.text_starts();
            breaks = false;
        }
    }
}
