//! Messages of controllers: the objects in them, and their printable form.
//!
//! Flux writes objects as `Kind/namespace/name`, cluster-scoped ones as `Kind/name`
//! (<https://github.com/fluxcd/pkg/blob/main/ssa/utils/fmt.go>), dependencies and sources as `'namespace/name'`.

use infra_model::ObjectRef;

/// Longest message that is shown, in characters.
const LONGEST: usize = 360;

/// A message on one line, without credentials.
pub(crate) fn shown(message: &str) -> String {
    let masked = redaction::without_credentials(message);
    let line = masked.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((cut, _)) => format!("{}…", line.get(..cut).unwrap_or_default()),
        None => line,
    }
}

/// The objects that a message names in Flux's form, in order, each with the kstatus word that follows, if any.
pub(crate) fn objects(message: &str) -> Vec<(ObjectRef, Option<&str>)> {
    let mut objects: Vec<(ObjectRef, Option<&str>)> = Vec::new();
    let mut rest = message;
    while let Some(start) = rest.find(|c: char| c.is_ascii_uppercase()) {
        let from = rest.get(start..).unwrap_or_default();
        let before = rest.get(..start).and_then(|before| before.chars().next_back());
        let end = from.find(|c: char| !is_reference_char(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        rest = after;
        if before.is_some_and(is_reference_char) {
            continue;
        }
        if let Some(object) = object(word.trim_end_matches(['.', ':']))
            && !objects.iter().any(|(known, _)| *known == object)
        {
            objects.push((object, status_word(after)));
        }
    }
    objects
}

fn is_reference_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '.' | ':' | '_')
}

fn object(word: &str) -> Option<ObjectRef> {
    let object = ObjectRef::parse(word)?;
    let is_kind = object.kind.chars().all(|c| c.is_ascii_alphanumeric());
    let is_name = |name: &str| plain_text::is_name(name) && !name.contains("//");
    let is_namespace = object.namespace.is_empty() || is_name(&object.namespace);
    (is_kind && is_namespace && is_name(&object.name)).then_some(object)
}

/// `Failed` of ` status: 'Failed'`, ` not ready. status: Failed`.
fn status_word(after: &str) -> Option<&str> {
    let after = after.strip_prefix(" not ready.").unwrap_or(after);
    let after = after.strip_prefix(" status: ")?.trim_start_matches('\'');
    let word = after.split(|c: char| !c.is_ascii_alphabetic()).next();
    word.and_then(non_empty)
}

/// The first text in quotes after `words`: `ns/x` of `dependency 'ns/x' is not ready`.
pub(crate) fn quoted_after<'m>(message: &'m str, words: &str) -> Option<&'m str> {
    let at = message.find(words)? + words.len();
    let rest = message.get(at..)?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    let rest = rest.get(1..)?;
    rest.get(..rest.find(quote)?)
}

/// The word after `words`: `x` of `key x in Secret`.
pub(crate) fn word_after<'m>(message: &'m str, words: &str) -> Option<&'m str> {
    let at = message.find(words)? + words.len();
    let rest = message.get(at..)?;
    let is_end = |c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')' | '"' | '\'');
    let word = rest.split(is_end).next()?;
    non_empty(word.trim_end_matches([':', '.']))
}

/// The text, unless it is empty.
pub(crate) fn non_empty(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// An object or place on one line of an answer.
pub(crate) fn printable(name: &impl ToString) -> String {
    plain_text::printable_name(&name.to_string()).into_owned()
}

/// The object `namespace/name` of a kind. Without a namespace it is in that of `around`.
pub(crate) fn named(kind: &str, text: &str, around: &ObjectRef) -> ObjectRef {
    match text.split_once('/') {
        Some((namespace, name)) => ObjectRef::new(kind, namespace, name),
        None => ObjectRef::new(kind, around.namespace.as_str(), text),
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[track_caller]
    fn check(message: &str, expected: &[&str]) {
        let objects: Vec<String> = objects(message)
            .into_iter()
            .map(|(object, word)| match word {
                Some(word) => format!("{object} {word}"),
                None => object.to_string(),
            })
            .collect();
        assert_eq!(objects, expected);
    }

    #[test]
    fn objects_of_messages() {
        check(
            "timeout waiting for: [Deployment/ns/web status: 'InProgress', HelmRelease/ns/db status: 'Failed']",
            &["Deployment/ns/web InProgress", "HelmRelease/ns/db Failed"],
        );
        check(
            "failed early due to stalled resources: [Job/ns/m status: 'Failed': backoff]",
            &["Job/ns/m Failed"],
        );
        check(
            "resource StatefulSet/data/pg not ready. status: InProgress, message: Ready: 0/1\ncontext",
            &["StatefulSet/data/pg InProgress"],
        );
        check(
            "Deployment/ns/web dry-run failed (Invalid): x",
            &["Deployment/ns/web"],
        );
        check(
            "ClusterRole/system:node dry-run failed",
            &["ClusterRole/system:node"],
        );
        check("read https://Host/a/b and application/JSON", &[]);
        check("Post \"https://x.y.svc:443/Validate/a\": EOF", &[]);
    }

    #[test]
    fn parts_of_messages() {
        assert_eq!(
            quoted_after("dependency 'a/b' is not ready", "dependency "),
            Some("a/b")
        );
        assert_eq!(quoted_after("secret \"x\" not found", "secret "), Some("x"));
        assert_eq!(
            word_after("couldn't find key DB_URL in Secret a/b", "find key "),
            Some("DB_URL")
        );
        assert_eq!(word_after("in Secret a/b", "in Secret "), Some("a/b"));
    }

    #[test]
    fn a_message_is_one_line_without_credentials() {
        assert_eq!(
            shown("a\n  b\thttps://me:hunter2@host/x"),
            "a b https://me:<redacted>@host/x"
        );
        assert_eq!(shown(&"ö".repeat(400)).chars().count(), LONGEST + 1);
    }
}
