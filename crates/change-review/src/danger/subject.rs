//! An object of a change, and diagnostics about its dangers.

use flux_evaluate::Evaluation;
use source_tree::{Diagnostic, ObjectRef};
use yaml_node::Node;

use crate::fate::Fate;
use crate::held::Hold;
use crate::objects::Object;
use crate::owner::Owner;

/// An object of the change: it differs, is new, or is gone.
pub(crate) struct Subject<'a> {
    pub(crate) owner: Owner,
    pub(crate) before: Option<Object<'a>>,
    pub(crate) after: Option<Object<'a>>,
    /// What Flux does with it, if it is gone.
    pub(crate) fate: Option<Fate>,
    /// What its former owner does with it, if another one applies it now.
    pub(crate) moved: Option<Fate>,
    /// Why its change does not reach the cluster.
    pub(crate) hold: Option<Hold>,
}

impl<'a> Subject<'a> {
    /// Its identities before and after the change.
    pub(crate) fn identities(&self) -> impl Iterator<Item = ObjectRef> {
        [&self.before, &self.after]
            .into_iter()
            .flatten()
            .map(Object::identity)
    }

    /// Both sides of an object that keeps its name.
    pub(super) fn both(&self) -> Option<(&Object<'a>, &Object<'a>)> {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if before.name() == after.name() => Some((before, after)),
            _ => None,
        }
    }
}

/// Says which owner fails when the API server refuses an object.
pub(super) fn refusal(owner: &Owner) -> String {
    let owner = match owner {
        Owner::Entry => "what applies it".to_owned(),
        owner => owner.to_string(),
    };
    format!("the API server refuses it, so {owner} fails and nothing else of it rolls out")
}

/// Puts a danger about a HelmRelease as a whole at its line.
pub(super) fn of_release(danger: Diagnostic, evaluation: &Evaluation, id: &ObjectRef) -> Diagnostic {
    let mut objects = evaluation.evaluated().flat_map(|evaluated| &evaluated.objects);
    let object = objects.find(|applied| flux_evaluate::flux::object_ref(&applied.node) == *id);
    danger
        .at(object.and_then(|object| evaluation.files.place(object.mark)))
        .on(id.to_string())
}

/// An error about an object, at the line of one of its parts.
pub(super) fn error(
    code: &'static str,
    object: &Object<'_>,
    part: Option<&Node>,
    message: impl Into<String>,
) -> Diagnostic {
    in_object(Diagnostic::error(code, message), object, part)
}

/// A warning about an object, at the line of one of its parts.
pub(super) fn warning(
    code: &'static str,
    object: &Object<'_>,
    part: Option<&Node>,
    message: impl Into<String>,
) -> Diagnostic {
    in_object(Diagnostic::warning(code, message), object, part)
}

fn in_object(danger: Diagnostic, object: &Object<'_>, part: Option<&Node>) -> Diagnostic {
    let place = part.and_then(|part| object.place_of(part));
    danger
        .at(place.or_else(|| object.place()))
        .on(object.identity().to_string())
}
