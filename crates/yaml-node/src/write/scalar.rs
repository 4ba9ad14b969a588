//! Writing of plain, quoted and block scalars.

use super::analysis::{Analysis, find_break, is_break, is_printable};
use super::emitter::Emitter;
use super::fold::write_folded;

/// Longest key in bytes that is written as `key:`; longer ones as `? key`.
const SIMPLE_KEY_BYTES: usize = 128;

/// The form in which a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}

/// The position of a scalar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// In brackets.
    pub(super) flow: bool,
    /// As a key with nothing but `:` after it.
    pub(super) simple_key: bool,
}

/// Whether a key needs no `?`.
pub(super) fn is_simple_key(text: &str, analysis: &Analysis) -> bool {
    text.len() <= SIMPLE_KEY_BYTES && !analysis.multiline
}

/// The form that a text gets if `form` is preferred.
pub(super) fn choose_form(text: &str, analysis: &Analysis, mut form: Form, position: Position) -> Form {
    let Position { flow, simple_key } = position;
    if simple_key && analysis.multiline {
        form = Form::DoubleQuoted;
    }
    let plain = if flow { analysis.flow_plain } else { analysis.plain };
    if form == Form::Plain && (!plain || text.is_empty() && (flow || simple_key)) {
        form = Form::SingleQuoted;
    }
    if form == Form::SingleQuoted && !analysis.single_quoted {
        form = Form::DoubleQuoted;
    }
    if matches!(form, Form::Literal | Form::Folded) && (!analysis.block || flow || simple_key) {
        form = Form::DoubleQuoted;
    }
    form
}

/// Writes a text in a form. `fold`: whether it may be folded; keys must not be.
pub(super) fn write_form(emitter: &mut Emitter<'_>, text: &str, form: Form, fold: bool) {
    let outer = emitter.start_scalar();
    match form {
        Form::Plain => write_plain(emitter, text, fold),
        Form::SingleQuoted => write_single_quoted(emitter, text, fold),
        Form::DoubleQuoted => write_double_quoted(emitter, text, fold),
        Form::Literal => write_literal(emitter, text),
        Form::Folded => write_folded(emitter, text),
    }
    emitter.indent = outer;
}

/// The number of characters of a text that ends on this line in any case; `None` if it may have to be folded.
fn fits(emitter: &Emitter<'_>, text: &str, fold: bool) -> Option<usize> {
    // Text is folded at a space beyond the width, so a text that ends before the width is not folded.
    let fits = !fold || emitter.column + text.len() <= emitter.width;
    fits.then(|| {
        if text.is_ascii() {
            text.len()
        } else {
            text.chars().count()
        }
    })
}

fn write_plain(emitter: &mut Emitter<'_>, text: &str, fold: bool) {
    emitter.separate();
    if let Some(chars) = fits(emitter, text, fold) {
        emitter.push_str(text, chars);
    } else {
        let mut spaces = false;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            if c != ' ' {
                emitter.put(c);
                emitter.text_starts();
            } else if !spaces
                && emitter.column > emitter.width
                && chars.peek().is_some_and(|next| *next != ' ')
            {
                emitter.write_indent();
            } else {
                emitter.put(' ');
            }
            spaces = c == ' ';
        }
    }
    emitter.end_scalar();
}

fn write_single_quoted(emitter: &mut Emitter<'_>, text: &str, fold: bool) {
    emitter.indicator("'", true, false);
    let (mut spaces, mut breaks) = (false, false);
    let mut chars = text.char_indices().peekable();
    while let Some((index, c)) = chars.next() {
        if c == ' ' {
            let next = chars.peek().is_some_and(|(_, next)| *next != ' ');
            if fold && !spaces && emitter.column > emitter.width && index > 0 && next {
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
    // go-yaml looks for a byte order mark at the start of the text, whatever the current position.
    let escape_all = text.starts_with('\u{FEFF}');
    let mut spaces = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let as_is = if escape_all { 0 } else { unescaped(rest) };
        let (run, after) = rest.split_at(as_is);
        if !run.is_empty() {
            emitter.push_str(run, run.len());
            spaces = false;
            rest = after;
            continue;
        }
        let first = rest.len() == text.len();
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
        if escape_all || !is_printable(c) || is_break(c) || c == '"' || c == '\\' {
            write_escape(emitter, c);
            spaces = false;
        } else if c == ' ' {
            if fold && !spaces && emitter.column > emitter.width && !first && !rest.is_empty() {
                emitter.write_indent();
                if rest.starts_with(' ') {
                    emitter.put('\\');
                }
            } else {
                emitter.put(' ');
            }
            spaces = true;
        } else {
            emitter.put(c);
            spaces = false;
        }
    }
    emitter.indicator("\"", false, false);
}

/// The number of leading ASCII characters that neither need an escape nor allow folding.
fn unescaped(text: &str) -> usize {
    text.bytes()
        .position(|byte| !matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~'))
        .unwrap_or(text.len())
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
                0..=0xFF => format!("\\x{code:02X}"),
                0x100..=0xFFFF => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
            emitter.push_str(&escape, escape.len());
            return;
        }
    };
    emitter.put('\\');
    emitter.put(short);
}

/// Writes `|` or `>` with the indicators of indent and final breaks.
pub(super) fn write_block_head(emitter: &mut Emitter<'_>, indicator: &str, text: &str) {
    emitter.indicator(indicator, true, false);
    if text.starts_with(|c: char| c == ' ' || is_break(c)) {
        emitter.indicator("2", false, false);
    }
    let mut last = text.chars().rev();
    let chomping = match (last.next().is_some_and(is_break), last.next()) {
        (false, _) => "-",
        (true, None) => "+",
        (true, Some(before)) if is_break(before) => "+",
        (true, Some(_)) => "",
    };
    emitter.indicator(chomping, false, false);
    emitter.block_starts();
}

fn write_literal(emitter: &mut Emitter<'_>, text: &str) {
    write_block_head(emitter, "|", text);
    let mut rest = text;
    while !rest.is_empty() {
        let end = find_break(rest).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        if !line.is_empty() {
            emitter.write_indent();
            emitter.push_str(line, line.len());
            emitter.text_starts();
        }
        let mut chars = after.chars();
        if let Some(c) = chars.next() {
            emitter.text_break(c);
        }
        rest = chars.as_str();
    }
}
