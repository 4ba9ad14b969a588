//! Go's [regular expressions](https://pkg.go.dev/regexp/syntax), executed by the `regex` crate.

mod class;
mod escape;
mod haystack;
mod parse;
mod template;

use std::cell::{OnceCell, RefCell};
use std::fmt;
use std::rc::Rc;

use foldhash::{HashMap, HashMapExt};
use regex::{Regex, RegexBuilder};

pub use class::posix_members;
use haystack::Haystack;

/// A compiled expression.
pub struct GoRegex {
    engine: Regex,
    /// Whether the expression is empty.
    empty: bool,
    /// The names of groups, empty for unnamed ones.
    names: Vec<String>,
}

/// Size of the cache of compiled expressions: charts use few of them, often.
const CACHE_SIZE: usize = 128;

thread_local! {
    static COMPILED: RefCell<HashMap<String, Result<Rc<GoRegex>, String>>> = RefCell::new(HashMap::new());
}

impl GoRegex {
    /// Compiles an expression.
    ///
    /// # Errors
    /// Go's message, such as ``error parsing regexp: missing closing ): `(` ``.
    pub fn compile(expression: &[u8]) -> Result<Rc<GoRegex>, String> {
        let Ok(text) = std::str::from_utf8(expression) else {
            let start = std::str::from_utf8(expression).map_or_else(|error| error.valid_up_to(), |_| 0);
            let rest = String::from_utf8_lossy(expression.get(start..).unwrap_or_default());
            return Err(format!("error parsing regexp: invalid UTF-8: `{rest}`"));
        };
        if let Some(cached) = COMPILED.with_borrow(|cache| cache.get(text).cloned()) {
            return cached;
        }
        let compiled = compile_new(text).map(Rc::new);
        COMPILED.with_borrow_mut(|cache| {
            if cache.len() >= CACHE_SIZE {
                cache.clear();
            }
            cache.insert(text.to_owned(), compiled.clone());
        });
        compiled
    }

    /// The expression in the syntax of the `regex` crate.
    pub fn as_str(&self) -> &str {
        self.engine.as_str()
    }

    /// Whether the text has a match.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.engine.is_match(&Haystack::new(text).text)
    }

    /// The first match.
    pub fn find<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let haystack = Haystack::new(text);
        let found = self.engine.find(&haystack.text)?;
        Some(haystack.original(found.range()))
    }

    /// The first `limit` matches.
    pub fn find_all<'t>(&self, text: &'t [u8], limit: usize) -> Vec<&'t [u8]> {
        let haystack = Haystack::new(text);
        self.engine
            .find_iter(&haystack.text)
            .take(limit)
            .map(|found| haystack.original(found.range()))
            .collect()
    }

    /// The text with each match replaced by a template, in which `$1` and `${name}` are groups.
    ///
    /// # Errors
    /// If the result would have more than `most` bytes, or needs more than `most` references.
    pub fn replace_all(&self, text: &[u8], template: &[u8], most: usize) -> Result<Vec<u8>, TooLong> {
        let segments = OnceCell::new();
        self.replace(text, most, |haystack, groups, out| {
            let segments = segments.get_or_init(|| template::parse(template, &self.names));
            for segment in segments {
                match segment {
                    template::Segment::Text(text) => out.extend_from_slice(text),
                    template::Segment::Groups(numbers) => {
                        let group = numbers.iter().find_map(|number| groups.get(*number));
                        let range = group.map_or(0..0, |group| group.range());
                        out.extend_from_slice(haystack.original(range));
                    }
                }
            }
            segments.len()
        })
    }

    /// The text with each match replaced by a literal text.
    ///
    /// # Errors
    /// If the result would have more than `most` bytes.
    pub fn replace_all_literal(&self, text: &[u8], with: &[u8], most: usize) -> Result<Vec<u8>, TooLong> {
        self.replace(text, most, |_, _, out| {
            out.extend_from_slice(with);
            1
        })
    }

    fn replace(
        &self,
        text: &[u8],
        most: usize,
        mut write: impl FnMut(&Haystack<'_>, &regex::Captures<'_>, &mut Vec<u8>) -> usize,
    ) -> Result<Vec<u8>, TooLong> {
        let haystack = Haystack::new(text);
        let mut out = Vec::with_capacity(text.len());
        let mut end = 0;
        // References to empty groups take time without making the result longer.
        let mut work = 0_usize;
        for groups in self.engine.captures_iter(&haystack.text) {
            let range = groups.get(0).map_or(0..0, |all| all.range());
            out.extend_from_slice(haystack.original(end..range.start));
            work = work.saturating_add(write(&haystack, &groups, &mut out));
            end = range.end;
            if out.len() > most || work > most {
                return Err(TooLong);
            }
        }
        out.extend_from_slice(haystack.original(end..haystack.text.len()));
        Ok(out)
    }

    /// The texts between matches, at most `n` of them; all if `n` is negative, `None` if it is 0.
    pub fn split<'t>(&self, text: &'t [u8], n: i64) -> Option<Vec<&'t [u8]>> {
        if n == 0 {
            return None;
        }
        if !self.empty && text.is_empty() {
            return Some(vec![text]);
        }
        let limit = usize::try_from(n).unwrap_or(usize::MAX);
        let haystack = Haystack::new(text);
        let mut parts = Vec::new();
        let (mut begin, mut end) = (0, 0);
        for found in self.engine.find_iter(&haystack.text).take(limit) {
            if parts.len() + 1 == limit {
                break;
            }
            end = found.start();
            if found.end() != 0 {
                parts.push(haystack.original(begin..end));
            }
            begin = found.end();
        }
        if end != haystack.text.len() {
            parts.push(haystack.original(begin..haystack.text.len()));
        }
        Some(parts)
    }
}

/// The result would be too long.
#[derive(Debug)]
pub struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the text would be too long")
    }
}

impl std::error::Error for TooLong {}

fn compile_new(expression: &str) -> Result<GoRegex, String> {
    let parsed = parse::parse(expression).map_err(|error| format!("error parsing regexp: {error}"))?;
    let engine = RegexBuilder::new(&parsed.pattern)
        .size_limit(4 << 20)
        .dfa_size_limit(4 << 20)
        .nest_limit(2500)
        .build()
        .map_err(|_| format!("error parsing regexp: expression too large: `{expression}`"))?;
    Ok(GoRegex {
        engine,
        empty: expression.is_empty(),
        names: parsed.names,
    })
}

/// `regexp.QuoteMeta`: an expression that matches exactly this text.
pub fn quote_meta(text: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(text.len());
    for byte in text {
        if br"\.+*?()|[]{}^$".contains(byte) {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    quoted
}
