//! Dates and durations. The clock is never read: results that depend on it are unknown.

use go_std::time::{Time, Zone, format_duration, parse_duration, round_duration};

use super::math::atoi;
use super::result::Result;
use super::time::{TIME, time_of, time_value};
use crate::Type::{Any, Object as Named, Text as Str};
use crate::{Arguments, Caller, Function, FunctionError, Kind, Value};

const DATE_IN_ZONE: Function = Function::new(&[Str, Any, Str], |_, a| {
    Ok(date(&a.text(0).to_str(), a.any(1), &a.text(2).to_str()))
});
const DATE_MODIFY: Function = Function::new(&[Str, Named(TIME)], |_, a| {
    Ok(modify(a, parse_duration(&a.text(0).to_str()).unwrap_or(0)))
});
const MUST_DATE_MODIFY: Function = Function::new(&[Str, Named(TIME)], |_, a| {
    Ok(modify(a, parse_duration(&a.text(0).to_str())?))
});

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("ago", Function::new(&[Any], ago)),
    (
        "date",
        Function::new(&[Str, Any], |_, a| {
            Ok(date(&a.text(0).to_str(), a.any(1), "Local"))
        }),
    ),
    ("dateInZone", DATE_IN_ZONE),
    ("dateModify", DATE_MODIFY),
    ("date_in_zone", DATE_IN_ZONE),
    ("date_modify", DATE_MODIFY),
    ("duration", Function::new(&[Any], duration)),
    ("durationRound", Function::new(&[Any], duration_round)),
    (
        "htmlDate",
        Function::new(&[Any], |_, a| Ok(date(DAY, a.any(0), "Local"))),
    ),
    (
        "htmlDateInZone",
        Function::new(&[Any, Str], |_, a| Ok(date(DAY, a.any(0), &a.text(1).to_str()))),
    ),
    ("mustDateModify", MUST_DATE_MODIFY),
    (
        "mustToDate",
        Function::new(&[Str, Str], |_, a| Ok(time_value(parse(a)?))),
    ),
    ("must_date_modify", MUST_DATE_MODIFY),
    ("now", Function::new(&[], |_, _| Ok(now()))),
    (
        "toDate",
        Function::new(&[Str, Str], |_, a| {
            Ok(time_value(parse(a).unwrap_or_else(|_| Time::zero())))
        }),
    ),
    ("unixEpoch", Function::new(&[Named(TIME)], unix_epoch)),
];

const DAY: &str = "2006-01-02";

/// Why the current time is unknown.
const CLOCK: &str = "depends on the time at which the template is rendered";

/// Placeholder for the current time: the start of 2020.
const PRESENT: i64 = 1_577_836_800;

fn now() -> Value {
    Value::unknown(time_value(Time::unix(PRESENT)), CLOCK)
}

fn parse(arguments: Arguments<'_>) -> Result<Time> {
    let (layout, text) = (arguments.text(0).to_str(), arguments.text(1).to_str());
    Time::parse(&layout, &text).map_err(FunctionError::new)
}

/// A time, or seconds since the epoch; `None`, for any other value, means the current time.
fn moment(value: &Value) -> Option<Time> {
    match &value.kind {
        Kind::Int(seconds) | Kind::Int64(seconds) => Some(Time::unix(*seconds)),
        _ => time_of(value).cloned(),
    }
}

/// Formats a date. A zone that does not exist counts as UTC.
fn date(layout: &str, value: &Value, zone: &str) -> Value {
    let zone = Zone::load(zone).unwrap_or(Zone::Utc);
    let text = |time: Time| time.in_zone(zone).format(layout);
    match moment(value) {
        Some(time) => Value::text(text(time)),
        None => match text(Time::unix(PRESENT)) {
            // A layout without elements does not depend on the time.
            text if text == layout => Value::text(text),
            text => Value::unknown(Value::text(text), CLOCK),
        },
    }
}

/// The second argument, which is a time or nil, plus a duration.
fn modify(arguments: Arguments<'_>, duration: i64) -> Value {
    match time_of(arguments.any(1)) {
        Some(time) => time_value(time.add(duration)),
        None => arguments.any(1).clone(),
    }
}

fn ago(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let present = Time::unix(PRESENT);
    let past = moment(arguments.any(0)).unwrap_or_else(|| present.clone());
    let text = format_duration(round_duration(present.since(&past), 1_000_000_000));
    Ok(Value::unknown(Value::text(text), CLOCK))
}

/// Seconds, an `int64` or a string, as a duration; zero for any other value.
fn duration(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let seconds = match &arguments.any(0).kind {
        Kind::Int64(seconds) => *seconds,
        // Go ignores the error, so a number out of range is the nearest bound.
        Kind::Text(text) => atoi(text.as_bytes()),
        _ => 0,
    };
    Ok(Value::text(format_duration(seconds.wrapping_mul(1_000_000_000))))
}

/// Units of `durationRound` in nanoseconds.
const UNITS: [(&str, u64); 6] = [
    ("y", 365 * 24 * 3_600_000_000_000),
    ("mo", 30 * 24 * 3_600_000_000_000),
    ("d", 24 * 3_600_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
];

fn duration_round(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let value = arguments.any(0);
    let (duration, known) = match &value.kind {
        Kind::Text(text) => (parse_duration(&text.to_str()).unwrap_or(0), true),
        Kind::Int64(duration) => (*duration, true),
        _ => match time_of(value) {
            Some(time) => (Time::unix(PRESENT).since(time), false),
            None => (0, true),
        },
    };
    let size = duration.unsigned_abs();
    let text = UNITS.into_iter().find(|(_, unit)| size > *unit).map_or_else(
        || "0s".to_owned(),
        |(name, unit)| format!("{}{name}", size / unit),
    );
    let text = Value::text(text);
    Ok(if known { text } else { Value::unknown(text, CLOCK) })
}

fn unix_epoch(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let seconds = time_of(arguments.any(0)).map_or(0, |time| time.seconds);
    Ok(Value::text(seconds.to_string()))
}
