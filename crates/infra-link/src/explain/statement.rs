//! A place that states a field, with its text as it may be shown.

use infra_model::Place;
use infra_model::explain::{Statement, StatementKind};
use redaction::{REDACTED, credential, without_credentials};
use yaml_node::Node;

/// A statement of which only the kind is known yet.
pub(super) fn statement(kind: StatementKind) -> Statement {
    Statement {
        kind,
        value: None,
        by: None,
        path: None,
        source: None,
        chart_source: None,
        decides: false,
    }
}

/// A statement of a scalar, in whose path or beside whose name credentials are withheld.
pub(super) fn of_scalar(
    kind: StatementKind,
    node: &Node,
    names: &[&str],
    source: Option<Place>,
) -> Statement {
    Statement {
        value: Some(shown(names, node.text().unwrap_or_default())),
        source,
        ..statement(kind)
    }
}

/// A text as it may be shown, known under any of the names.
pub(super) fn shown(names: &[&str], text: &str) -> String {
    match names.iter().any(|name| credential(name, text).is_some()) {
        true => REDACTED.to_owned(),
        false => without_credentials(text).into_owned(),
    }
}
