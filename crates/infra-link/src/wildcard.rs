//! Patterns of names with `*` for any text.

/// Whether a text fits a pattern. `any` is the wildcard for a single character, if there is one.
///
/// A pattern may be from the repository: matching takes at most the product of the two lengths, however many stars there are.
pub(crate) fn fits(pattern: &str, text: &str, any: Option<char>) -> bool {
    let (mut pattern, mut text) = (pattern.chars(), text.chars());
    // The pattern after the last star, and the text with which it is compared next.
    let mut retry = None;
    loop {
        let at = text.clone();
        match (pattern.next(), text.next()) {
            (Some('*'), _) => {
                retry = Some((pattern.clone(), at.clone()));
                text = at;
            }
            (None, None) => return true,
            (Some(wanted), Some(c)) if wanted == c || Some(wanted) == any => {}
            _ => {
                let Some((rest, at)) = &mut retry else {
                    return false;
                };
                if at.next().is_none() {
                    return false;
                }
                (pattern, text) = (rest.clone(), at.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_text() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("*-pguser-*", "x-pguser-y", true),
            ("*-pguser-*", "x-user-y", false),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("a*b*c", "abbcxc", true),
            ("a*", "ba", false),
            ("**a", "xa", true),
            ("a?", "a?", true),
            ("a?", "ab", false),
        ] {
            assert_eq!(fits(pattern, text, None), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn another_character_may_stand_for_one() {
        for (pattern, text, expected) in [
            ("a?", "ab", true),
            ("a?", "a", false),
            ("team-?*", "team-é", true),
            ("team-?*", "team-", false),
            ("*?b", "ab", true),
            ("?", "", false),
        ] {
            assert_eq!(fits(pattern, text, Some('?')), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_take_no_longer() {
        let pattern = format!("{}b", "*a".repeat(40));
        assert!(!fits(&pattern, &"a".repeat(4_000), Some('?')));
    }
}
