//! Passwords in addresses: `scheme://user:password@host`.

use std::borrow::Cow;
use std::ops::Range;

use crate::REDACTED;
use crate::credential::is_stand_in;

/// Where literal passwords stand in a text.
fn passwords(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let at = text.get(from..)?.find("://")? + from;
            from = at + "://".len();
            let (before, after) = (text.get(..at)?, text.get(from..)?);
            if let Some(password) = is_after_scheme(before).then(|| password(after)).flatten() {
                return Some(from + password.start..from + password.end);
            }
        }
    })
    .filter(|password| text.get(password.clone()).is_some_and(|text| !is_stand_in(text)))
}

/// Whether a text ends with the name of a scheme.
fn is_after_scheme(text: &str) -> bool {
    text.bytes()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte))
        .any(|byte| byte.is_ascii_alphabetic())
}

/// Where the password stands in what follows `://`.
fn password(text: &str) -> Option<Range<usize>> {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '/' | '@' | '"' | '\'' | '<' | '>'))?;
    let (user_info, rest) = text.split_at_checked(end)?;
    if !rest.starts_with('@') {
        return None;
    }
    let start = user_info.find(':')? + 1;
    (start < end).then_some(start..end)
}

/// Whether a text holds a literal password in an address.
pub(crate) fn is_in(text: &str) -> bool {
    text.contains('@') && passwords(text).next().is_some()
}

/// The text without such passwords.
pub(crate) fn without(text: &str) -> Cow<'_, str> {
    let (mut cleaned, mut copied) = (String::new(), 0);
    for password in passwords(text) {
        cleaned.push_str(text.get(copied..password.start).unwrap_or_default());
        cleaned.push_str(REDACTED);
        copied = password.end;
    }
    match copied {
        0 => Cow::Borrowed(text),
        _ => Cow::Owned(cleaned + text.get(copied..).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_stand_between_user_and_host() {
        for (text, expected) in [
            ("a://u:p@h", "a://u:<redacted>@h"),
            ("a://:p@h", "a://:<redacted>@h"),
            ("a://u:p:q@h", "a://u:<redacted>@h"),
            (
                "x a://u:p@h, b+c://u:p@h",
                "x a://u:<redacted>@h, b+c://u:<redacted>@h",
            ),
            ("a://b://u:p@h", "a://b://u:<redacted>@h"),
            ("é1a://u:p@h", "é1a://u:<redacted>@h"),
            ("a://u:é@h", "a://u:<redacted>@h"),
            ("a://u:${p}@h b://u:p@h", "a://u:${p}@h b://u:<redacted>@h"),
        ] {
            assert_eq!(without(text), expected);
            assert!(is_in(text));
        }
        for text in [
            "a://u:@h",
            "a://u@h",
            "a://u:p/@h",
            "a://u:p h@",
            "1://u:p@h",
            "://u:p@h",
            "u:p@h",
            "a://u:***@h",
            "a://u:p\u{a0}@h",
            "a://",
            "a://u:p",
        ] {
            assert!(!is_in(text) && without(text) == text, "{text}");
        }
    }
}
