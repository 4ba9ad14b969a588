//! Named functions that a template may call.

use foldhash::{HashMap, HashMapExt};

use crate::Function;

/// Functions by name. A function that is added hides one of text/template itself, as `slice` of sprig does.
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
}

impl Library {
    /// No functions but those of text/template, which always exist.
    pub fn new() -> Self {
        Library {
            functions: HashMap::new(),
        }
    }

    /// Adds functions, or replaces those of the same names.
    #[must_use]
    pub fn with(mut self, functions: impl IntoIterator<Item = (&'static str, Function)>) -> Self {
        self.functions.extend(functions);
        self
    }

    /// Takes functions away.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.functions.retain(|name, _| !names.contains(name));
        self
    }

    /// A function that was added.
    pub fn get(&self, name: &str) -> Option<&Function> {
        self.functions.get(name)
    }

    /// The names, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.functions.keys().copied().collect();
        names.sort_unstable();
        names
    }
}
