//! Characters that are invisible, or that a terminal acts on.

/// Whether a character is acted on or invisible: a control character of C0 or C1, a line separator, a mark that changes
/// the direction of writing, a zero-width, tag or filler character, a variation selector. `before` is the preceding
/// character: a selector behind the symbol whose form it chooses is part of ordinary text.
///
/// These are `Cc`, `Zl`, `Zp` and the default-ignorable characters of
/// <https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt>, and the format controls of `Cf` that are
/// not shown.
///
/// ```
/// use plain_text::is_unseen;
///
/// assert!(is_unseen('\u{1b}', None) && is_unseen('\u{202e}', None));
/// assert!(!is_unseen('\u{fe0f}', Some('⚠')) && is_unseen('\u{fe0f}', Some('a')));
/// ```
pub fn is_unseen(c: char, before: Option<char>) -> bool {
    match c {
        ' '..='~' => false,
        '\u{fe0e}' | '\u{fe0f}' => !before.is_some_and(has_forms),
        c => c.is_control() || is_ignorable(c),
    }
}

/// Whether a character may have both a text form and an emoji form: keys and symbols, no letters.
fn has_forms(c: char) -> bool {
    let is_symbol = matches!(c, '\u{2000}'..='\u{33ff}') || !c.is_alphabetic();
    matches!(c, '#' | '*' | '0'..='9')
        || c >= '\u{a1}' && is_symbol && !c.is_whitespace() && !is_unseen(c, None)
}

fn is_ignorable(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Each character with whether it is unseen.
pub(crate) fn marked(text: &str) -> impl Iterator<Item = (char, bool)> + '_ {
    let mut before = None;
    text.chars().map(move |c| {
        let unseen = is_unseen(c, before);
        before = Some(c);
        (c, unseen)
    })
}

/// Number of bytes that are compared in one step.
const BLOCK: usize = 32;

/// The positions and characters that are unseen. Printable ASCII, of which most texts consist, is skipped in blocks.
pub(crate) fn unseen(text: &str) -> impl Iterator<Item = (usize, char)> + '_ {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = text.as_bytes().get(from..)?;
            let (blocks, _) = rest.as_chunks::<BLOCK>();
            let plain = blocks.iter().take_while(|block| are_plain(*block)).count() * BLOCK;
            let is_other = |byte: &u8| !matches!(byte, b' '..=b'~');
            let at = from + plain + rest.get(plain..)?.iter().position(is_other)?;
            let c = text.get(at..)?.chars().next()?;
            from = at + c.len_utf8();
            let before = || text.get(..at).and_then(|before| before.chars().next_back());
            if is_unseen(c, before()) {
                return Some((at, c));
            }
        }
    })
}

/// Whether a text is printable ASCII.
pub(crate) fn is_plain_ascii(text: &str) -> bool {
    are_plain(text.as_bytes())
}

/// No early exit, so that the compiler can compare several bytes at once.
#[inline]
fn are_plain(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unseen_characters_are_those_marked() {
        for text in [
            "",
            "plain",
            "a\u{200b}b",
            "ä\n⚠\u{fe0f}a\u{fe0f}\u{1b}",
            "\u{202e}\u{e0041}ö",
            "a text that is longer than one block, and has \u{200b} one, and then \n another in its second block",
        ] {
            let expected: Vec<char> = marked(text)
                .filter_map(|(c, unseen)| unseen.then_some(c))
                .collect();
            let found: Vec<char> = unseen(text).map(|(_, c)| c).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn every_kind_of_unseen_character_is_known() {
        for c in [
            '\0',
            '\u{7}',
            '\n',
            '\r',
            '\t',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{ad}',
            '\u{61c}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e007f}',
            '\u{e0100}',
            '\u{fe00}',
            '\u{3164}',
            '\u{115f}',
            '\u{34f}',
            '\u{180e}',
        ] {
            assert!(is_unseen(c, None) && is_unseen(c, Some('a')), "{c:?}");
        }
        for c in [
            'a', ' ', 'ä', '→', '…', '\u{fffd}', '漢', '🚀', '\u{a0}', 'ا', '\u{301}',
        ] {
            assert!(!is_unseen(c, None), "{c:?}");
        }
    }

    #[test]
    fn selectors_choose_forms_of_symbols_only() {
        for before in ['⚠', '❤', '1', '#', '🏷', 'ℹ'] {
            assert!(!is_unseen('\u{fe0f}', Some(before)), "{before}");
        }
        for before in ['a', 'ä', '\u{fe0f}', '\u{200b}', ' ', '\n'] {
            assert!(is_unseen('\u{fe0f}', Some(before)), "{before:?}");
        }
    }
}
