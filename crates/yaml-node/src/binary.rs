//! Base64 as Go reads and writes it.

/// Go's `base64.StdEncoding.DecodeString`: line breaks are skipped, padding is required.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut quantum = [0_u8; 4];
    let mut filled = 0;
    let mut padding = 0;
    for b in text.bytes() {
        let value = match b {
            b'\n' | b'\r' => continue,
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if filled >= 2 && padding + filled < 4 => {
                padding += 1;
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        quantum[filled] = value;
        filled += 1;
        if filled == 4 {
            bytes.extend([
                quantum[0] << 2 | quantum[1] >> 4,
                quantum[1] << 4 | quantum[2] >> 2,
                quantum[2] << 6 | quantum[3],
            ]);
            filled = 0;
        }
    }
    match (filled, padding) {
        (0, 0) => {}
        (2, 2) => bytes.push(quantum[0] << 2 | quantum[1] >> 4),
        (3, 1) => bytes.extend([
            quantum[0] << 2 | quantum[1] >> 4,
            quantum[1] << 4 | quantum[2] >> 2,
        ]),
        _ => return None,
    }
    Some(bytes)
}

/// Bytes as Go's JSON writes them: each byte that is not UTF-8 becomes U+FFFD.
pub(crate) fn to_text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| '\u{FFFD}'));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_needs_its_padding_and_skips_breaks() {
        assert_eq!(decode("aGVs\r\nbG8=").as_deref(), Some(b"hello".as_slice()));
        assert_eq!(decode("").as_deref(), Some(b"".as_slice()));
        for wrong in [
            "aGVsbG8",
            "aGVsbG8==",
            "aGVs bG8=",
            "aGVs=bG8",
            "=",
            "a===",
            "ab=c",
        ] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn each_invalid_byte_is_replaced() {
        assert_eq!(to_text(b"a\xE2\x80b\xFF"), "a\u{FFFD}\u{FFFD}b\u{FFFD}");
    }
}
