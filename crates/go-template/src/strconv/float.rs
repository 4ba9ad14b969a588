//! Floats as text.

/// `strconv.FormatFloat` of a 64-bit float: verbs `b e E f g G x X`; without a precision, the shortest digits.
pub(crate) fn format_float(value: f64, verb: char, precision: Option<usize>) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_infinite() {
        return if value > 0.0 { "+Inf".into() } else { "-Inf".into() };
    }
    let value = value.abs();
    let text = match (verb, precision) {
        ('b', _) => binary(value),
        ('x' | 'X', _) => hexadecimal(value, precision),
        ('f', Some(precision)) => {
            let digits = precision.min(DIGITS);
            format!("{value:.digits$}{}", "0".repeat(precision - digits))
        }
        ('f', None) => go_std::strconv::format_float(value, 'f'),
        ('e' | 'E', Some(precision)) => {
            let digits = precision.min(DIGITS);
            let zeros = "0".repeat(precision - digits);
            exponent(&format!("{value:.digits$e}").replace('e', &format!("{zeros}e")))
        }
        ('e' | 'E', None) => go_std::strconv::format_float(value, 'e'),
        _ => general(value, precision),
    };
    let text = if verb.is_ascii_uppercase() {
        text.to_ascii_uppercase()
    } else {
        text
    };
    format!("{sign}{text}")
}

/// More digits than any float has; the standard library accepts no precision above 65535.
const DIGITS: usize = 1_100;

/// `%g`: the shorter notation, without trailing zeros.
fn general(value: f64, precision: Option<usize>) -> String {
    let Some(precision) = precision.map(|precision| precision.max(1)) else {
        return go_std::strconv::format_float(value, 'g');
    };
    let scientific = format!("{value:.*e}", (precision - 1).min(DIGITS));
    let (mantissa, power) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_end_matches('0');
    let count = i32::try_from(digits.len().max(1)).unwrap_or(i32::MAX);
    let limit = match i32::try_from(precision).unwrap_or(i32::MAX) {
        precision if precision > count && count > power => count,
        precision => precision,
    };
    if power < -4 || power >= limit {
        let mut mantissa = digits.to_owned();
        if mantissa.len() > 1 {
            mantissa.insert(1, '.');
        }
        if mantissa.is_empty() {
            mantissa.push('0');
        }
        return exponent(&format!("{mantissa}e{power}"));
    }
    let decimals = usize::try_from((count - power - 1).max(0)).unwrap_or(0);
    format!("{value:.decimals$}")
}

/// Rewrites an exponent as in Go: with a sign and at least two digits.
fn exponent(text: &str) -> String {
    let (mantissa, power) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, power) = match power.strip_prefix('-') {
        Some(power) => ('-', power),
        None => ('+', power),
    };
    format!("{mantissa}e{sign}{power:0>2}")
}

/// The mantissa as an integer, and its power of two.
fn mantissa_and_exponent(value: f64) -> (u64, i64) {
    let bits = value.to_bits();
    let mantissa = bits & ((1 << 52) - 1);
    let exponent = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    if exponent == 0 {
        (mantissa, -1074)
    } else {
        (mantissa | (1 << 52), exponent - 1075)
    }
}

/// `%b`: `mantissap±exponent`
fn binary(value: f64) -> String {
    let (mantissa, exponent) = mantissa_and_exponent(value);
    format!("{mantissa}p{exponent:+}")
}

/// `%x`: `0x1.yyyyyyyyp±dd`
fn hexadecimal(value: f64, precision: Option<usize>) -> String {
    let (mut mantissa, mut exponent) = mantissa_and_exponent(value);
    if mantissa == 0 {
        exponent = 0;
    } else {
        exponent += 52;
        // The leading bit is at 1 << 60 from here on.
        mantissa <<= 8;
        while mantissa & (1 << 60) == 0 {
            mantissa <<= 1;
            exponent -= 1;
        }
    }
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let shift = precision * 4;
        let extra = (mantissa << shift) & ((1 << 60) - 1);
        mantissa >>= 60 - shift;
        // Rounds to nearest, ties to even.
        if extra | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & (1 << 61) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let mut text = format!("0x{}", mantissa >> 60);
    let mut rest = mantissa << 4;
    let shortest = precision.is_none();
    let digits = precision.unwrap_or(16);
    if (shortest && rest != 0) || (!shortest && digits > 0) {
        text.push('.');
        for _ in 0..digits {
            if shortest && rest == 0 {
                break;
            }
            text.push_str(&format!("{:x}", rest >> 60));
            rest <<= 4;
        }
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{text}p{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::format_float;

    #[test]
    fn floats_are_written_as_go_writes_them() {
        for (value, verb, precision, text) in [
            (1e6, 'g', None, "1e+06"),
            (123_456.0, 'g', None, "123456"),
            (12_345_678.0, 'g', None, "1.2345678e+07"),
            (0.0001, 'g', None, "0.0001"),
            (0.00001, 'g', None, "1e-05"),
            (100.0, 'g', Some(2), "1e+02"),
            (1.0, 'b', None, "4503599627370496p-52"),
            (1.0, 'x', None, "0x1p+00"),
            (2.5, 'X', None, "0X1.4P+01"),
            (1.999, 'x', Some(1), "0x1.0p+01"),
            (3.0, 'f', Some(2), "3.00"),
            (-0.0, 'g', None, "-0"),
        ] {
            assert_eq!(format_float(value, verb, precision), text, "{value} %{verb}");
        }
    }
}
