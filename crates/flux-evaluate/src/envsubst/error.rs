//! Why a text cannot be expanded.

use thiserror::Error;

/// Why a text cannot be expanded.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EnvsubstError {
    /// `${` is not followed by a name.
    #[error("unable to parse variable name")]
    VariableName,
    /// A name is followed by neither `}` nor an operator.
    #[error("missing closing brace")]
    ClosingBrace,
    /// An operator lacks its argument.
    #[error("unable to parse substitution within function")]
    Argument,
    /// An operator with a default is malformed.
    #[error("unable to parse default function")]
    DefaultOperator,
    /// An expression is malformed otherwise.
    #[error("bad substitution")]
    BadSubstitution,
    /// A variable that nothing defines, used without a default in strict mode.
    #[error("variable not set (strict mode): {0:?}")]
    NotSet(String),
    /// A substring ends in the middle of a character, so that the result is no text.
    #[error("a byte offset cuts a character in two")]
    BrokenText,
    /// Expressions are nested deeper than any real ones.
    #[error("expressions are nested too deeply")]
    TooDeep,
    /// A result or a value that is matched against a pattern is larger than any real one.
    #[error("the result is too large")]
    TooLarge,
}
