//! Decimal arithmetic as in <https://github.com/shopspring/decimal>: exact, with 16 decimals in divisions.

use num_bigint::{BigInt, Sign};

/// Decimals of a quotient.
const DIVISION_DECIMALS: i32 = 16;

/// `value × 10^exponent`
#[derive(Clone, Debug)]
pub(crate) struct Decimal {
    value: BigInt,
    exponent: i32,
}

impl Decimal {
    /// The shortest decimal that reads back as the float.
    ///
    /// # Errors
    /// The Go library's message for infinities and NaN.
    pub(crate) fn from_float(float: f64) -> Result<Decimal, String> {
        if !float.is_finite() {
            let name = if float.is_nan() {
                "NaN"
            } else if float > 0.0 {
                "+Inf"
            } else {
                "-Inf"
            };
            return Err(format!("Cannot create a Decimal from {name}"));
        }
        let text = format!("{float:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let decimals = mantissa.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let exponent: i32 = exponent.parse().unwrap_or(0);
        Ok(Decimal {
            value: mantissa.replace('.', "").parse().unwrap_or_default(),
            exponent: exponent - i32::try_from(decimals).unwrap_or(0),
        })
    }

    /// The nearest float.
    pub(crate) fn to_float(&self) -> f64 {
        format!("{}e{}", self.value, self.exponent).parse().unwrap_or(0.0)
    }

    /// The number of bits of the unscaled value.
    pub(crate) fn bits(&self) -> u64 {
        self.value.bits()
    }

    pub(crate) fn add(&self, other: &Decimal) -> Decimal {
        let exponent = self.exponent.min(other.exponent);
        Decimal {
            value: self.scaled(exponent) + other.scaled(exponent),
            exponent,
        }
    }

    pub(crate) fn sub(&self, other: &Decimal) -> Decimal {
        let exponent = self.exponent.min(other.exponent);
        Decimal {
            value: self.scaled(exponent) - other.scaled(exponent),
            exponent,
        }
    }

    pub(crate) fn mul(&self, other: &Decimal) -> Decimal {
        Decimal {
            value: &self.value * &other.value,
            exponent: self.exponent.saturating_add(other.exponent),
        }
    }

    /// The quotient, rounded half away from zero.
    ///
    /// # Errors
    /// The Go library's message for a division by zero.
    pub(crate) fn div(&self, other: &Decimal) -> Result<Decimal, String> {
        if other.value.sign() == Sign::NoSign {
            return Err("decimal division by 0".into());
        }
        let shift = self.exponent - other.exponent + DIVISION_DECIMALS;
        let (dividend, divisor) = if shift >= 0 {
            (&self.value * power_of_ten(shift), other.value.clone())
        } else {
            (self.value.clone(), &other.value * power_of_ten(-shift))
        };
        let (quotient, rest) = (&dividend / &divisor, &dividend % &divisor);
        let step = if dividend.sign() == divisor.sign() { 1 } else { -1 };
        let up = rest.magnitude() * 2_u32 >= *divisor.magnitude();
        Ok(Decimal {
            value: if up { quotient + step } else { quotient },
            exponent: -DIVISION_DECIMALS,
        })
    }

    fn scaled(&self, exponent: i32) -> BigInt {
        &self.value * power_of_ten(self.exponent - exponent)
    }
}

fn power_of_ten(exponent: i32) -> BigInt {
    BigInt::from(10).pow(exponent.max(0).unsigned_abs())
}
