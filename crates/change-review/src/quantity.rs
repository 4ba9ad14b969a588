//! Kubernetes quantities as numbers that can be compared.

/// The amount of a quantity such as `10Gi` or `1.5e3`; `None` for other texts and those with variables.
pub(crate) fn amount(text: &str) -> Option<f64> {
    let digits = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '+' | '-'));
    let (number, suffix) = match digits {
        Some(0) => return None,
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let number: f64 = number.parse().ok()?;
    let factor = match suffix {
        "" => 1.0,
        // A division rounds as the parser does: 1100m is 1.1.
        "m" => return Some(number / 1000.0),
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024_f64.powi(4),
        "Pi" => 1024_f64.powi(5),
        "Ei" => 1024_f64.powi(6),
        _ => 10_f64.powi(suffix.strip_prefix(['e', 'E'])?.parse().ok()?),
    };
    Some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn quantities_are_compared_by_size() {
        for (smaller, larger) in [
            ("1Gi", "2Gi"),
            ("1G", "1Gi"),
            ("500Mi", "1Gi"),
            ("1e3", "2k"),
            ("100m", "1"),
        ] {
            assert!(
                amount(smaller).unwrap() < amount(larger).unwrap(),
                "{smaller} {larger}"
            );
        }
        for none in ["", "${SIZE}", "Gi", "1X"] {
            assert_eq!(amount(none), None, "{none}");
        }
    }
}
