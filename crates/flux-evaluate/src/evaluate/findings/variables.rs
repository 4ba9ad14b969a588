//! Diagnostics about variables in the objects of a Kustomization: undefined, encoded, or of another type.

use source_tree::{Diagnostic, Mark, ObjectRef, Severity, codes};

use super::Reporter;
use crate::Applied;
use crate::evaluate::output::Output;
use crate::evaluate::strictness::Strictness;
use crate::evaluate::unknown_paths;
use crate::flux::{Secret, object_ref};
use crate::substitute;

impl Reporter<'_> {
    /// Variables that are undefined, or that an object outside of the repository may define.
    pub(super) fn variables(&self, output: &Output, diagnostics: &mut Vec<Diagnostic>) {
        let Ok(objects) = &output.result else { return };
        if output.inputs.is_given {
            return;
        }
        let namespace = self
            .definition
            .map_or("", |definition| definition.view.id.namespace.as_str());
        let mut undefined: Vec<(Mark, bool, Vec<&String>)> = Vec::new();
        for (name, used) in &objects.uses {
            if output.inputs.variables().get(name).is_some() || used.defaulted {
                continue;
            }
            let mut may_define = output.inputs.merged.unknown().filter(|reference| {
                let object = ObjectRef::new(&reference.kind, namespace, &reference.name);
                self.typed.may_have(&object, name)
            });
            let maybe_in = may_define.next().map(|first| match may_define.count() {
                0 => format!("{}/{}", first.kind, first.name),
                more => format!("{}/{} or {more} more", first.kind, first.name),
            });
            let diagnostic = match (&maybe_in, self.changes_kustomizations) {
                (Some(object), _) => Diagnostic::new(
                    Severity::Info,
                    codes::VARIABLE_UNDEFINED,
                    format!("{}: the variable `{name}` may come from {object}", self.name()),
                )
                .hint("its values are not in the repository; give them with --vars"),
                (None, Some(changes)) => Diagnostic::new(
                    Severity::Info,
                    codes::VARIABLE_UNDEFINED,
                    format!("{}: nothing here defines the variable `{name}`", self.name()),
                )
                .hint(format!(
                    "{changes} may give the Kustomization variables when it is applied; give their values with --vars"
                )),
                (None, None) => {
                    // A name in the wrong case gets its own diagnostic, with a hint.
                    let is_wrong_case = output.inputs.variables().in_other_case(name).is_some();
                    let mut lines = undefined.iter_mut();
                    let is_same_line = |mark: Mark, other_is_wrong_case: bool| {
                        mark == used.first && !other_is_wrong_case && !is_wrong_case
                    };
                    match lines.find(|(mark, wrong_case, _)| is_same_line(*mark, *wrong_case)) {
                        Some((.., names)) => names.push(name),
                        None => undefined.push((used.first, is_wrong_case, vec![name])),
                    }
                    continue;
                }
            };
            let diagnostic = in_other_case(diagnostic, output, name);
            diagnostics.push(self.at(diagnostic, used.first));
        }
        diagnostics.extend(
            undefined
                .iter()
                .map(|(place, _, names)| self.undefined(output, *place, names)),
        );
    }

    /// Undefined variables of one line.
    fn undefined(&self, output: &Output, place: Mark, names: &[&String]) -> Diagnostic {
        let Strictness { is_strict, flux, .. } = self.strictness;
        let (severity, then) = match is_strict {
            true => (
                Severity::Error,
                format!("{flux} applies nothing of the Kustomization"),
            ),
            false => (
                Severity::Warning,
                format!("{flux} makes it empty, and Flux since 2.9 fails"),
            ),
        };
        let variables = match names {
            [name] => format!("the variable `{name}`"),
            names => {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                format!("the variables {}", names.join(", "))
            }
        };
        let message = format!("{}: nothing defines {variables}", self.name());
        let diagnostic = Diagnostic::new(severity, codes::VARIABLE_UNDEFINED, message).hint(format!(
            "define it, give it a default as in `${{name:=value}}`, give its value with --vars, or write `$${{name}}` where \
             it is not meant for Flux; {then}"
        ));
        let diagnostic = match names {
            [name] => in_other_case(diagnostic, output, name),
            _ => diagnostic,
        };
        self.at(diagnostic, place)
    }

    /// Variables in the values of a Secret, which are base64 by the time that Flux substitutes.
    pub(super) fn encoded(&self, output: &Output, object: &Applied, diagnostics: &mut Vec<Diagnostic>) {
        let node = &object.node;
        if node.text_at(&["kind"]) != Some("Secret") || node.text_at(&["apiVersion"]) != Some("v1") {
            return;
        }
        let known = output.inputs.variables();
        for (key, value) in Secret::read(node).data {
            let value = value.unwrap_or_default();
            let Some(name) = unknown_paths::variables(&value).find(|name| known.get(name).is_some()) else {
                continue;
            };
            // Variables in `stringData` are substituted.
            let Some(stated) = node.at(&["data", &key]) else {
                continue;
            };
            let id = object_ref(node);
            let message = format!(
                "{}: the variable `{name}` in key {key} of {id} is not replaced, since the value is encoded before Flux looks for variables",
                self.name()
            );
            let diagnostic = Diagnostic::warning(codes::VARIABLE_UNREPLACED, message)
                .on(id.to_string())
                .hint(
                    "state the value under `stringData` of a manifest in place of a generator or of `data`",
                );
            diagnostics.push(self.at(diagnostic, stated.mark));
        }
    }

    /// Strings that become another type.
    pub(super) fn retyped(&self, object: &Applied, diagnostics: &mut Vec<Diagnostic>) {
        if object.node.shares(&object.built) {
            return;
        }
        // Unknown values become null in `rendered`; another diagnostic reports them.
        for retyped in substitute::retyped(&object.built, &object.node) {
            let id = object_ref(&object.node);
            let message = format!(
                "{id}: substitution turns the text `{}` into {}",
                retyped.field, retyped.became
            );
            let what = match retyped.field.starts_with(substitute::LABELS) {
                true => "Flux applies the object without any of its labels",
                false => "the API server refuses it",
            };
            let diagnostic = Diagnostic::warning(codes::RETYPED_VALUE, message)
                .on(id.to_string())
                .at(self.evaluator.files.place(retyped.mark))
                .hint(format!(
                    "{what}, and quotes are gone by then: write `${{quote}}${{name}}${{quote}}` with a variable `quote` whose value \
                     is `\"`, or put it into more text"
                ));
            diagnostics.push(diagnostic);
        }
    }
}

/// Adds a hint about a variable whose name differs only in case.
fn in_other_case(diagnostic: Diagnostic, output: &Output, name: &str) -> Diagnostic {
    match output.inputs.variables().in_other_case(name) {
        Some(other) => diagnostic.hint(format!("there is `{other}`: the case of letters counts")),
        None => diagnostic,
    }
}
