//! JSON patches (RFC 6902).

mod apply;
mod json;
mod json_text;
mod parse;

#[cfg(test)]
mod tests;

pub(crate) use json::string_scalar;
pub(crate) use parse::{JsonPatch, parse};
