//! Floats as Go's JSON and go-yaml print them.

use std::fmt::{self, LowerExp, Write};
use std::str::FromStr;

/// A finite float taken apart: `0.d1d2d3… × 10^point`.
struct Decimal {
    negative: bool,
    digits: String,
    /// Position of the decimal point after the first digit.
    exponent: i32,
}

impl Decimal {
    /// The fewest digits that read back as the float; among those the nearest, and the even one of two equally near, as
    /// Go chooses.
    fn new<F: LowerExp + FromStr + PartialEq>(float: F) -> Option<Self> {
        let shortest = Decimal::parse(&format!("{float:e}"))?;
        let precision = shortest.digits.len() - 1;
        let rounded = format!("{float:.precision$e}");
        match rounded.parse::<F>() {
            Ok(same) if same == float => Decimal::parse(&rounded),
            _ => Some(shortest),
        }
    }

    fn parse(scientific: &str) -> Option<Self> {
        let (mantissa, exponent) = scientific.split_once('e')?;
        let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
        Some(Decimal {
            negative: mantissa.starts_with('-'),
            digits,
            exponent: exponent.parse().ok()?,
        })
    }

    fn fixed(&self) -> String {
        let mut text = String::with_capacity(self.digits.len() + 8);
        if self.negative {
            text.push('-');
        }
        let Ok(exponent) = usize::try_from(self.exponent) else {
            text.push_str("0.");
            text.extend((1..-self.exponent).map(|_| '0'));
            text.push_str(&self.digits);
            return text;
        };
        let whole = exponent + 1;
        if self.digits.len() <= whole {
            text.push_str(&self.digits);
            text.extend((self.digits.len()..whole).map(|_| '0'));
        } else {
            let (before, after) = self.digits.split_at(whole);
            text.push_str(before);
            text.push('.');
            text.push_str(after);
        }
        text
    }

    fn scientific(&self, exponent_digits: usize) -> String {
        let (first, rest) = self.digits.split_at(1);
        let mut text = String::new();
        if self.negative {
            text.push('-');
        }
        text.push_str(first);
        if !rest.is_empty() {
            text.push('.');
            text.push_str(rest);
        }
        let sign = if self.exponent < 0 { '-' } else { '+' };
        // Writing to a string cannot fail.
        let _: fmt::Result = write!(text, "e{sign}{:0exponent_digits$}", self.exponent.unsigned_abs());
        text
    }
}

/// A float as go-yaml v2 prints it after JSON: integers that fit 64 bits without a point, an exponent below 1e-4 and
/// from 1e6 on.
pub fn yaml_float(float: f64) -> String {
    let Some(decimal) = Decimal::new(float).filter(|_| float != 0.0) else {
        return "0".into();
    };
    let digit_count = i32::try_from(decimal.digits.len()).unwrap_or(i32::MAX);
    if decimal.exponent >= digit_count - 1 && decimal.exponent < 20 {
        let whole = decimal.fixed();
        if whole.parse::<i64>().is_ok() || whole.parse::<u64>().is_ok() {
            return whole;
        }
    }
    general(&decimal)
}

/// `strconv.FormatFloat(f, 'g', -1, 32)`: how `sigs.k8s.io/yaml` spells a float that is a key.
pub(crate) fn key_float(float: f64) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "Go rounds to 32 bits here too")]
    let single = float as f32;
    if single.is_infinite() {
        return if single > 0.0 {
            ".inf".into()
        } else {
            "-.inf".into()
        };
    }
    Decimal::new(single).map_or_else(|| "0".into(), |decimal| general(&decimal))
}

fn general(decimal: &Decimal) -> String {
    if (-4..6).contains(&decimal.exponent) {
        decimal.fixed()
    } else {
        decimal.scientific(2)
    }
}

/// As Go's `encoding/json` prints a float: an exponent below 1e-6 and from 1e21 on.
pub fn json_float(float: f64) -> String {
    match Decimal::new(float) {
        Some(decimal) if (-6..21).contains(&decimal.exponent) => decimal.fixed(),
        Some(decimal) => decimal.scientific(if decimal.exponent < 0 { 1 } else { 2 }),
        None => "0".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_printed_as_in_go() {
        for (float, yaml, json) in [
            (1.0, "1", "1"),
            (-0.0, "0", "-0"),
            (1.5, "1.5", "1.5"),
            (1_234_567.5, "1.2345675e+06", "1234567.5"),
            (1e20, "1e+20", "100000000000000000000"),
            (1e21, "1e+21", "1e+21"),
            (1e-5, "1e-05", "0.00001"),
            (1e-7, "1e-07", "1e-7"),
            (1e19, "10000000000000000000", "10000000000000000000"),
            (123.456, "123.456", "123.456"),
            (0.0001, "0.0001", "0.0001"),
            (1e300, "1e+300", "1e+300"),
            // Equally near to …62 and …63.
            (
                f64::from(5) / 8.0 + 155_688_793_951_010.0,
                "1.5568879395101062e+14",
                "155688793951010.62",
            ),
        ] {
            assert_eq!(
                (yaml_float(float).as_str(), json_float(float).as_str()),
                (yaml, json)
            );
        }
    }
}
