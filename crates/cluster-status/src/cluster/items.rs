//! JSON text turns into the objects in it: items of lists, lists of lists, arrays, and objects one after another.
//!
//! The text is read once and in pieces, and only one object is in memory at a time. A broken object does not hide the others, and
//! a text that ends early is reported.

use std::io::{self, Read};

/// Largest object, in bytes. etcd takes 1.5 MiB by default.
const LARGEST: usize = 16 << 20;
/// Most bytes of items that wait for the end of a list, which states their kind after them.
const MOST_WAITING: usize = 256 << 20;
/// Size of a piece, in bytes.
const PIECE: usize = 256 << 10;

/// A finding in the text.
pub(super) enum Item<'a> {
    /// An object, with the kind and `apiVersion` of its list if it states none.
    Object {
        json: &'a [u8],
        kind: &'a str,
        api_version: &'a str,
    },
    /// Something that cannot be read, and why.
    Broken(String),
}

/// Reads a text to its end.
///
/// # Errors
/// Those of the reader. Items before the error have been given to `each`.
pub(super) fn read(reader: &mut dyn Read, each: &mut dyn FnMut(Item<'_>)) -> io::Result<()> {
    let mut scanner = Scanner::default();
    let mut piece = vec![0; PIECE];
    let result = loop {
        match reader.read(&mut piece) {
            Ok(0) => break Ok(()),
            Ok(read) => scanner.scan(piece.get(..read).unwrap_or_default(), each),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    scanner.finish(each);
    result
}

/// A list or another object at the top of the text.
#[derive(Default)]
struct Top {
    /// The members other than `items`, as the text of an object.
    own: Vec<u8>,
    /// Whether it has `items`.
    is_list: bool,
    /// Items that state no kind.
    waiting: Vec<Vec<u8>>,
    waiting_bytes: usize,
}

#[derive(Default)]
struct Scanner {
    /// `{` and `[` that are open. The outermost is `Top`, or an array of objects.
    open: Vec<u8>,
    in_string: bool,
    escaped: bool,
    /// The last string at the level of `Top`'s members, if nothing but `:` came after it.
    name: Vec<u8>,
    /// Whether the present string may be the name of a member of `Top`.
    in_name: bool,
    top: Option<Top>,
    /// Whether the array that is open holds items of `Top`.
    in_items: bool,
    /// The text of the present object.
    object: Vec<u8>,
    in_object: bool,
    /// Whether the present object is too large to keep.
    too_large: bool,
    said_large: bool,
    /// Whether text between objects was reported.
    said_stray: bool,
}

impl Scanner {
    fn scan(&mut self, piece: &[u8], each: &mut dyn FnMut(Item<'_>)) {
        let mut at = 0;
        while let Some(rest) = piece.get(at..).filter(|rest| !rest.is_empty()) {
            // Most of the text is strings and plain values of objects, which are taken in one step.
            let run = match (self.in_string, self.in_object) {
                (true, _) if !self.escaped => memchr::memchr2(b'"', b'\\', rest).unwrap_or(rest.len()),
                (false, true) => rest
                    .iter()
                    .position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'[' | b']'))
                    .unwrap_or(rest.len()),
                _ => 0,
            };
            let taken = rest.get(..run).unwrap_or_default();
            self.keep(taken);
            at += run;
            if let Some(byte) = piece.get(at) {
                self.byte(*byte, each);
                at += 1;
            }
        }
    }

    /// Adds bytes to the present object, or to `Top`.
    fn keep(&mut self, bytes: &[u8]) {
        if self.in_object {
            match self.object.len() + bytes.len() > LARGEST {
                true => self.too_large = true,
                false => self.object.extend_from_slice(bytes),
            }
        } else if let Some(top) = &mut self.top {
            if self.in_name {
                self.name.extend_from_slice(bytes);
            }
            if !self.in_items && top.own.len() + bytes.len() <= LARGEST {
                top.own.extend_from_slice(bytes);
            }
        }
    }

    fn byte(&mut self, byte: u8, each: &mut dyn FnMut(Item<'_>)) {
        if self.in_string {
            self.string_byte(byte);
            return;
        }
        match byte {
            b'"' => {
                self.keep(b"\"");
                self.in_string = true;
                self.in_name = !self.in_object && self.open == b"{";
                if self.in_name {
                    self.name.clear();
                }
            }
            b'{' | b'[' => self.open(byte),
            b'}' | b']' => self.close(byte, each),
            b',' if !self.in_object && !self.in_items => {
                self.keep(b",");
                self.name.clear();
            }
            byte => {
                let is_between = byte.is_ascii_whitespace() || matches!(byte, b',' | 0xef | 0xbb | 0xbf);
                if self.open.is_empty() && !is_between && !self.said_stray {
                    self.said_stray = true;
                    each(Item::Broken("it is not JSON".to_owned()));
                }
                self.keep(&[byte]);
            }
        }
    }

    fn string_byte(&mut self, byte: u8) {
        match (self.escaped, byte) {
            (true, _) => self.escaped = false,
            (false, b'\\') => self.escaped = true,
            (false, b'"') => {
                self.in_string = false;
                self.in_name = false;
            }
            (false, _) => {}
        }
        self.keep(&[byte]);
    }

    fn open(&mut self, byte: u8) {
        if self.in_object {
            self.keep(&[byte]);
        } else if byte == b'{' && (self.in_items || self.open.iter().all(|open| *open == b'[')) {
            if self.in_items || !self.open.is_empty() {
                self.in_object = true;
                self.object.clear();
                self.too_large = false;
                self.keep(b"{");
            } else {
                self.top = Some(Top {
                    own: vec![b'{'],
                    ..Top::default()
                });
                self.name.clear();
            }
        } else if byte == b'[' && self.open == b"{" && self.name == b"items" {
            if let Some(top) = &mut self.top {
                top.is_list = true;
                // Keeps `own` an object.
                top.own.extend_from_slice(b"0");
            }
            self.in_items = true;
        } else {
            self.keep(&[byte]);
        }
        // No answer of a cluster nests this deeply.
        if self.open.len() < 1 << 20 {
            self.open.push(byte);
        }
    }

    fn close(&mut self, byte: u8, each: &mut dyn FnMut(Item<'_>)) {
        self.open.pop();
        let depth = self.open.len();
        if self.in_object {
            self.keep(&[byte]);
            let outer = match self.in_items {
                true => 2,
                false => self.open.iter().take_while(|open| **open == b'[').count(),
            };
            if byte == b'}' && depth == outer {
                self.in_object = false;
                self.end_object(each);
            }
        } else if self.in_items && depth == 1 {
            self.in_items = false;
            self.name.clear();
        } else {
            self.keep(&[byte]);
            if depth == 0 {
                self.end_top(each);
            }
        }
    }

    fn end_object(&mut self, each: &mut dyn FnMut(Item<'_>)) {
        if self.too_large {
            if !self.said_large {
                self.said_large = true;
                each(Item::Broken(format!("an object has more than {LARGEST} bytes")));
            }
            return;
        }
        let is_kindless = self.top.is_some() && !states_kind(&self.object);
        match &mut self.top {
            Some(top) if is_kindless => {
                top.waiting_bytes += self.object.len();
                if top.waiting_bytes <= MOST_WAITING {
                    top.waiting.push(std::mem::take(&mut self.object));
                }
            }
            _ => give(&self.object, "", "", each),
        }
    }

    fn end_top(&mut self, each: &mut dyn FnMut(Item<'_>)) {
        let Some(top) = self.top.take() else { return };
        if !top.is_list {
            give(&top.own, "", "", each);
            return;
        }
        if top.waiting.is_empty() {
            return;
        }
        let list: serde_json::Value = serde_json::from_slice(&top.own).unwrap_or_default();
        let text = |name: &str| list[name].as_str().unwrap_or_default();
        let kind = text("kind");
        let kind = kind.strip_suffix("List").unwrap_or(kind);
        for json in &top.waiting {
            give(json, kind, text("apiVersion"), each);
        }
    }

    fn finish(mut self, each: &mut dyn FnMut(Item<'_>)) {
        if !self.open.is_empty() || self.in_string {
            each(Item::Broken("it is truncated: the rest is missing".to_owned()));
            if let Some(top) = &mut self.top
                && top.is_list
            {
                top.own = b"{}".to_vec();
                self.end_top(each);
            }
        }
    }
}

/// Whether an object states its kind.
fn states_kind(json: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Head {
        kind: Option<serde::de::IgnoredAny>,
    }
    // Members are usually sorted by name, and no object has `apiVersion` without `kind`.
    let members = json.get(1..).unwrap_or_default().trim_ascii_start();
    members.starts_with(b"\"apiVersion\"")
        || members.starts_with(b"\"kind\"")
        || serde_json::from_slice::<Head>(json).is_ok_and(|head| head.kind.is_some())
}

fn give(json: &[u8], kind: &str, api_version: &str, each: &mut dyn FnMut(Item<'_>)) {
    each(Item::Object {
        json,
        kind,
        api_version,
    });
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    /// Reads a text in pieces of every size, and gives what is found as `kind apiVersion json`.
    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        struct Pieces<'a>(&'a [u8], usize);
        impl Read for Pieces<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let taken = self.1.min(self.0.len());
                let (now, later) = self.0.split_at(taken);
                buffer[..taken].copy_from_slice(now);
                self.0 = later;
                Ok(taken)
            }
        }
        for size in 1..=text.len().max(1) {
            let mut found = Vec::new();
            let mut each = |item: Item<'_>| {
                found.push(match item {
                    Item::Object {
                        json,
                        kind,
                        api_version,
                    } => {
                        let json = String::from_utf8_lossy(json).into_owned();
                        format!("{kind} {api_version} {json}").trim_start().to_owned()
                    }
                    Item::Broken(why) => format!("broken: {why}"),
                });
            };
            read(&mut Pieces(text.as_bytes(), size), &mut each).unwrap();
            assert_eq!(found, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn objects_alone_and_one_after_another() {
        check("", &[]);
        check(
            r#"{"kind":"A"} {"kind":"B","x":"}\"{"}"#,
            &[r#"{"kind":"A"}"#, r#"{"kind":"B","x":"}\"{"}"#],
        );
        check(
            r#"[{"kind":"A","y":[{}]},{"kind":"B"}]"#,
            &[r#"{"kind":"A","y":[{}]}"#, r#"{"kind":"B"}"#],
        );
    }

    #[test]
    fn items_of_a_list() {
        check(
            r#"{"apiVersion":"v1","items":[{"kind":"A","items":[{}]},{"kind":"B"}],"kind":"List","metadata":{"x":"items"}}"#,
            &[r#"{"kind":"A","items":[{}]}"#, r#"{"kind":"B"}"#],
        );
        check(r#"{"items":[],"kind":"List"}"#, &[]);
    }

    #[test]
    fn items_that_state_no_kind_have_that_of_their_list() {
        check(
            r#"{"apiVersion":"apps/v1","items":[{"metadata":{"ownerReferences":[{"kind":"X"}]}}],"kind":"DeploymentList"}"#,
            &[r#"Deployment apps/v1 {"metadata":{"ownerReferences":[{"kind":"X"}]}}"#],
        );
    }

    #[test]
    fn half_a_text_says_so() {
        let ended = "broken: it is truncated: the rest is missing";
        check(
            r#"{"items":[{"kind":"A"},{"kind":"B","#,
            &[r#"{"kind":"A"}"#, ended],
        );
        check("no json", &["broken: it is not JSON"]);
        check("}]", &[]);
    }
}
