//! `labelSelector` and `annotationSelector`: requirements on labels.
//!
//! The syntax and its parser are those of Kubernetes
//! (<https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>): `a=b, c!=d, e in
//! (f,g), h notin (i), j, !k, l>1`.

use std::collections::BTreeSet;

/// Requirements that labels must meet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LabelSelector {
    requirements: Vec<Requirement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Requirement {
    key: String,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    Exists,
    Missing,
    In(BTreeSet<String>),
    NotIn(BTreeSet<String>),
    Above(i64),
    Below(i64),
}

impl LabelSelector {
    /// Parses a selector. An empty one selects all.
    ///
    /// # Errors
    /// The reason why it is malformed.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser {
            tokens: tokens(text),
            at: 0,
        };
        let mut requirements = Vec::new();
        loop {
            match parser.peek() {
                Token::End => return Ok(LabelSelector { requirements }),
                Token::Word(_) | Token::Symbol("!") => {}
                other => {
                    return Err(format!(
                        "found '{}', expected: !, identifier, or 'end of string'",
                        other.text()
                    ));
                }
            }
            let requirement = parser.requirement();
            requirements.push(requirement.map_err(|error| format!("unable to parse requirement: {error}"))?);
            match parser.next() {
                Token::End => return Ok(LabelSelector { requirements }),
                Token::Symbol(",") => {
                    let following = parser.peek();
                    if !matches!(following, Token::Word(_) | Token::Symbol("!")) {
                        return Err(format!(
                            "found '{}', expected: identifier after ','",
                            following.text()
                        ));
                    }
                }
                other => {
                    return Err(format!(
                        "found '{}', expected: ',' or 'end of string'",
                        other.text()
                    ));
                }
            }
        }
    }

    /// Whether labels, looked up with `label`, meet all requirements.
    pub(crate) fn matches<'l>(&self, label: impl Fn(&str) -> Option<&'l str>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = label(&requirement.key);
            match &requirement.test {
                Test::Exists => value.is_some(),
                Test::Missing => value.is_none(),
                Test::In(values) => value.is_some_and(|value| values.contains(value)),
                Test::NotIn(values) => value.is_none_or(|value| !values.contains(value)),
                Test::Above(bound) => number(value).is_some_and(|value| value > *bound),
                Test::Below(bound) => number(value).is_some_and(|value| value < *bound),
            }
        })
    }
}

fn number(value: Option<&str>) -> Option<i64> {
    value?.parse().ok()
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Symbol(&'static str),
    End,
}

impl Token {
    fn text(&self) -> &str {
        match self {
            Token::Word(word) => word,
            Token::Symbol(symbol) => symbol,
            Token::End => "",
        }
    }
}

const SYMBOLS: [&str; 9] = ["==", "!=", ")", ",", "!", "=", ">", "<", "("];
const BLANKS: [char; 4] = [' ', '\t', '\r', '\n'];

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches(BLANKS);
    while !rest.is_empty() {
        let symbol = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol));
        let length = match symbol {
            Some(symbol) => {
                tokens.push(Token::Symbol(symbol));
                symbol.len()
            }
            None => {
                let is_end = |c: char| BLANKS.contains(&c) || "=!(),><".contains(c);
                let length = rest.find(is_end).unwrap_or(rest.len());
                tokens.push(Token::Word(rest.get(..length).unwrap_or_default().to_owned()));
                length
            }
        };
        rest = rest.get(length..).unwrap_or_default().trim_start_matches(BLANKS);
    }
    tokens
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Token {
        self.tokens.get(self.at).cloned().unwrap_or(Token::End)
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn requirement(&mut self) -> Result<Requirement, String> {
        let negated = self.peek() == Token::Symbol("!");
        if negated {
            self.next();
        }
        let key = match self.next() {
            Token::Word(key) => key,
            other => return Err(format!("found '{}', expected: identifier", other.text())),
        };
        check_key(&key)?;
        let alone = matches!(self.peek(), Token::End | Token::Symbol(","));
        // The caller rejects anything after a negated key.
        let test = match (negated, alone) {
            (true, _) => Test::Missing,
            (false, true) => Test::Exists,
            (false, false) => self.test(&key)?,
        };
        Ok(Requirement { key, test })
    }

    fn test(&mut self, key: &str) -> Result<Test, String> {
        let operator = self.next();
        let values = match &operator {
            Token::Word(word) if word == "in" || word == "notin" => self.values()?,
            Token::Symbol("=" | "==" | "!=" | ">" | "<") => BTreeSet::from([self.value()?]),
            other => {
                return Err(format!(
                    "found '{}', expected: '=', '!=', '==', 'in', notin'",
                    other.text()
                ));
            }
        };
        let bound = || {
            let value = values.first().and_then(|value| value.parse().ok());
            value.ok_or_else(|| "for 'Gt', 'Lt' operators, the value must be an integer".to_owned())
        };
        let test = match operator.text() {
            ">" => Test::Above(bound()?),
            "<" => Test::Below(bound()?),
            "!=" | "notin" => Test::NotIn(values.clone()),
            _ => Test::In(values.clone()),
        };
        values.iter().try_for_each(|value| check_value(key, value))?;
        Ok(test)
    }

    fn value(&mut self) -> Result<String, String> {
        match self.peek() {
            Token::End | Token::Symbol(",") => Ok(String::new()),
            Token::Word(word) => {
                self.next();
                Ok(word)
            }
            other => Err(format!("found '{}', expected: identifier", other.text())),
        }
    }

    fn values(&mut self) -> Result<BTreeSet<String>, String> {
        let open = self.next();
        if open != Token::Symbol("(") {
            return Err(format!("found '{}' expected: '('", open.text()));
        }
        let mut values = BTreeSet::new();
        let mut value = None;
        loop {
            match self.next() {
                Token::Word(word) if value.is_none() => value = Some(word),
                Token::Symbol(",") => {
                    values.insert(value.take().unwrap_or_default());
                }
                Token::Symbol(")") => {
                    values.insert(value.take().unwrap_or_default());
                    return Ok(values);
                }
                other => return Err(format!("found '{}', expected: ',' or ')'", other.text())),
            }
        }
    }
}

fn check_key(key: &str) -> Result<(), String> {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    let well = prefix.is_none_or(is_subdomain) && name.len() <= 63 && is_name(name);
    if well {
        Ok(())
    } else {
        Err(format!("invalid label key {key:?}"))
    }
}

fn check_value(key: &str, value: &str) -> Result<(), String> {
    if value.is_empty() || (value.len() <= 63 && is_name(value)) {
        return Ok(());
    }
    Err(format!("invalid label value: {value:?}: at key: {key:?}"))
}

// Letters, digits, `-`, `_` and `.`, with a letter or digit at both ends.
fn is_name(text: &str) -> bool {
    let ends = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric());
    ends && text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

fn is_subdomain(text: &str) -> bool {
    let is_label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        label.bytes().all(|byte| inner(byte) || byte == b'-')
            && label.bytes().next().is_some_and(inner)
            && label.bytes().last().is_some_and(inner)
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_select() {
        let labels = [("app", "web"), ("tier", "1"), ("empty", "")];
        let label = |key: &str| {
            labels
                .iter()
                .find(|(known, _)| *known == key)
                .map(|(_, value)| *value)
        };
        for (selector, expected) in [
            ("", true),
            ("app", true),
            ("!app", false),
            ("!other, app", true),
            ("app=web", true),
            ("app==web,tier!=2", true),
            ("other!=x", true),
            ("app in (web, x)", true),
            ("app notin (web)", false),
            ("other notin (web)", true),
            ("tier>0", true),
            ("tier<1", false),
            ("app>0", false),
            ("empty=", true),
            ("empty in ()", true),
            ("in in (in)", false),
        ] {
            assert_eq!(
                LabelSelector::parse(selector).map(|parsed| parsed.matches(label)),
                Ok(expected),
                "{selector}"
            );
        }
    }

    #[test]
    fn malformed_selectors_are_refused() {
        for bad in [
            "a b",
            "=a",
            "a=b=c",
            "a,",
            "a in b",
            "a in (b",
            "a in (b c)",
            "-a",
            "a/b/c",
            "A/b",
            "a=-",
            "a>b",
            "!a=b",
            "a=b c",
        ] {
            assert!(LabelSelector::parse(bad).is_err(), "{bad}");
        }
    }
}
