//! The finding about an API version that is not served.

use infra_model::codes;
use source_tree::{Diagnostic, Mark, Severity};

use super::place_or_source;
use crate::inventory::{Inventory, Object};

/// That an object and `more` others use `version`, and `why` they should not; at the line of `apiVersion`.
pub(super) fn finding(
    inventory: &Inventory<'_>,
    (object, more): (&Object<'_>, usize),
    severity: Severity,
    version: &str,
    why: &str,
    hint: String,
) -> Diagnostic {
    let name = object.object_name().to_string();
    let who = match more {
        0 => format!("{name} uses"),
        more => format!("{name} and {more} more use"),
    };
    let stated = object.node().get("apiVersion");
    let mark = stated.map_or(Mark::NONE, |node| node.mark);
    Diagnostic::new(severity, codes::API_REMOVED, format!("{who} {version}, {why}"))
        .at(place_or_source(inventory, object, mark))
        .on(name)
        .hint(hint)
}
