//! A JSON patch (RFC 6902) and an object turn into the patched object.

mod apply;
mod json;
mod json_text;
mod parse;

#[cfg(test)]
mod tests;

pub(crate) use parse::{JsonPatch, parse};
