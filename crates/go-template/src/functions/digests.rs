//! Checksums and digests: in hexadecimal, but Adler-32 in decimal.

use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use super::result::Result;
use crate::Type::Text as Str;
use crate::{Arguments, Caller, Function, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    (
        "adler32sum",
        Function::new(&[Str], |_, a| Ok(Value::text(adler32(a.bytes(0)).to_string()))),
    ),
    ("sha1sum", Function::new(&[Str], digest::<Sha1>)),
    ("sha256sum", Function::new(&[Str], digest::<Sha256>)),
    ("sha512sum", Function::new(&[Str], digest::<Sha512>)),
];

fn digest<D: Digest>(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let bytes = arguments.bytes(0);
    caller.budget().spend(bytes.len() as u64 / 8)?;
    Ok(Value::text(hex(&D::digest(bytes))))
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The checksum of RFC 1950.
pub fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let (mut a, mut b) = (1, 0);
    // The sums of 5552 bytes fit 32 bits before they are reduced.
    for chunk in bytes.chunks(5552) {
        for byte in chunk {
            a += u32::from(*byte);
            b += a;
        }
        (a, b) = (a % MODULUS, b % MODULUS);
    }
    b << 16 | a
}
