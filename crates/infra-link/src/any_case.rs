//! Comparisons of ASCII texts regardless of case, without a copy.

/// Whether `text` begins with `start`.
pub(crate) fn starts_with(text: &str, start: &str) -> bool {
    let (text, start) = (text.as_bytes(), start.as_bytes());
    text.get(..start.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// Whether `text` ends with `end`.
pub(crate) fn ends_with(text: &str, end: &str) -> bool {
    let (text, end) = (text.as_bytes(), end.as_bytes());
    text.len()
        .checked_sub(end.len())
        .and_then(|at| text.get(at..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// Whether `text` is one of the words.
pub(crate) fn is_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether `text` begins with one of the words.
pub(crate) fn starts_with_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| starts_with(text, word))
}

/// Whether `text` ends with one of the words.
pub(crate) fn ends_with_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| ends_with(text, word))
}

/// Whether one of the words is anywhere in `text`.
pub(crate) fn contains_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| contains(text, word))
}

/// Whether `part` is anywhere in `text`.
pub(crate) fn contains(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.as_bytes());
    let (Some((first, after)), Some(last)) = (part.split_first(), text.len().checked_sub(part.len())) else {
        return part.is_empty();
    };
    let first = first.to_ascii_lowercase();
    let mut starts = text.iter().take(last + 1).enumerate();
    starts.any(|(at, byte)| {
        byte.to_ascii_lowercase() == first
            && text
                .get(at + 1..at + part.len())
                .is_some_and(|rest| rest.eq_ignore_ascii_case(after))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_matter() {
        assert!(starts_with("IngressClass", "ingress") && !starts_with("ing", "ingress"));
        assert!(ends_with("podAnnotations", "annotations") && !ends_with("x", "xx"));
        assert!(contains("myBucketName", "bucket") && !contains("buck", "bucket"));
        assert!(contains("bbUCKET", "bucket") && !contains("", "bucket") && contains("x", "X"));
    }
}
