//! kustomize's error for a tree that cannot be written.

use std::collections::HashMap;
use std::fmt::{self, Write};

use source_tree::{FileId, Limits};

use super::MAX_DEPTH;
use super::preserving::write_preserving;
use crate::json::json_text;
use crate::typed::typed;
use crate::{Dialect, Mapping, Node, Value, WriteError, go_syntax, read_documents};

/// Most faults in one error.
const MAX_FAULTS: usize = 50;

/// Replaces an error of the writer by kustomize's. kustomize finds most faults when it reads its own output, and names
/// lines of that text, so the text is written here too. `error` is the first fault of the writer, which finds faults in
/// another order.
pub(crate) fn explain(node: &Node, error: WriteError) -> WriteError {
    let mark = error.mark;
    let printable = Limits {
        depth: MAX_DEPTH,
        ..Limits::default()
    };
    if !node.fits(&printable) {
        return error;
    }
    let documents = match read_documents(&write_preserving(node), FileId::NONE, &printable) {
        Ok(documents) => documents,
        Err(refused) => return WriteError::new(mark, refused.to_string()),
    };
    let mut faults = Faults::default();
    for document in &documents {
        if let Err(message) = find_faults(document, true, &mut faults) {
            return WriteError::new(mark, message);
        }
    }
    if faults.count > 0 {
        return WriteError::new(mark, format!("yaml: unmarshal errors:{}", faults.lines));
    }
    json_text(node).err().unwrap_or(error)
}

/// Faults that go-yaml collects and reports together.
#[derive(Default)]
struct Faults {
    count: usize,
    lines: String,
}

impl Faults {
    fn note(&mut self, line: u32, fault: fmt::Arguments<'_>) {
        self.count += 1;
        if self.count <= MAX_FAULTS {
            // Writing to a string cannot fail.
            let _: fmt::Result = write!(self.lines, "\n  line {line}: {fault}");
        }
    }
}

/// Returns the first fault at which go-yaml stops, and collects the others on the way.
fn find_faults(node: &Node, top: bool, faults: &mut Faults) -> Result<(), String> {
    match &node.value {
        Value::Scalar(scalar) => match typed(scalar, Dialect::V3) {
            // Values that only JSON cannot represent are found later.
            Err(message) if message.starts_with("yaml:") => Err(message),
            _ => Ok(()),
        },
        Value::Sequence(items) => items.iter().try_for_each(|item| find_faults(item, false, faults)),
        // go-yaml does not look into a mapping with repeated keys.
        Value::Mapping(mapping) if note_duplicates(mapping, faults) => Ok(()),
        Value::Mapping(mapping) => mapping.entries().iter().try_for_each(|(key, value)| {
            let collection = key.as_scalar().is_none();
            if top && collection {
                // Keys at the top are decoded as strings.
                let tag = if key.as_mapping().is_some() {
                    "!!map"
                } else {
                    "!!seq"
                };
                faults.note(key.mark.line, format_args!("cannot unmarshal {tag} into string"));
                return Ok(());
            }
            find_faults(key, false, faults)?;
            if collection {
                let key = go_syntax::value(key, Dialect::V3);
                return Err(format!("yaml: invalid map key: {key}"));
            }
            find_faults(value, false, faults)
        }),
    }
}

/// Records each pair of equal keys. Returns whether there is one.
fn note_duplicates(mapping: &Mapping, faults: &mut Faults) -> bool {
    let mut places: HashMap<&str, Vec<u32>> = HashMap::with_capacity(mapping.len());
    for (key, _) in mapping.entries() {
        places
            .entry(key.text().unwrap_or_default())
            .or_default()
            .push(key.mark.line);
    }
    let mut any = false;
    for (key, _) in mapping.entries() {
        let text = key.text().unwrap_or_default();
        let lines = places.remove(text).unwrap_or_default();
        for (index, first) in lines.iter().enumerate() {
            for second in lines.iter().skip(index + 1) {
                any = true;
                let quoted = go_syntax::quote(text);
                faults.note(
                    *second,
                    format_args!("mapping key {quoted} already defined at line {first}"),
                );
                if faults.count > MAX_FAULTS {
                    return true;
                }
            }
        }
    }
    any
}
