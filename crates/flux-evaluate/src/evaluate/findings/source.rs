//! Diagnostics about a source that is missing, or whose content is unknown.

use source_tree::{Diagnostic, ObjectRef, Severity, codes};

use super::Reporter;
use crate::evaluate::elsewhere::source_hint;
use crate::evaluate::output::Output;
use crate::evaluate::sources::Resolved;

impl Reporter<'_> {
    pub(super) fn external(&self, output: &Output) -> Option<Diagnostic> {
        let definition = self.definition?;
        let name = self.name();
        let Some(source) = &definition.view.source else {
            let message = format!("{name} names no source");
            let diagnostic = Diagnostic::error(codes::SOURCE_MISSING, message).hint("add spec.sourceRef");
            return Some(self.at(diagnostic, definition.object.mark));
        };
        let diagnostic = match &output.inputs.files {
            Resolved::Own(sources) | Resolved::Other(sources) => {
                let path = &output.inputs.path;
                let why = sources.tree().canonicalize(path).err();
                let why = why.map_or(String::new(), |why| format!(": {why}"));
                let message = format!("{name}: its path is not in {} itself{why}", source.id);
                let diagnostic = Diagnostic::new(Severity::Info, codes::SOURCE_UNRESOLVED, message)
                    .hint("name a folder with what is included: --source Kind/namespace/name=DIR");
                return Some(self.at(diagnostic, definition.view.path_mark));
            }
            Resolved::Missing => Diagnostic::error(
                codes::SOURCE_MISSING,
                format!(
                    "{name}: nothing in the repository states its source {}",
                    source.id
                ),
            )
            .hint(match self.source_elsewhere(&source.id) {
                Some(other) => format!("there is one of this name in the namespace {other}: give its `namespace` in spec.sourceRef"),
                None => "correct spec.sourceRef, add the source, or name its content with --source".to_owned(),
            }),
            Resolved::NotMade(generator) => Diagnostic::error(
                codes::SOURCE_MISSING,
                format!("{name}: its source {} is never made, since {generator} fails", source.id),
            )
            .hint("fix what makes the artifact"),
            // Reported once, at the source itself.
            Resolved::Unresolved(why) if why.is_locked => return None,
            Resolved::Unresolved(why) => Diagnostic::new(
                Severity::Info,
                codes::SOURCE_UNRESOLVED,
                format!("{name}: the content of its source {} is {why}", source.id),
            )
            .hint(source_hint(self.evaluator.options, &source.id)),
        };
        Some(self.at(diagnostic, source.mark))
    }

    /// The other namespace in which a missing source exists.
    fn source_elsewhere(&self, id: &ObjectRef) -> Option<&str> {
        let stated = self.typed.sources.keys();
        let bootstrapped = self.evaluator.entry.sync.iter().map(|sync| &sync.id);
        let mut sources = stated.chain(bootstrapped);
        let other = sources.find(|other| other.kind == id.kind && other.name == id.name)?;
        Some(other.namespace.as_str()).filter(|namespace| !namespace.is_empty())
    }
}
