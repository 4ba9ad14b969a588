//! `time.Duration` as an object.

use std::any::Any;

use go_std::time::{format_duration, round_duration};

use crate::Type::Number;
use crate::{Arguments, Caller, FunctionError, Kind, Object, Signature, Text, Type, Value};

/// The name of the type.
pub(super) const DURATION: &str = "time.Duration";

/// Nanoseconds.
#[derive(Debug)]
struct Duration(i64);

/// A duration as a value.
pub(super) fn duration_value(nanoseconds: i64) -> Value {
    Value::object(Duration(nanoseconds))
}

/// The nanoseconds of a duration, or of an integer literal.
pub(super) fn nanoseconds_of(value: &Value) -> i64 {
    match &value.kind {
        Kind::Int64(nanoseconds) => *nanoseconds,
        _ => value.downcast().map_or(0, |duration: &Duration| duration.0),
    }
}

impl Object for Duration {
    fn type_name(&self) -> &'static str {
        DURATION
    }

    fn kind_name(&self) -> &'static str {
        "int64"
    }

    fn underlying(&self) -> Option<Value> {
        Some(Value::int64(self.0))
    }

    fn method(&self, name: &str) -> Option<Signature> {
        let fixed: &'static [Type] = match name {
            "Abs" | "Hours" | "Microseconds" | "Milliseconds" | "Minutes" | "Nanoseconds" | "Seconds"
            | "String" => &[],
            "Round" | "Truncate" => &[Number(DURATION)],
            _ => return None,
        };
        Some(Signature { fixed, rest: None })
    }

    fn call(
        &self,
        name: &str,
        _: &mut dyn Caller<'_>,
        arguments: Arguments<'_>,
    ) -> Result<Value, FunctionError> {
        let duration = self.0;
        // Whole units and the remainder are added as in Go.
        #[allow(clippy::cast_precision_loss, reason = "Go converts so too")]
        let units =
            |unit: i64| Value::float((duration / unit) as f64 + (duration % unit) as f64 / unit as f64);
        Ok(match name {
            "Abs" => duration_value(duration.checked_abs().unwrap_or(i64::MAX)),
            "Hours" => units(3_600_000_000_000),
            "Minutes" => units(60_000_000_000),
            "Seconds" => units(1_000_000_000),
            "Milliseconds" => Value::int64(duration / 1_000_000),
            "Microseconds" => Value::int64(duration / 1000),
            "Nanoseconds" => Value::int64(duration),
            "Round" => duration_value(round_duration(duration, nanoseconds_of(arguments.any(0)))),
            "Truncate" => {
                let unit = nanoseconds_of(arguments.any(0));
                duration_value(if unit > 0 {
                    duration - duration % unit
                } else {
                    duration
                })
            }
            _ => Value::text(format_duration(duration)),
        })
    }

    fn string(&self) -> Option<Text> {
        Some(format_duration(self.0).into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
