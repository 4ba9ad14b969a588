//! Values with fields and methods.

use std::fmt::Debug;

use crate::{Arguments, Caller, FunctionError, Signature, Text, Value};

/// A Go value other than a plain scalar, list or map: a struct, a named type, anything with methods.
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

    /// The fields of a struct, or of the struct that a pointer points to, in order. Fields in lower case are unexported: printed,
    /// but neither encoded nor visible to templates.
    fn fields(&self) -> Vec<(&'static str, Value)> {
        Vec::new()
    }

    /// The fields that templates and encoders see.
    fn exported_fields(&self) -> Vec<(&'static str, Value)> {
        let mut fields = self.fields();
        fields.retain(|(name, _)| name.starts_with(|c: char| c.is_uppercase()));
        fields
    }

    /// The fields under the names of their JSON tags.
    fn json_fields(&self) -> Vec<(&'static str, Value)> {
        self.exported_fields()
    }

    /// For a named type that is not a struct: the plain value that `range`, `index`, `len`, comparison and encoders see.
    fn underlying(&self) -> Option<Value> {
        None
    }

    /// The parameters of a method; `None` if there is no such method.
    fn method(&self, _name: &str) -> Option<Signature> {
        None
    }

    /// For a method that templates cannot call because of its results: Go's error message.
    fn uncallable(&self, _name: &str) -> Option<&'static str> {
        None
    }

    /// Calls a method that [`method`](Object::method) knows, with arguments of its types.
    ///
    /// # Errors
    /// The error that the method returns.
    fn call(
        &self,
        name: &str,
        _caller: &mut dyn Caller<'_>,
        _arguments: Arguments<'_>,
    ) -> Result<Value, FunctionError> {
        Err(format!("no method {name}").into())
    }

    /// The result of the method `String` or `Error`, which printing uses. For methods of a pointer see
    /// [`printed_by_pointer`](Object::printed_by_pointer).
    fn string(&self) -> Option<Text> {
        None
    }

    /// Whether [`string`](Object::string) is a method of the pointer only while the value is a struct, so that actions use it and
    /// `printf` does not.
    fn printed_by_pointer(&self) -> bool {
        false
    }

    /// The result of `MarshalJSON` or `MarshalText` as a plain value; `None` encodes the fields or the underlying value.
    fn json(&self) -> Option<Value> {
        None
    }

    /// The object for downcasts to its Rust type.
    fn as_any(&self) -> &dyn std::any::Any;
}
