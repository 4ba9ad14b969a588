//! Diagnostics about an object that Flux cannot apply.

use source_tree::{Diagnostic, Mark, codes};
use yaml_node::Node;

use super::Reporter;
use crate::DefinedIn;
use crate::evaluate::apply::{ApplyError, Fault};
use crate::evaluate::limit_hint::LIMIT_HINT;

impl Reporter<'_> {
    /// An object that Flux cannot apply, so that the Kustomization fails.
    pub(super) fn refused(&self, error: &ApplyError) -> Diagnostic {
        let (code, hint) = match &error.fault {
            Fault::Identity => (
                codes::BUILD_FAILED,
                "every object needs apiVersion, kind and metadata.name".to_owned(),
            ),
            Fault::Form => (
                codes::BUILD_FAILED,
                "Flux applies nothing of this Kustomization until the object can be read: a key stands once, and is a \
                 text; a number is one that JSON has"
                    .to_owned(),
            ),
            Fault::Substitution(expression) => {
                let what = match expression {
                    Some(expression) => format!("`{expression}` is no expression of Flux: write `$${{` in its place"),
                    None => "write `$${` where no variable is meant".to_owned(),
                };
                let hint =
                    format!("{what}, or annotate the object with kustomize.toolkit.fluxcd.io/substitute: disabled");
                (codes::SUBSTITUTION_FAILED, hint)
            }
            Fault::Unquoted(variable) => (
                codes::SUBSTITUTION_FAILED,
                format!(
                    "quote its value: quotes of the manifest are gone before Flux replaces {variable}, so put them into the value, as in \
                     `'\"a: b\"'`, or write `${{quote}}{}${{quote}}` with a variable `quote` whose value is `\"`",
                    variable.trim_matches('`')
                ),
            ),
            Fault::Limit => (codes::LIMIT_REACHED, LIMIT_HINT.to_owned()),
            Fault::VariableName { name, defined_in } => (
                codes::SUBSTITUTION_FAILED,
                format!("rename the key `{name}` of {defined_in}: every one of its keys is a variable here"),
            ),
        };
        let definition = match &error.fault {
            Fault::VariableName { name, defined_in } => self.definition_of(name, defined_in),
            _ => None,
        };
        let mark = definition.unwrap_or(error.mark);
        let diagnostic = Diagnostic::error(code, format!("{}: {}", self.name(), error.message));
        self.at(diagnostic.hint(hint), mark)
    }

    /// The line that defines a variable.
    fn definition_of(&self, name: &str, defined_in: &DefinedIn) -> Option<Mark> {
        let key_mark = |node: &Node, path: &[&str]| Some(node.at(path)?.as_mapping()?.key(name)?.mark);
        let values = match defined_in {
            DefinedIn::Object(id) => self.typed.values(id),
            DefinedIn::File(_) => None,
        };
        let stated = values.and_then(|object| {
            let mut fields = ["data", "stringData"].iter();
            fields.find_map(|field| key_mark(object.node, &[field]))
        });
        let own = &self.definition?.object.node;
        stated.or_else(|| key_mark(own, &["spec", "postBuild", "substitute"]))
    }
}
