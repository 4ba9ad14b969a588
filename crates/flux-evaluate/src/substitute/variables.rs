//! Values of variables; later ones win.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::DefinedIn;
use crate::envsubst::Variable;

/// Values by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    /// Values of a list of `substituteFrom`, shared by all Kustomizations that have it.
    shared: Arc<BTreeMap<String, Value>>,
    /// Values that have precedence over them.
    own: BTreeMap<String, Value>,
}

impl PartialEq for Variables {
    fn eq(&self, other: &Self) -> bool {
        self.own == other.own && (Arc::ptr_eq(&self.shared, &other.shared) || self.shared == other.shared)
    }
}

impl Eq for Variables {}

/// The value of one variable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Value {
    /// As Flux substitutes it; `None` if it is encrypted.
    rendered: Option<Arc<str>>,
    /// As the model may show it, with unknown variables as `${NAME}`; `None` for values of Secrets.
    shown: Option<Arc<str>>,
    defined_in: Arc<DefinedIn>,
}

impl Value {
    /// A value that may be shown.
    pub(crate) fn plain(text: &str, defined_in: impl Into<Arc<DefinedIn>>) -> Self {
        Value::partly_known(text, text, defined_in)
    }

    /// A value that contains variables: as Flux substitutes it, and with unknown ones as `${NAME}`.
    pub(crate) fn partly_known(rendered: &str, shown: &str, defined_in: impl Into<Arc<DefinedIn>>) -> Self {
        Value {
            rendered: Some(one_line(rendered)),
            shown: Some(one_line(shown)),
            defined_in: defined_in.into(),
        }
    }

    /// A value that is not shown; `None` if it is encrypted.
    pub(crate) fn secret(text: Option<&str>, defined_in: impl Into<Arc<DefinedIn>>) -> Self {
        Value {
            rendered: text.map(one_line),
            shown: None,
            defined_in: defined_in.into(),
        }
    }

    /// An unknown value, and the expression that is shown for it.
    pub(crate) fn unknown(shown: &str, defined_in: impl Into<Arc<DefinedIn>>) -> Self {
        Value {
            rendered: None,
            shown: Some(one_line(shown)),
            defined_in: defined_in.into(),
        }
    }

    /// Whether the model may show it and all of it is known.
    pub(crate) fn is_known(&self) -> bool {
        self.shown.is_some() && self.shown == self.rendered
    }

    /// Whether the value that Flux substitutes is known, shown or not.
    pub(crate) fn is_available(&self) -> bool {
        self.rendered.is_some()
    }

    /// As the model may show it.
    pub(crate) fn shown(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    pub(crate) fn defined_in(&self) -> &Arc<DefinedIn> {
        &self.defined_in
    }
}

/// Whether a name is valid for a variable.
pub fn is_variable_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b == b'_' || b.is_ascii_alphabetic())
        && bytes.all(|b| b == b'_' || b.is_ascii_alphanumeric())
}

/// Flux's error about an invalid name (<https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_varsub.go>).
pub fn invalid_name_error(name: &str) -> String {
    format!("'{name}' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'")
}

/// Flux removes line breaks.
fn one_line(text: &str) -> Arc<str> {
    match text.contains('\n') {
        true => text.replace('\n', "").into(),
        false => text.into(),
    }
}

impl Variables {
    /// Sets or replaces a value. A credential is not shown, whatever defines it.
    pub(crate) fn set(&mut self, name: &str, mut value: Value) {
        value.shown = value
            .shown
            .filter(|shown| redaction::credential(name, shown).is_none());
        self.own.insert(name.to_owned(), value);
    }

    /// Makes all values shared by clones.
    pub(crate) fn into_shared(self) -> Self {
        let mut values = Arc::unwrap_or_clone(self.shared);
        values.extend(self.own);
        Variables {
            shared: Arc::new(values),
            own: BTreeMap::new(),
        }
    }

    /// Whether there are no variables, not even encrypted ones, so that Flux skips substitution.
    pub(crate) fn is_empty(&self) -> bool {
        self.shared.is_empty() && self.own.is_empty()
    }

    /// The value of one variable.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.own.get(name).or_else(|| self.shared.get(name))
    }

    /// A name that differs from `name` only in case.
    pub(crate) fn in_other_case(&self, name: &str) -> Option<&str> {
        let mut names = self.shared.keys().chain(self.own.keys());
        let found = names.find(|known| *known != name && known.eq_ignore_ascii_case(name))?;
        Some(found)
    }

    /// The value that Flux substitutes.
    pub(crate) fn rendered(&self, name: &str) -> Variable<'_> {
        self.lookup(name, |value| value.rendered.as_deref())
    }

    /// The value that the model shows.
    pub(crate) fn shown(&self, name: &str) -> Variable<'_> {
        self.lookup(name, Value::shown)
    }

    fn lookup(&self, name: &str, text: fn(&Value) -> Option<&str>) -> Variable<'_> {
        let value = self.get(name);
        value.map_or(Variable::Unset, |value| {
            text(value).map_or(Variable::Unknown, Variable::Known)
        })
    }

    /// The first invalid name in alphabetical order, which fails the Kustomization even if nothing uses it.
    pub(crate) fn invalid_name(&self) -> Option<&str> {
        let names = self.shared.keys().chain(self.own.keys()).map(String::as_str);
        names.filter(|name| !is_variable_name(name)).min()
    }
}
