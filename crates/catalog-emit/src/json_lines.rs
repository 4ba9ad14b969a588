//! JSON with one entry a line.
//!
//! ```json
//! {
//!   "services": {
//!     "papi": {"namespace":"backend-services","deployment":"papi"}
//!   },
//!   "metadata": {"generatedFrom":"infra-flux"}
//! }
//! ```
//!
//! `grep '^ *"papi":' data/services.json` loads one service.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// A top-level member that is on one line whatever it holds.
const ON_ONE_LINE: &str = "metadata";

/// Nested members whose entries get a line each, too.
const OPENED: &[(&str, &str)] = &[
    ("variableSubstitution", "sources"),
    ("variableSubstitution", "variables"),
    ("variableSubstitution", "undefined"),
];

/// `value` with one entry a line and a final newline. `length` is about how many bytes it takes, 0 if that is not known.
///
/// # Errors
/// Those of serde_json, such as for a map whose keys are no strings.
pub fn to_string<T: Serialize + ?Sized>(value: &T, length: usize) -> Result<String, serde_json::Error> {
    let mut bytes = Vec::with_capacity(length);
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Lines::default()))?;
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(|error| serde_json::Error::io(io::Error::other(error)))
}

/// The number of open containers below which a key may decide the form of its value.
const KEYED_DEPTH: usize = 3;

/// Formatter that writes opened containers over several lines, and the contents of others without spaces.
#[derive(Default)]
struct Lines {
    /// The open containers, outermost first.
    around: Vec<Container>,
    /// The key that was written last above [`KEYED_DEPTH`].
    key: String,
    /// Whether such a key is being written.
    in_key: bool,
}

struct Container {
    /// Its key in the container around it.
    key: String,
    /// Whether each member gets a line.
    opened: bool,
    /// Whether anything was written into it.
    filled: bool,
}

impl Lines {
    fn opens(&self) -> bool {
        match self.around.as_slice() {
            [] => true,
            [_] => self.key != ON_ONE_LINE,
            [_, section] => OPENED.contains(&(section.key.as_str(), self.key.as_str())),
            _ => false,
        }
    }

    fn begin<W: io::Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        let opened = self.opens();
        self.around.push(Container {
            key: std::mem::take(&mut self.key),
            opened,
            filled: false,
        });
        writer.write_all(bracket)
    }

    fn end<W: io::Write + ?Sized>(&mut self, writer: &mut W, bracket: &[u8]) -> io::Result<()> {
        let container = self.around.pop();
        if container.is_some_and(|container| container.opened && container.filled) {
            self.line(writer)?;
        }
        writer.write_all(bracket)
    }

    fn member<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        let Some(container) = self.around.last_mut() else {
            return Ok(());
        };
        container.filled = true;
        match container.opened {
            true => self.line(writer),
            false => Ok(()),
        }
    }

    /// A new line at the depth of the position.
    fn line<W: io::Write + ?Sized>(&self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b"\n")?;
        for _ in &self.around {
            writer.write_all(b"  ")?;
        }
        Ok(())
    }
}

impl Formatter for Lines {
    fn begin_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"{")
    }

    fn end_object<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"}")
    }

    fn begin_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"[")
    }

    fn end_array<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"]")
    }

    fn begin_array_value<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.member(writer, first)
    }

    fn begin_object_key<W: io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if self.around.len() < KEYED_DEPTH {
            self.key.clear();
            self.in_key = true;
        }
        self.member(writer, first)
    }

    fn end_object_key<W: io::Write + ?Sized>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.in_key = false;
        Ok(())
    }

    fn begin_object_value<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        let opened = self.around.last().is_some_and(|container| container.opened);
        writer.write_all(if opened { b": " } else { b":" })
    }

    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if self.in_key {
            self.key.push_str(fragment);
        }
        writer.write_all(fragment.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};

    use super::*;

    #[track_caller]
    fn check(value: &Value, expected: &str) {
        let text = to_string(value, 0).unwrap();
        assert_eq!(text, expected);
        assert_eq!(
            &serde_json::from_str::<Value>(&text).unwrap(),
            value,
            "it is the same JSON"
        );
    }

    #[test]
    fn an_entry_is_a_line() {
        check(
            &json!({"services": {"a": {"x": [1, 2], "y": {}}, "b \"q\"": null}}),
            "{\n  \"services\": {\n    \"a\": {\"x\":[1,2],\"y\":{}},\n    \"b \\\"q\\\"\": null\n  }\n}\n",
        );
    }

    #[test]
    fn metadata_and_empty_sections_are_a_line() {
        check(
            &json!({"diagnostics": [], "metadata": {"a": {"b": 1}}, "sources": {}}),
            "{\n  \"diagnostics\": [],\n  \"metadata\": {\"a\":{\"b\":1}},\n  \"sources\": {}\n}\n",
        );
    }

    #[test]
    fn diagnostics_and_variables_are_a_line_each() {
        check(
            &json!({"diagnostics": [{"code": "a"}, {"code": "b"}]}),
            "{\n  \"diagnostics\": [\n    {\"code\":\"a\"},\n    {\"code\":\"b\"}\n  ]\n}\n",
        );
        check(
            &json!({"variableSubstitution": {"syntax": "s", "variables": {"v": {"value": null}}}}),
            "{\n  \"variableSubstitution\": {\n    \"syntax\": \"s\",\n    \"variables\": {\n      \"v\": {\"value\":null}\n    }\n  }\n}\n",
        );
    }

    #[test]
    fn an_entry_named_like_an_opened_member_stays_on_its_line() {
        check(
            &json!({"services": {"variables": {"metadata": {"a": 1}}}}),
            "{\n  \"services\": {\n    \"variables\": {\"metadata\":{\"a\":1}}\n  }\n}\n",
        );
    }
}
