//! Sets of named templates.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use crate::parse::{self, Source, Syntax, Tree};
use crate::{Library, ParseError, Parsed, Text, builtins};

/// Result of a key that a map does not have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value: it prints as `<no value>`, and its fields are no value either.
    #[default]
    Invalid,
    /// The zero value of the map's elements: for `interface {}` a nil, whose fields are an error.
    Zero,
    /// An error.
    Error,
}

/// Templates that can call each other, as Go's `*template.Template` and its associates. They can be shared between threads and
/// executed any number of times.
///
/// ```
/// use std::sync::Arc;
/// use go_template::{Execution, Library, Templates, Value};
/// let mut templates = Templates::new("example", Arc::new(Library::new()));
/// templates.parse("greeting.tpl", r#"{{ define "greeting" }}Hello {{ . }}{{ end }}"#)?;
/// templates.parse("main", r#"{{ template "greeting" "world" }}!"#)?;
/// let output = templates.execute("main", Value::NIL, &Execution::default())?;
/// assert_eq!(output.text, "Hello world!");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Templates {
    name: Arc<str>,
    library: Arc<Library>,
    delimiters: (Arc<str>, Arc<str>),
    missing_key: MissingKey,
    trees: HashMap<Arc<str>, Arc<Tree>>,
}

impl Templates {
    /// An empty set. Its name is used in errors about templates that do not exist, and for texts that functions execute.
    pub fn new(name: &str, library: Arc<Library>) -> Self {
        Templates {
            name: name.into(),
            library,
            delimiters: ("{{".into(), "}}".into()),
            missing_key: MissingKey::default(),
            trees: HashMap::new(),
        }
    }

    /// Sets the delimiters of actions; `{{` and `}}` by default.
    #[must_use]
    pub fn with_delimiters(mut self, left: &str, right: &str) -> Self {
        self.delimiters = (left.into(), right.into());
        self
    }

    /// Sets the result of a missing key.
    #[must_use]
    pub fn with_missing_key(mut self, missing_key: MissingKey) -> Self {
        self.missing_key = missing_key;
        self
    }

    /// Parses a text under a name, and [`add`](Templates::add)s it and the templates that it defines.
    ///
    /// # Errors
    /// If Go would refuse the text; nothing is added then.
    pub fn parse(&mut self, name: &str, text: impl Into<Text>) -> Result<(), ParseError> {
        let parsed = self.parse_text(name, text)?;
        self.add(&parsed);
        Ok(())
    }

    /// Parses a text under a name without adding it.
    ///
    /// # Errors
    /// If Go would refuse the text.
    pub fn parse_text(&self, name: &str, text: impl Into<Text>) -> Result<Parsed, ParseError> {
        let syntax = Syntax {
            left: &self.delimiters.0,
            right: &self.delimiters.1,
            is_function: &|name| self.library.get(name).is_some() || builtins::is_builtin(name),
        };
        let source = Arc::new(Source::new(name, text.into()));
        Ok(Parsed::new(parse::parse(&source, &syntax)?))
    }

    /// Adds the templates of a text. One of the same name is replaced, unless the new one is only white space and comments.
    pub fn add(&mut self, parsed: &Parsed) {
        for (name, tree) in parsed.trees() {
            let keep = tree.is_empty() && self.trees.contains_key(name);
            if !keep {
                self.trees.insert(Arc::clone(name), Arc::clone(tree));
            }
        }
    }

    /// Whether there is a template of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.trees.contains_key(name)
    }

    /// The names of all templates, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.trees.keys().map(|name| &**name).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(crate) fn library(&self) -> &Library {
        &self.library
    }

    pub(crate) fn missing_key(&self) -> MissingKey {
        self.missing_key
    }

    pub(crate) fn tree(&self, name: &str) -> Option<&Arc<Tree>> {
        self.trees.get(name)
    }
}
