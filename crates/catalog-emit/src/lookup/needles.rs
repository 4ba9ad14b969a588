//! A term turns into texts of which an entry holds one where the term means it.

use memchr::{memchr_iter, memmem, memrchr};

/// Texts in lower case that are looked for in any case.
pub(super) struct Needles {
    finders: Vec<memmem::Finder<'static>>,
    /// Whether a line has to hold all of them.
    together: bool,
}

impl Needles {
    /// Those of a term; `in_values` for a question that knows keys of values, too. None where nothing can be said.
    pub(super) fn new(term: &str, in_values: bool) -> Option<Needles> {
        let term = term.trim().to_ascii_lowercase();
        // JSON writes these otherwise.
        if !term
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'~') && !b"\"\\".contains(&byte))
        {
            return None;
        }
        let last = |text: &str| {
            let last = text.trim_matches('/').rsplit('/').next();
            last.unwrap_or_default().to_owned()
        };
        let after_scheme = term.split_once("://").map_or(&*term, |(_, rest)| rest);
        let host = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        let mut needles = vec![
            last(&term),
            last(term.rsplit_once(':').map_or(&*term, |(before, _)| before)),
            last(term.split('#').next().unwrap_or_default()),
            host.trim_end_matches('.').to_owned(),
        ];
        // A Vault path is also known with `data` in it, which no entry states.
        if needles.iter().any(|needle| "data".contains(needle.as_str())) {
            return None;
        }
        if in_values {
            // `map.KEY` and `map/KEY`.
            needles.push(term.rsplit(['.', '/']).next().unwrap_or_default().to_owned());
        }
        needles.sort();
        needles.dedup();
        let says_something = |needle: &String| !needle.is_empty() && needle.trim() == needle;
        needles.iter().all(says_something).then(|| Needles {
            finders: finders(&needles),
            together: false,
        })
    }

    /// Those that a line has to hold together, which are in lower case and that JSON writes as they are.
    pub(super) fn together(mut needles: Vec<String>) -> Needles {
        // The longest is the rarest, most probably.
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
        Needles {
            finders: finders(&needles),
            together: true,
        }
    }

    /// Where they begin in a text, in order; of those that have to be in a line together, one in each such line.
    pub(super) fn positions(&self, text: &[u8]) -> Vec<usize> {
        /// What is put into lower case at a time stays in the processor's cache.
        const CHUNK: usize = 1 << 17;
        let mut positions = Vec::new();
        let mut lower = Vec::with_capacity(CHUNK);
        let mut start = 0;
        while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
            // No needle reaches over the end of a line.
            let most = rest.get(..CHUNK).unwrap_or(rest);
            let end = match memrchr(b'\n', most) {
                Some(newline) => newline + 1,
                None => memchr::memchr(b'\n', rest).map_or(rest.len(), |newline| newline + 1),
            };
            let chunk = rest.get(..end).unwrap_or(rest);
            lower.clear();
            lower.extend_from_slice(chunk);
            lower.make_ascii_lowercase();
            if self.together {
                positions.extend(self.lines(&lower).map(|at| start + at));
            } else {
                for finder in &self.finders {
                    positions.extend(finder.find_iter(&lower).map(|at| start + at));
                }
            }
            start += chunk.len();
        }
        positions.sort_unstable();
        positions
    }

    /// Where the first is in lines that hold them all.
    fn lines<'t>(&self, text: &'t [u8]) -> impl Iterator<Item = usize> + use<'_, 't> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let (first, others) = self.finders.split_first()?;
            loop {
                let at = from + first.find(text.get(from..)?)?;
                let start = memrchr(b'\n', text.get(..at)?).map_or(0, |newline| newline + 1);
                let end = memchr::memchr(b'\n', text.get(at..)?).map_or(text.len(), |length| at + length);
                from = end;
                let line = text.get(start..end)?;
                if others.iter().all(|other| other.find(line).is_some()) {
                    return Some(at);
                }
            }
        })
    }
}

fn finders(needles: &[String]) -> Vec<memmem::Finder<'static>> {
    let finders = needles.iter().map(memmem::Finder::new);
    finders.map(memmem::Finder::into_owned).collect()
}

/// The variable that a term names, with or without `${}` and a default.
pub(super) fn variable(term: &str) -> &str {
    let name = term
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'))
        .unwrap_or(term);
    name.split(':').next().unwrap_or(name)
}

/// Whether the texts in a catalog are written in the one way in which needles find them.
pub(super) fn is_plain(text: &[u8]) -> bool {
    // Two letters beyond ASCII have one of it in lower case, and one more is another form of one.
    let is_ascii_in_any_case = ["\u{130}", "\u{212a}", "\u{17f}"];
    if !text.is_ascii()
        && is_ascii_in_any_case
            .iter()
            .any(|letter| memmem::find(text, letter.as_bytes()).is_some())
    {
        return false;
    }
    // Only what has to be is escaped.
    let mut after = 0;
    for at in memchr_iter(b'\\', text) {
        if at < after {
            continue;
        }
        after = at + 2;
        match text.get(at + 1..).unwrap_or_default() {
            [b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't', ..] | [b'u', b'0', b'0', b'0' | b'1', ..] => {}
            _ => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(term: &str, text: &str, found: bool) {
        let needles = Needles::new(term, false).unwrap();
        assert_eq!(
            !needles.positions(text.as_bytes()).is_empty(),
            found,
            "{term} in {text}"
        );
    }

    #[test]
    fn terms_are_found_in_any_case() {
        check("Papi", r#""papi": {}"#, true);
        check("papi", r#""PAPI": {}"#, true);
        check("backend/papi", r#""papi": {"namespace":"backend"}"#, true);
        check("papi:8080", r#""papi": {}"#, true);
        check(
            "https://papi.example.com:443/path",
            r#"{"hosts":["papi.example.com"]}"#,
            true,
        );
        check("papi", r#""vault": {}"#, false);
    }

    #[test]
    fn long_texts_are_searched_in_full() {
        let line = "x".repeat(1000) + "papi\n";
        let needles = Needles::new("papi", false).unwrap();
        let expected: Vec<usize> = (0..500).map(|line| line * 1005 + 1000).collect();
        assert_eq!(needles.positions(line.repeat(500).as_bytes()), expected);
        let one = "x".repeat(300_000) + "papi";
        assert_eq!(needles.positions(one.as_bytes()), [300_000]);
    }

    #[test]
    fn some_have_to_be_in_a_line_together() {
        let needles = Needles::together(vec!["db".to_owned(), "postgres".to_owned()]);
        let text = b"postgres\npostgres DB postgres\ndb\nthe DB is Postgres";
        assert_eq!(needles.positions(text), [9, 43]);
    }

    #[test]
    fn some_terms_say_nothing() {
        for term in ["", " ", "/", "data", "shared/data", "a/ #b", "ü", "a\"b", "a\\b"] {
            assert!(Needles::new(term, false).is_none(), "{term}");
        }
        assert!(Needles::new("map.", true).is_none());
    }

    #[test]
    fn other_ways_to_write_a_text_are_noticed() {
        for text in [r#"{"a":"b"}"#, r#"["\"\\\n\u0007","ü"]"#] {
            assert!(is_plain(text.as_bytes()), "{text}");
        }
        for text in [
            r#"["\u0041"]"#,
            r#"["\/"]"#,
            "[\"\u{212a}\"]",
            "[\"\u{130}\"]",
            "[\"\u{17f}\"]",
            "\\",
        ] {
            assert!(!is_plain(text.as_bytes()), "{text}");
        }
    }
}
