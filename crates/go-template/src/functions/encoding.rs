//! Base64 and base32. Decoding errors are returned as the result.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::result::Result;
use crate::Type::Text as Str;
use crate::{Arguments, Caller, Function, Value};

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("b32dec", Function::new(&[Str], b32dec)),
    ("b32enc", Function::new(&[Str], b32enc)),
    ("b64dec", Function::new(&[Str], b64dec)),
    ("b64enc", Function::new(&[Str], b64enc)),
];

fn b64enc(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let length = arguments.text(0).len().saturating_mul(2);
    caller.budget().reserve(length)?;
    Ok(Value::text(STANDARD.encode(arguments.bytes(0))))
}

pub(super) fn encode_base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

fn b64dec(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    Ok(match decode_base64(arguments.bytes(0)) {
        Ok(bytes) => Value::text(bytes),
        Err(error) => Value::text(error),
    })
}

/// Decodes base64, in which line breaks are ignored.
///
/// # Errors
/// Go's message, with the byte at which it stops.
pub(super) fn decode_base64(text: &[u8]) -> std::result::Result<Vec<u8>, String> {
    let illegal = |at: usize| Err(format!("illegal base64 data at input byte {at}"));
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut at = 0;
    let skip_lines = |at: &mut usize| {
        while matches!(text.get(*at), Some(b'\n' | b'\r')) {
            *at += 1;
        }
    };
    loop {
        let mut digits = [0_u8; 4];
        let mut count = 0;
        while count < 4 {
            let Some(byte) = text.get(at).copied() else {
                if count == 0 {
                    return Ok(out);
                }
                return illegal(at - count);
            };
            at += 1;
            if matches!(byte, b'\n' | b'\r') {
                continue;
            }
            if let Some(digit) = base64_digit(byte) {
                digits[count] = digit;
                count += 1;
                continue;
            }
            if byte != b'=' || count < 2 {
                return illegal(at - 1);
            }
            // The end: one or two padding characters.
            if count == 2 {
                skip_lines(&mut at);
                match text.get(at) {
                    None => return illegal(text.len()),
                    Some(b'=') => at += 1,
                    Some(_) => return illegal(at - 1),
                }
            }
            skip_lines(&mut at);
            if at < text.len() {
                return illegal(at);
            }
            break;
        }
        let bits = digits
            .iter()
            .fold(0_u32, |bits, digit| bits << 6 | u32::from(*digit));
        let [_, bytes @ ..] = bits.to_be_bytes();
        out.extend(bytes.iter().take(count - 1));
        if count < 4 {
            return Ok(out);
        }
    }
}

fn base64_digit(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn b32enc(caller: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let bytes = arguments.bytes(0);
    let length = bytes.len().saturating_mul(2).saturating_add(8);
    caller.budget().reserve(length)?;
    let mut out = Vec::with_capacity(length);
    for chunk in bytes.chunks(5) {
        let mut group = [0_u8; 8];
        for (to, from) in group.iter_mut().skip(3).zip(chunk) {
            *to = *from;
        }
        let bits = u64::from_be_bytes(group);
        let digits = (chunk.len() * 8).div_ceil(5);
        for index in 0..8 {
            let digit = usize::try_from(bits >> (35 - 5 * index) & 31).unwrap_or_default();
            out.push(if index < digits { BASE32[digit] } else { b'=' });
        }
    }
    Ok(Value::text(out))
}

fn b32dec(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let text: Vec<u8> = arguments
        .bytes(0)
        .iter()
        .copied()
        .filter(|byte| !matches!(byte, b'\n' | b'\r'))
        .collect();
    Ok(match decode_base32(&text) {
        Ok(bytes) => Value::text(bytes),
        Err(at) => Value::text(format!("illegal base32 data at input byte {at}")),
    })
}

/// Decodes base32. The error is the byte at which Go stops.
fn decode_base32(text: &[u8]) -> std::result::Result<Vec<u8>, usize> {
    let mut out = Vec::with_capacity(text.len() / 8 * 5);
    let mut at = 0;
    while at < text.len() {
        let mut bits = 0_u64;
        let mut count = 0;
        while count < 8 {
            let Some(byte) = text.get(at).copied() else {
                return Err(text.len() - count);
            };
            at += 1;
            let left = text.get(at..).unwrap_or_default();
            if byte == b'=' && count >= 2 && left.len() < 8 {
                if left.len() + count < 7 {
                    return Err(text.len());
                }
                let padding = left.iter().take(7 - count).position(|byte| *byte != b'=');
                if let Some(wrong) = padding {
                    return Err(at + wrong - 1);
                }
                if matches!(count, 3 | 6) {
                    return Err(at - 1);
                }
                push_base32(bits << (5 * (8 - count)), count, &mut out);
                return Ok(out);
            }
            let Some(digit) = BASE32.iter().position(|digit| *digit == byte) else {
                return Err(at - 1);
            };
            bits = bits << 5 | digit as u64;
            count += 1;
        }
        push_base32(bits, 8, &mut out);
    }
    Ok(out)
}

fn push_base32(bits: u64, digits: usize, out: &mut Vec<u8>) {
    out.extend(bits.to_be_bytes().iter().skip(3).take(digits * 5 / 8));
}
