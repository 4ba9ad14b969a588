//! Values of variables from objects and inline texts; later ones win.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::DefinedIn;
use crate::envsubst::Variable;

/// Values by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    /// Those that many share, as they name the same objects.
    shared: Arc<BTreeMap<String, Value>>,
    /// Those that win over them.
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
    /// As Flux substitutes it; none where it is encrypted.
    rendered: Option<Arc<str>>,
    /// As the model may show it, itself with what is unknown as `${NAME}`; none for a Secret's.
    shown: Option<Arc<str>>,
    defined_in: Arc<DefinedIn>,
}

impl Value {
    /// A value that may be shown.
    pub(crate) fn plain(text: &str, defined_in: impl Into<Arc<DefinedIn>>) -> Self {
        Value::partly_known(text, text, defined_in)
    }

    /// A value that is made of others: as Flux substitutes it, and with what is unknown as `${NAME}`.
    pub(crate) fn partly_known(rendered: &str, shown: &str, defined_in: impl Into<Arc<DefinedIn>>) -> Self {
        Value {
            rendered: Some(one_line(rendered)),
            shown: Some(one_line(shown)),
            defined_in: defined_in.into(),
        }
    }

    /// A value that is not shown; `None` where it is encrypted.
    pub(crate) fn secret(text: Option<&str>, defined_in: impl Into<Arc<DefinedIn>>) -> Self {
        Value {
            rendered: text.map(one_line),
            shown: None,
            defined_in: defined_in.into(),
        }
    }

    /// A value that is not known, and what is shown of it: the expression that stands for it.
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

    /// Whether what Flux substitutes is known, shown or not.
    pub(crate) fn is_at_hand(&self) -> bool {
        self.rendered.is_some()
    }

    /// As the model may show it.
    pub(crate) fn shown(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    /// What defines it.
    pub(crate) fn defined_in(&self) -> &Arc<DefinedIn> {
        &self.defined_in
    }
}

/// Whether Flux takes a name for that of a variable.
pub fn is_variable_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|b| b == b'_' || b.is_ascii_alphabetic())
        && bytes.all(|b| b == b'_' || b.is_ascii_alphanumeric())
}

/// What Flux says of a name that it refuses
/// (<https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_varsub.go>).
pub fn invalid_name_error(name: &str) -> String {
    format!("'{name}' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'")
}

/// Flux takes every line break out.
fn one_line(text: &str) -> Arc<str> {
    if text.contains('\n') {
        text.replace('\n', "").into()
    } else {
        text.into()
    }
}

impl Variables {
    /// Sets a value in place of an earlier one. A credential is not shown, whatever defines it.
    pub(crate) fn set(&mut self, name: &str, mut value: Value) {
        if value
            .shown()
            .is_some_and(|shown| redaction::credential(name, shown).is_some())
        {
            value.shown = None;
        }
        self.own.insert(name.to_owned(), value);
    }

    /// The same values, all of them shared by every clone.
    pub(crate) fn into_shared(self) -> Self {
        let mut values = Arc::unwrap_or_clone(self.shared);
        values.extend(self.own);
        Variables {
            shared: Arc::new(values),
            own: BTreeMap::new(),
        }
    }

    /// Whether there are none, so that Flux skips substitution. Those count that only the cluster can decrypt.
    pub(crate) fn is_empty(&self) -> bool {
        self.shared.is_empty() && self.own.is_empty()
    }

    /// The value of one variable.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.own.get(name).or_else(|| self.shared.get(name))
    }

    /// A name that differs from another in nothing but the case of its letters.
    pub(crate) fn in_other_case(&self, name: &str) -> Option<&str> {
        let mut names = self.shared.keys().chain(self.own.keys());
        let found = names.find(|known| *known != name && known.eq_ignore_ascii_case(name))?;
        Some(found)
    }

    /// What Flux substitutes.
    pub(crate) fn rendered(&self, name: &str) -> Variable<'_> {
        match self.get(name) {
            None => Variable::Unset,
            Some(value) => value
                .rendered
                .as_deref()
                .map_or(Variable::Unknown, Variable::Known),
        }
    }

    /// What the model shows.
    pub(crate) fn shown(&self, name: &str) -> Variable<'_> {
        match self.get(name) {
            None => Variable::Unset,
            Some(value) => value.shown.as_deref().map_or(Variable::Unknown, Variable::Known),
        }
    }

    /// The first name that Flux refuses, which fails the Kustomization even where nothing uses it.
    pub(crate) fn invalid_name(&self) -> Option<&str> {
        let names = self.shared.keys().chain(self.own.keys());
        // The first in order, whichever of both holds it.
        names
            .map(String::as_str)
            .filter(|name| !is_variable_name(name))
            .min()
    }
}
