//! Reading of values files, which may have several documents.
//!
//! Rules: `LoadValues` of [pkg/chart/v2/loader/load.go](https://github.com/helm/helm/blob/v4.2.4/pkg/chart/v2/loader/load.go)
//! over the `YAMLReader` of
//! [apimachinery](https://github.com/kubernetes/apimachinery/blob/v0.36.0/pkg/util/yaml/decoder.go).

use source_tree::{FileId, Limits, Mark};
use yaml_node::{Mapping, Node, Tag, Value, read_yaml11};

use crate::chart::decode::yaml_text;

/// Buffer size of Go's `bufio.Reader`: a last line of a multiple of this size is lost, as in Helm 4.2.4.
const BUFFER_BYTES: usize = 4096;

/// go-yaml's message for UTF-16 that ends within a character.
const CUT_CHARACTER: &str = "yaml: incomplete UTF-16 character";

/// The documents of a values file, merged in order. Marks have lines of the whole file, but no file.
///
/// # Errors
/// Helm's message if the text is not YAML, or a document is not a map.
pub(crate) fn load_values(text: &[u8]) -> Result<Node, String> {
    if is_cut_by_reader(text) {
        return Err(format!(
            "cannot unmarshal yaml document: error converting YAML to JSON: {CUT_CHARACTER}"
        ));
    }
    let text = yaml_text(text)
        .map_err(|error| format!("cannot unmarshal yaml document: error converting YAML to JSON: {error}"))?;
    let mut values = Node::empty_mapping();
    for document in documents(&text) {
        let map = read_map(&document.text, FileId::NONE)
            .map_err(|error| format!("cannot unmarshal yaml document: {error}"))?;
        let map = shift(map, document.line);
        values = if is_empty(&values) {
            map
        } else {
            merge_nodes(&values, &map)
        };
    }
    Ok(values)
}

/// The first document of a text, as `yaml.Unmarshal` reads it into a map; empty if the document is.
///
/// # Errors
/// The message of `yaml.Unmarshal`.
pub(crate) fn read_map(text: &str, file: FileId) -> Result<Node, String> {
    let node = read_yaml11(text, file, &Limits::default())
        .map_err(|error| format!("error converting YAML to JSON: {error}"))?;
    let Some(node) = node.filter(|node| !node.is_null()) else {
        return Ok(Node::empty_mapping());
    };
    let found = match &node.value {
        Value::Mapping(_) => return Ok(node),
        Value::Sequence(_) => "array",
        Value::Scalar(scalar) => match scalar.tag {
            Tag::Bool => "bool",
            Tag::Int | Tag::Float => "number",
            _ => "string",
        },
    };
    Err(format!(
        "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go value of type \
         map[string]interface {{}}"
    ))
}

/// Whether Helm's reader, which splits lines at the byte `\n`, cuts a UTF-16 file within a character: always, unless the file is
/// big-endian and ends with a line break.
fn is_cut_by_reader(text: &[u8]) -> bool {
    yaml_node::is_utf16(text) && !(text.starts_with(&[0xFE, 0xFF]) && text.ends_with(b"\n"))
}

/// A document of a file.
#[derive(Debug, PartialEq, Eq)]
struct Document {
    text: String,
    /// Lines of the file before it.
    line: u32,
}

/// Splits at lines of `---`, blanks and an optional comment. Such a line at the start of a file belongs to the first document.
fn documents(text: &str) -> Vec<Document> {
    let mut documents = Vec::new();
    let (mut document, mut first_line) = (String::new(), 0);
    for (number, line) in (0_u32..).zip(text.split_inclusive('\n')) {
        let ended = line.strip_suffix('\n');
        // Go reaches the end of the file before the end of this line.
        if ended.is_none() && line.len().is_multiple_of(BUFFER_BYTES) {
            break;
        }
        let line = ended.unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let ends = line
            .strip_prefix("---")
            .map(str::trim)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('#'));
        if ends && !document.is_empty() {
            documents.push(Document {
                text: std::mem::take(&mut document),
                line: first_line,
            });
            first_line = number + 1;
            continue;
        }
        document.push_str(line);
        document.push('\n');
    }
    if !document.is_empty() {
        documents.push(Document {
            text: document,
            line: first_line,
        });
    }
    documents
}

/// Adds an offset to all line numbers of a tree.
fn shift(mut node: Node, lines: u32) -> Node {
    if lines == 0 {
        return node;
    }
    if node.mark != Mark::NONE {
        node.mark = Mark::new(node.mark.file, node.mark.line + lines);
    }
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => {
            for item in items.items_mut() {
                *item = shift(item.clone(), lines);
            }
        }
        Value::Mapping(mapping) => {
            for (key, value) in mapping.entries_mut() {
                *key = shift(key.clone(), lines);
                *value = shift(value.clone(), lines);
            }
        }
    }
    node
}

fn is_empty(node: &Node) -> bool {
    node.as_mapping().is_some_and(Mapping::is_empty)
}

/// `b` over `a`: maps are merged, anything else is replaced, nulls stay.
pub(crate) fn merge_nodes(a: &Node, b: &Node) -> Node {
    let (Value::Mapping(old), Value::Mapping(new)) = (&a.value, &b.value) else {
        return b.clone();
    };
    let mut merged = old.clone();
    for (key, value) in new.iter() {
        let value = match merged.get(key) {
            Some(earlier) if value.as_mapping().is_some() => merge_nodes(earlier, value),
            _ => value.clone(),
        };
        merged.insert(key, value);
    }
    Node {
        value: Value::Mapping(merged),
        mark: a.mark,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        documents(text)
            .into_iter()
            .map(|document| document.text)
            .collect()
    }

    #[test]
    fn documents_end_at_separators() {
        assert_eq!(texts("---\na: 1\n--- # c\nb: 2"), ["---\na: 1\n", "b: 2\n"]);
        assert_eq!(texts("a: 1\r\n---x\r\n"), ["a: 1\n---x\n"]);
        assert_eq!(texts(""), [""; 0]);
    }

    #[test]
    fn a_last_line_that_fills_the_buffer_is_lost() {
        let line = format!("a: {}", "x".repeat(BUFFER_BYTES - 3));
        assert_eq!(texts(&line), [""; 0]);
        assert_eq!(texts(&format!("b: 1\n{line}")), ["b: 1\n"]);
        assert_eq!(texts(&format!("{line}\n")).len(), 1);
    }

    #[test]
    fn utf16_is_read_where_its_last_byte_is_a_line_break() {
        let read = |bytes: &[u8]| load_values(bytes).map(|node| node.text_at(&["a"]).map(str::to_owned));
        assert_eq!(read(b"\xFE\xFF\0a\0:\0 \0x\0\n"), Ok(Some("x".to_owned())));
        for cut in [
            &b"\xFE\xFF\0a\0:\0 \0x"[..],
            b"\xFF\xFEa\0:\0 \0x\0\n\0",
            b"\xFF\xFE",
        ] {
            assert_eq!(
                read(cut).unwrap_err(),
                format!("cannot unmarshal yaml document: error converting YAML to JSON: {CUT_CHARACTER}")
            );
        }
    }

    #[test]
    fn later_documents_win_and_keep_their_lines() {
        let values = load_values(b"a: {x: 1, z: 2}\n---\na: {z: 3}\nb:\n").unwrap();
        assert_eq!(values.text_at(&["a", "x"]), Some("1"));
        assert_eq!(values.at(&["a", "z"]).unwrap().mark, Mark::new(FileId::NONE, 3));
        assert!(values.get("b").unwrap().is_null());
        let error = load_values(b"- 1").unwrap_err();
        assert!(
            error.ends_with("json: cannot unmarshal array into Go value of type map[string]interface {}")
        );
    }
}
