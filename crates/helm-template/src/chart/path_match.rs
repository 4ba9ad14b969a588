//! Go's `filepath.Match`.

/// A pattern that ends inside a class or an escape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadPattern;

/// Whether all of `name` matches: `*` any characters but `/`, `?` one such character, `[a-z]` and `[^a-z]` classes, `\` a
/// literal character.
///
/// Rules: [path/filepath](https://pkg.go.dev/path/filepath#Match). A bad pattern is refused even if `name` fails to match before
/// its bad part.
///
/// # Errors
/// [`BadPattern`].
pub(crate) fn path_match(pattern: &str, name: &str) -> Result<bool, BadPattern> {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    check(&pattern)?;
    matches_from(&pattern, &name)
}

/// Checks the whole pattern.
fn check(pattern: &[char]) -> Result<(), BadPattern> {
    let mut rest = pattern;
    while let Some((_, after)) = Token::next(rest)? {
        rest = after;
    }
    Ok(())
}

/// One element of a pattern.
enum Token {
    Star,
    Any,
    Literal(char),
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Token {
    fn next(pattern: &[char]) -> Result<Option<(Token, &[char])>, BadPattern> {
        let Some((first, rest)) = pattern.split_first() else {
            return Ok(None);
        };
        Ok(Some(match first {
            '*' => (Token::Star, rest),
            '?' => (Token::Any, rest),
            '\\' => {
                let (literal, rest) = rest.split_first().ok_or(BadPattern)?;
                (Token::Literal(*literal), rest)
            }
            '[' => Token::class(rest)?,
            literal => (Token::Literal(*literal), rest),
        }))
    }

    fn class(mut rest: &[char]) -> Result<(Token, &[char]), BadPattern> {
        let negated = rest.first() == Some(&'^');
        if negated {
            rest = &rest[1..];
        }
        let mut ranges = Vec::new();
        loop {
            if rest.first() == Some(&']') && !ranges.is_empty() {
                return Ok((Token::Class { negated, ranges }, &rest[1..]));
            }
            let (low, after) = bound(rest)?;
            rest = after;
            let mut high = low;
            if rest.first() == Some(&'-') {
                (high, rest) = bound(&rest[1..])?;
            }
            ranges.push((low, high));
        }
    }

    fn is_match(&self, c: char) -> bool {
        match self {
            Token::Star | Token::Any => c != '/',
            Token::Literal(literal) => *literal == c,
            Token::Class { negated, ranges } => {
                ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
            }
        }
    }
}

/// One end of a range in a class. A pattern that ends after it is bad.
fn bound(rest: &[char]) -> Result<(char, &[char]), BadPattern> {
    let (first, after) = rest.split_first().ok_or(BadPattern)?;
    let (c, after) = match first {
        '-' | ']' => return Err(BadPattern),
        '\\' => {
            let (escaped, after) = after.split_first().ok_or(BadPattern)?;
            (*escaped, after)
        }
        c => (*c, after),
    };
    if after.is_empty() {
        return Err(BadPattern);
    }
    Ok((c, after))
}

fn matches_from(mut pattern: &[char], mut name: &[char]) -> Result<bool, BadPattern> {
    // The pattern and the name after the last star: backtracking to that star is enough.
    let mut star: Option<(&[char], &[char])> = None;
    loop {
        match Token::next(pattern)? {
            Some((Token::Star, rest)) => {
                star = Some((rest, name));
                pattern = rest;
                continue;
            }
            Some((token, rest)) => {
                if let Some((c, after)) = name.split_first()
                    && token.is_match(*c)
                {
                    pattern = rest;
                    name = after;
                    continue;
                }
            }
            None if name.is_empty() => return Ok(true),
            None => {}
        }
        match star {
            Some((rest, taken)) => match taken.split_first() {
                Some((c, after)) if Token::Star.is_match(*c) => {
                    star = Some((rest, after));
                    pattern = rest;
                    name = after;
                }
                _ => return Ok(false),
            },
            None => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, name, expected) in [
            ("abc", "abc", Ok(true)),
            ("*", "abc", Ok(true)),
            ("*c", "abc", Ok(true)),
            ("a*", "ab/c", Ok(false)),
            ("a*/b", "a/c/b", Ok(false)),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
            ("a*b?c*x", "abxbbxdbxebxczzy", Ok(false)),
            ("ab[c]", "abc", Ok(true)),
            ("ab[b-d]", "abc", Ok(true)),
            ("ab[^b-d]", "abc", Ok(false)),
            ("a\\*b", "a*b", Ok(true)),
            ("a[^a]b", "a☺b", Ok(true)),
            ("a?b", "a/b", Ok(false)),
            ("[\\]a]", "]", Ok(true)),
            ("[]a]", "]", Err(BadPattern)),
            ("[x-]", "x", Err(BadPattern)),
            ("[", "a", Err(BadPattern)),
            ("[^bc", "a", Err(BadPattern)),
            ("a[", "ab", Err(BadPattern)),
            ("a\\", "x", Err(BadPattern)),
            ("*x", "xxx", Ok(true)),
            ("", "", Ok(true)),
            ("*", "", Ok(true)),
        ] {
            assert_eq!(path_match(pattern, name), expected, "{pattern} {name}");
        }
    }
}
