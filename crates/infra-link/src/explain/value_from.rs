//! Environment variables by `valueFrom`: what they read, and the line that states that.

use flux_evaluate::{ValuePath, ValueStep};
use infra_model::explain::{ExplainedField, Statement, StatementKind};

use super::Context;
use super::fields::AskedField;
use super::statement::{shown, statement};
use crate::view::View;

/// Says of a field that names a key what the key is of, and adds what states its value.
pub(super) fn resolve(context: &Context<'_>, asked: &AskedField<'_>, field: &mut ExplainedField) {
    let [
        ..,
        ValueStep::Key(from),
        ValueStep::Key(reference),
        ValueStep::Key(_),
    ] = asked.field.path.0.as_slice()
    else {
        return;
    };
    if from != "valueFrom" {
        return;
    }
    let (kind, statement_kind) = match reference.as_str() {
        "configMapKeyRef" => ("ConfigMap", StatementKind::ConfigMap),
        "secretKeyRef" => ("Secret", StatementKind::Secret),
        _ => {
            field.value = format!("{} of the pod", asked.text);
            return;
        }
    };
    let node = parent(context.inventory.view(asked.object), &asked.field.path);
    let Some(name) = node.and_then(|node| node.text_of("name")) else {
        return;
    };
    let namespace = asked.object.namespace;
    field.value = format!("key {} of {kind} {name}", asked.text);
    let found = context.inventory.find("", kind, namespace, name);
    let stated = found.and_then(|object| {
        let view = context.inventory.view(object);
        ["data", "stringData"]
            .iter()
            .find_map(|data| view.at(&[data, &asked.text]))
    });
    let names: Vec<&str> = asked
        .name
        .as_deref()
        .into_iter()
        .chain([asked.text.as_str()])
        .collect();
    let value = stated
        .filter(|_| statement_kind == StatementKind::ConfigMap)
        .and_then(|view| view.text())
        .map(|text| shown(&names, text));
    let place = stated.and_then(|view| context.inventory.place(view.mark()));
    let by = match found {
        Some(_) => format!("{kind}/{namespace}/{name}"),
        None => format!("{kind}/{namespace}/{name}, which no manifest states"),
    };
    for statement in &mut field.chain {
        statement.decides = false;
    }
    // Beside the name of a password the name of its key is withheld, which is none.
    if let Some(last) = field.chain.last_mut() {
        last.value = Some(asked.text.clone());
    }
    field.chain.push(Statement {
        value,
        by: Some(by),
        path: Some(asked.text.clone()),
        source: place.or_else(|| found.and_then(|object| context.inventory.source(object))),
        decides: true,
        ..statement(statement_kind)
    });
}

/// What holds the last key of a path.
fn parent<'a>(view: View<'a>, path: &ValuePath) -> Option<View<'a>> {
    let (_, steps) = path.0.split_last()?;
    steps.iter().try_fold(view, |view, step| match step {
        ValueStep::Key(key) => view.get(key),
        ValueStep::Index(index) => view.items().nth(*index),
    })
}
