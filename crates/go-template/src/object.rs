//! Values with fields and methods.

use std::fmt::Debug;

use crate::{Arguments, Caller, FunctionError, Signature, Text, Value};

/// A Go value that is no plain scalar, list or map: a struct, a named type, anything with methods.
///
/// Helm's `.Files` is a map with methods: its [`underlying`](Object::underlying) value is the map, and `Get` and `Glob` are
/// methods. `time.Duration` is an `int64` with a `String` method. `.Capabilities` is a pointer to a struct: it has fields.
pub trait Object: Debug {
    /// The type as `%T` prints it, such as `engine.files` or `*semver.Version`.
    fn type_name(&self) -> &'static str;

    /// The kind as `kindOf` prints it, such as `map`, `struct` or `ptr`.
    fn kind_name(&self) -> &'static str {
        "struct"
    }

    /// The fields of a struct, or of the struct that a pointer points at, in order. Those with small letters are printed, and
    /// neither encoded nor found by templates, as what a Go package keeps to itself.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// The fields that others than printing see.
    fn exported_fields(&self) -> Vec<(&'static str, Value)> {
        let mut fields = self.fields();
        fields.retain(|(name, _)| name.starts_with(|c: char| c.is_uppercase()));
        fields
    }

    /// The fields under the names that their tags give them in JSON.
    fn json_fields(&self) -> Vec<(&'static str, Value)> {
        self.exported_fields()
    }

    /// For a named type whose kind is no struct: the plain value that `range`, `index`, `len`, comparison and encoders see.
    fn underlying(&self) -> Option<Value> {
        None
    }

    /// The parameters of a method; `None` where there is no such method.
    fn method(&self, _name: &str) -> Option<Signature> {
        None
    }

    /// For a method that there is and templates cannot call: Go's words about what it returns.
    fn uncallable(&self, _name: &str) -> Option<&'static str> {
        None
    }

    /// Calls a method that [`method`](Object::method) knows, with arguments of its types.
    ///
    /// # Errors
    /// What the method itself returns as an error.
    fn call(
        &self,
        name: &str,
        _caller: &mut dyn Caller<'_>,
        _arguments: Arguments<'_>,
    ) -> Result<Value, FunctionError> {
        Err(FunctionError::new(format!("no method {name}")))
    }

    /// What the method `String` or `Error` returns, which printing uses. A pointer's method counts only where Go would see the
    /// pointer: [`printed_by_pointer`](Object::printed_by_pointer).
    fn string(&self) -> Option<Text> {
        None
    }

    /// Whether [`string`](Object::string) is a method of the pointer only and the value is held as a struct, so that actions
    /// print it and `printf` does not.
    fn printed_by_pointer(&self) -> bool {
        false
    }

    /// What `MarshalJSON` or `MarshalText` makes of it, as a plain value; `None` encodes the fields or the underlying value.
    fn json(&self) -> Option<Value> {
        None
    }

    /// The object itself, for functions that know its Rust type.
    fn as_any(&self) -> &dyn std::any::Any;
}
