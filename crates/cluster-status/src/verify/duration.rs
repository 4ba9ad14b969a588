//! Comparison of Go durations: `10m` and `10m0s` are the same.

/// The nanoseconds of a duration.
///
/// <https://pkg.go.dev/time#ParseDuration>
pub(super) fn nanoseconds(text: &str) -> Option<u128> {
    const UNITS: [(&str, u128); 8] = [
        ("ns", 1),
        ("us", 1_000),
        ("µs", 1_000),
        ("μs", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let mut rest = text;
    let mut sum: u128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = (rest.get(..end)?, rest.get(end..)?);
        let end = after
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(after.len());
        let unit = after.get(..end)?;
        let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
        let (whole, part) = number.split_once('.').unwrap_or((number, ""));
        let whole: u128 = if whole.is_empty() && !part.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        sum = sum.checked_add(whole.checked_mul(*size)?)?;
        if !part.is_empty() {
            let digits: u128 = part.get(..part.len().min(9))?.parse().ok()?;
            let scale = 10_u128.checked_pow(u32::try_from(part.len().min(9)).ok()?)?;
            sum = sum.checked_add(digits.checked_mul(*size)? / scale)?;
        }
        rest = after.get(end..)?;
    }
    (!text.is_empty()).then_some(sum)
}

/// Whether two durations are as long.
pub(super) fn is_same(a: &str, b: &str) -> bool {
    a == b || nanoseconds(a).is_some_and(|length| nanoseconds(b) == Some(length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_length() {
        for (a, b, same) in [
            ("10m", "10m0s", true),
            ("1h30m", "90m", true),
            ("1.5h", "90m0s", true),
            ("100ms", "0.1s", true),
            ("10m", "10s", false),
            ("10", "10", true),
            ("10", "10m", false),
            ("", "", true),
        ] {
            assert_eq!(is_same(a, b), same, "{a} {b}");
        }
    }
}
