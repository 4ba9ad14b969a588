//! Go's package `time`: times with a zone, layouts, durations.

mod civil;
mod duration;
mod layout;
mod parse;
mod zone;

pub use duration::{format_duration, parse_duration, round_duration};
pub use zone::Zone;

use civil::{Civil, civil_from_seconds};
use layout::{Chunks, Element};

/// `time.Time`
#[derive(Clone, Debug)]
pub struct Time {
    /// Seconds since the Unix epoch.
    pub seconds: i64,
    /// Below a billion.
    pub nanoseconds: u32,
    /// The time zone for printing.
    pub zone: Zone,
}

/// Seconds from the start of year 1 to that of 1970.
const TO_UNIX: i64 = 62_135_596_800;

impl Time {
    /// A Unix time in UTC.
    pub fn unix(seconds: i64) -> Time {
        Time {
            seconds,
            nanoseconds: 0,
            zone: Zone::Utc,
        }
    }

    /// The zero value: the start of year 1.
    pub fn zero() -> Time {
        Time::unix(-TO_UNIX)
    }

    /// Parses a text by a layout. Without a zone, the time is in UTC.
    ///
    /// # Errors
    /// Go's message if the text does not fit.
    pub fn parse(layout: &str, text: &str) -> Result<Time, String> {
        parse::parse(layout, text)
    }

    /// The same time in another zone.
    pub fn in_zone(&self, zone: Zone) -> Time {
        Time { zone, ..self.clone() }
    }

    /// The time `nanoseconds` later, wrapping as in Go.
    pub fn add(&self, nanoseconds: i64) -> Time {
        let sum = i64::from(self.nanoseconds) + nanoseconds.rem_euclid(BILLION);
        Time {
            seconds: self
                .seconds
                .wrapping_add(nanoseconds.div_euclid(BILLION))
                .wrapping_add(sum.div_euclid(BILLION)),
            nanoseconds: u32::try_from(sum.rem_euclid(BILLION)).unwrap_or_default(),
            zone: self.zone.clone(),
        }
    }

    /// The time so many years, months and days later by the calendar. Days beyond the end of a month run into the next one.
    pub fn add_date(&self, years: i64, months: i64, days: i64) -> Time {
        let (mut civil, _, offset) = self.local();
        let month = civil.month - 1 + months.clamp(-MAX_DATE, MAX_DATE);
        civil.year += years.clamp(-MAX_DATE, MAX_DATE) + month.div_euclid(12);
        civil.month = month.rem_euclid(12) + 1;
        civil.day += days.clamp(-MAX_DATE, MAX_DATE);
        Time {
            seconds: civil.seconds() - offset,
            ..self.clone()
        }
    }

    /// Nanoseconds since `other`, saturating as in Go.
    pub fn since(&self, other: &Time) -> i64 {
        let seconds = i128::from(self.seconds) - i128::from(other.seconds);
        let nanoseconds = i128::from(self.nanoseconds) - i128::from(other.nanoseconds);
        let difference = seconds * i128::from(BILLION) + nanoseconds;
        i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
    }

    /// The time rounded down to a multiple of `nanoseconds` since the zero value.
    #[must_use]
    pub fn truncate(&self, nanoseconds: i64) -> Time {
        self.add(-self.left_over(nanoseconds))
    }

    /// The time rounded to the nearest multiple of `nanoseconds` since the zero value, halves up.
    #[must_use]
    pub fn round(&self, nanoseconds: i64) -> Time {
        let over = self.left_over(nanoseconds);
        if nanoseconds <= 0 || i128::from(over) * 2 < i128::from(nanoseconds) {
            self.add(-over)
        } else {
            self.add(nanoseconds - over)
        }
    }

    fn left_over(&self, nanoseconds: i64) -> i64 {
        if nanoseconds <= 0 {
            return 0;
        }
        let since_zero = (i128::from(self.seconds) + i128::from(TO_UNIX)) * i128::from(BILLION);
        let over = (since_zero + i128::from(self.nanoseconds)).rem_euclid(i128::from(nanoseconds));
        i64::try_from(over).unwrap_or_default()
    }

    /// The day of the week; 0 is Sunday.
    pub fn weekday(&self) -> i64 {
        self.local().0.weekday()
    }

    /// The time as Go's `String` prints it.
    pub fn text(&self) -> String {
        self.format("2006-01-02 15:04:05.999999999 -0700 MST")
    }

    /// The time in RFC 3339, as in JSON, TOML and YAML.
    ///
    /// # Errors
    /// Go's message for a year or an offset that RFC 3339 does not allow.
    pub fn rfc3339(&self) -> Result<String, String> {
        let (civil, _, offset) = self.local();
        if !(0..=9999).contains(&civil.year) {
            return Err("year outside of range [0,9999]".into());
        }
        if offset.abs() >= 24 * 3600 {
            return Err("timezone hour outside of range [0,23]".into());
        }
        Ok(self.format("2006-01-02T15:04:05.999999999Z07:00"))
    }

    /// The time formatted by a layout.
    pub fn format(&self, layout: &str) -> String {
        let (civil, zone, offset) = self.local();
        let mut out = String::new();
        for (prefix, element, _) in Chunks::new(layout) {
            out.push_str(prefix);
            if let Some(element) = element {
                write_element(element, &civil, self.nanoseconds, &zone, offset, &mut out);
            }
        }
        out
    }

    /// The local date and time, the zone's abbreviation and its offset in seconds.
    fn local(&self) -> (Civil, String, i64) {
        let (name, offset) = self.zone.at(self.seconds);
        (
            civil_from_seconds(self.seconds.saturating_add(offset)),
            name,
            offset,
        )
    }
}

/// Most years, months or days that are added.
const MAX_DATE: i64 = 100_000_000;
const BILLION: i64 = 1_000_000_000;

fn write_element(
    element: Element,
    civil: &Civil,
    nanoseconds: u32,
    zone: &str,
    offset: i64,
    out: &mut String,
) {
    let twelve = match civil.hour % 12 {
        0 => 12,
        hour => hour,
    };
    let text = match element {
        Element::LongYear => pad_year(civil.year),
        Element::Year => format!("{:02}", civil.year.unsigned_abs() % 100),
        Element::LongMonth => civil.month_name().to_owned(),
        Element::Month => civil.month_name().chars().take(3).collect(),
        Element::NumMonth => civil.month.to_string(),
        Element::ZeroMonth => format!("{:02}", civil.month),
        Element::LongWeekDay => civil.weekday_name().to_owned(),
        Element::WeekDay => civil.weekday_name().chars().take(3).collect(),
        Element::Day => civil.day.to_string(),
        Element::UnderDay => format!("{:2}", civil.day),
        Element::ZeroDay => format!("{:02}", civil.day),
        Element::UnderYearDay => format!("{:3}", civil.year_day()),
        Element::ZeroYearDay => format!("{:03}", civil.year_day()),
        Element::Hour => format!("{:02}", civil.hour),
        Element::Hour12 => twelve.to_string(),
        Element::ZeroHour12 => format!("{twelve:02}"),
        Element::Minute => civil.minute.to_string(),
        Element::ZeroMinute => format!("{:02}", civil.minute),
        Element::Second => civil.second.to_string(),
        Element::ZeroSecond => format!("{:02}", civil.second),
        Element::UpperPm => if civil.hour >= 12 { "PM" } else { "AM" }.to_owned(),
        Element::LowerPm => if civil.hour >= 12 { "pm" } else { "am" }.to_owned(),
        Element::ZoneName if zone.is_empty() => numeric_zone(offset, false, true, false),
        Element::ZoneName => zone.to_owned(),
        Element::Offset(format) if format.z && offset == 0 => "Z".to_owned(),
        Element::Offset(format) => numeric_zone(offset, format.colon, format.minutes, format.seconds),
        Element::Fraction {
            digits,
            keep,
            separator,
        } => fraction(nanoseconds, digits, keep, separator),
    };
    out.push_str(&text);
}

fn pad_year(year: i64) -> String {
    if year < 0 {
        format!("-{:04}", year.unsigned_abs())
    } else {
        format!("{year:04}")
    }
}

fn numeric_zone(offset: i64, colon: bool, minutes: bool, seconds: bool) -> String {
    // In Go the sign is that of the whole minutes.
    let in_minutes = offset / 60;
    let sign = if in_minutes < 0 { '-' } else { '+' };
    let separator = if colon { ":" } else { "" };
    let mut text = format!("{sign}{:02}", in_minutes.abs() / 60);
    if minutes {
        text.push_str(&format!("{separator}{:02}", in_minutes.abs() % 60));
    }
    if seconds {
        let rest = if in_minutes < 0 { -offset } else { offset } % 60;
        text.push_str(&format!("{separator}{rest:02}"));
    }
    text
}

fn fraction(nanoseconds: u32, digits: usize, keep: bool, separator: char) -> String {
    let mut text = format!("{nanoseconds:09}{}", "0".repeat(digits.saturating_sub(9)));
    text.truncate(digits);
    if !keep {
        let length = text.trim_end_matches('0').len();
        text.truncate(length);
        if text.is_empty() {
            return text;
        }
    }
    format!("{separator}{text}")
}
