//! Flags of a verb, and padding.

use go_std::text::runes;

/// The flags between `%` and the verb.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    pub(super) width: Option<usize>,
    pub(super) precision: Option<usize>,
    pub(super) minus: bool,
    pub(super) plus: bool,
    pub(super) sharp: bool,
    pub(super) space: bool,
    pub(super) zero: bool,
    /// `%+v`: field names.
    pub(super) plus_v: bool,
    /// `%#v`: Go syntax.
    pub(super) sharp_v: bool,
}

impl Flags {
    /// Writes text, padded to the width, which counts characters.
    pub(super) fn pad(&self, text: &[u8], out: &mut Vec<u8>) {
        let missing = match self.width {
            None | Some(0) => 0,
            Some(width) => width.saturating_sub(runes(text).count()),
        };
        if self.minus {
            out.extend_from_slice(text);
            self.padding(missing, out);
        } else {
            self.padding(missing, out);
            out.extend_from_slice(text);
        }
    }

    /// As [`pad`](Flags::pad), but always with blanks.
    pub(super) fn pad_with_blanks(&self, text: &[u8], out: &mut Vec<u8>) {
        let blanks = Flags {
            zero: false,
            ..self.clone()
        };
        blanks.pad(text, out);
    }

    /// Writes padding; zeros pad only on the left.
    pub(super) fn padding(&self, count: usize, out: &mut Vec<u8>) {
        let fill = if self.zero && !self.minus { b'0' } else { b' ' };
        out.resize(out.len() + count, fill);
    }

    /// The first characters of a text, up to the precision.
    pub(super) fn truncate<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        let end = self.precision.and_then(|precision| runes(text).nth(precision));
        end.and_then(|(end, ..)| text.get(..end)).unwrap_or(text)
    }
}
