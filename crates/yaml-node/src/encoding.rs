//! Encodings of YAML files: UTF-8, and UTF-16 where a byte order mark says so.
//!
//! Detected as in go-yaml: <https://github.com/yaml/go-yaml/blob/v3/readerc.go>.

use std::borrow::Cow;

/// Whether bytes begin with a byte order mark of UTF-16.
pub fn is_utf16(bytes: &[u8]) -> bool {
    matches!(bytes, [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..])
}

/// The text of a YAML file. UTF-16 loses its byte order mark here, UTF-8 keeps it for the reader.
///
/// # Errors
/// The offset of the first byte that is not part of a character.
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
    let units = units.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut offset = 2;
    for character in char::decode_utf16(units) {
        let character = character.map_err(|_| offset)?;
        offset += 2 * character.len_utf16();
        text.push(character);
    }
    Ok(Cow::Owned(text))
}

/// go-yaml's message for the first bytes that are not UTF-8; `None` if all are.
///
/// ```
/// assert_eq!(yaml_node::utf8_problem(b"a: \xC3\""), Some("invalid trailing UTF-8 octet"));
/// assert_eq!(yaml_node::utf8_problem("a: é".as_bytes()), None);
/// ```
pub fn utf8_problem(bytes: &[u8]) -> Option<&'static str> {
    let valid = std::str::from_utf8(bytes).err()?.valid_up_to();
    let rest = bytes.get(valid..)?;
    let (width, mut code) = match rest.first()? {
        first @ 0xC0..=0xDF => (2, u32::from(first & 0x1F)),
        first @ 0xE0..=0xEF => (3, u32::from(first & 0x0F)),
        first @ 0xF0..=0xF7 => (4, u32::from(first & 0x07)),
        _ => return Some("invalid leading UTF-8 octet"),
    };
    let Some(character) = rest.get(1..width) else {
        return Some("incomplete UTF-8 octet sequence");
    };
    for octet in character {
        if octet & 0xC0 != 0x80 {
            return Some("invalid trailing UTF-8 octet");
        }
        code = code << 6 | u32::from(octet & 0x3F);
    }
    let shortest = [0x80, 0x800, 0x1_0000].get(width - 2).copied().unwrap_or(0);
    Some(if code < shortest {
        "invalid length of a UTF-8 sequence"
    } else {
        "invalid Unicode character"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_in_utf8_have_the_messages_of_go_yaml() {
        for (bytes, problem) in [
            (&b"a\xFF"[..], "invalid leading UTF-8 octet"),
            (b"\x80", "invalid leading UTF-8 octet"),
            (b"\xC3x", "invalid trailing UTF-8 octet"),
            (b"\xE2\x82", "incomplete UTF-8 octet sequence"),
            (b"\xC0\x80", "invalid length of a UTF-8 sequence"),
            (b"\xED\xA0\x80", "invalid Unicode character"),
            (b"\xF5\x80\x80\x80", "invalid Unicode character"),
        ] {
            assert_eq!(utf8_problem(bytes), Some(problem), "{bytes:x?}");
        }
    }

    #[test]
    fn a_byte_order_mark_sets_the_encoding() {
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
