//! Layouts such as `2006-01-02T15:04:05Z07:00`.

/// An element of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekDay,
    WeekDay,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperPm,
    LowerPm,
    ZoneName,
    Offset(Offset),
    /// Fractions of a second; `keep` means with trailing zeros.
    Fraction {
        digits: usize,
        keep: bool,
        separator: char,
    },
}

/// The format of an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    /// Write `Z` for an offset of zero.
    pub(super) z: bool,
    pub(super) colon: bool,
    pub(super) minutes: bool,
    pub(super) seconds: bool,
}

/// Elements by their text, longer ones first.
const TEXTS: [(&str, Element); 23] = [
    ("January", Element::LongMonth),
    ("Jan", Element::Month),
    ("Monday", Element::LongWeekDay),
    ("Mon", Element::WeekDay),
    ("MST", Element::ZoneName),
    ("01", Element::ZeroMonth),
    ("002", Element::ZeroYearDay),
    ("02", Element::ZeroDay),
    ("03", Element::ZeroHour12),
    ("04", Element::ZeroMinute),
    ("05", Element::ZeroSecond),
    ("06", Element::Year),
    ("15", Element::Hour),
    ("1", Element::NumMonth),
    ("2006", Element::LongYear),
    ("2", Element::Day),
    ("__2", Element::UnderYearDay),
    ("_2", Element::UnderDay),
    ("3", Element::Hour12),
    ("4", Element::Minute),
    ("5", Element::Second),
    ("PM", Element::UpperPm),
    ("pm", Element::LowerPm),
];

/// Offsets without their first character, in the order in which Go tries them.
const OFFSETS: [(&str, bool, bool, bool); 5] = [
    ("070000", false, true, true),
    ("07:00:00", true, true, true),
    ("0700", false, true, false),
    ("07:00", true, true, false),
    ("07", false, false, false),
];

/// Splits a layout into texts, each with the element after it. The last one has no element.
pub(super) struct Chunks<'a> {
    rest: Option<&'a str>,
}

impl<'a> Chunks<'a> {
    pub(super) fn new(layout: &'a str) -> Self {
        Chunks { rest: Some(layout) }
    }

    /// The next element, without advancing.
    pub(super) fn peek(&self) -> Option<Element> {
        let rest = self.rest?;
        find(rest).map(|(_, element, _)| element)
    }
}

impl<'a> Iterator for Chunks<'a> {
    /// A text, the element after it, and the element as written.
    type Item = (&'a str, Option<Element>, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest?;
        let Some((at, element, length)) = find(rest) else {
            self.rest = None;
            return Some((rest, None, ""));
        };
        let (prefix, from) = rest.split_at(at);
        let (written, after) = from.split_at(length);
        self.rest = Some(after);
        Some((prefix, Some(element), written))
    }
}

/// The first element with its position and length.
fn find(layout: &str) -> Option<(usize, Element, usize)> {
    for (at, c) in layout.char_indices() {
        let rest = layout.get(at..)?;
        if c == '_' && rest.starts_with("_2006") {
            return Some((at + 1, Element::LongYear, 4));
        }
        if let Some((element, length)) = element(rest, c) {
            return Some((at, element, length));
        }
    }
    None
}

fn element(rest: &str, first: char) -> Option<(Element, usize)> {
    match first {
        'J' | 'M' | '0'..='5' | '_' | 'P' | 'p' => {
            for (text, element) in &TEXTS {
                let Some(after) = rest.strip_prefix(text) else {
                    continue;
                };
                let short = matches!(element, Element::Month | Element::WeekDay);
                // `Month` does not start with the element `Mon`.
                if short && after.starts_with(|c: char| c.is_ascii_lowercase()) {
                    continue;
                }
                return Some((*element, text.len()));
            }
            None
        }
        '-' | 'Z' => {
            let after = rest.get(1..)?;
            let (text, colon, minutes, seconds) =
                OFFSETS.into_iter().find(|(text, ..)| after.starts_with(text))?;
            let offset = Offset {
                z: first == 'Z',
                colon,
                minutes,
                seconds,
            };
            Some((Element::Offset(offset), text.len() + 1))
        }
        '.' | ',' => {
            let after = rest.get(1..)?;
            let digit = after.chars().next().filter(|c| matches!(c, '0' | '9'))?;
            let digits = after.len() - after.trim_start_matches(digit).len();
            if after.get(digits..)?.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            let element = Element::Fraction {
                digits,
                keep: digit == '0',
                separator: first,
            };
            Some((element, digits + 1))
        }
        _ => None,
    }
}
