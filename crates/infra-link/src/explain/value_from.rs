//! Environment variables with `valueFrom`: the key that they read, and the line that states it.

use flux_evaluate::ValueStep;
use infra_model::explain::{ExplainedField, Statement, StatementKind};

use super::Context;
use super::fields::AskedField;
use super::manifest::at;
use super::statement::{decide_none, shown, statement};

/// Adds to a field that names a key the object of the key, and the statement of its value.
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
    let parent = asked
        .field
        .path
        .0
        .split_last()
        .map_or(&[][..], |(_, steps)| steps);
    let node = at(context.inventory.view(asked.object), parent);
    let Some(name) = node.and_then(|node| node.text_of("name")) else {
        return;
    };
    let namespace = asked.object.namespace;
    field.value = format!("key {} of {kind} {name}", asked.text);
    let found = context.inventory.find("", kind, namespace, name);
    let stated = found.and_then(|object| {
        let view = context.inventory.view(object);
        let mut fields = ["data", "stringData"].iter();
        fields.find_map(|field| view.at(&[field, &asked.text]))
    });
    let name_of_variable = asked.name.as_deref().into_iter();
    let names: Vec<&str> = name_of_variable.chain([asked.text.as_str()]).collect();
    let value = stated
        .filter(|_| statement_kind == StatementKind::ConfigMap)
        .and_then(|view| view.text())
        .map(|text| shown(&names, text));
    let place = stated.and_then(|view| context.inventory.place(view.mark()));
    let by = match found {
        Some(_) => format!("{kind}/{namespace}/{name}"),
        None => format!("{kind}/{namespace}/{name}, which no manifest states"),
    };
    decide_none(&mut field.chain);
    // The name of the key is no credential, even beside the name of a password.
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
