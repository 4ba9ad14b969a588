//! Edit distance of words, for suggestions.

/// A word that others are compared with.
#[derive(Clone, Debug)]
pub(super) struct Word {
    chars: Vec<char>,
    /// Its characters as bits: see [`seen`].
    seen: u64,
    /// Maximum distance of a suggestion.
    most: usize,
}

impl Word {
    pub(super) fn new(word: &str) -> Self {
        let chars: Vec<char> = word.chars().collect();
        Word {
            seen: seen(word),
            most: tolerance(chars.len()),
            chars,
        }
    }

    /// The distance of another word; `None` if it is too large for a typing mistake.
    pub(super) fn distance(&self, other: &str) -> Option<usize> {
        // Two cheap lower bounds dismiss nearly all words of a large model: the difference in length, and the number of
        // characters that only one of the two has.
        let length = if other.is_ascii() {
            other.len()
        } else {
            other.chars().count()
        };
        if length.abs_diff(self.chars.len()) > self.most {
            return None;
        }
        let theirs = seen(other);
        let missing = (self.seen & !theirs)
            .count_ones()
            .max((theirs & !self.seen).count_ones());
        if missing as usize > self.most {
            return None;
        }
        let other: Vec<char> = other.chars().collect();
        distance(&self.chars, &other, self.most)
    }
}

/// A bit for each character that is in a word; several characters may share one.
fn seen(word: &str) -> u64 {
    word.chars()
        .fold(0, |seen, char| seen | 1 << (u32::from(char) & 63))
}

/// Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours. More than `most` is
/// `None`.
fn distance(a: &[char], b: &[char], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    // The last three rows of the table: `row` is being filled, `above` and `before` are the two above it.
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = Vec::with_capacity(b.len() + 1);
        row.push(i + 1);
        for (j, to) in b.iter().enumerate() {
            let replaced = above.get(j).copied().unwrap_or(usize::MAX - 1) + usize::from(from != to);
            let deleted = above.get(j + 1).copied().unwrap_or(usize::MAX - 1) + 1;
            let inserted = row.get(j).copied().unwrap_or(usize::MAX - 1) + 1;
            let mut best = replaced.min(deleted).min(inserted);
            let swap = i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if swap && let Some(swapped) = before.get(j - 1) {
                best = best.min(swapped + 1);
            }
            row.push(best);
        }
        if row.iter().all(|cost| *cost > most) {
            return None;
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().filter(|distance| *distance <= most)
}

/// Maximum number of mistakes in a word of this length that is still recognised.
fn tolerance(length: usize) -> usize {
    match length {
        0..=2 => 0,
        3..=4 => 1,
        5..=9 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_counted() {
        for (a, b, expected) in [
            ("papi", "papi", Some(0)),
            ("papi", "papi2", Some(1)),
            ("papi", "ppai", Some(1)),
            ("papi", "api", Some(1)),
            ("celery-worker", "celry-wroker", Some(2)),
            ("papi", "vault", None),
            ("", "ab", Some(2)),
            ("größe", "grösse", Some(2)),
            ("a", "abcd", None),
        ] {
            let chars = |text: &str| text.chars().collect::<Vec<char>>();
            assert_eq!(distance(&chars(a), &chars(b), 2), expected, "{a} {b}");
            assert_eq!(distance(&chars(b), &chars(a), 2), expected, "{b} {a}");
        }
    }

    /// The lower bounds dismiss no word whose distance is within the limit.
    #[test]
    fn no_word_is_dismissed_too_early() {
        let words = [
            "papi",
            "ppai",
            "api",
            "papi2",
            "größe",
            "grösse",
            "celery-worker",
            "celry-wroker",
            "aaaaaaa",
            "",
            "ab",
            "ba",
            "bbbbbbb",
            "aaaabbb",
            "straße",
            "strasse",
        ];
        for a in words {
            let word = Word::new(a);
            for b in words {
                let chars: Vec<char> = b.chars().collect();
                assert_eq!(
                    word.distance(b),
                    distance(&word.chars, &chars, word.most),
                    "{a} {b}"
                );
            }
        }
    }
}
