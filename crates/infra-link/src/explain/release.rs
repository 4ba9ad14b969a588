//! Fields of what charts make: the chart's defaults, values files, `valuesFrom`, `spec.values`, post renderers.

use std::collections::BTreeMap;

use flux_evaluate::{Chart, Decision, Field, ReleaseRendering, ValuePath, ValueStep};
use infra_model::explain::{ExplainedField, ExplainedValue, Proof, Statement, StatementKind};
use infra_model::{Place, RepoPath};
use source_tree::FileId;
use yaml_node::{Node, Value};

use super::Context;
use super::fields::AskedField;
use super::manifest::{self, names};
use super::statement::{of_scalar, shown, statement};
use crate::deciding_values;
use crate::helm_values::{Layer, OF_SECRET, layer, values_with_secrets};
use crate::kinds::helm_release::Release;
use crate::uses::Used;
use crate::view::View;

/// Renderings of one release for one answer.
const RENDERINGS: u32 = 12;

/// The chains of fields of what one release makes, in the order of the fields.
pub(super) fn explain(
    context: &mut Context<'_>,
    release: &Release<'_>,
    asked: &[&AskedField<'_>],
) -> Vec<ExplainedField> {
    let rendering = release
        .rendered()
        .and_then(|rendered| rendered.rendering.as_deref());
    let Some((rendering, chart)) = rendering.and_then(|rendering| Some((rendering, rendering.chart()?)))
    else {
        return Vec::new();
    };
    let has_post_renderers = !release.spec.post_renderers.is_empty();
    let plain = rendering.without_post_renderers();
    let fields: Vec<(Field, String)> = asked
        .iter()
        .map(|asked| (asked.field.clone(), asked.text.clone()))
        .collect();
    let before = match has_post_renderers {
        true => plain.fields(&|field| fields.iter().any(|(asked, _)| asked == field)),
        false => fields,
    };
    let decisions = plain.deciding_values(before.clone(), RENDERINGS);
    let before: BTreeMap<Field, String> = before.into_iter().collect();
    let decided: BTreeMap<&Field, &Decision> = decisions
        .decided
        .iter()
        .map(|decision| (&decision.field, decision))
        .collect();
    let explained = asked.iter().map(|asked| {
        let decision = decided.get(&asked.field).copied();
        let text = before.get(&asked.field).map(String::as_str);
        let mut chain = match (decision, text) {
            (Some(decision), _) => of_value(context, release, chart, decision, asked),
            (None, Some(text)) => vec![Statement {
                value: Some(shown(&names(asked), text)),
                ..template(chart)
            }],
            (None, None) => Vec::new(),
        };
        if text != Some(asked.text.as_str()) {
            for statement in &mut chain {
                statement.decides = false;
            }
            chain.push(post_renderer(context, release, asked));
        }
        let proved_by = match (decision, text) {
            (None, Some(text)) if text == asked.text => Proof::None,
            _ => Proof::Rendering,
        };
        ExplainedField {
            field: asked.what,
            name: asked.name.clone(),
            object: asked.object.object_name().to_string(),
            path: asked.field.path.to_string(),
            value: shown(&names(asked), &asked.text),
            proved_by,
            chain,
        }
    });
    explained.collect()
}

/// What states a value, from the chart's defaults to the release.
fn of_value(
    context: &mut Context<'_>,
    release: &Release<'_>,
    chart: &Chart,
    decision: &Decision,
    asked: &AskedField<'_>,
) -> Vec<Statement> {
    let mut known_as = names(asked);
    known_as.extend(decision.value.last_key());
    let mut chain = layers(context, release, Some(chart), &decision.value, &known_as);
    mark_deciding(context, release, decision, chart, &mut chain, asked);
    chain
}

/// The values of a release at a path or below it, each with what states it; where there is none, those that have the path within
/// their own. `most` bounds how many.
pub(super) fn values(
    context: &mut Context<'_>,
    release: &Release<'_>,
    asked: &ValuePath,
    most: usize,
) -> Vec<ExplainedValue> {
    let mut found = Vec::new();
    let stated = &with_secrets(context, release);
    if let Some(node) = asked.node(stated) {
        leaves(node, asked, most, &mut found);
    }
    let chart = release
        .rendered()
        .and_then(|rendered| rendered.rendering.as_deref())
        .and_then(ReleaseRendering::chart)
        .map(|chart| &**chart);
    if found.is_empty()
        && let Some(chart) = chart
        && let Some(node) = asked.node(&chart.values)
    {
        leaves(node, asked, most, &mut found);
    }
    let trees = [Some(stated), chart.map(|chart| &chart.values)];
    for node in trees.into_iter().flatten() {
        if found.is_empty() {
            found = within(node, asked, most);
        }
    }
    let explained = found.into_iter().map(|(path, text)| {
        let known_as: Vec<&str> = path.last_key().into_iter().collect();
        let mut chain = layers(context, release, chart, &path, &known_as);
        for statement in &mut chain {
            statement.decides = false;
        }
        if let Some(last) = chain.last_mut() {
            last.decides = true;
        }
        ExplainedValue {
            path: path.to_string(),
            value: match text.as_str() {
                OF_SECRET => text,
                text => shown(&known_as, text),
            },
            chain,
        }
    });
    explained.collect()
}

/// The scalars of a tree of values whose paths have the steps of another in them, and those beside whose last key begins with the
/// same word, such as `retentionSize` beside `retention`.
fn within(values: &Node, asked: &ValuePath, most: usize) -> Vec<(ValuePath, String)> {
    const LOOKED_AT: usize = 20_000;
    let mut all = Vec::new();
    leaves(values, &ValuePath::default(), LOOKED_AT, &mut all);
    let is_beside = |path: &ValuePath| {
        let (Some((ValueStep::Key(last), above)), Some((ValueStep::Key(own), own_above))) =
            (asked.0.split_last(), path.0.split_last())
        else {
            return false;
        };
        own_above.ends_with(above) && own.starts_with(last.as_str())
    };
    all.retain(|(path, _)| {
        let has_steps = !asked.0.is_empty() && path.0.windows(asked.0.len()).any(|steps| steps == asked.0);
        has_steps || is_beside(path)
    });
    all.truncate(most);
    all
}

/// The scalars of a tree of values, each with its path.
fn leaves(node: &Node, path: &ValuePath, most: usize, found: &mut Vec<(ValuePath, String)>) {
    if found.len() >= most {
        return;
    }
    match &node.value {
        Value::Scalar(scalar) => found.push((path.clone(), scalar.text.to_string())),
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &path.index(index), most, found);
            }
        }
        Value::Mapping(mapping) => {
            for (key, value) in mapping.iter() {
                leaves(value, &path.key(key), most, found);
            }
        }
    }
}

/// What states the value at a path, the weakest first.
fn layers(
    context: &mut Context<'_>,
    release: &Release<'_>,
    chart: Option<&Chart>,
    path: &ValuePath,
    known_as: &[&str],
) -> Vec<Statement> {
    let as_text = path.to_string();
    let mut chain = Vec::new();
    let files = release
        .spec
        .chart
        .as_ref()
        .map_or(&[][..], |chart| &chart.values_files);
    if files.is_empty()
        && let Some(chart) = chart
    {
        chart_defaults(context, release, chart, path, known_as, &mut chain);
    }
    for file in files {
        chain.extend(values_file(context, file, path, known_as));
    }
    let decided = with_secrets(context, release);
    let decided = path.node(&decided).filter(|node| node.as_scalar().is_some());
    // What a target path sets over the inline values comes last.
    let mut last = Vec::new();
    for (index, reference) in release.spec.values_from.iter().enumerate() {
        let by = format!(
            "{}/{}/{}",
            reference.kind, release.object.namespace, reference.name
        );
        let is_at = |target: &ValuePath| target == path;
        if reference.kind == "Secret" {
            let target = reference
                .target_path
                .as_deref()
                .and_then(crate::helm_target_path::value_path);
            if target.as_ref().is_some_and(is_at) {
                let decides = decided
                    .is_some_and(|node| node.text() == Some(OF_SECRET) && node.mark == reference.name_mark);
                let place = match decides {
                    true => &mut last,
                    false => &mut chain,
                };
                place.extend(patched(context, release, index));
                place.push(Statement {
                    by: Some(by),
                    path: Some(as_text.clone()),
                    ..statement(StatementKind::Secret)
                });
            }
            continue;
        }
        let found = layer(context.inventory, context.embedded, release.object, reference);
        let is_set = matches!(found, Some(Layer::At(..)));
        let node = match found {
            Some(Layer::Values(values)) => path.node(&values).cloned(),
            Some(Layer::At(target, scalar)) => {
                let target = crate::helm_target_path::path_of(&target);
                Some(scalar).filter(|_| is_at(&target))
            }
            None => None,
        };
        if let Some(node) = node.filter(|node| node.as_scalar().is_some()) {
            let source = context.inventory.place(node.mark);
            let decides = is_set && decided.is_some_and(|decided| decided.mark == node.mark);
            let place = match decides {
                true => &mut last,
                false => &mut chain,
            };
            place.extend(patched(context, release, index));
            place.push(Statement {
                by: Some(by),
                path: Some(as_text.clone()),
                ..of_scalar(StatementKind::ConfigMap, &node, known_as, source)
            });
        }
    }
    let inline = ["spec", "values"].map(|key| ValueStep::Key(key.to_owned()));
    let inline = ValuePath(inline.into_iter().chain(path.0.iter().cloned()).collect());
    let inline = manifest::chain(
        context,
        release.object,
        &inline,
        (StatementKind::Values, known_as),
    );
    chain.extend(inline);
    chain.extend(last);
    chain
}

/// The patch that states an entry of `valuesFrom`, after what the manifest of the release has in its place.
fn patched(context: &mut Context<'_>, release: &Release<'_>, index: usize) -> Vec<Statement> {
    let Some(entry) = release.spec.values_from.get(index) else {
        return Vec::new();
    };
    let path = ValuePath::default().key("spec").key("valuesFrom").index(index);
    let names = context.generated;
    let used = match entry.kind.as_str() {
        "Secret" => Used::Secret,
        _ => Used::ConfigMap,
    };
    let plain = |name: &'_ str| {
        let name = names.catalogued(used, release.object.namespace, name);
        format!("{} {name}", entry.kind)
    };
    // A generator gives a name its hash, and so another place.
    let is_generated = names.catalogued(used, release.object.namespace, &entry.name) != entry.name;
    let fields = ["kind", "name", "valuesKey", "targetPath"];
    let by = fields
        .into_iter()
        .filter(|field| *field != "name" || !is_generated)
        .find_map(|field| {
            let chain = manifest::chain(
                context,
                release.object,
                &path.key(field),
                (StatementKind::Manifest, &[]),
            );
            chain
                .into_iter()
                .find(|statement| statement.kind != StatementKind::Manifest)
        });
    let Some(by) = by else {
        return Vec::new();
    };
    let document = manifest::document(context, release.object);
    let stated = document.as_ref().and_then(|located| {
        let entries = located.document_node()?.at(&["spec", "valuesFrom"])?;
        entries.items().get(index)?.get("name")
    });
    let replaced = stated
        .filter(|name| name.text() != Some(names.catalogued(used, release.object.namespace, &entry.name)));
    let replaced = replaced.map(|name| Statement {
        value: Some(format!("{} {}", entry.kind, name.text().unwrap_or_default())),
        path: Some(path.to_string()),
        source: context.inventory.place(name.mark),
        ..statement(StatementKind::Manifest)
    });
    let by = Statement {
        value: Some(plain(&entry.name)),
        path: Some(path.to_string()),
        decides: false,
        ..by
    };
    replaced.into_iter().chain([by]).collect()
}

/// The values of a release, with a mark where a Secret decides.
fn with_secrets(context: &Context<'_>, release: &Release<'_>) -> Node {
    values_with_secrets(
        context.inventory,
        context.embedded,
        release.object,
        &release.spec.values_from,
    )
}

/// Marks the statement that has the last word: the one at the line that decides, else the last.
fn mark_deciding(
    context: &Context<'_>,
    release: &Release<'_>,
    decision: &Decision,
    chart: &Chart,
    chain: &mut Vec<Statement>,
    asked: &AskedField<'_>,
) {
    for statement in chain.iter_mut() {
        statement.decides = false;
    }
    // What a Secret puts at the path comes last, and no rendering has it.
    if let Some(last) = chain.last_mut().filter(|last| last.kind == StatementKind::Secret) {
        last.decides = true;
        return;
    }
    let stated = deciding_values::stated(release, &decision.value);
    let place = stated.and_then(|node| context.inventory.place(node.mark));
    let at_place = chain
        .iter()
        .rposition(|statement| place.is_some() && statement.source == place);
    let is_variable = |statement: &Statement| statement.kind == StatementKind::Variable;
    // What a variable puts into the deciding line follows it.
    let deciding = at_place.map(|at| {
        let rest = chain.get(at + 1..).unwrap_or_default();
        at + rest.iter().take_while(|statement| is_variable(statement)).count()
    });
    let deciding = deciding.or(chain.len().checked_sub(1));
    let is_empty = deciding.and_then(|at| chain.get(at)).is_none_or(|statement| {
        statement
            .value
            .as_deref()
            .is_some_and(|value| matches!(value, "" | "null" | "~"))
    });
    if is_empty {
        // For an empty value, or none, the templates put something else.
        chain.push(Statement {
            value: Some(shown(&names(asked), &decision.text)),
            path: Some(decision.value.to_string()),
            ..template(chart)
        });
    } else if let Some(deciding) = deciding.and_then(|at| chain.get_mut(at)) {
        deciding.decides = true;
    }
}

/// The templates of a chart, which decide where no value does.
fn template(chart: &Chart) -> Statement {
    Statement {
        by: Some(match chart.metadata.app_version.as_str() {
            "" => chart_name(chart),
            version => format!("{}, whose appVersion is {version}", chart_name(chart)),
        }),
        decides: true,
        ..statement(StatementKind::Template)
    }
}

fn chart_name(chart: &Chart) -> String {
    format!("{} {}", chart.metadata.name, chart.metadata.version)
}

/// Defaults for a path: of the chart that has the value, then of those around it.
fn chart_defaults(
    context: &Context<'_>,
    release: &Release<'_>,
    chart: &Chart,
    path: &ValuePath,
    known_as: &[&str],
    chain: &mut Vec<Statement>,
) {
    // A chart of the repository has its lines there.
    let in_repository = release.rendered().and_then(|rendered| rendered.values.as_ref());
    let mut found: Vec<Statement> = Vec::new();
    let mut at = Some((chart, chart.metadata.name.clone(), path.clone()));
    let mut is_top = true;
    while let Some((chart, folder, path)) = at.take() {
        let values = in_repository.filter(|_| is_top).unwrap_or(&chart.values);
        let node = path.node(values).filter(|node| node.as_scalar().is_some());
        if let Some(node) = node {
            let source = context.inventory.place(node.mark);
            let in_chart = source.is_none().then(|| Place {
                file: RepoPath::new(&format!("{folder}/values.yaml")),
                line: node.mark.line,
            });
            found.push(Statement {
                by: Some(chart_name(chart)),
                path: Some(path.to_string()),
                chart_source: in_chart,
                ..of_scalar(StatementKind::ChartDefault, node, known_as, source)
            });
        }
        if let Some((ValueStep::Key(key), rest)) = path.0.split_first() {
            let declared = chart
                .metadata
                .dependencies()
                .iter()
                .find(|dependency| dependency.alias == *key || dependency.name == *key);
            let name = declared.map_or(key.as_str(), |dependency| dependency.name.as_str());
            let subchart = chart
                .dependencies
                .iter()
                .find(|other| other.metadata.name == name);
            at = subchart.map(|subchart| {
                let folder = format!("{folder}/charts/{name}");
                (&**subchart, folder, ValuePath(rest.to_vec()))
            });
        }
        is_top = false;
    }
    chain.extend(found.into_iter().rev());
}

/// A values file of the repository.
fn values_file(context: &Context<'_>, file: &str, path: &ValuePath, known_as: &[&str]) -> Option<Statement> {
    let sources = &context.inventory.evaluation.sources;
    let file = RepoPath::new(file);
    let text = sources.text(&file).ok()?;
    let id: FileId = sources.files().id(&file);
    let values = yaml_node::read_documents(&text, id, sources.limits()).ok()?;
    let node = path
        .node(values.first()?)
        .filter(|node| node.as_scalar().is_some())?;
    Some(Statement {
        path: Some(path.to_string()),
        ..of_scalar(
            StatementKind::ValuesFile,
            node,
            known_as,
            context.inventory.place(node.mark),
        )
    })
}

/// The scalar of `spec.postRenderers` that the text of a field is from, as far as it shows.
fn post_renderer(context: &Context<'_>, release: &Release<'_>, asked: &AskedField<'_>) -> Statement {
    let renderers = release.view.at(&["spec", "postRenderers"]);
    let mut best: Option<(usize, View<'_>)> = None;
    if let Some(renderers) = renderers {
        scalars(renderers, &mut |view| {
            let text = view.text().unwrap_or_default();
            let fits = !text.is_empty() && (asked.text.contains(text) || text.contains(&asked.text));
            let length = text.len().min(asked.text.len());
            if fits && best.is_none_or(|(known, _)| length >= known) {
                best = Some((length, view));
            }
        });
    }
    let mark = best.map(|(_, view)| view.mark());
    Statement {
        value: Some(shown(&names(asked), &asked.text)),
        path: Some(".spec.postRenderers".to_owned()),
        source: mark
            .and_then(|mark| context.inventory.place(mark))
            .or_else(|| context.inventory.source(release.object)),
        decides: true,
        ..statement(StatementKind::PostRenderer)
    }
}

fn scalars<'a>(view: View<'a>, found: &mut dyn FnMut(View<'a>)) {
    match &view.node.value {
        Value::Scalar(_) => found(view),
        Value::Sequence(_) => view.items().for_each(|item| scalars(item, found)),
        Value::Mapping(_) => view.entries().for_each(|(_, value)| scalars(value, found)),
    }
}
