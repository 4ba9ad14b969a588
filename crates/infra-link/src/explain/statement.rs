//! Statements of an explanation: a place that states a field, with its text without credentials.

use infra_model::Place;
use infra_model::explain::{Statement, StatementKind};
use redaction::{REDACTED, credential, without_credentials};
use yaml_node::Node;

/// A statement with only its kind.
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

/// Makes the last statement of a chain the one that decides.
pub(super) fn decide_last(chain: &mut [Statement]) {
    decide_none(chain);
    if let Some(last) = chain.last_mut() {
        last.decides = true;
    }
}

/// Takes the decision from all statements of a chain.
pub(super) fn decide_none(chain: &mut [Statement]) {
    for statement in chain {
        statement.decides = false;
    }
}

/// The statement of a scalar, whose text is withheld if it is a credential under any of the names.
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

/// A text without credentials, which it may be under any of the names.
pub(super) fn shown(names: &[&str], text: &str) -> String {
    match names.iter().any(|name| credential(name, text).is_some()) {
        true => REDACTED.to_owned(),
        false => without_credentials(text).into_owned(),
    }
}
