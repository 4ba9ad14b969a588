//! Metadata of a value.

use std::rc::Rc;

use source_tree::Mark as Place;

/// The source position of a value, or why it is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The file and line of the value.
    Place(Place),
    /// The value is a placeholder of the right type and form; the reason, for people.
    Unknown(Rc<str>),
}
