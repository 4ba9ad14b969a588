//! A name turns into a function: text/template's own, slim-sprig's, flux-operator's.

mod dicts;
mod encoding;
mod json;
mod lists;
mod logic;
mod math;
mod paths;
mod reflection;
mod regexes;
mod slugify;
mod strings;
mod yaml;

use super::builtins;
use super::context::Context;
use super::value::{Map, Value};

pub use encoding::adler32;

/// A function with the types of its parameters.
pub(super) struct Function {
    pub(super) fixed: &'static [Type],
    /// The type of any number of further parameters.
    pub(super) rest: Option<Type>,
    /// Is called with as many values, and such, as the parameters say.
    pub(super) call: fn(&Context, &[Value]) -> Result<Value, String>,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Any,
    Text,
    Int,
    Float,
    Bool,
    /// `map[string]interface{}`
    Map,
}

impl Type {
    pub(super) fn name(self) -> &'static str {
        match self {
            Type::Any => "interface {}",
            Type::Text => "string",
            Type::Int => "int",
            Type::Float => "float64",
            Type::Bool => "bool",
            Type::Map => "map[string]interface {}",
        }
    }
}

/// Functions that flux-operator has, but whose result this evaluation cannot know or does not offer.
const REFUSED: [&str; 13] = [
    "ago",
    "call",
    "duration",
    "durationRound",
    "js",
    "mustDateModify",
    "mustToDate",
    "must_date_modify",
    "randInt",
    "toDate",
    "unixEpoch",
    "urlJoin",
    "urlParse",
];

/// Whether templates may name the function.
pub(super) fn is_defined(name: &str) -> bool {
    matches!(name, "and" | "or" | "inputs") || REFUSED.contains(&name) || lookup(name).is_some()
}

/// A function by its name.
pub(super) fn find(name: &str) -> Result<Function, String> {
    lookup(name).ok_or_else(|| match name {
        "js" | "call" | "urlJoin" | "urlParse" => "the function is not supported".into(),
        _ => "the result is another one at each run, so that it cannot be known here".into(),
    })
}

fn lookup(name: &str) -> Option<Function> {
    // Functions that are added stand before those of the language, which is why `slice` is slim-sprig's.
    strings::find(name)
        .or_else(|| lists::find(name))
        .or_else(|| dicts::find(name))
        .or_else(|| math::find(name))
        .or_else(|| logic::find(name))
        .or_else(|| json::find(name))
        .or_else(|| yaml::find(name))
        .or_else(|| encoding::find(name))
        .or_else(|| regexes::find(name))
        .or_else(|| paths::find(name))
        .or_else(|| reflection::find(name))
        .or_else(|| slugify::find(name))
        .or_else(|| builtins::find(name))
}

const fn function(
    fixed: &'static [Type],
    rest: Option<Type>,
    call: fn(&Context, &[Value]) -> Result<Value, String>,
) -> Function {
    Function { fixed, rest, call }
}

/// Parameter `index` of type [`Type::Text`].
fn text(values: &[Value], index: usize) -> &str {
    match values.get(index) {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

/// Parameter `index` of type [`Type::Int`].
fn int(values: &[Value], index: usize) -> i64 {
    match values.get(index) {
        Some(Value::Int(value)) => *value,
        _ => 0,
    }
}

/// Parameter `index` of type [`Type::Map`].
fn map(values: &[Value], index: usize) -> Result<&Map, String> {
    match values.get(index) {
        Some(Value::Map(map)) => Ok(map),
        _ => Err("no map".into()),
    }
}

/// Parameter `index`, whatever its type.
fn any(values: &[Value], index: usize) -> &Value {
    values.get(index).unwrap_or(&Value::Nil)
}

/// A length or position as Go's `int`.
fn go_int(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count that must not be negative.
fn count(number: i64, what: &str) -> Result<usize, String> {
    usize::try_from(number).map_err(|_| format!("negative {what}"))
}
