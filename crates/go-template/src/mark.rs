//! What a value says about itself beside its content.

use std::rc::Rc;

use source_tree::Mark as Place;

/// The place of a value, or why it cannot be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The file and line that state the value.
    Place(Place),
    /// The value is a stand-in of the right type and shape; the reason, for people.
    Unknown(Rc<str>),
}
