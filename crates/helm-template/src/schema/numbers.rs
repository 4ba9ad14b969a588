//! Values as JSON, and numbers in Helm's messages.

use go_template::{Kind, Map, Value};
use serde_json::{Map as JsonMap, Number, Value as Json};

/// Values as JSON. A whole float becomes an integer, as in JSON Schema.
pub(super) fn json_of_map(map: &Map) -> Json {
    let entries = map.entries();
    let entries = entries
        .iter()
        .map(|(key, value)| (key.to_string(), json_of(value)));
    Json::Object(entries.collect::<JsonMap<_, _>>())
}

fn json_of(value: &Value) -> Json {
    match &value.kind {
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Int(value) | Kind::Int64(value) => Json::from(*value),
        Kind::Text(text) => Json::String(text.to_string()),
        Kind::Float(float) => json_of_float(*float),
        Kind::Map(map) => json_of_map(map),
        Kind::List(list) => Json::Array(list.items().iter().map(json_of).collect()),
        _ => Json::Null,
    }
}

/// A float as JSON; an integer if it is whole.
pub(super) fn json_of_float(float: f64) -> Json {
    whole(float).map_or_else(
        || Number::from_f64(float).map_or(Json::Null, Json::Number),
        Json::from,
    )
}

/// The integer of a whole float within ±2⁵³.
#[allow(
    clippy::cast_possible_truncation,
    reason = "only whole floats of the range are cast"
)]
fn whole(float: f64) -> Option<i64> {
    const BOUND: f64 = 9_007_199_254_740_992.0;
    (float.fract() == 0.0 && float.abs() <= BOUND).then_some(float as i64)
}

/// An integer with thousands separators.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A float as Go's `x/text/message` prints it in English: `123,456.5`, `1.5×10⁰⁷`.
pub(super) fn english(float: f64) -> String {
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        let plain = float.to_string();
        let (sign, plain) = plain
            .strip_prefix('-')
            .map_or(("", plain.as_str()), |rest| ("-", rest));
        let (whole, fraction) = plain.split_once('.').unwrap_or((plain, ""));
        let whole = grouped(whole.parse().unwrap_or(0));
        return match fraction {
            "" => format!("{sign}{whole}"),
            fraction => format!("{sign}{whole}.{fraction}"),
        };
    }
    let sign = if exponent < 0 { "⁻" } else { "" };
    let digits = format!("{:02}", exponent.unsigned_abs());
    let raised = digits
        .bytes()
        .filter_map(|digit| RAISED.get(usize::from(digit - b'0')));
    format!("{mantissa}×10{sign}{}", raised.collect::<String>())
}

const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_in_english() {
        for (float, text) in [
            (5.0, "5"),
            (123_456.5, "123,456.5"),
            (12_345_678.0, "1.2345678×10⁰⁷"),
            (1e21, "1×10²¹"),
            (-1234.0, "-1,234"),
            (0.3, "0.3"),
        ] {
            assert_eq!(english(float), text);
        }
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
