//! Encodings and digests of strings.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::Type::Text;
use super::{Function, function, text};
use crate::slim::value::Value;

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "b64enc" => function(&[Text], None, |_, v| Ok(Value::text(STANDARD.encode(text(v, 0))))),
        "b64dec" => function(&[Text], None, |_, v| {
            // Go's decoder skips line ends.
            let encoded: String = text(v, 0).chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
            let bytes = STANDARD.decode(encoded).map_err(|_| "not base64".to_owned())?;
            utf8(bytes)
        }),
        "b32enc" => function(&[Text], None, |_, v| {
            Ok(Value::text(base32_encode(text(v, 0).as_bytes())))
        }),
        "b32dec" => function(&[Text], None, |_, v| {
            utf8(base32_decode(text(v, 0)).ok_or("not base32")?)
        }),
        "sha1sum" => function(&[Text], None, |_, v| {
            Ok(Value::text(hex(&Sha1::digest(text(v, 0)))))
        }),
        "sha256sum" => function(&[Text], None, |_, v| {
            Ok(Value::text(hex(&Sha256::digest(text(v, 0)))))
        }),
        "adler32sum" => function(&[Text], None, |_, v| {
            Ok(Value::text(adler32(text(v, 0)).to_string()))
        }),
        _ => return None,
    })
}

fn utf8(bytes: Vec<u8>) -> Result<Value, String> {
    String::from_utf8(bytes)
        .map(Value::text)
        .map_err(|_| "the decoded text is not UTF-8".into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        // Writing to a string cannot fail.
        let _: std::fmt::Result = write!(out, "{byte:02x}");
        out
    })
}

/// The checksum of RFC 1950, also behind `inputs.id`.
pub fn adler32(text: &str) -> u32 {
    const MODULUS: u32 = 65_521;
    let (a, b) = text.bytes().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(byte)) % MODULUS;
        (a, (b + a) % MODULUS)
    });
    (b << 16) | a
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// RFC 4648, with padding.
fn base32_encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(5) {
        let mut buffer = 0_u64;
        for index in 0..5 {
            buffer = buffer << 8 | u64::from(chunk.get(index).copied().unwrap_or(0));
        }
        let used = (chunk.len() * 8).div_ceil(5);
        for index in 0..8 {
            let digit = usize::try_from(buffer >> (35 - 5 * index) & 31).unwrap_or(0);
            let letter = ALPHABET.get(digit).copied().unwrap_or(b'=');
            out.push(if index < used { char::from(letter) } else { '=' });
        }
    }
    out
}

fn base32_decode(text: &str) -> Option<Vec<u8>> {
    let letters: Vec<u8> = text
        .bytes()
        .filter(|byte| !matches!(byte, b'\n' | b'\r'))
        .collect();
    if !letters.len().is_multiple_of(8) {
        return None;
    }
    let mut bytes = Vec::new();
    let chunks = letters.len() / 8;
    for (at, chunk) in letters.chunks(8).enumerate() {
        let digits = chunk.iter().take_while(|letter| **letter != b'=').count();
        let padded = chunk.iter().skip(digits).all(|letter| *letter == b'=');
        let length = match digits {
            8 => 5,
            7 => 4,
            5 => 3,
            4 => 2,
            2 => 1,
            _ => return None,
        };
        if !padded || (digits < 8 && at + 1 < chunks) {
            return None;
        }
        let mut buffer = 0_u64;
        for letter in chunk {
            let digit = ALPHABET.iter().position(|known| known == letter).unwrap_or(0);
            if *letter != b'=' && !ALPHABET.contains(letter) {
                return None;
            }
            buffer = buffer << 5 | digit as u64;
        }
        let all = buffer.to_be_bytes();
        bytes.extend_from_slice(all.get(3..3 + length)?);
    }
    Some(bytes)
}
