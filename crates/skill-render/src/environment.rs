//! The minijinja environment, which neutralises every value that it writes to a page.

use std::borrow::Cow;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior};

use crate::error::RenderError;
use plain_text::markdown;

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// Every template that is embedded, with its text. `RenderOptions::overrides` replaces them by name.
        pub const TEMPLATES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../templates/", $name)))),*
        ];
    };
}

templates![
    "macros.md.j2",
    "SKILL.md.j2",
    "overview.md.j2",
    "service-map.md.j2",
    "flux-resources.md.j2",
    "secrets-map.md.j2",
    "configmaps.md.j2",
    "observability.md.j2",
    "dependencies.md.j2",
    "regenerate.md.j2",
    "plugin-readme.md.j2",
    "agents.md.j2",
];

/// An environment with the embedded templates and `overrides` in place of those of the same name.
pub(crate) fn environment(overrides: &[(String, String)]) -> Result<Environment<'static>, RenderError> {
    let mut env = Environment::new();
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .map_err(|error| RenderError::template("syntax", &error))?;
    env.set_syntax(syntax);
    // A misspelt name is an error with a line, not a gap in a page.
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::Custom("markdown".into()));
    env.set_formatter(write_neutralised);
    // The filter would bypass the formatter.
    env.remove_filter("safe");
    env.add_filter("short", short);
    env.add_filter("json", json);
    // The content of an empty cell: `{{ row.version or dash }}`.
    env.add_global("dash", inert("-"));
    for (name, text) in TEMPLATES {
        env.add_template(name, text)
            .map_err(|error| RenderError::template(name, &error))?;
    }
    for (name, text) in overrides {
        let known: Vec<&str> = TEMPLATES.iter().map(|(name, _)| *name).collect();
        if !known.contains(&name.as_str()) {
            return Err(RenderError::UnknownTemplate {
                name: name.clone(),
                known,
            });
        }
        env.add_template_owned(name.clone(), text.clone())
            .map_err(|error| RenderError::template(name, &error))?;
    }
    Ok(env)
}

/// Renders one template.
pub(crate) fn render(env: &Environment<'_>, name: &str, context: Value) -> Result<String, RenderError> {
    env.get_template(name)
        .and_then(|template| template.render(context))
        .map(|text| tidy(&text))
        .map_err(|error| RenderError::template(name, &error))
}

/// Collapses empty lines and trims the ends of lines and text, so that templates need no care about whitespace.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && (out.is_empty() || out.ends_with("\n\n")) {
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Text that is neutralised or from this crate, which the formatter writes as it is.
pub(crate) fn inert(text: impl Into<String>) -> Value {
    Value::from_safe_string(text.into())
}

fn write_neutralised(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_none() {
        return Ok(());
    }
    if value.is_undefined() {
        let kind = minijinja::ErrorKind::UndefinedError;
        return Err(Error::new(kind, "the value has no such field"));
    }
    let text = shown(value);
    match value.is_safe() {
        true => out.write_str(&text),
        false => out.write_str(&markdown::inline(&text)),
    }
    .map_err(Error::from)
}

/// The text that a value is printed as.
fn shown(value: &Value) -> Cow<'_, str> {
    value
        .as_str()
        .map_or_else(|| value.to_string().into(), Cow::Borrowed)
}

/// `{{ name|short(40) }}`: at most 40 bytes on the page.
fn short(value: &Value, limit: usize) -> Result<Value, Error> {
    if value.is_undefined() {
        return Err(Error::from(minijinja::ErrorKind::UndefinedError));
    }
    let text = shown(value);
    if value.is_safe() && text.len() <= limit {
        return Ok(value.clone());
    }
    Ok(inert(markdown::shortened(&text, limit)))
}

/// `{{ name|json }}`: a JSON string with its quotes; `null` for none.
fn json(value: &Value) -> Value {
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => inert("null"),
        // The engine would print `True`.
        ValueKind::Bool => inert(if value.is_true() { "true" } else { "false" }),
        ValueKind::Number => inert(value.to_string()),
        _ => inert(markdown::json_string(&value.to_string())),
    }
}
