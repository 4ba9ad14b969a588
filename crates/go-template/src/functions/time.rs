//! `time.Time`, `time.Month`, `time.Weekday` and `time.Location` as objects.

use std::any::Any;

use go_std::time::{Time, Zone};

use super::duration::{DURATION, duration_value, nanoseconds_of};
use crate::Type::{Int, Number, Object as Named, Text as Str};
use crate::{Arguments, Caller, FunctionError, Object, Signature, Text, Type, Value};

/// The name of the type.
pub(super) const TIME: &str = "time.Time";

#[derive(Debug)]
struct TimeObject(Time);

/// A time as a value.
pub(super) fn time_value(time: Time) -> Value {
    Value::object(TimeObject(time))
}

/// The time of a value, if it is one.
pub(super) fn time_of(value: &Value) -> Option<&Time> {
    value.downcast().map(|object: &TimeObject| &object.0)
}

const NO_PARAMETERS: Signature = Signature {
    fixed: &[],
    rest: None,
};

impl Object for TimeObject {
    fn type_name(&self) -> &'static str {
        TIME
    }

    fn method(&self, name: &str) -> Option<Signature> {
        let fixed: &'static [Type] = match name {
            "Format" => &[Str],
            "After" | "Before" | "Compare" | "Equal" | "Sub" => &[Named(TIME)],
            "Add" | "Round" | "Truncate" => &[Number(DURATION)],
            "In" => &[Named(LOCATION)],
            "AddDate" => &[Int, Int, Int],
            "Day" | "Hour" | "IsDST" | "IsZero" | "Local" | "Location" | "MarshalJSON" | "MarshalText"
            | "Minute" | "Month" | "Nanosecond" | "Second" | "String" | "UTC" | "Unix" | "UnixMicro"
            | "UnixMilli" | "UnixNano" | "Weekday" | "Year" | "YearDay" => &[],
            _ => return None,
        };
        Some(Signature { fixed, rest: None })
    }

    fn uncallable(&self, name: &str) -> Option<&'static str> {
        Some(match name {
            "Date" => "function Date has 3 return values; should be 1 or 2",
            "Clock" => "function Clock has 3 return values; should be 1 or 2",
            "ISOWeek" => {
                "invalid function signature for ISOWeek: second return value should be error; is int"
            }
            "Zone" => "invalid function signature for Zone: second return value should be error; is int",
            "ZoneBounds" => {
                "invalid function signature for ZoneBounds: second return value should be error; is time.Time"
            }
            _ => return None,
        })
    }

    fn call(
        &self,
        name: &str,
        _: &mut dyn Caller<'_>,
        arguments: Arguments<'_>,
    ) -> Result<Value, FunctionError> {
        let time = &self.0;
        let key = |time: &Time| (time.seconds, time.nanoseconds);
        let order = |other: Option<&Time>| key(time).cmp(&other.map_or((0, 0), key));
        // The methods return the numbers that these layouts print.
        let field = |layout: &str| Value::int(time.format(layout).trim().parse().unwrap_or(0));
        // Fractions of a second since 1970, which wrap as in Go.
        let since_1970 = |units: i64| {
            let part = i64::from(time.nanoseconds) / (1_000_000_000 / units);
            Value::int64(time.seconds.wrapping_mul(units).wrapping_add(part))
        };
        let marshalled = || time.rfc3339().map_err(|error| format!("Time.{name}: {error}"));
        Ok(match name {
            "Format" => Value::text(time.format(&arguments.text(0).to_str())),
            "After" => Value::bool(order(time_of(arguments.any(0))).is_gt()),
            "Before" => Value::bool(order(time_of(arguments.any(0))).is_lt()),
            "Equal" => Value::bool(order(time_of(arguments.any(0))).is_eq()),
            "Compare" => Value::int(order(time_of(arguments.any(0))) as i64),
            "AddDate" => time_value(time.add_date(arguments.int(0), arguments.int(1), arguments.int(2))),
            "Year" => field("2006"),
            "Month" => Value::object(NamedNumber::month(time)),
            "Weekday" => Value::object(NamedNumber::weekday(time)),
            "Day" => field("2"),
            "YearDay" => field("__2"),
            "Hour" => field("15"),
            "Minute" => field("4"),
            "Second" => field("5"),
            "Nanosecond" => Value::int(i64::from(time.nanoseconds)),
            "Unix" => Value::int64(time.seconds),
            "UnixMilli" => since_1970(1000),
            "UnixMicro" => since_1970(1_000_000),
            "UnixNano" => since_1970(1_000_000_000),
            "Add" => time_value(time.add(nanoseconds_of(arguments.any(0)))),
            "Sub" => duration_value(time_of(arguments.any(0)).map_or(0, |other| time.since(other))),
            "Truncate" => time_value(time.truncate(nanoseconds_of(arguments.any(0)))),
            "Round" => time_value(time.round(nanoseconds_of(arguments.any(0)))),
            "In" => match location_of(arguments.any(0)) {
                Some(zone) => time_value(time.in_zone(zone.clone())),
                None => return Err("time: missing Location in call to Time.In".into()),
            },
            "Location" => Value::object(Location(time.zone.clone())),
            // No function gives a template a time in a zone that has daylight saving time.
            "IsDST" => Value::bool(false),
            "MarshalJSON" => Value::bytes(format!("\"{}\"", marshalled()?)),
            "MarshalText" => Value::bytes(marshalled()?),
            "UTC" | "Local" => time_value(time.in_zone(Zone::Utc)),
            "IsZero" => Value::bool(key(time) == key(&Time::zero())),
            _ => Value::text(time.text()),
        })
    }

    fn string(&self) -> Option<Text> {
        Some(self.0.text().into())
    }

    fn json(&self) -> Option<Value> {
        self.0.rfc3339().ok().map(Value::text)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `time.Month` or `time.Weekday`: a number with a name.
#[derive(Debug)]
struct NamedNumber {
    type_name: &'static str,
    number: i64,
    name: String,
}

impl NamedNumber {
    fn month(time: &Time) -> Self {
        NamedNumber {
            type_name: "time.Month",
            number: time.format("1").parse().unwrap_or(0),
            name: time.format("January"),
        }
    }

    fn weekday(time: &Time) -> Self {
        NamedNumber {
            type_name: "time.Weekday",
            number: time.weekday(),
            name: time.format("Monday"),
        }
    }
}

impl Object for NamedNumber {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn kind_name(&self) -> &'static str {
        "int"
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::int(self.number))
    }

    fn method(&self, name: &str) -> Option<Signature> {
        (name == "String").then_some(NO_PARAMETERS)
    }

    fn call(&self, _: &str, _: &mut dyn Caller<'_>, _: Arguments<'_>) -> Result<Value, FunctionError> {
        Ok(Value::text(self.name.as_str()))
    }

    fn string(&self) -> Option<Text> {
        Some(self.name.as_str().into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// `*time.Location`
#[derive(Debug)]
struct Location(Zone);

/// The name of the type.
const LOCATION: &str = "*time.Location";

fn location_of(value: &Value) -> Option<&Zone> {
    value.downcast().map(|location: &Location| &location.0)
}

impl Object for Location {
    fn type_name(&self) -> &'static str {
        LOCATION
    }

    fn kind_name(&self) -> &'static str {
        "ptr"
    }

    fn method(&self, name: &str) -> Option<Signature> {
        (name == "String").then_some(NO_PARAMETERS)
    }

    fn call(&self, _: &str, _: &mut dyn Caller<'_>, _: Arguments<'_>) -> Result<Value, FunctionError> {
        Ok(Value::text(self.0.name()))
    }

    fn string(&self) -> Option<Text> {
        Some(self.0.name().into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
