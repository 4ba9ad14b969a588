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
    /// The types of its parameters. The execution checks the arguments against them.
    pub signature: Signature,
    /// Whether the result takes the mark of the last argument that has one.
    pub keeps_mark: bool,
    /// Steps for a call, and again for each eight bytes of its arguments.
    pub weight: u32,
    /// The implementation. It returns an error where the Go function would panic.
    pub call: Call,
}

type Call = fn(&mut dyn Caller<'_>, Arguments<'_>) -> Result<Value, FunctionError>;

impl Function {
    /// A function with a fixed number of parameters.
    pub const fn new(fixed: &'static [Type], call: Call) -> Self {
        Function::with(Signature { fixed, rest: None }, call)
    }

    /// A function that takes any number of further arguments of type `rest`.
    pub const fn variadic(fixed: &'static [Type], rest: Type, call: Call) -> Self {
        let rest = Some(rest);
        Function::with(Signature { fixed, rest }, call)
    }

    const fn with(signature: Signature, call: Call) -> Self {
        Function {
            signature,
            keeps_mark: false,
            weight: 1,
            call,
        }
    }

    /// The function, with calls that cost `weight` times those of others.
    pub const fn weighing(self, weight: u32) -> Self {
        Function { weight, ..self }
    }

    /// The function, with a result that takes the mark of the last argument that has one.
    pub const fn keeping_mark(self) -> Self {
        Function {
            keeps_mark: true,
            ..self
        }
    }
}
