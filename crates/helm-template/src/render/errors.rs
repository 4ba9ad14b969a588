//! Helm's messages for errors of templates.
//!
//! Rules: [pkg/engine/engine.go](https://github.com/helm/helm/blob/v4.2.4/pkg/engine/engine.go). Helm parses the text of Go's
//! errors, and so does this module.

use go_template::ExecError;
use go_template::functions::{ERROR_END, ERROR_START};

use crate::{Error, Stage, TemplatePlace};

/// The error of a template that does not parse. `text` is Go's message: `template: FILE:LINE: MESSAGE`.
pub(super) fn parse_error(text: &str, place: TemplatePlace) -> Error {
    let parts: Vec<&str> = text.split(": ").collect();
    let message = match parts.as_slice() {
        [_, location, .., message] => format!("parse error at ({location}): {message}"),
        [_, location] => format!("parse error at ({location}): {location}"),
        _ => format!("parse error in ({}): {text}", place.template),
    };
    Error {
        place: Some(place),
        ..Error::new(Stage::Parse, message)
    }
}

/// The error of a template that fails to execute.
pub(super) fn exec_error(error: &ExecError) -> Error {
    let mut deepest = error;
    while let Some(inner) = deepest.cause.as_ref().and_then(|cause| cause.exec.as_deref()) {
        deepest = inner;
    }
    Error {
        place: Some(TemplatePlace {
            template: deepest.file.to_string(),
            line: deepest.line,
        }),
        ..Error::new(Stage::Execute, helm_message(error))
    }
}

fn helm_message(error: &ExecError) -> String {
    let text = error.to_string();
    if error.limit {
        return text;
    }
    let mut tokens = text.splitn(3, ": ");
    if let (Some(_), Some(location), Some(rest)) = (tokens.next(), tokens.next(), tokens.next())
        && let Some(message) = marked_message(rest)
    {
        return format!("execution error at ({location}): {message}");
    }
    structured(error).unwrap_or(text)
}

/// The text between the first start marker and the last end marker.
fn marked_message(text: &str) -> Option<&str> {
    let start = text.find(ERROR_START)? + ERROR_START.len();
    let rest = text.get(start..)?;
    rest.get(..rest.rfind(ERROR_END)?)
}

/// A block of lines for each template on the way to the error; `None` if a function's own error is on the way.
fn structured(error: &ExecError) -> Option<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut current = Some(error);
    while let Some(error) = current {
        let block = block(&error.to_string())?;
        if blocks.last() != Some(&block) {
            blocks.push(block);
        }
        let Some(called) = error.message.strip_prefix("error calling ") else {
            break;
        };
        let (_, inner) = called.split_once(": ")?;
        current = error.cause.as_ref().and_then(|cause| cause.exec.as_deref());
        // An error of a template with a prefix is the function's own error.
        if current.is_none_or(|exec| exec.to_string() != inner) {
            return None;
        }
    }
    Some(blocks.concat().trim().to_owned())
}

/// The lines for one error of text/template; `None` for other errors.
fn block(text: &str) -> Option<String> {
    let rest = text.strip_prefix("template: ")?;
    if rest.starts_with("no template ") {
        return Some(format!("{text}\n"));
    }
    if let Some((location, after)) = rest.split_once(": executing ")
        && let Some((name, after)) = after.strip_prefix('"').and_then(|after| after.split_once('"'))
        && let Some((node, message)) = after
            .strip_prefix(" at <")
            .and_then(|after| after.split_once(">: "))
    {
        let message = before_next(message);
        return Some(format!(
            "{location}\n  executing \"{name}\" at <{node}>:\n    {message}\n"
        ));
    }
    let (location, message) = rest.rsplit_once(": ")?;
    Some(format!("{location}\n  {}\n", before_next(message)))
}

/// A message without the error of the next template.
fn before_next(message: &str) -> &str {
    message.split(" template:").next().unwrap_or(message)
}
