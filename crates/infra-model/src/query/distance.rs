//! Two words turn into the number of typing mistakes between them.

/// Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours. More than `most` is `None`.
pub(super) fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > most {
        return None;
    }
    // Three rows of the usual table: the one that is filled, the one above, and the one above that.
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

/// How many mistakes a word of this length may have and still be recognised.
pub(super) fn tolerance(word: &str) -> usize {
    match word.chars().count() {
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
            assert_eq!(distance(a, b, 2), expected, "{a} {b}");
            assert_eq!(distance(b, a, 2), expected, "{b} {a}");
        }
    }
}
