//! Statements of fields in manifests: the manifest, then patches, then variables.

use flux_evaluate::{DefinedIn, ValuePath, ValueStep};
use infra_model::explain::{ExplainedField, Proof, Statement, StatementKind};
use infra_model::{ObjectRef, Place};
use source_tree::Mark;
use yaml_node::Node;

use super::Context;
use super::fields::AskedField;
use super::statement::{decide_last, of_scalar, shown, statement};
use crate::inventory::Object;
use crate::locate::Located;
use crate::view::{View, variables};

/// The chain of a field that no chart makes.
pub(super) fn explain(context: &mut Context<'_>, asked: &AskedField<'_>) -> ExplainedField {
    let names = names(asked);
    ExplainedField {
        field: asked.what,
        name: asked.name.clone(),
        object: asked.object.object_name().to_string(),
        path: asked.field.path.to_string(),
        value: shown(&names, &asked.text),
        proved_by: Proof::Origin,
        chain: chain(
            context,
            asked.object,
            &asked.field.path,
            (StatementKind::Manifest, &names),
        ),
    }
}

/// The names of a field by which it may be a credential.
pub(super) fn names<'n>(asked: &'n AskedField<'_>) -> Vec<&'n str> {
    let last = asked.field.path.last_key();
    asked.name.as_deref().into_iter().chain(last).collect()
}

/// The statements of the scalar at a path of an object that Flux applies. `kind` is that of its own manifest.
pub(super) fn chain(
    context: &mut Context<'_>,
    object: &Object<'_>,
    path: &ValuePath,
    (kind, names): (StatementKind, &[&str]),
) -> Vec<Statement> {
    let mut chain = Vec::new();
    let Some(view) = at(context.inventory.view(object), &path.0) else {
        return chain;
    };
    let mark = view.mark();
    let base = base(context, object, path);
    if let Some((base, place, base_path)) = &base {
        let own = of_scalar(kind, base, names, Some(place.clone()));
        chain.push(Statement {
            path: Some(base_path.clone()),
            ..own
        });
    }
    let is_base = base.as_ref().is_some_and(|(base, ..)| base.mark == mark);
    let written = view.built_text().or(view.text()).unwrap_or_default();
    if !is_base && mark.is_some() {
        // A patch may be in a text of several lines.
        let located = context.locator.candidates(mark);
        let stated = stated(&located, path, written);
        let kind = match object.applied.mark.file == mark.file {
            true => kind,
            false => stated
                .or(located.first())
                .map_or(StatementKind::Patch, |found| elsewhere_kind(found, object)),
        };
        chain.push(Statement {
            value: Some(shown(names, written)),
            path: stated.map(Located::yq_path),
            source: context.inventory.place(mark),
            ..statement(kind)
        });
    }
    let applied = view.text().unwrap_or_default();
    if written != applied || written.contains("${") {
        for name in variables(written) {
            chain.push(variable(context, object, name));
        }
    }
    decide_last(&mut chain);
    chain
}

/// The kind of a statement outside of an object's own manifest.
fn elsewhere_kind(found: &Located, object: &Object<'_>) -> StatementKind {
    let document = found.document_node();
    let kind = document.and_then(|document| document.text_at(&["kind"]));
    let is_kustomization = kind.is_none_or(|kind| matches!(kind, "Kustomization" | "Component"));
    if !is_kustomization {
        // A patch has the kind of its object.
        return match kind == Some(object.kind) {
            true => StatementKind::Patch,
            false => StatementKind::Replacement,
        };
    }
    let mut keys = found.keys();
    let first = keys.next().filter(|key| *key != "spec").or_else(|| keys.next());
    match first {
        Some("images" | "imageTags") => StatementKind::Images,
        Some("replicas") => StatementKind::Replicas,
        Some("configMapGenerator" | "secretGenerator") => StatementKind::Replacement,
        _ => StatementKind::Patch,
    }
}

/// The scalar of a line that states a text or a part of it; `None` if two do.
fn stated<'l>(located: &'l [Located], path: &ValuePath, written: &str) -> Option<&'l Located> {
    let only = |found: Vec<&'l Located>| match found.as_slice() {
        [only] => Some(*only),
        several => {
            let mut named = several
                .iter()
                .filter(|found| found.keys().next_back() == path.last_key());
            named.next().filter(|_| named.next().is_none()).copied()
        }
    };
    let exact: Vec<_> = located.iter().filter(|found| found.text == written).collect();
    if !exact.is_empty() {
        return only(exact);
    }
    // A replacement may take a part of it from a literal of a generator.
    if let Some(literal) = located.iter().find(|found| is_literal_of_part(found, written)) {
        return Some(literal);
    }
    let is_part = |found: &&Located| !found.text.is_empty() && written.contains(found.text.as_str());
    let parts = located.iter().filter(is_part);
    // Prefers the tag that an entry of `images` sets to its name.
    let sets = |found: &&&Located| matches!(found.keys().next_back(), Some("newTag" | "digest" | "newName"));
    if let Some(set) = parts.clone().find(|found| sets(&found)) {
        return Some(set);
    }
    match parts.clone().map(|found| found.text.len()).max() {
        Some(longest) => only(parts.filter(|found| found.text.len() == longest).collect()),
        None => located.first(),
    }
}

/// Whether a scalar is a literal `NAME=value` of a generator with a part of a text as its value.
fn is_literal_of_part(found: &Located, text: &str) -> bool {
    let value = found.text.split_once('=').map_or("", |(_, value)| value);
    found.keys().next_back() == Some("literals") && !value.is_empty() && text.contains(value)
}

/// The document of the file that states an object, before patches.
pub(super) fn document(context: &mut Context<'_>, object: &Object<'_>) -> Option<Located> {
    let candidates = context.locator.candidates(object.applied.mark);
    let stated = candidates.into_iter().next().filter(|stated| !stated.embedded)?;
    let is_own = stated.document_node()?.text_at(&["kind"]) == Some(object.kind);
    is_own.then_some(stated)
}

/// The scalar in the file that states the object, if that states the field.
fn base(context: &mut Context<'_>, object: &Object<'_>, path: &ValuePath) -> Option<(Node, Place, String)> {
    let stated = document(context, object)?;
    let document = stated.document_node()?;
    // Items of lists keep their names, but not their positions.
    let mut built = Some(&object.applied.built);
    let mut node = document;
    let mut found = ValuePath::default();
    for step in &path.0 {
        match step {
            ValueStep::Key(key) => {
                node = node.get(key)?;
                built = built.and_then(|built| built.get(key));
                found = found.key(key);
            }
            ValueStep::Index(index) => {
                built = built.and_then(|built| built.items().get(*index));
                let name = built.and_then(|built| built.text_at(&["name"]));
                let mut items = node.items().iter();
                let index = match name {
                    Some(_) => items.position(|item| item.text_at(&["name"]) == name)?,
                    None => *index,
                };
                node = node.items().get(index)?;
                found = found.index(index);
            }
        }
    }
    node.as_scalar()?;
    let place = context.inventory.place(node.mark)?;
    Some((node.clone(), place, found.to_string()))
}

/// The statement of a variable.
fn variable(context: &Context<'_>, object: &Object<'_>, name: &str) -> Statement {
    let owner = context.inventory.owner(object);
    let used = owner.and_then(|owner| owner.evaluated.variable_uses.get(name));
    let defined_in = used.and_then(|used| used.defined_in.clone());
    let id = match &defined_in {
        Some(DefinedIn::Object(id)) => Some(id),
        _ => None,
    };
    let place_and_value = id.and_then(|id| defined(context, id, owner, name));
    let (mark, value) = place_and_value.unzip();
    Statement {
        value: value.flatten(),
        by: Some(match &defined_in {
            Some(by) => format!("{name} of {by}"),
            None => format!("{name}, which nothing here defines"),
        }),
        source: mark.and_then(|mark| context.inventory.place(mark)),
        ..statement(StatementKind::Variable)
    }
}

/// The line that defines a variable, and its value, if that is known.
fn defined(
    context: &Context<'_>,
    id: &ObjectRef,
    owner: Option<&crate::inventory::Owner<'_>>,
    name: &str,
) -> Option<(Mark, Option<String>)> {
    if id.kind == "Kustomization" {
        let object = owner?.evaluated.object.as_ref()?;
        let path = ["spec", "postBuild", "substitute", name];
        let node = object.node.at(&path)?;
        let mark = object.built.at(&path).map_or(node.mark, |built| built.mark);
        return Some((mark, node.text().map(|text| shown(&[name], text))));
    }
    let values = &context.inventory.evaluation.variables.sources.get(id)?.values;
    let value = values.get(name)?.as_deref().map(|text| shown(&[name], text));
    let found = context.inventory.find("", &id.kind, &id.namespace, &id.name);
    let data = found.map(|object| context.inventory.view(object));
    let mut fields = ["data", "stringData"].iter();
    let stated = data.and_then(|view| fields.find_map(|field| view.at(&[field, name])));
    Some((stated.map_or(Mark::NONE, View::mark), value))
}

/// The view after some steps.
pub(super) fn at<'a>(view: View<'a>, steps: &[ValueStep]) -> Option<View<'a>> {
    steps.iter().try_fold(view, |view, step| match step {
        ValueStep::Key(key) => view.get(key),
        ValueStep::Index(index) => view.items().nth(*index),
    })
}
