//! The text to search. A byte that is not UTF-8 matches as U+FFFD, as in Go.

use std::borrow::Cow;
use std::ops::Range;

use crate::text::runes;

/// A text and, if invalid bytes were replaced, the original positions.
pub(super) struct Haystack<'a> {
    pub(super) text: Cow<'a, str>,
    bytes: &'a [u8],
    /// The position in `bytes` of each byte of `text`, and of its end.
    places: Option<Vec<usize>>,
}

impl<'a> Haystack<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Haystack {
                text: Cow::Borrowed(text),
                bytes,
                places: None,
            };
        }
        let mut text = String::with_capacity(bytes.len() + 16);
        let mut places = Vec::with_capacity(bytes.len() + 16);
        for (place, c, _) in runes(bytes) {
            places.resize(text.len() + c.len_utf8(), place);
            text.push(c);
        }
        places.push(bytes.len());
        Haystack {
            text: Cow::Owned(text),
            bytes,
            places: Some(places),
        }
    }

    /// The original bytes of a range of the text.
    pub(super) fn original(&self, range: Range<usize>) -> &'a [u8] {
        let place = |at: usize| match &self.places {
            Some(places) => places.get(at).copied().unwrap_or(self.bytes.len()),
            None => at,
        };
        self.bytes
            .get(place(range.start)..place(range.end))
            .unwrap_or_default()
    }
}
