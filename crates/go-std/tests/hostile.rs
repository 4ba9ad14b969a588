//! Hostile input: every function returns a value or an error.

#![allow(clippy::unwrap_used, missing_docs)]

use go_std::json::{self, Builder};
use go_std::regexp::GoRegex;
use go_std::time::{Time, Zone, format_duration, parse_duration};
use go_std::{quote, strconv, text, url};

/// Pseudorandom texts over an alphabet, the same in every run.
struct Texts {
    state: u64,
    alphabet: Vec<&'static [u8]>,
}

impl Texts {
    fn new(alphabet: &[&'static [u8]]) -> Self {
        Texts {
            state: 0x9E37_79B9_7F4A_7C15,
            alphabet: alphabet.to_vec(),
        }
    }

    fn number(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state
    }

    fn next(&mut self) -> Vec<u8> {
        let length = self.number() % 12;
        let mut out = Vec::new();
        for _ in 0..length {
            let index = usize::try_from(self.number() % self.alphabet.len() as u64).unwrap();
            out.extend_from_slice(self.alphabet[index]);
        }
        out
    }
}

const RUNS: usize = 4000;

#[test]
fn expressions() {
    let mut texts = Texts::new(&[
        b"a",
        b"1",
        b"(",
        b")",
        b"*",
        b"+",
        b"?",
        b"[",
        b"]",
        b"{",
        b"}",
        b"|",
        b"^",
        b"$",
        b"\\",
        b"-",
        b",",
        b":",
        b"d",
        b"p",
        b"P",
        b"Q",
        b"E",
        b"x",
        b"<",
        b">",
        b"=",
        b"!",
        b"&&",
        b"~",
        b"\xC3\xA9",
        b"\xFF",
        b"(?i",
        b"[[:",
    ]);
    for _ in 0..RUNS {
        let (expression, haystack, template) = (texts.next(), texts.next(), texts.next());
        let Ok(regex) = GoRegex::compile(&expression) else {
            continue;
        };
        assert_eq!(regex.is_match(&haystack), regex.find(&haystack).is_some());
        regex.find_all(&haystack, usize::MAX);
        regex.split(&haystack, -1);
        regex.replace_all(&haystack, &template, 10_000).unwrap();
    }
    assert!(GoRegex::compile("(".repeat(100_000).as_bytes()).is_err());
    assert!(GoRegex::compile("[".repeat(100_000).as_bytes()).is_err());
    assert!(GoRegex::compile(br"(\pL{1000}\pN{1000}){1}").is_err());
}

#[test]
fn times() {
    let mut texts = Texts::new(&[
        b"2006",
        b"06",
        b"01",
        b"1",
        b"Jan",
        b"02",
        b"_2",
        b"__2",
        b"002",
        b"15",
        b"3",
        b"04",
        b"05",
        b"PM",
        b"MST",
        b"Z07:00",
        b"-0700",
        b".000",
        b".999",
        b",9",
        b" ",
        b"-",
        b":",
        b"T",
        b"9",
        b"+",
        b"GMT",
        b"\xC3\xA9",
        b"h",
        b"m",
        b"s",
        b"\xC2\xB5",
    ]);
    for _ in 0..RUNS {
        let (layout, value) = (texts.next(), texts.next());
        let (layout, value) = (text::lossy(&layout), text::lossy(&value));
        if let Ok(time) = Time::parse(&layout, &value) {
            time.format(&layout);
        }
        if let Ok(duration) = parse_duration(&value) {
            assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }
    }
    for seconds in [i64::MIN, i64::MIN / 2, -1, i64::MAX / 2, i64::MAX] {
        for zone in ["UTC", "Europe/Berlin", "none"] {
            let time = Time::unix(seconds).in_zone(Zone::load(zone).unwrap_or(Zone::Utc));
            time.format("2006-01-02T15:04:05.999Z07:00 MST Monday __2");
            time.add(i64::MAX).add_date(i64::MAX, i64::MIN, i64::MAX).text();
        }
    }
}

#[test]
fn urls() {
    let mut texts = Texts::new(&[
        b"http",
        b":",
        b"/",
        b"@",
        b"?",
        b"#",
        b"[",
        b"]",
        b"%",
        b"2",
        b"a",
        b"1",
        b".",
        b" ",
        b"=",
        b"\xC3\xA9",
        b"\xFF",
        b"::1",
        b"\x01",
    ]);
    for _ in 0..RUNS {
        if let Ok(url) = url::Url::parse(&texts.next()) {
            url.hostname();
            url.text();
        }
    }
}

/// Counts the values that are read.
struct Count;

impl Builder for Count {
    type Value = usize;

    fn null(&mut self) -> usize {
        1
    }

    fn bool(&mut self, _: bool) -> usize {
        1
    }

    fn number(&mut self, _: f64) -> usize {
        1
    }

    fn string(&mut self, _: String) -> usize {
        1
    }

    fn array(&mut self, items: Vec<usize>) -> usize {
        1 + items.iter().sum::<usize>()
    }

    fn object(&mut self, entries: Vec<(String, usize)>) -> usize {
        1 + entries.iter().map(|(_, count)| count).sum::<usize>()
    }
}

#[test]
fn json_texts() {
    let mut texts = Texts::new(&[
        b"{", b"}", b"[", b"]", b"\"", b":", b",", b"0", b"1", b".", b"-", b"e", b"true", b"nul", b"\\u",
        b"d8", b"00", b"\\", b" ", b"a", b"\xFF", b"\n",
    ]);
    for _ in 0..RUNS {
        let _ = json::read(&texts.next(), &mut Count);
    }
    assert_eq!(json::read(br#"{"a":[1,null,"x"],"b":true}"#, &mut Count), Ok(6));
    assert!(json::read("[".repeat(1_000_000).as_bytes(), &mut Count).is_err());
    assert!(json::read("[{\"a\":".repeat(100_000).as_bytes(), &mut Count).is_err());
}

#[test]
fn numbers_and_quotes() {
    let mut texts = Texts::new(&[
        b"0",
        b"1",
        b"9",
        b"_",
        b".",
        b"e",
        b"x",
        b"p",
        b"-",
        b"+",
        b"inf",
        b"nan",
        b"\xFF",
        b"\"",
        b"\\",
        b"\xE2\x80\xA8",
    ]);
    for _ in 0..RUNS {
        let text = texts.next();
        strconv::parse_int(&text, 0);
        if let Some(float) = strconv::parse_float(&text)
            && !float.is_nan()
        {
            for notation in ['e', 'f', 'g'] {
                let printed = strconv::format_float(float, notation);
                assert_eq!(strconv::parse_float(printed.as_bytes()), Some(float), "{printed}");
            }
        }
        let quoted = quote::quote_bytes(&text);
        assert!(quoted.len() >= text.len() + 2);
        text::title(&text);
        text::trim_space(&text);
    }
}
