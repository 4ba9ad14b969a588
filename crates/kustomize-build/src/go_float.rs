//! Floats as Go's `strconv` prints them.

use std::fmt::{Display, LowerExp};

/// The fewest digits that give the float back, with an exponent below -4 and from `limit` on: 6 for `%g`, 21 for `%v`.
pub(crate) fn general_format(float: impl Display + LowerExp, limit: i32) -> String {
    let scientific = format!("{float:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..limit).contains(&exponent) {
        return float.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_in_go() {
        for (float, expected) in [
            (1.0, "1"),
            (1.5, "1.5"),
            (999_999.0, "999999"),
            (1e6, "1e+06"),
            (12_345_678_901.0, "1.2345678901e+10"),
            (1e21, "1e+21"),
            (0.0001, "0.0001"),
            (1e-5, "1e-05"),
        ] {
            assert_eq!(general_format(float, 6), expected);
        }
        assert_eq!(general_format(1e20, 21), "100000000000000000000");
        for (float, expected) in [
            (1.1_f32, "1.1"),
            (1e6, "1e+06"),
            (100_000.5, "100000.5"),
            (1e-5, "1e-05"),
        ] {
            assert_eq!(general_format(float, 6), expected);
        }
    }
}
