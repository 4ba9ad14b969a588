//! Named templates from any number of texts.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use crate::parse::{self, Source, Syntax, Tree};
use crate::{Library, ParseError, Parsed, Text, builtins};

/// What a key that a map does not have yields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value at all, which prints as `<no value>` and of which any field is no value either.
    #[default]
    Invalid,
    /// The zero of the map's elements: for `interface {}` a nil, of which no field may be asked.
    Zero,
    /// An error.
    Error,
}

/// Templates that can call each other, as Go's `*template.Template` and its associates. Parsed templates can be shared between
/// threads and executed any number of times.
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
    /// No templates yet. The name shows in errors about templates that do not exist, and is that of texts which functions
    /// execute.
    pub fn new(name: &str, library: Arc<Library>) -> Self {
        Templates {
            name: name.into(),
            library,
            delimiters: ("{{".into(), "}}".into()),
            missing_key: MissingKey::default(),
            trees: HashMap::new(),
        }
    }

    /// Sets what opens and closes an action, `{{` and `}}` otherwise.
    #[must_use]
    pub fn with_delimiters(mut self, left: &str, right: &str) -> Self {
        self.delimiters = (left.into(), right.into());
        self
    }

    /// Sets what a missing key yields.
    #[must_use]
    pub fn with_missing_key(mut self, missing_key: MissingKey) -> Self {
        self.missing_key = missing_key;
        self
    }

    /// Parses a text under a name and adds it and what it defines, as [`add`](Templates::add) does.
    ///
    /// # Errors
    /// Where Go would refuse the text; nothing is added then.
    pub fn parse(&mut self, name: &str, text: impl Into<Text>) -> Result<(), ParseError> {
        let parsed = self.parse_text(name, text)?;
        self.add(&parsed);
        Ok(())
    }

    /// Parses a text under a name, and adds nothing.
    ///
    /// # Errors
    /// Where Go would refuse the text.
    pub fn parse_text(&self, name: &str, text: impl Into<Text>) -> Result<Parsed, ParseError> {
        let syntax = Syntax {
            left: &self.delimiters.0,
            right: &self.delimiters.1,
            is_function: &|name| self.library.get(name).is_some() || builtins::is_builtin(name),
        };
        let source = Arc::new(Source::new(name, text.into()));
        Ok(Parsed::new(parse::parse(&source, &syntax)?))
    }

    /// Adds what a text defines. A template of the same name is replaced, unless the new one holds nothing but space and
    /// comments.
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
