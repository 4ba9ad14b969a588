//! Parsing of times by a layout.

use super::civil::{Civil, MONTHS, WEEKDAYS, days_in_month, is_leap};
use super::layout::{Chunks, Element, Offset};
use super::{Time, Zone};

/// A field that does not fit.
struct Mismatch;

/// State of the parser: the rest of the text, and the fields so far.
#[derive(Default)]
struct Parser<'a> {
    /// The rest of the text.
    value: &'a [u8],
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanoseconds: u32,
    am: bool,
    pm: bool,
    utc: bool,
    offset: Option<i64>,
    zone_name: Option<String>,
    /// The field that is out of range.
    out_of_range: Option<&'static str>,
}

pub(super) fn parse(layout: &str, text: &str) -> Result<Time, String> {
    let mut parser = Parser {
        value: text.as_bytes(),
        ..Parser::default()
    };
    let cannot = |element: &str, value: &[u8]| {
        format!(
            "parsing time {} as {}: cannot parse {} as {}",
            quote(text.as_bytes()),
            quote(layout.as_bytes()),
            quote(value),
            quote(element.as_bytes())
        )
    };
    let wrong = |message: &str| format!("parsing time {}: {message}", quote(text.as_bytes()));
    let mut chunks = Chunks::new(layout);
    while let Some((prefix, element, written)) = chunks.next() {
        parser.value = skip(parser.value, prefix.as_bytes()).map_err(|left| cannot(prefix, left))?;
        let Some(element) = element else {
            if !parser.value.is_empty() {
                return Err(wrong(&format!("extra text: {}", quote(parser.value))));
            }
            break;
        };
        let held = parser.value;
        let result = parser.read(element, &chunks);
        if let Some(what) = parser.out_of_range {
            return Err(wrong(&format!("{what} out of range")));
        }
        if result.is_err() {
            return Err(cannot(written, held));
        }
    }
    parser.finish().map_err(wrong)
}

impl Parser<'_> {
    fn read(&mut self, element: Element, chunks: &Chunks<'_>) -> Result<(), Mismatch> {
        match element {
            Element::Year => {
                let year = self.number_of(2)?;
                self.year = if year >= 69 { 1900 + year } else { 2000 + year };
            }
            Element::LongYear => {
                if !is_digit_at(self.value, 0) {
                    return Err(Mismatch);
                }
                self.year = self.number_of(4)?;
            }
            Element::Month => self.month = Some(self.name(&MONTHS, true)? + 1),
            Element::LongMonth => self.month = Some(self.name(&MONTHS, false)? + 1),
            Element::WeekDay => {
                self.name(&WEEKDAYS, true)?;
            }
            Element::LongWeekDay => {
                self.name(&WEEKDAYS, false)?;
            }
            Element::NumMonth | Element::ZeroMonth => {
                let month = self.digits(2, element == Element::ZeroMonth)?;
                self.check("month", (1..=12).contains(&month));
                self.month = Some(month);
            }
            Element::Day | Element::UnderDay | Element::ZeroDay => {
                if element == Element::UnderDay {
                    self.eat(b' ');
                }
                self.day = Some(self.digits(2, element == Element::ZeroDay)?);
            }
            Element::UnderYearDay | Element::ZeroYearDay => {
                if element == Element::UnderYearDay {
                    self.eat(b' ');
                    self.eat(b' ');
                }
                self.year_day = Some(self.digits(3, element == Element::ZeroYearDay)?);
            }
            Element::Hour => {
                self.hour = self.digits(2, false)?;
                self.check("hour", self.hour < 24);
            }
            Element::Hour12 | Element::ZeroHour12 => {
                self.hour = self.digits(2, element == Element::ZeroHour12)?;
                self.check("hour", self.hour <= 12);
            }
            Element::Minute | Element::ZeroMinute => {
                self.minute = self.digits(2, element == Element::ZeroMinute)?;
                self.check("minute", self.minute < 60);
            }
            Element::Second | Element::ZeroSecond => {
                self.second = self.digits(2, element == Element::ZeroSecond)?;
                self.check("second", self.second < 60);
                let follows = matches!(chunks.peek(), Some(Element::Fraction { .. }));
                if self.second < 60 && is_fraction(self.value) && !follows {
                    self.fraction()?;
                }
            }
            Element::UpperPm => self.half(b"AM", b"PM")?,
            Element::LowerPm => self.half(b"am", b"pm")?,
            Element::Offset(offset) => self.offset(offset)?,
            Element::ZoneName => self.zone_name()?,
            Element::Fraction {
                digits, keep: true, ..
            } => {
                let (taken, rest) = self.value.split_at_checked(digits + 1).ok_or(Mismatch)?;
                self.nanoseconds = nanoseconds(taken)?;
                self.value = rest;
            }
            Element::Fraction { .. } => {
                if is_fraction(self.value) {
                    self.fraction()?;
                }
            }
        }
        Ok(())
    }

    /// Records a field that is out of range.
    fn check(&mut self, what: &'static str, fits: bool) {
        if !fits {
            self.out_of_range = Some(what);
        }
    }

    fn eat(&mut self, byte: u8) {
        if let Some(rest) = self.value.strip_prefix(&[byte]) {
            self.value = rest;
        }
    }

    /// A number of exactly `length` bytes.
    fn number_of(&mut self, length: usize) -> Result<i64, Mismatch> {
        let (taken, rest) = self.value.split_at_checked(length).ok_or(Mismatch)?;
        let number = std::str::from_utf8(taken)
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or(Mismatch)?;
        self.value = rest;
        Ok(number)
    }

    /// A number of one to `most` digits, or of exactly `most`.
    fn digits(&mut self, most: usize, fixed: bool) -> Result<i64, Mismatch> {
        let count = (0..most).take_while(|at| is_digit_at(self.value, *at)).count();
        if count == 0 || fixed && count != most {
            return Err(Mismatch);
        }
        self.number_of(count)
    }

    fn name(&mut self, names: &[&str], short: bool) -> Result<i64, Mismatch> {
        for (index, name) in (0..).zip(names) {
            let name = if short {
                name.get(..3).unwrap_or(name)
            } else {
                name
            };
            if let Some((head, rest)) = self.value.split_at_checked(name.len())
                && head.eq_ignore_ascii_case(name.as_bytes())
            {
                self.value = rest;
                return Ok(index);
            }
        }
        Err(Mismatch)
    }

    fn half(&mut self, am: &[u8], pm: &[u8]) -> Result<(), Mismatch> {
        let (taken, rest) = self.value.split_at_checked(2).ok_or(Mismatch)?;
        self.value = rest;
        match taken {
            taken if taken == am => self.am = true,
            taken if taken == pm => self.pm = true,
            _ => return Err(Mismatch),
        }
        Ok(())
    }

    /// A fraction with all its digits.
    fn fraction(&mut self) -> Result<(), Mismatch> {
        let digits = self
            .value
            .iter()
            .skip(1)
            .take_while(|c| c.is_ascii_digit())
            .count();
        let (taken, rest) = self.value.split_at_checked(digits + 1).ok_or(Mismatch)?;
        self.nanoseconds = nanoseconds(taken)?;
        self.value = rest;
        Ok(())
    }

    fn offset(&mut self, offset: Offset) -> Result<(), Mismatch> {
        if offset.z
            && let Some(rest) = self.value.strip_prefix(b"Z")
        {
            self.value = rest;
            self.utc = true;
            return Ok(());
        }
        let length = match (offset.minutes, offset.seconds, offset.colon) {
            (false, ..) => 3,
            (_, false, false) => 5,
            (_, false, true) => 6,
            (_, true, false) => 7,
            (_, true, true) => 9,
        };
        let (taken, rest) = self.value.split_at_checked(length).ok_or(Mismatch)?;
        let separator = usize::from(offset.colon);
        if offset.colon && (taken.get(3) != Some(&b':') || offset.seconds && taken.get(6) != Some(&b':')) {
            return Err(Mismatch);
        }
        self.value = rest;
        let two = |at: usize| -> Result<i64, Mismatch> {
            match taken.get(at..at + 2) {
                Some([a @ b'0'..=b'9', b @ b'0'..=b'9']) => {
                    Ok(i64::from(a - b'0') * 10 + i64::from(b - b'0'))
                }
                _ => Err(Mismatch),
            }
        };
        let hours = two(1)?;
        let minutes = if offset.minutes { two(3 + separator) } else { Ok(0) };
        let seconds = if offset.seconds {
            two(5 + 2 * separator)
        } else {
            Ok(0)
        };
        self.check("time zone offset hour", hours <= 24);
        let minutes = minutes?;
        self.check("time zone offset minute", minutes <= 60);
        let seconds = seconds?;
        self.check("time zone offset second", seconds <= 60);
        let total = (hours * 60 + minutes) * 60 + seconds;
        self.offset = match taken.first() {
            Some(b'+') => Some(total),
            Some(b'-') => Some(-total),
            _ => return Err(Mismatch),
        };
        Ok(())
    }

    fn zone_name(&mut self) -> Result<(), Mismatch> {
        if let Some(rest) = self.value.strip_prefix(b"UTC") {
            self.value = rest;
            self.utc = true;
            return Ok(());
        }
        let length = zone_name_length(self.value).ok_or(Mismatch)?;
        let (taken, rest) = self.value.split_at_checked(length).ok_or(Mismatch)?;
        self.zone_name = Some(String::from_utf8_lossy(taken).into_owned());
        self.value = rest;
        Ok(())
    }

    fn finish(mut self) -> Result<Time, &'static str> {
        if self.pm && self.hour < 12 {
            self.hour += 12;
        } else if self.am && self.hour == 12 {
            self.hour = 0;
        }
        let (month, day) = self.month_and_day()?;
        if day < 1 || day > days_in_month(month, self.year) {
            return Err("day out of range");
        }
        let civil = Civil {
            year: self.year,
            month,
            day,
            hour: self.hour,
            minute: self.minute,
            second: self.second,
        };
        let mut time = Time {
            seconds: civil.seconds(),
            nanoseconds: self.nanoseconds,
            zone: Zone::Utc,
        };
        if self.utc {
            return Ok(time);
        }
        match (self.offset, self.zone_name) {
            // In Go -1 means that there is no offset.
            (Some(offset), name) if offset != -1 => {
                let name = name.unwrap_or_default();
                time.seconds -= offset;
                if offset != 0 || !(name.is_empty() || name == "UTC") {
                    time.zone = Zone::Fixed(name, offset);
                }
            }
            (_, Some(name)) => {
                // Go does not apply this offset: the time is taken as UTC.
                let hours = name
                    .strip_prefix("GMT")
                    .and_then(|hours| hours.parse::<i64>().ok());
                let offset = hours.unwrap_or(0) * 3600;
                time.zone = Zone::Fixed(name, offset);
            }
            _ => {}
        }
        Ok(time)
    }

    fn month_and_day(&self) -> Result<(i64, i64), &'static str> {
        let Some(year_day) = self.year_day else {
            return Ok((self.month.unwrap_or(1), self.day.unwrap_or(1)));
        };
        let days = if is_leap(self.year) { 366 } else { 365 };
        if year_day < 1 || year_day > days {
            return Err("day-of-year out of range");
        }
        let (mut month, mut day) = (1, year_day);
        while day > days_in_month(month, self.year) {
            day -= days_in_month(month, self.year);
            month += 1;
        }
        if self.month.is_some_and(|seen| seen != month) {
            return Err("day-of-year does not match month");
        }
        if self.day.is_some_and(|seen| seen != day) {
            return Err("day-of-year does not match day");
        }
        Ok((month, day))
    }
}

fn is_digit_at(value: &[u8], at: usize) -> bool {
    value.get(at).is_some_and(u8::is_ascii_digit)
}

fn is_fraction(value: &[u8]) -> bool {
    matches!(value, [b'.' | b',', b'0'..=b'9', ..])
}

/// The nanoseconds of a separator and digits. Digits after the ninth are ignored.
fn nanoseconds(taken: &[u8]) -> Result<u32, Mismatch> {
    let (separator, digits) = taken.split_first().ok_or(Mismatch)?;
    if !matches!(separator, b'.' | b',') {
        return Err(Mismatch);
    }
    let mut value = 0;
    for at in 0..9 {
        let digit = match digits.get(at) {
            Some(digit) if digit.is_ascii_digit() => u32::from(digit - b'0'),
            Some(_) => return Err(Mismatch),
            None => 0,
        };
        value = value * 10 + digit;
    }
    Ok(value)
}

/// Skips a text of the layout, in which blanks match any number of them. The error is the rest where it failed.
fn skip<'a>(mut value: &'a [u8], mut prefix: &[u8]) -> Result<&'a [u8], &'a [u8]> {
    while let Some((first, rest)) = prefix.split_first() {
        if *first == b' ' {
            if !value.is_empty() && value.first() != Some(&b' ') {
                return Err(value);
            }
            prefix = trim_blanks(prefix);
            value = trim_blanks(value);
            continue;
        }
        if value.first() != Some(first) {
            return Err(value);
        }
        prefix = rest;
        value = value.get(1..).unwrap_or_default();
    }
    Ok(value)
}

fn trim_blanks(mut value: &[u8]) -> &[u8] {
    while let Some(rest) = value.strip_prefix(b" ") {
        value = rest;
    }
    value
}

/// The length of the abbreviation of a zone, by its form.
fn zone_name_length(value: &[u8]) -> Option<usize> {
    if value.len() < 3 {
        return None;
    }
    if value.starts_with(b"ChST") || value.starts_with(b"MeST") {
        return Some(4);
    }
    if let Some(rest) = value.strip_prefix(b"GMT") {
        return Some(3 + signed_offset_length(rest).unwrap_or(0));
    }
    if matches!(value.first(), Some(b'+' | b'-')) {
        return signed_offset_length(value);
    }
    let upper = value
        .iter()
        .take(6)
        .take_while(|c| c.is_ascii_uppercase())
        .count();
    match upper {
        3 => Some(3),
        4 if value.get(3) == Some(&b'T') || value.starts_with(b"WITA") => Some(4),
        5 if value.get(4) == Some(&b'T') => Some(5),
        _ => None,
    }
}

/// The length of `+03` or `-4`.
fn signed_offset_length(value: &[u8]) -> Option<usize> {
    if !matches!(value.first(), Some(b'+' | b'-')) {
        return None;
    }
    let digits: &[u8] = value.get(1..)?;
    let count = digits.iter().take_while(|c| c.is_ascii_digit()).count();
    let number: u64 = std::str::from_utf8(digits.get(..count)?).ok()?.parse().ok()?;
    (number <= 23).then_some(1 + count)
}

/// A text in quotes as Go's `time` prints it: bytes outside of ASCII are escaped.
pub(super) fn quote(text: &[u8]) -> String {
    let mut quoted = String::from("\"");
    for byte in text {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(*byte)]),
            0x20..0x80 => quoted.push(char::from(*byte)),
            byte => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}
