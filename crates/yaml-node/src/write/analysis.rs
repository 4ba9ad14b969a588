//! The forms in which a text may be written.

use memchr::{memchr, memchr_iter};

use crate::Dialect;

/// The result of go-yaml's analysis of a text, by which its emitter chooses a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Analysis {
    /// Whether it has a break.
    pub(super) multiline: bool,
    /// Whether it may be plain outside of brackets.
    pub(super) plain: bool,
    /// Whether it may be plain in brackets.
    pub(super) flow_plain: bool,
    pub(super) single_quoted: bool,
    /// Whether it may be literal or folded.
    pub(super) block: bool,
}

const PLAIN: Analysis = Analysis {
    multiline: false,
    plain: true,
    flow_plain: true,
    single_quoted: true,
    block: true,
};

/// Whether a character ends a line for YAML 1.1.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Offset of the first character that ends a line for YAML 1.1.
pub(super) fn find_break(text: &str) -> Option<usize> {
    let mut bytes = text.bytes().enumerate();
    loop {
        // 0xC2 and 0xE2 begin the breaks of several bytes, among other characters.
        let (index, _) = bytes.find(|(_, byte)| matches!(byte, b'\n' | b'\r' | 0xC2 | 0xE2))?;
        if text.get(index..)?.starts_with(is_break) {
            return Some(index);
        }
    }
}

/// Whether a character may be written unescaped. go-yaml escapes characters beyond the basic plane.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}') && c != '\u{FEFF}'
}

/// Letters, digits and punctuation without a meaning anywhere in a text, except for `-` and `.` at its start.
const fn is_harmless(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'+' | b'=' | b'$' | b'(' | b')')
}

/// [`is_harmless`] as a table: long texts consist mostly of such bytes.
const IS_HARMLESS: [bool; 256] = {
    let mut harmless = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        harmless[byte] = is_harmless(byte as u8);
        byte += 1;
    }
    harmless
};

pub(super) fn analyze(text: &str, dialect: Dialect) -> Analysis {
    let bytes = text.as_bytes();
    let Some(first) = bytes.first() else {
        return Analysis {
            flow_plain: false,
            block: false,
            ..PLAIN
        };
    };
    if bytes.iter().all(|b| IS_HARMLESS[usize::from(*b)]) && !matches!(first, b'-' | b'.') {
        return PLAIN;
    }
    analyze_lines(text, dialect).unwrap_or_else(|| analyze_closely(text, dialect))
}

/// The result of [`analyze_closely`] for several lines of printable ASCII and tabs; `None` for other texts. Several
/// lines are never plain, so indicators do not matter.
fn analyze_lines(text: &str, dialect: Dialect) -> Option<Analysis> {
    let bytes = text.as_bytes();
    memchr(b'\n', bytes)?;
    let (mut other, mut tabs) = (false, false);
    for &byte in bytes {
        tabs |= byte == b'\t';
        other |= !matches!(byte, b' '..=b'~' | b'\n' | b'\t');
    }
    if other {
        return None;
    }
    let (mut space_break, mut break_space) = (false, false);
    for index in memchr_iter(b'\n', bytes) {
        space_break |= index > 0 && bytes.get(index - 1) == Some(&b' ');
        break_space |= bytes.get(index + 1) == Some(&b' ');
    }
    let distorted = space_break || tabs && dialect != Dialect::V3;
    Some(Analysis {
        multiline: true,
        plain: false,
        flow_plain: false,
        single_quoted: !(distorted || tabs || break_space),
        block: !(text.ends_with(' ') || distorted),
    })
}

fn analyze_closely(text: &str, dialect: Dialect) -> Analysis {
    let document = text.starts_with("---") || text.starts_with("...");
    let (mut block_indicators, mut flow_indicators) = (document, document);
    let (mut line_breaks, mut special, mut tabs) = (false, false, false);
    let (mut break_space, mut space_break) = (false, false);
    let (mut previous_space, mut previous_break) = (false, false);
    let mut preceded_by_whitespace = true;
    let bytes = text.as_bytes();
    let mut next = 0;
    while let Some(&byte) = bytes.get(next) {
        let index = next;
        next += 1;
        if IS_HARMLESS[usize::from(byte)] && index > 0 {
            let rest = bytes.get(next..).unwrap_or_default();
            next += rest
                .iter()
                .position(|b| !IS_HARMLESS[usize::from(*b)])
                .unwrap_or(rest.len());
            previous_space = false;
            previous_break = false;
            preceded_by_whitespace = false;
            continue;
        }
        let mut space = false;
        let mut line_break = false;
        match byte {
            b' ' => space = true,
            b'\n' => line_break = true,
            b'\r' => {
                line_break = true;
                special = true;
            }
            b'#' if preceded_by_whitespace => {
                flow_indicators = true;
                block_indicators = true;
            }
            b',' | b'[' | b']' | b'{' | b'}' => {
                flow_indicators = true;
                block_indicators |= index == 0;
            }
            b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' if index == 0 => {
                flow_indicators = true;
                block_indicators = true;
            }
            b'?' => {
                flow_indicators = true;
                block_indicators |= index == 0 && is_blank_or_end(bytes, index + 1);
            }
            b':' => {
                flow_indicators = true;
                block_indicators |= is_blank_or_end(bytes, index + 1);
            }
            b'-' if index == 0 && is_blank_or_end(bytes, 1) => {
                flow_indicators = true;
                block_indicators = true;
            }
            // Version 3 allows tabs in block scalars.
            b'\t' if dialect == Dialect::V3 => tabs = true,
            0..=0x1F | 0x7F => special = true,
            b'!'..=b'~' => {}
            // A continuation byte: the first byte has decided.
            0x80..=0xBF => continue,
            _ => {
                let c = text
                    .get(index..)
                    .and_then(|rest| rest.chars().next())
                    .unwrap_or(' ');
                line_break = is_break(c);
                special |= !is_printable(c);
            }
        }
        break_space |= space && previous_break;
        space_break |= line_break && previous_space;
        line_breaks |= line_break;
        previous_space = space;
        previous_break = line_break;
        preceded_by_whitespace = space || line_break || matches!(byte, b'\t' | 0);
    }
    let edge = |c: Option<char>| c.is_some_and(|c| c == ' ' || is_break(c));
    let blank_edges = edge(text.chars().next()) || edge(text.chars().next_back());
    let distorted = space_break || special;
    let plain = !(blank_edges || break_space || distorted || tabs || line_breaks);
    Analysis {
        multiline: line_breaks,
        plain: plain && !block_indicators,
        flow_plain: plain && !flow_indicators,
        single_quoted: !(break_space || distorted || tabs),
        block: !(text.ends_with(' ') || distorted),
    }
}

fn is_blank_or_end(bytes: &[u8], index: usize) -> bool {
    matches!(bytes.get(index), None | Some(b' ' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `p` plain, `f` plain in brackets, `s` single-quoted, `b` block.
    fn check(text: &str, forms: &str) {
        let analysis = analyze(text, Dialect::Yaml11);
        let mut found = String::new();
        for (form, allowed) in [
            ('p', analysis.plain),
            ('f', analysis.flow_plain),
            ('s', analysis.single_quoted),
            ('b', analysis.block),
        ] {
            if allowed {
                found.push(form);
            }
        }
        assert_eq!(found, forms, "{text:?}");
    }

    #[test]
    fn some_texts_allow_only_some_styles() {
        check("word", "pfsb");
        check("", "ps");
        check("a b", "pfsb");
        check("a,b", "psb");
        check("a: b", "sb");
        check("a:b", "psb");
        check("-", "sb");
        check("-a", "pfsb");
        check("--- a", "sb");
        check(" a", "sb");
        check("a ", "s");
        check("a\nb", "sb");
        check("a\n b", "b");
        check("a \nb", "");
        check("a\tb", "");
        check("é日", "pfsb");
        check("😀", "");
    }

    #[test]
    fn fast_and_full_analysis_of_lines_agree() {
        for dialect in [Dialect::Yaml11, Dialect::V3] {
            for text in [
                "a\nb",
                "a \nb",
                "a\n b",
                "a\n\tb",
                "a\tb\nc: [d]\n",
                "- a\n",
                " a\n",
                "a\nb ",
                "\n",
                "\n\n a",
            ] {
                assert_eq!(
                    analyze_lines(text, dialect),
                    Some(analyze_closely(text, dialect)),
                    "{text:?}"
                );
            }
        }
        assert_eq!(analyze_lines("a", Dialect::V3), None);
        assert_eq!(analyze_lines("é\n", Dialect::V3), None);
    }

    #[test]
    fn only_version_three_lets_block_scalars_have_tabs() {
        assert!(analyze("a\tb", Dialect::V3).block);
        assert!(!analyze("a\tb", Dialect::Yaml11).block);
    }
}
