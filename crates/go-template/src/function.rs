//! Functions that templates may call.

use crate::{Arguments, Caller, FunctionError, Signature, Type, Value};

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
    pub call: fn(&mut dyn Caller<'_>, Arguments<'_>) -> Result<Value, FunctionError>,
}

impl Function {
    /// A function with as many parameters as there are types.
    pub const fn new(
        fixed: &'static [Type],
        call: fn(&mut dyn Caller<'_>, Arguments<'_>) -> Result<Value, FunctionError>,
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
        call: fn(&mut dyn Caller<'_>, Arguments<'_>) -> Result<Value, FunctionError>,
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
