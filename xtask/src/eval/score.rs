//! Whether a text holds the expected answer.

use super::question::Fact;

/// Whether the answer of a command is right: for each fact one line holds all of its texts and none of the excluded names.
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

/// Whether entries of a catalog hold the answer. A line holds every field of an entry, so excluded names are not checked.
pub(crate) fn is_in(entries: &str, answer: &[Fact]) -> bool {
    answer.iter().all(|fact| {
        entries.lines().any(|line| {
            fact.all
                .iter()
                .all(|forms| forms.iter().any(|text| holds_json(line, text)))
        })
    })
}

/// Whether a file holds every text of an answer, on whatever lines.
pub(crate) fn is_somewhere_in(file: &str, answer: &[Fact]) -> bool {
    let mut texts = answer.iter().flat_map(|fact| &fact.all);
    texts.all(|forms| forms.iter().any(|text| holds_json(file, text)))
}

/// As [`holds`], for JSON, where the text may be escaped.
fn holds_json(json: &str, text: &str) -> bool {
    holds(json, text) || holds(json, &escaped(text))
}

/// Whether a text contains a word as a whole: not inside a longer name, version or path.
pub(crate) fn holds(text: &str, word: &str) -> bool {
    let joints: Vec<char> = ['.', '/']
        .into_iter()
        .filter(|joint| word.contains(*joint))
        .collect();
    is_word_in(text, word, &joints)
}

/// Whether a text contains a name: as [`holds`], but not if it is the namespace or a part of another name.
fn names(text: &str, name: &str) -> bool {
    is_word_in(text, name, &['.', '/'])
}

fn is_word_in(text: &str, word: &str, joints: &[char]) -> bool {
    text.match_indices(word).any(|(start, _)| {
        let mut before = text[..start].chars().rev();
        let mut after = text[start + word.len()..].chars();
        !is_continued(&mut before, joints) && !is_continued(&mut after, joints)
    })
}

/// Whether the characters beside a word belong to it: a character of names, or a joint followed by one.
fn is_continued(beside: &mut impl Iterator<Item = char>, joints: &[char]) -> bool {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    match beside.next() {
        Some(joint) if joints.contains(&joint) => beside.next().is_some_and(is_name),
        Some(next) => is_name(next),
        None => false,
    }
}

/// A text with the escapes of a JSON string.
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
    fn a_word_is_found_only_as_a_whole() {
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
    fn a_set_is_right_if_one_line_names_it_and_nothing_else() {
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
