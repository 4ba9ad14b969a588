//! Words that are looked for together, in one pass over the bytes of a text.

/// Groups of words, at most 64. Every word has two bytes or more.
pub(crate) struct Words {
    groups: &'static [&'static [&'static str]],
    any_case: bool,
    /// For each byte, the groups with a word that begins with it, a bit each.
    first: [u64; 256],
    /// The same for the second byte. Few pairs of bytes of a text have a group in both tables.
    second: [u64; 256],
    /// The same for the third byte, which a word of two bytes leaves open.
    third: [u64; 256],
}

/// A word in a text.
pub(crate) struct Found {
    pub(crate) at: usize,
    pub(crate) length: usize,
    pub(crate) group: usize,
}

impl Words {
    /// Words as written, or words in lower case that are found in any case of ASCII.
    pub(crate) const fn new(groups: &'static [&'static [&'static str]], any_case: bool) -> Self {
        assert!(groups.len() <= 64);
        let (mut first, mut second, mut third) = ([0; 256], [0; 256], [0; 256]);
        let mut group = 0;
        while group < groups.len() {
            let mut word = 0;
            while word < groups[group].len() {
                let bytes = groups[group][word].as_bytes();
                add(&mut first, bytes[0], group, any_case);
                add(&mut second, bytes[1], group, any_case);
                if bytes.len() > 2 {
                    add(&mut third, bytes[2], group, any_case);
                } else {
                    let mut byte = 0;
                    while byte < 256 {
                        third[byte] |= 1 << group;
                        byte += 1;
                    }
                }
                word += 1;
            }
            group += 1;
        }
        Words {
            groups,
            any_case,
            first,
            second,
            third,
        }
    }

    /// The first word of a text from a position on. Of two words that begin at one place, that of the first group.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<Found> {
        let rest = text.get(from..)?;
        self.candidates(rest).find_map(|(at, mut groups)| {
            while groups != 0 {
                let group = groups.trailing_zeros() as usize;
                if let Some(length) = self.length_of(group, rest.get(at..)?) {
                    let at = from + at;
                    return Some(Found { at, length, group });
                }
                groups &= groups - 1;
            }
            None
        })
    }

    /// The groups of `wanted` of which a text has a word, a bit each.
    pub(crate) fn groups_in(&self, text: &[u8], wanted: u64) -> u64 {
        let mut found = 0;
        for (at, groups) in self.candidates(text) {
            let mut unknown = groups & wanted & !found;
            while unknown != 0 {
                let group = unknown.trailing_zeros() as usize;
                let is_there = self
                    .length_of(group, text.get(at..).unwrap_or_default())
                    .is_some();
                found |= u64::from(is_there) << group;
                unknown &= unknown - 1;
            }
        }
        found
    }

    /// The positions at which a word may begin, by its first three bytes, with the groups it may be of.
    fn candidates(&self, text: &[u8]) -> impl Iterator<Item = (usize, u64)> {
        let mut begun = 0;
        text.iter().enumerate().filter_map(move |(at, byte)| {
            let mut groups = begun & self.second[usize::from(*byte)];
            begun = self.first[usize::from(*byte)];
            if groups == 0 {
                return None;
            }
            if let Some(next) = text.get(at + 1) {
                groups &= self.third[usize::from(*next)];
            }
            (groups != 0).then(|| (at - 1, groups))
        })
    }

    /// The length of the word of a group with which a text begins.
    fn length_of(&self, group: usize, text: &[u8]) -> Option<usize> {
        let is_same = |(byte, wanted): (&u8, &u8)| match self.any_case {
            true => byte.to_ascii_lowercase() == *wanted,
            false => byte == wanted,
        };
        let mut words = self.groups.get(group)?.iter();
        words
            .find(|word| text.len() >= word.len() && text.iter().zip(word.as_bytes()).all(is_same))
            .map(|word| word.len())
    }
}

const fn add(table: &mut [u64; 256], byte: u8, group: usize, any_case: bool) {
    table[byte as usize] |= 1 << group;
    if any_case {
        table[byte.to_ascii_uppercase() as usize] |= 1 << group;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::{begins_with, random_texts};

    #[test]
    fn words_are_found_as_by_a_search_at_each_position() {
        static WORDS: [&[&str]; 3] = [&["token", "to"], &["tok", "ken"], &["x-"]];
        let pieces = ["to", "T", "k", "en", "KEN", "token", "-", "x", "é", " "];
        for any_case in [true, false] {
            let words = Words::new(&WORDS, any_case);
            for text in random_texts(&pieces) {
                let text = text.as_bytes();
                let begins = |at: usize, word: &str| match any_case {
                    true => begins_with(&text[at..], word.as_bytes()),
                    false => text[at..].starts_with(word.as_bytes()),
                };
                let word_at = |at: usize, group: usize| WORDS[group].iter().find(|word| begins(at, word));
                let places = (0..text.len()).flat_map(|at| (0..WORDS.len()).map(move |group| (at, group)));
                let all: Vec<_> = places
                    .filter_map(|(at, group)| Some((at, word_at(at, group)?.len(), group)))
                    .collect();
                let groups = all.iter().fold(0, |groups, (_, _, group)| groups | 1 << group);
                assert_eq!(words.groups_in(text, u64::MAX), groups);
                assert_eq!(words.groups_in(text, 2), groups & 2);
                for from in 0..=text.len() {
                    let expected = all.iter().find(|(at, ..)| *at >= from).copied();
                    let found = words.find(text, from);
                    assert_eq!(found.map(|found| (found.at, found.length, found.group)), expected);
                }
            }
        }
    }
}
