//! Functions and the types of their parameters.

use crate::{Arguments, Caller, FunctionError, Value};

/// The types of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Those that must be given.
    pub fixed: &'static [Type],
    /// The type of any number of further ones.
    pub rest: Option<Type>,
}

/// A function that templates may call.
///
/// ```
/// use go_template::{Function, Type, Value};
/// let upper = Function::new(&[Type::Text], |_, arguments| {
///     Ok(Value::text(arguments.text(0).to_str().to_uppercase()))
/// });
/// assert_eq!(upper.signature.fixed.len(), 1);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// The types of its parameters. The execution sees that the arguments have them.
    pub signature: Signature,
    /// Whether the result has the mark of the argument that it is: the last one that has a mark.
    pub keeps_mark: bool,
    /// How many steps a call costs, and again each eight bytes of its arguments.
    pub weight: u32,
    /// The function itself. A Go function that would panic returns an error.
    pub call: fn(&mut Caller<'_>, Arguments<'_>) -> Result<Value, FunctionError>,
}

impl Function {
    /// A function with as many parameters as there are types.
    pub const fn new(
        fixed: &'static [Type],
        call: fn(&mut Caller<'_>, Arguments<'_>) -> Result<Value, FunctionError>,
    ) -> Self {
        Function {
            signature: Signature { fixed, rest: None },
            keeps_mark: false,
            weight: 1,
            call,
        }
    }

    /// A function that takes any number of further arguments of one type.
    pub const fn variadic(
        fixed: &'static [Type],
        rest: Type,
        call: fn(&mut Caller<'_>, Arguments<'_>) -> Result<Value, FunctionError>,
    ) -> Self {
        Function {
            signature: Signature {
                fixed,
                rest: Some(rest),
            },
            keeps_mark: false,
            weight: 1,
            call,
        }
    }

    /// The function, its calls being so many times as expensive as those of others.
    pub const fn weighing(self, weight: u32) -> Self {
        Function { weight, ..self }
    }

    /// The function, its result having the mark of the last argument that has one.
    pub const fn keeping_mark(self) -> Self {
        Function {
            keeps_mark: true,
            ..self
        }
    }
}

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `interface {}`
    Any,
    /// `reflect.Value`, which text/template's own functions take: as `interface {}`, but errors name it differently.
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
    /// `map[string]interface {}`, which named types of that kind may be given for. A nil becomes a nil map.
    Map,
    /// An [`Object`](crate::Object) of the type with this name.
    Object(&'static str),
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
            Type::Object(name) => name,
        }
    }
}
