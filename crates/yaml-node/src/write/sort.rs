//! Keys turn into go-yaml v2's natural order.

use std::borrow::Cow;
use std::cmp::Ordering;

/// Sorts entries by key as go-yaml v2 does: digits by number, letters after other characters.
pub(super) fn sort_keys<T>(entries: &mut [(Cow<'_, str>, T)]) {
    insertion_or_merge(entries);
}

fn insertion_or_merge<T>(entries: &mut [(Cow<'_, str>, T)]) {
    // The order is not total for odd key sets, and the standard sort may panic on such an order; an insertion sort by
    // binary search cannot. Sorted input, which is the most frequent, costs one comparison per key.
    for index in 1..entries.len() {
        if compare(&entries[index - 1].0, &entries[index].0) != Ordering::Greater {
            continue;
        }
        let place =
            entries[..index].partition_point(|(key, _)| compare(key, &entries[index].0) != Ordering::Greater);
        entries[place..=index].rotate_right(1);
    }
}

/// go-yaml v2's `keyList.Less` as a three-way comparison.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (ab, bb) = (a.as_bytes(), b.as_bytes());
    let same = ab.iter().zip(bb).take_while(|(x, y)| x == y).count();
    if same == ab.len() || same == bb.len() {
        return ab.len().cmp(&bb.len());
    }
    // Step back to the start of the character that differs.
    let mut start = same;
    while !a.is_char_boundary(start) {
        start -= 1;
    }
    let (at, bt) = (&a[start..], &b[start..]);
    let (Some(x), Some(y)) = (at.chars().next(), bt.chars().next()) else {
        return ab.len().cmp(&bb.len());
    };
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let mut seed = 0_i64;
    if x == '0' || y == '0' {
        let digits_before = a[..start].chars().rev().take_while(|c| is_digit(*c));
        if digits_before.into_iter().any(|c| c != '0') {
            seed = 1;
        }
    }
    let (a_number, a_length) = digit_run(at, seed);
    let (b_number, b_length) = digit_run(bt, seed);
    a_number
        .cmp(&b_number)
        .then(a_length.cmp(&b_length))
        .then(x.cmp(&y))
}

fn digit_run(text: &str, seed: i64) -> (i64, usize) {
    let mut number = seed;
    let mut length = 0;
    for c in text.chars().take_while(|c| is_digit(*c)) {
        let digit = i64::from(u32::from(c)) - i64::from(b'0');
        number = number.wrapping_mul(10).wrapping_add(digit);
        length += 1;
    }
    (number, length)
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}
