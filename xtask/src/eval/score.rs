//! Whether a text holds the expected answer.

use super::question::Fact;

/// Whether an answer for readers is right: for each fact one line holds all of its texts and none of those that it must not.
pub(crate) fn is_right(output: &str, answer: &[Fact]) -> bool {
    answer.iter().all(|fact| {
        output.lines().any(|line| {
            fact.all
                .iter()
                .all(|forms| forms.iter().any(|text| holds(line, text)))
                && !fact.none.iter().any(|name| names(line, name))
        })
    })
}

/// Whether entries of a catalog hold the answer: a line holds every field of an entry, so what it must not hold is not asked.
pub(crate) fn is_in(entries: &str, answer: &[Fact]) -> bool {
    answer.iter().all(|fact| {
        entries.lines().any(|line| {
            fact.all
                .iter()
                .all(|forms| forms.iter().any(|text| holds_json(line, text)))
        })
    })
}

/// Whether a whole file holds every text of an answer, wherever.
pub(crate) fn is_somewhere_in(file: &str, answer: &[Fact]) -> bool {
    let mut texts = answer.iter().flat_map(|fact| &fact.all);
    texts.all(|forms| forms.iter().any(|text| holds_json(file, text)))
}

/// As [`holds`], for a text that stands in JSON.
fn holds_json(json: &str, text: &str) -> bool {
    holds(json, text) || holds(json, &escaped(text))
}

/// Whether a text stands in another as a word of its own: not inside a longer name, version or path.
pub(crate) fn holds(text: &str, word: &str) -> bool {
    let joints: Vec<char> = ['.', '/']
        .into_iter()
        .filter(|joint| word.contains(*joint))
        .collect();
    stands_in(text, word, &joints)
}

/// Whether a text names something: as [`holds`], but neither as the namespace of something else nor as a part of it.
fn names(text: &str, name: &str) -> bool {
    stands_in(text, name, &['.', '/'])
}

fn stands_in(text: &str, word: &str, joints: &[char]) -> bool {
    text.match_indices(word).any(|(start, _)| {
        let mut before = text[..start].chars().rev();
        let mut after = text[start + word.len()..].chars();
        !goes_on(&mut before, joints) && !goes_on(&mut after, joints)
    })
}

/// Whether what stands beside a word belongs to it: a character of names, or a joint and one behind it.
fn goes_on(beside: &mut impl Iterator<Item = char>, joints: &[char]) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match beside.next() {
        Some(joint) if joints.contains(&joint) => beside.next().is_some_and(is_name),
        Some(next) => is_name(next),
        None => false,
    }
}

/// A text as it stands in a JSON string.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted
        .trim_start_matches('"')
        .strip_suffix('"')
        .unwrap_or(&quoted)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_stands_alone() {
        for (text, word, expected) in [
            ("papi in backend-services", "backend-services", true),
            ("papi in backend-services-2", "backend-services", false),
            ("chart 1.2.3", "1.2", false),
            ("chart 1.2.", "1.2", true),
            ("path apps/papi/", "apps/papi", true),
            ("edit: apps/papi/deployment.yaml", "apps/papi", false),
            ("path ./apps/papi", "apps/papi", true),
            ("papi.backend.svc:8000", "8000", true),
            ("cache/redis", "redis", true),
            ("\"kubernetes-${name}\"", "kubernetes-${name}", true),
        ] {
            assert_eq!(holds(text, word), expected, "{word} in {text}");
        }
    }

    #[test]
    fn a_set_is_right_where_one_line_names_it_and_nothing_else() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let answer = [Fact::set(&names[..2], &names)];
        assert!(is_right("used by: a, b\nalso: c", &answer));
        assert!(is_right("used by: a, c/b", &answer));
        assert!(!is_right("used by: a, b, c", &answer));
        assert!(!is_right("used by: a\nused by: b", &answer));
    }

    #[test]
    fn an_entry_holds_json() {
        let answer = [Fact::new(["say \"hi\""])];
        assert!(is_in(r#""key": {"text":"say \"hi\""}"#, &answer));
    }
}
