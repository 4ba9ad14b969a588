//! Natural order of keys, as in go-yaml.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::Dialect;

/// Sorts entries by key as go-yaml does: digits by number, letters after other characters.
///
/// The order is not total for odd key sets such as `b1`, `b01`, `1a`: go-yaml's output varies from run to run, and the
/// sort of the standard library may panic. A merge sort does neither.
pub(super) fn sort_keys<T: Copy>(entries: &mut Vec<(Cow<'_, str>, T)>, dialect: Dialect) {
    let in_order = |a: &str, b: &str| compare(a, b, dialect) != Ordering::Greater;
    if entries.is_sorted_by(|a, b| in_order(&a.0, &b.0)) {
        return;
    }
    let mut order: Vec<usize> = (0..entries.len()).collect();
    let mut merged = Vec::with_capacity(order.len());
    let mut width = 1;
    while width < order.len() {
        merged.clear();
        for pair in order.chunks(2 * width) {
            let (mut left, mut right) = pair.split_at(width.min(pair.len()));
            while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
                if in_order(&entries[*a].0, &entries[*b].0) {
                    merged.push(*a);
                    left = left_rest;
                } else {
                    merged.push(*b);
                    right = right_rest;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(&mut order, &mut merged);
        width *= 2;
    }
    *entries = order
        .into_iter()
        .map(|index| (std::mem::take(&mut entries[index].0), entries[index].1))
        .collect();
}

/// go-yaml's `keyList.Less` as a three-way comparison.
pub(super) fn compare(a: &str, b: &str, dialect: Dialect) -> Ordering {
    let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    // Step back to the start of the character that differs.
    let start = (0..=same).rev().find(|at| a.is_char_boundary(*at)).unwrap_or(0);
    let (a_rest, b_rest) = (&a[start..], &b[start..]);
    let (Some(x), Some(y)) = (a_rest.chars().next(), b_rest.chars().next()) else {
        return a.len().cmp(&b.len());
    };
    let after_digit = || a[..start].chars().next_back().is_some_and(is_digit);
    match (is_letter(x), is_letter(y)) {
        (true, true) => return x.cmp(&y),
        // In version 3 letters come first directly after a number: `a1b` comes before `a1-`.
        (true, false) if dialect == Dialect::V3 && after_digit() => return Ordering::Less,
        (false, true) if dialect == Dialect::V3 && after_digit() => return Ordering::Greater,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // Zeros count only behind another digit of the same number; then both sides get a leading 1.
    let zero = x == '0' || y == '0';
    let seed = i64::from(
        zero && a[..start]
            .chars()
            .rev()
            .take_while(|c| is_digit(*c))
            .any(|c| c != '0'),
    );
    let (a_number, a_length) = digit_run(a_rest, seed);
    let (b_number, b_length) = digit_run(b_rest, seed);
    a_number
        .cmp(&b_number)
        .then(a_length.cmp(&b_length))
        .then(x.cmp(&y))
}

/// The number at the start of a text, and its length. It wraps around as in Go.
fn digit_run(text: &str, seed: i64) -> (i64, usize) {
    let mut number = seed;
    let mut length = 0;
    for c in text.chars().take_while(|c| is_digit(*c)) {
        // Go computes the value of any digit as its offset from `0`.
        let digit = i64::from(u32::from(c)) - i64::from(b'0');
        number = number.wrapping_mul(10).wrapping_add(digit);
        length += 1;
    }
    (number, length)
}

/// Unicode's letters. Rust also counts letter-like numbers as alphabetic.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !c.is_numeric()
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || !c.is_ascii() && c.is_numeric() && is_other_digit(u32::from(c))
}

fn is_other_digit(code: u32) -> bool {
    let before = ZEROS.partition_point(|zero| *zero <= code);
    before
        .checked_sub(1)
        .and_then(|index| ZEROS.get(index))
        .is_some_and(|zero| code - zero < 10)
}

/// The zeros of Unicode's decimal digits (category Nd) beyond ASCII. Each is followed by nine more digits.
const ZEROS: [u32; 67] = [
    0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50, 0xED0,
    0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40, 0x1C50,
    0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10, 0x104A0, 0x10D30, 0x11066, 0x110F0,
    0x11136, 0x111D0, 0x112F0, 0x11450, 0x114D0, 0x11650, 0x116C0, 0x11730, 0x118E0, 0x11950, 0x11C50,
    0x11D50, 0x11DA0, 0x11F50, 0x16A60, 0x16AC0, 0x16B50, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6,
    0x1E140, 0x1E2F0, 0x1E4F0, 0x1E950, 0x1FBF0,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(sorted: &[&str]) {
        let mut entries: Vec<(Cow<'_, str>, ())> =
            sorted.iter().rev().map(|key| (Cow::Borrowed(*key), ())).collect();
        sort_keys(&mut entries, Dialect::Yaml11);
        assert_eq!(entries.iter().map(|(key, ())| &**key).collect::<Vec<_>>(), sorted);
    }

    #[test]
    fn digits_sort_by_number() {
        check(&["a1", "a2", "a10"]);
        check(&["v1", "v1alpha1", "v2"]);
        check(&["b12", "b100"]);
        check(&["1", "2", "10"]);
    }

    #[test]
    fn letters_sort_after_other_characters() {
        check(&["item-10", "item.2", "item_a", "item2", "itema"]);
        check(&["-", ".", "1", "A", "a"]);
        check(&["a", "a.b", "ab"]);
        check(&["A", "B", "a"]);
    }

    #[test]
    fn unusual_sets_of_keys_do_not_panic() {
        let keys = [
            "b1", "b01", "b0x", "1a", "10", "01", "0", "00", "b", "1", "a1", "a01",
        ];
        let mut entries: Vec<(Cow<'_, str>, ())> = keys
            .iter()
            .cycle()
            .take(500)
            .map(|key| (Cow::Borrowed(*key), ()))
            .collect();
        sort_keys(&mut entries, Dialect::Yaml11);
        assert_eq!(entries.len(), 500);
    }
}
