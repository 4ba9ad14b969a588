//! Named functions that a template may call.

use std::rc::Rc;

use foldhash::HashMap;

use crate::{Function, Map, Object};

/// Functions by name. They hide functions of text/template with the same name, as sprig's `slice` does.
///
/// ```
/// use go_template::{Function, Library, Type, Value};
/// const HELLO: Function = Function::new(&[Type::Text], |_, a| Ok(Value::text(format!("hello {}", a.text(0)))));
/// let library = Library::new().with([("hello", HELLO)]);
/// assert!(library.get("hello").is_some());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Library {
    functions: HashMap<&'static str, Function>,
    methods: HashMap<&'static str, MapMethods>,
}

/// The methods of a named map type, such as `common.Values`. They take precedence over the map's keys.
#[derive(Clone, Copy, Debug)]
pub struct MapMethods {
    /// Names of the methods.
    pub names: &'static [&'static str],
    /// Wraps a map in an object that has the methods.
    pub object: fn(&Map) -> Rc<dyn Object>,
}

impl Library {
    /// An empty library. The functions of text/template always exist.
    pub fn new() -> Self {
        Library::default()
    }

    /// Adds functions, replacing those with the same name.
    #[must_use]
    pub fn with(mut self, functions: impl IntoIterator<Item = (&'static str, Function)>) -> Self {
        self.functions.extend(functions);
        self
    }

    /// Removes functions.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.functions.retain(|name, _| !names.contains(name));
        self
    }

    /// Adds methods to maps of a named type.
    #[must_use]
    pub fn with_methods(mut self, type_name: &'static str, methods: MapMethods) -> Self {
        self.methods.insert(type_name, methods);
        self
    }

    /// The methods of maps of a named type.
    pub fn methods(&self, type_name: &str) -> Option<&MapMethods> {
        self.methods.get(type_name)
    }

    /// The function of that name.
    pub fn get(&self, name: &str) -> Option<&Function> {
        self.functions.get(name)
    }

    /// All names, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.functions.keys().copied().collect();
        names.sort_unstable();
        names
    }
}
