//! Functions on paths with slashes.

use super::Type::Text;
use super::{Function, function, text};
use crate::slim::value::Value;

pub(super) fn find(name: &str) -> Option<Function> {
    Some(match name {
        "base" | "osBase" => function(&[Text], None, |_, v| Ok(Value::text(base(text(v, 0))))),
        "dir" | "osDir" => function(&[Text], None, |_, v| {
            let path = text(v, 0);
            Ok(Value::text(clean(
                path.get(..path.rfind('/').map_or(0, |at| at + 1))
                    .unwrap_or_default(),
            )))
        }),
        "clean" | "osClean" => function(&[Text], None, |_, v| Ok(Value::text(clean(text(v, 0))))),
        "ext" | "osExt" => function(&[Text], None, |_, v| {
            let name = text(v, 0).rsplit('/').next().unwrap_or_default();
            Ok(Value::text(
                name.rfind('.').and_then(|at| name.get(at..)).unwrap_or_default(),
            ))
        }),
        "isAbs" | "osIsAbs" => function(&[Text], None, |_, v| Ok(Value::Bool(text(v, 0).starts_with('/')))),
        _ => return None,
    })
}

fn base(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    match trimmed.rsplit('/').next() {
        Some("") | None => "/",
        Some(name) => name,
    }
}

/// As `path.Clean`: the shortest path with the same meaning.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".into(),
        (false, false) => parts.join("/"),
    }
}
