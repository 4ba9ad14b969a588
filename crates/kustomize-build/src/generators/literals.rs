//! `literals`: pairs written in the kustomization file.

use super::pair::Pair;
use crate::BuildError;
use crate::kustomization::Text;

pub(super) fn pairs(literals: &[Text]) -> Result<Vec<Pair>, BuildError> {
    literals.iter().map(pair).collect()
}

fn pair(literal: &Text) -> Result<Pair, BuildError> {
    match literal.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok(Pair {
            key: key.into(),
            value: unquote(value).as_bytes().to_vec(),
            mark: literal.mark,
        }),
        // The literal may be a secret, so the message does not quote it.
        _ => Err(BuildError::generator("invalid literal source, expected key=value").at(literal.mark)),
    }
}

/// Removes one pair of equal quotes.
fn unquote(value: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::Mark;

    #[test]
    fn one_pair_of_quotes_is_taken_off() {
        for (literal, expected) in [
            ("a=b=c", Some(("a", "b=c"))),
            ("a='b'", Some(("a", "b"))),
            ("a=\"b'", Some(("a", "\"b'"))),
            ("a=\"", Some(("a", "\""))),
            ("a=''", Some(("a", ""))),
            ("a", None),
            ("=b", None),
        ] {
            let found = pair(&Text::new(literal, Mark::NONE)).ok();
            let found = found.map(|pair| (pair.key.to_string(), String::from_utf8(pair.value).unwrap()));
            assert_eq!(found, expected.map(|(k, v)| (k.into(), v.into())), "{literal}");
        }
    }
}
