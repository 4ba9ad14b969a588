//! Times in Kubernetes' format, and ages.

use std::time::SystemTime;

/// Reads a time in RFC 3339 and UTC.
pub(crate) fn parse(text: &str) -> Option<SystemTime> {
    humantime::parse_rfc3339(text).ok()
}

/// A time in RFC 3339, in whole seconds.
pub(crate) fn text(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

/// The age of a time in its two largest units, such as `2h 10m`. A future time is `0s`.
pub(crate) fn age(time: SystemTime, now: SystemTime) -> String {
    let seconds = now.duration_since(time).unwrap_or_default().as_secs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds}s"),
        (0, 0, minutes) => format!("{minutes}m"),
        (0, hours, minutes) => joined(hours, "h", minutes % 60, "m"),
        (days, hours, _) => joined(days, "d", hours % 24, "h"),
    }
}

fn joined(large: u64, unit: &str, small: u64, small_unit: &str) -> String {
    match small {
        0 => format!("{large}{unit}"),
        small => format!("{large}{unit} {small}{small_unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_has_two_units() {
        let now = parse("2026-11-20T12:00:00Z").unwrap();
        for (time, expected) in [
            ("2026-11-20T11:59:30Z", "30s"),
            ("2026-11-20T11:50:30.123456Z", "9m"),
            ("2026-11-20T09:50:00Z", "2h 10m"),
            ("2026-11-20T09:00:00Z", "3h"),
            ("2026-11-16T09:00:00Z", "4d 3h"),
            ("2026-11-21T09:00:00Z", "0s"),
        ] {
            assert_eq!(age(parse(time).unwrap(), now), expected, "{time}");
        }
        assert_eq!(parse("yesterday"), None);
    }
}
