//! An object of a change, and the words for what is dangerous in it.

use flux_evaluate::Evaluation;
use source_tree::{Diagnostic, ObjectRef, Severity};
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
    /// What becomes of it, where it is gone.
    pub(crate) fate: Option<Fate>,
    /// What its old owner does with it, where another one applies it now.
    pub(crate) moved: Option<Fate>,
    /// What keeps its change from the cluster.
    pub(crate) hold: Option<Hold>,
}

impl<'a> Subject<'a> {
    /// The object, by its name before and after.
    pub(crate) fn identities(&self) -> impl Iterator<Item = ObjectRef> {
        [&self.before, &self.after]
            .into_iter()
            .flatten()
            .map(Object::identity)
    }

    /// Both sides of an object that is still there under its name.
    pub(super) fn both(&self) -> Option<(&Object<'a>, &Object<'a>)> {
        match (&self.before, &self.after) {
            (Some(before), Some(after)) if before.name() == after.name() => Some((before, after)),
            _ => None,
        }
    }
}

/// Who fails when the API server refuses a part of it.
pub(super) fn refusal(owner: &Owner) -> String {
    let owner = match owner {
        Owner::Entry => "what applies it".to_owned(),
        owner => owner.to_string(),
    };
    format!("the API server refuses it, so {owner} fails and nothing else of it rolls out")
}

/// A danger about a HelmRelease as a whole, at its line.
pub(super) fn of_release(
    severity: Severity,
    code: &'static str,
    evaluation: &Evaluation,
    id: &ObjectRef,
    message: String,
) -> Diagnostic {
    let mut objects = evaluation.evaluated().flat_map(|evaluated| &evaluated.objects);
    let object = objects.find(|applied| flux_evaluate::flux::object_ref(&applied.node) == *id);
    Diagnostic::new(severity, code, message)
        .at(object.and_then(|object| evaluation.files.place(object.mark)))
        .on(id.to_string())
}

/// A danger in an object, at the line of one of its parts.
pub(super) fn danger(
    severity: Severity,
    code: &'static str,
    object: &Object<'_>,
    part: Option<&Node>,
    message: impl Into<String>,
) -> Diagnostic {
    let place = part
        .and_then(|part| object.place_of(part))
        .or_else(|| object.place());
    Diagnostic::new(severity, code, message)
        .at(place)
        .on(object.identity().to_string())
}
