//! Why a text cannot be expanded.

use thiserror::Error;

/// Why a text cannot be expanded.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EnvsubstError {
    /// `${` without a name after it.
    #[error("unable to parse variable name")]
    VariableName,
    /// A name with neither `}` nor an operator after it.
    #[error("missing closing brace")]
    ClosingBrace,
    /// An operator lacks its argument.
    #[error("unable to parse substitution within function")]
    Argument,
    /// An operator with a default is malformed.
    #[error("unable to parse default function")]
    DefaultOperator,
    /// Any other malformed expression.
    #[error("bad substitution")]
    BadSubstitution,
    /// An undefined variable without a default in strict mode.
    #[error("variable not set (strict mode): {0:?}")]
    NotSet(String),
    /// A substring cuts a character in two, so that the result is not valid UTF-8.
    #[error("a byte offset cuts a character in two")]
    BrokenText,
    /// Expressions nested deeper than any real ones.
    #[error("expressions are nested too deeply")]
    TooDeep,
    /// A result, or a value to match against a pattern, that is larger than any real one.
    #[error("the result is too large")]
    TooLarge,
}
