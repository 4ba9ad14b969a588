//! What templates may call beside the functions of text/template: families of functions, each a list of names.

mod reflection;

use crate::Function;

/// All functions of sprig.
pub fn sprig() -> impl Iterator<Item = (&'static str, Function)> {
    reflection::FUNCTIONS.iter().copied()
}
