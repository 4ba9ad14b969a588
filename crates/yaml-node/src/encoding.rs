//! Encodings of YAML files: UTF-8, and UTF-16 where a byte order mark says so.
//!
//! As go-yaml finds them out: <https://github.com/yaml/go-yaml/blob/v3/readerc.go>.

use std::borrow::Cow;

/// Whether bytes begin with a byte order mark of UTF-16.
pub fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..])
}

/// The text of a YAML file. UTF-16 loses its byte order mark here, UTF-8 keeps it for the reader.
///
/// # Errors
/// The offset of the first byte that is part of no character.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
    let unit = match bytes {
        [0xFF, 0xFE, ..] => u16::from_le_bytes,
        [0xFE, 0xFF, ..] => u16::from_be_bytes,
        _ => {
            return std::str::from_utf8(bytes)
                .map(Cow::Borrowed)
                .map_err(|error| error.valid_up_to());
        }
    };
    let units = bytes.get(2..).unwrap_or_default();
    if units.len() % 2 != 0 {
        return Err(bytes.len().saturating_sub(1));
    }
    let units = units.chunks_exact(2).map(|pair| {
        unit([
            pair.first().copied().unwrap_or(0),
            pair.get(1).copied().unwrap_or(0),
        ])
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut offset = 2;
    for character in char::decode_utf16(units) {
        let character = character.map_err(|_| offset)?;
        offset += 2 * character.len_utf16();
        text.push(character);
    }
    Ok(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_decides() {
        assert_eq!(decode(b"a: 1").as_deref(), Ok("a: 1"));
        assert_eq!(decode(b"\xFF\xFEa\0:\0").as_deref(), Ok("a:"));
        assert_eq!(
            decode(b"\xFE\xFF\0a\xD8\x3D\xDE\x00").as_deref(),
            Ok("a\u{1F600}")
        );
        assert_eq!(decode(b"a\xFF"), Err(1));
        assert_eq!(decode(b"\xFF\xFEa\0\x00\xD8"), Err(4));
        assert_eq!(decode(b"\xFF\xFEa"), Err(2));
    }
}
