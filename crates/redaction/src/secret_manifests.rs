//! Manifests of Secrets within a text: in a patch, a value of a chart, an annotation, a file of a ConfigMap.
//!
//! The values of a Secret are withheld whatever they look like; references and templates are shown, as everywhere.

use std::ops::Range;

use crate::key::KeyKind;
use crate::value::is_harmless;

/// Most fields of one line.
const MOST_FIELDS: usize = 100;

/// Most bytes that are read for nested braces, as a multiple of their document's length. The rest is withheld completely.
const MOST_READ: usize = 16;

/// The ranges of a text that hold values of Secrets.
pub(crate) fn credentials(text: &str, found: &mut Vec<Range<usize>>) {
    let has_text = text.contains("stringData");
    let may_be_one = has_text || (text.contains("Secret") && text.contains("data"));
    if !may_be_one {
        return;
    }
    let mut start = 0;
    for document in text.split_inclusive("\n---") {
        manifest(text, start..start + document.len(), found);
        start += document.len();
    }
    if has_text {
        json_patches(text, found);
    }
}

/// The values of a Secret in one document.
fn manifest(text: &str, document: Range<usize>, found: &mut Vec<Range<usize>>) {
    let whole = text.get(document.clone()).unwrap_or_default();
    let is_secret = has_secret_kind(whole);
    let mut at = document.start;
    // The column of the field whose block continues.
    let mut block: Option<usize> = None;
    let mut read = 0;
    for line in whole.split_inclusive('\n') {
        let (start, column) = (at, line.len() - line.trim_start().len());
        at += line.len();
        let content = line.trim_end();
        if content.trim().is_empty() {
            continue;
        }
        if let Some(field) = block {
            if column > field {
                pair(text, start + column..start + content.len(), found);
                continue;
            }
            block = None;
        }
        let mut from = 0;
        for _ in 0..MOST_FIELDS {
            let Some((key, value)) = field(content, from, is_secret) else {
                break;
            };
            from = value;
            let rest = content.get(value..).unwrap_or_default();
            let stated = rest.trim_start();
            let begin = start + content.len() - stated.len();
            if stated.is_empty() || stated.starts_with(['|', '>', '#', '&']) {
                block = Some(key);
                break;
            }
            if stated.starts_with('{') {
                let end = flow(text, begin, document.end, found);
                read += end - begin;
                if read > MOST_READ * whole.len() {
                    found.push(begin..document.end);
                    return;
                }
                from = end.saturating_sub(start);
            } else {
                pair(text, begin..start + content.len(), found);
            }
        }
    }
}

/// Whether a document states `kind: Secret`.
fn has_secret_kind(document: &str) -> bool {
    document.match_indices("kind").any(|(at, kind)| {
        let after = document.get(at + kind.len()..).unwrap_or_default();
        let quoted = |text: &'_ str| text.strip_prefix(['"', '\'']).unwrap_or(text).len();
        let after = &after[after.len() - quoted(after)..];
        let Some(value) = after.trim_start_matches(' ').strip_prefix(':') else {
            return false;
        };
        let value = value.trim_start_matches(' ');
        let value = &value[value.len() - quoted(value)..];
        value
            .strip_prefix("Secret")
            .is_some_and(|rest| !rest.starts_with(|char: char| char.is_ascii_alphanumeric()))
    })
}

/// The column of the next field of a line with values of a Secret, and the column of its value.
fn field(line: &str, from: usize, is_secret: bool) -> Option<(usize, usize)> {
    let names: &[&str] = if is_secret {
        &["stringData", "data"]
    } else {
        &["stringData"]
    };
    let found = names.iter().filter_map(|name| {
        line.get(from..)?.match_indices(name).find_map(|(at, name)| {
            let start = from + at;
            let before = line.get(..start)?.chars().next_back();
            let begins = before.is_none_or(|before| matches!(before, ' ' | '{' | ',' | '"' | '\'' | '\\'));
            let after = line.get(start + name.len()..)?;
            let after = after.trim_start_matches(['\\', '"', '\'', ' ']);
            let value = after.strip_prefix(':').filter(|_| begins)?;
            Some((start, line.len() - value.len()))
        })
    });
    found.min()
}

/// The pairs of a mapping in braces that begins at `begin`; returns its end.
fn flow(text: &str, begin: usize, end: usize, found: &mut Vec<Range<usize>>) -> usize {
    let (mut depth, mut start) = (0_usize, begin + 1);
    let inner = text.get(begin..end).unwrap_or_default();
    for (at, byte) in inner.bytes().enumerate() {
        let at = begin + at;
        match byte {
            b'{' => depth += 1,
            b'}' if depth > 1 => depth -= 1,
            b'}' => {
                pair(text, start..at, found);
                return at + 1;
            }
            b',' if depth == 1 => {
                pair(text, start..at, found);
                start = at + 1;
            }
            _ => {}
        }
    }
    pair(text, start..end, found);
    end
}

/// The value of `key: value`, or a whole line that continues a value.
fn pair(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let whole = text.get(range.clone()).unwrap_or_default();
    let value = match whole.find(':') {
        Some(colon)
            if whole
                .get(colon + 1..)
                .is_some_and(|rest| rest.starts_with([' ', '"', '\\'])) =>
        {
            whole.get(colon + 1..).unwrap_or_default()
        }
        // The value follows on the next lines.
        Some(colon) if colon + 1 == whole.len() => "",
        _ => whole,
    };
    hide(text, range.end - value.len()..range.end, found);
}

/// A value, without its quotes.
fn hide(text: &str, range: Range<usize>, found: &mut Vec<Range<usize>>) {
    const ENDS: [char; 6] = [' ', '"', '\'', '\\', '\t', '\n'];
    let value = text.get(range.clone()).unwrap_or_default();
    let start = value.trim_start_matches(ENDS);
    let mut stated = start.trim_end_matches(ENDS);
    // Closing braces of mappings that begin before the value.
    let open = stated
        .matches('}')
        .count()
        .saturating_sub(stated.matches('{').count());
    for _ in 0..open {
        stated = match stated.strip_suffix('}') {
            Some(inner) => inner.trim_end_matches(ENDS),
            None => break,
        };
    }
    let is_style = matches!(stated, "|" | ">" | "|-" | ">-" | "|+" | ">+" | "{" | "[");
    if !is_style && !is_harmless(KeyKind::Password, "", stated) {
        let begin = range.end - start.len();
        found.push(begin..begin + stated.len());
    }
}

/// Operations of JSON patches on `stringData`, which only Secrets have.
fn json_patches(text: &str, found: &mut Vec<Range<usize>>) {
    let mut start = 0;
    // Whether the value of the previous operation continues in braces.
    let mut goes_on = false;
    let ends = |(at, byte): (usize, &u8)| match byte {
        b'{' | b'}' => Some(at + 1),
        b'-' if text.get(..at).is_some_and(|before| before.ends_with('\n')) => Some(at + 1),
        _ => None,
    };
    let ends = text.as_bytes().iter().enumerate().filter_map(ends);
    for end in ends.chain([text.len()]) {
        let rest = text.get(start..).unwrap_or_default();
        let length = end - start;
        let part = rest.get(..length).unwrap_or_default();
        let inner = part.trim_end_matches(['{', '}', '-']).trim_end();
        if goes_on {
            for line in inner.split([',', '\n']).filter(|line| !line.trim().is_empty()) {
                let at = line.as_ptr().addr() - text.as_ptr().addr();
                pair(text, at..at + line.len(), found);
            }
        }
        goes_on = false;
        if inner.contains("/stringData") {
            let value = ["value:", "value\":", "value\\\":"]
                .iter()
                .find_map(|key| Some(inner.find(key)? + key.len()));
            if let Some(value) = value {
                goes_on = part.ends_with('{') && value == inner.len();
                let stated = inner.get(value..).unwrap_or_default();
                let whole = stated.trim_start().starts_with(['|', '>']) || stated.starts_with('\n');
                let end = match stated.find('\n').filter(|_| !whole) {
                    Some(line) => value + line,
                    None => inner.len(),
                };
                let first = inner.get(value..end).unwrap_or_default();
                hide(text, start + end - first.len()..start + end, found);
            }
        }
        start += length;
    }
}

#[cfg(test)]
mod tests {
    use crate::without_credentials;

    #[track_caller]
    fn check(text: &str, shown: &[&str]) {
        let cleaned = without_credentials(text);
        assert!(!cleaned.contains("plum"), "{cleaned}");
        for shown in shown {
            assert!(cleaned.contains(shown), "{shown} is shown: {cleaned}");
        }
    }

    #[test]
    fn what_a_secret_holds_is_withheld_in_every_style() {
        check(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData:\n  a: plum\n  b: |\n    plum tree\n  c: ${C}\ntype: Opaque\n",
            &["name: web", "a: ", "c: ${C}", "type: Opaque"],
        );
        check("kind: Secret\ndata: {a: cGx1bQ==, b: plum}\n", &["a: "]);
        check(
            "{\"kind\":\"Secret\",\"data\":{\"a\":\"plum\"},\"type\":\"Opaque\"}",
            &["Opaque"],
        );
        check("stringData: {b: plum}\nmore: yes", &["more: yes"]);
        check("{kind: Secret, stringData: {a: plum", &["kind: Secret"]);
        check("kind: Secret: stringData: plum12", &[]);
        check(
            "- op: add\n  path: /stringData/zz\n  value: plum\n- op: remove\n  path: /data/x\n",
            &["/data/x"],
        );
        check(
            "- value: plum\n  op: add\n  path: /stringData/zz\n",
            &["path: /stringData/zz"],
        );
        check(
            "[{\"op\":\"add\",\"path\":\"/stringData/a\",\"value\":\"plum\"}]",
            &["add"],
        );
        check(
            "[{\"op\":\"add\",\"path\":\"/stringData\",\"value\":{\"a\":\"plum\"}}]",
            &["add"],
        );
        check(
            "- op: add\n  path: /stringData\n  value:\n    a: plum\n",
            &["add"],
        );
    }

    #[test]
    fn braces_that_are_never_closed_are_withheld() {
        let line = "stringData: {a: plum\n";
        check(&line.repeat(40), &["stringData: {a: "]);
    }

    #[test]
    fn what_is_no_secret_stays() {
        for text in [
            "kind: ConfigMap\ndata:\n  a: plum\n",
            "kind: SecretStore\ndata: {a: plum}\n",
            "kind: Secret\nmetadata: {name: plum}\n---\nkind: ConfigMap\ndata: {a: plum}\n",
            "kind: Secret\nstringData:\n  a: '{{ .Values.plum }}'\n",
            "- op: add\n  path: /data/a\n  value: plum\n",
            "the stringData of a Secret",
            "kind: Secret is what data needs",
        ] {
            assert_eq!(without_credentials(text), text);
        }
    }
}
