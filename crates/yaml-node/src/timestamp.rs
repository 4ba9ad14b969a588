//! Timestamps, by the four layouts that go-yaml knows.

use std::fmt::Write as _;

/// A point in time, with the offset in which it was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timestamp {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
    offset_minutes: i32,
}

/// `YYYY-M-D`, `YYYY-M-D h:m:s[.f]`, `YYYY-M-D(T|t)h:m:s[.f](Z|+hh:mm|-hh:mm)`.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    if bytes.len() < 8 || bytes[4] != b'-' || !bytes[..4].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let year = text[..4].parse().ok()?;
    let mut rest = &bytes[5..];
    let month = number(&mut rest)?;
    literal(&mut rest, b'-')?;
    let day = number(&mut rest)?;
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let mut moment = Timestamp {
        year,
        month,
        day,
        ..Timestamp::default()
    };
    let Some((&separator, after)) = rest.split_first() else {
        return Some(moment);
    };
    rest = after;
    match separator {
        b'T' | b't' => {}
        b' ' => {
            while let [b' ', more @ ..] = rest {
                rest = more;
            }
        }
        _ => return None,
    }
    moment.hour = number(&mut rest)?;
    literal(&mut rest, b':')?;
    moment.minute = number(&mut rest)?;
    literal(&mut rest, b':')?;
    moment.second = number(&mut rest)?;
    if moment.hour > 23 || moment.minute > 59 || moment.second > 59 {
        return None;
    }
    if let [b'.' | b',', digits @ ..] = rest {
        let length = digits.iter().take_while(|b| b.is_ascii_digit()).count();
        if length == 0 {
            return None;
        }
        let nine = digits[..length].iter().chain(std::iter::repeat(&b'0')).take(9);
        moment.nanosecond = nine.fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
        rest = &digits[length..];
    }
    match (separator, rest) {
        (b' ', []) | (b'T' | b't', [b'Z']) => Some(moment),
        (b'T' | b't', &[sign @ (b'+' | b'-'), h1, h2, b':', m1, m2]) => {
            let digit = |b: u8| b.is_ascii_digit().then(|| i32::from(b - b'0'));
            let hours = digit(h1)? * 10 + digit(h2)?;
            let minutes = digit(m1)? * 10 + digit(m2)?;
            // Go accepts 24 hours and 60 minutes.
            if hours > 24 || minutes > 60 {
                return None;
            }
            let offset = hours * 60 + minutes;
            moment.offset_minutes = if sign == b'-' { -offset } else { offset };
            Some(moment)
        }
        _ => None,
    }
}

impl Timestamp {
    /// RFC 3339; `None` if the offset is a day or more, which RFC 3339 cannot express.
    pub(crate) fn rfc3339(&self) -> Option<String> {
        let Timestamp {
            year,
            month,
            day,
            hour,
            minute,
            second,
            nanosecond,
            offset_minutes,
        } = *self;
        let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
        if nanosecond > 0 {
            let fraction = format!("{nanosecond:09}");
            text.push('.');
            text.push_str(fraction.trim_end_matches('0'));
        }
        if offset_minutes == 0 {
            text.push('Z');
            return Some(text);
        }
        let sign = if offset_minutes < 0 { '-' } else { '+' };
        let (hours, minutes) = (offset_minutes.abs() / 60, offset_minutes.abs() % 60);
        if hours > 23 {
            return None;
        }
        write!(text, "{sign}{hours:02}:{minutes:02}").ok()?;
        Some(text)
    }
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let digit = |b: u8| u32::from(b - b'0');
    match *rest {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', after @ ..] => {
            *rest = after;
            Some(digit(*a) * 10 + digit(*b))
        }
        [a @ b'0'..=b'9', after @ ..] => {
            *rest = after;
            Some(digit(*a))
        }
        _ => None,
    }
}

fn literal(rest: &mut &[u8], expected: u8) -> Option<()> {
    match *rest {
        [first, after @ ..] if *first == expected => {
            *rest = after;
            Some(())
        }
        _ => None,
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(
            parse(text).and_then(|moment| moment.rfc3339()).as_deref(),
            expected,
            "{text}"
        );
    }

    #[test]
    fn four_layouts_are_timestamps() {
        check("2020-1-2", Some("2020-01-02T00:00:00Z"));
        check("2020-1-2T3:4:5Z", Some("2020-01-02T03:04:05Z"));
        check(
            "2020-01-02t03:04:05.060-05:30",
            Some("2020-01-02T03:04:05.06-05:30"),
        );
        check(
            "2020-01-02  03:04:05,1234567899",
            Some("2020-01-02T03:04:05.123456789Z"),
        );
        check("2020-01-02T03:04:05+00:60", Some("2020-01-02T03:04:05+01:00"));
    }

    #[test]
    fn other_texts_are_not_timestamps() {
        for text in [
            "2020-02-30",
            "2020-13-01",
            "2020-01-02T03:04:05",
            "2020-01-02 03:04:05Z",
            "2020-01-02T24:00:00Z",
            "2020-01-02T03:04:05.Z",
            "20200-1-1",
            "2020-1-",
            "2020-1-1 ",
        ] {
            check(text, None);
        }
        // A timestamp that JSON cannot represent.
        assert!(parse("2020-01-02T03:04:05+24:00").is_some());
        check("2020-01-02T03:04:05+24:00", None);
    }
}
