//! Functions on slash-separated paths.

use super::result::Result;
use crate::Type::Text as Str;
use crate::{Arguments, Caller, Function, Text, Value};

const BASE: Function = Function::new(&[Str], |_, a| Ok(Value::text(base(a.bytes(0)))));
const CLEAN: Function = Function::new(&[Str], |_, a| Ok(Value::text(clean(a.bytes(0)))));
const DIR: Function = Function::new(&[Str], |_, a| Ok(Value::text(dir(a.bytes(0)))));
const EXT: Function = Function::new(&[Str], ext);
const IS_ABS: Function = Function::new(&[Str], |_, a| Ok(Value::bool(a.bytes(0).starts_with(b"/"))));

pub(super) const FUNCTIONS: &[(&str, Function)] = &[
    ("base", BASE),
    ("clean", CLEAN),
    ("dir", DIR),
    ("ext", EXT),
    ("isAbs", IS_ABS),
    ("osBase", BASE),
    ("osClean", CLEAN),
    ("osDir", DIR),
    ("osExt", EXT),
    ("osIsAbs", IS_ABS),
];

fn base(path: &[u8]) -> &[u8] {
    if path.is_empty() {
        return b".";
    }
    let end = path.iter().rposition(|byte| *byte != b'/');
    let Some(end) = end else {
        return b"/";
    };
    let name = path.get(..=end).unwrap_or_default();
    name.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
}

fn dir(path: &[u8]) -> Vec<u8> {
    let end = path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    clean(path.get(..end).unwrap_or_default())
}

/// `path.Clean`: the shortest equivalent path.
fn clean(path: &[u8]) -> Vec<u8> {
    let rooted = path.starts_with(b"/");
    let mut parts: Vec<&[u8]> = Vec::new();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." if parts.last().is_some_and(|last| *last != b"..") => {
                parts.pop();
            }
            b".." if rooted => {}
            part => parts.push(part),
        }
    }
    let joined = parts.join(&b'/');
    match (rooted, joined.is_empty()) {
        (true, _) => [b"/", joined.as_slice()].concat(),
        (false, true) => b".".to_vec(),
        (false, false) => joined,
    }
}

/// `path.Ext`: the last element from its last dot on.
fn ext(_: &mut dyn Caller<'_>, arguments: Arguments<'_>) -> Result {
    let path = arguments.bytes(0);
    let last = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let ext = match last.iter().rposition(|byte| *byte == b'.') {
        Some(dot) => last.get(dot..).unwrap_or_default(),
        None => b"",
    };
    Ok(Value::text(Text::from(ext)))
}
