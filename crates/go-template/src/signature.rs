//! Parameter types of functions.

/// Parameter types of a function or method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The required parameters.
    pub fixed: &'static [Type],
    /// The type of any number of further arguments.
    pub rest: Option<Type>,
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `interface {}`
    Any,
    /// `reflect.Value`, for text/template's own functions: as `interface {}`, but errors name it differently.
    Reflect,
    /// `bool`
    Bool,
    /// `int`
    Int,
    /// `int64`
    Int64,
    /// `uint32`
    Uint32,
    /// `float64`
    Float,
    /// `string`
    Text,
    /// `[]interface {}`
    List,
    /// `[]string`
    Texts,
    /// `map[string]interface {}`, or a named type of that kind. A nil becomes a nil map.
    Map,
    /// An [`Object`](crate::Object) of this type.
    Object(&'static str),
    /// A type of this name whose kind is `int64`: an [`Object`](crate::Object), or an integer literal.
    Number(&'static str),
}

impl Type {
    /// The name of the type in Go.
    pub fn name(self) -> &'static str {
        match self {
            Type::Any => "interface {}",
            Type::Reflect => "reflect.Value",
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Int64 => "int64",
            Type::Uint32 => "uint32",
            Type::Float => "float64",
            Type::Text => "string",
            Type::List => "[]interface {}",
            Type::Texts => "[]string",
            Type::Map => "map[string]interface {}",
            Type::Object(name) | Type::Number(name) => name,
        }
    }
}
