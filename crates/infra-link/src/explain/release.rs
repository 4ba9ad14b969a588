//! Statements of fields in objects of charts: the chart's defaults, values files, `valuesFrom`, `spec.values`, post renderers.

use std::collections::BTreeMap;

use flux_evaluate::{Chart, Decision, Field, ReleaseRendering, ValuePath, ValueStep};
use infra_model::explain::{ExplainedField, ExplainedValue, Proof, Statement, StatementKind};
use infra_model::{Place, RepoPath};
use source_tree::{FileId, Mark};
use yaml_node::{Node, Value};

use super::Context;
use super::fields::AskedField;
use super::manifest::{self, names};
use super::statement::{decide_last, decide_none, of_scalar, shown, statement};
use crate::deciding_values;
use crate::helm_target_path::parse_target_path;
use crate::helm_values::{Layer, OF_SECRET, layer, values_with_secrets};
use crate::kinds::helm_release::Release;
use crate::uses::Used;
use crate::view::View;

/// Most renderings of one release for one answer.
const RENDERINGS: u32 = 12;

/// The explanations of fields in objects of one release, in the order of the fields.
pub(super) fn explain(
    context: &mut Context<'_>,
    release: &Release<'_>,
    asked: &[&AskedField<'_>],
) -> Vec<ExplainedField> {
    let Some((rendering, chart)) = rendering(release) else {
        return Vec::new();
    };
    let plain = rendering.without_post_renderers();
    let fields = asked
        .iter()
        .map(|asked| (asked.field.clone(), asked.text.clone()));
    let before: Vec<(Field, String)> = match release.spec.post_renderers.is_empty() {
        true => fields.collect(),
        false => plain.fields(&|field| asked.iter().any(|asked| asked.field == *field)),
    };
    let decisions = plain.deciding_values(before.clone(), RENDERINGS);
    let before: BTreeMap<Field, String> = before.into_iter().collect();
    let decided = decisions.decided.iter();
    let decided: BTreeMap<&Field, &Decision> = decided.map(|decision| (&decision.field, decision)).collect();
    let explained = asked.iter().map(|asked| {
        let decision = decided.get(&asked.field).copied();
        let text = before.get(&asked.field).map(String::as_str);
        let mut chain = match (decision, text) {
            (Some(decision), _) => {
                let mut known_as = names(asked);
                known_as.extend(decision.value.last_key());
                let mut chain = layers(context, release, Some(chart), &decision.value, &known_as);
                mark_deciding(context, release, decision, chart, &mut chain, asked);
                chain
            }
            (None, Some(text)) => vec![Statement {
                value: Some(shown(&names(asked), text)),
                ..template(chart)
            }],
            (None, None) => Vec::new(),
        };
        if text != Some(asked.text.as_str()) {
            decide_none(&mut chain);
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

/// The rendering of a release, and its chart.
fn rendering<'r>(release: &'r Release<'_>) -> Option<(&'r ReleaseRendering, &'r Chart)> {
    let rendering = release.rendered()?.rendering.as_deref()?;
    Some((rendering, rendering.chart()?))
}

/// The values of a release at a path or below it, each with its statements; if there are none, those whose own paths contain the
/// path. At most `most` are returned.
pub(super) fn values(
    context: &mut Context<'_>,
    release: &Release<'_>,
    asked: &ValuePath,
    most: usize,
) -> Vec<ExplainedValue> {
    let mut found = Vec::new();
    let chart = rendering(release).map(|(_, chart)| chart);
    let stated = &with_secrets(context, release);
    let trees = || std::iter::once(stated).chain(chart.map(|chart| &chart.values));
    for node in trees().filter_map(|values| asked.node(values)) {
        if found.is_empty() {
            leaves(node, asked, most, &mut found);
        }
    }
    for values in trees() {
        if found.is_empty() {
            found = within(values, asked, most);
        }
    }
    let explained = found.into_iter().map(|(path, text)| {
        let known_as: Vec<&str> = path.last_key().into_iter().collect();
        let mut chain = layers(context, release, chart, &path, &known_as);
        decide_last(&mut chain);
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

/// The scalars of a tree of values whose paths contain another path, and those beside it whose keys begin with its last key, such
/// as `retentionSize` beside `retention`.
fn within(values: &Node, asked: &ValuePath, most: usize) -> Vec<(ValuePath, String)> {
    const MOST_READ: usize = 20_000;
    let mut all = Vec::new();
    leaves(values, &ValuePath::default(), MOST_READ, &mut all);
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

/// Collects the scalars of a tree of values, each with its path.
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

/// The statements of the value at a path, the weakest first.
fn layers(
    context: &mut Context<'_>,
    release: &Release<'_>,
    chart: Option<&Chart>,
    path: &ValuePath,
    known_as: &[&str],
) -> Vec<Statement> {
    let as_text = path.to_string();
    let mut chain = Vec::new();
    let files = release.spec.chart.as_ref();
    let files = files.map_or(&[][..], |chart| &chart.values_files);
    if files.is_empty()
        && let Some(chart) = chart
    {
        chain = chart_defaults(context, release, chart, path, known_as);
    }
    for file in files {
        chain.extend(values_file(context, file, path, known_as));
    }
    let decided = with_secrets(context, release);
    let decided = scalar_at(&decided, path);
    // Values that a target path sets over the inline values come last.
    let mut last = Vec::new();
    for (index, reference) in release.spec.values_from.iter().enumerate() {
        let (stated, decides) = if reference.kind == "Secret" {
            let target = reference.target_path.as_deref().and_then(parse_target_path);
            if target.as_ref() != Some(path) {
                continue;
            }
            let decides = decided
                .is_some_and(|node| node.text() == Some(OF_SECRET) && node.mark == reference.name_mark);
            (statement(StatementKind::Secret), decides)
        } else {
            let found = layer(context.inventory, context.embedded, release.object, reference);
            let is_set = matches!(found, Some(Layer::At(..)));
            let node = match found {
                Some(Layer::Values(values)) => path.node(&values).cloned(),
                Some(Layer::At(target, scalar)) => Some(scalar).filter(|_| target == *path),
                None => None,
            };
            let Some(node) = node.filter(|node| node.as_scalar().is_some()) else {
                continue;
            };
            let source = context.inventory.place(node.mark);
            let decides = is_set && decided.is_some_and(|decided| decided.mark == node.mark);
            let stated = of_scalar(StatementKind::ConfigMap, &node, known_as, source);
            (stated, decides)
        };
        let place = match decides {
            true => &mut last,
            false => &mut chain,
        };
        place.extend(patched(context, release, index));
        let (kind, namespace, name) = (&reference.kind, release.object.namespace, &reference.name);
        place.push(Statement {
            by: Some(format!("{kind}/{namespace}/{name}")),
            path: Some(as_text.clone()),
            ..stated
        });
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

/// The patch that states an entry of `valuesFrom`, after the entry that it replaces in the manifest of the release.
fn patched(context: &mut Context<'_>, release: &Release<'_>, index: usize) -> Vec<Statement> {
    let Some(entry) = release.spec.values_from.get(index) else {
        return Vec::new();
    };
    let path = ValuePath::default().key("spec").key("valuesFrom").index(index);
    let used = Used::of_data(&entry.kind).unwrap_or(Used::ConfigMap);
    let catalogued = context
        .generated
        .catalogued(used, release.object.namespace, &entry.name);
    // A generated name has the place of its generator.
    let is_generated = catalogued != entry.name;
    let fields = ["kind", "name", "valuesKey", "targetPath"].into_iter();
    let mut fields = fields.filter(|field| *field != "name" || !is_generated);
    let by = fields.find_map(|field| {
        let kind = (StatementKind::Manifest, &[][..]);
        let chain = manifest::chain(context, release.object, &path.key(field), kind);
        let mut chain = chain.into_iter();
        chain.find(|statement| statement.kind != StatementKind::Manifest)
    });
    let Some(by) = by else {
        return Vec::new();
    };
    let document = manifest::document(context, release.object);
    let stated = document.as_ref().and_then(|located| {
        let entries = located.document_node()?.at(&["spec", "valuesFrom"])?;
        entries.items().get(index)?.get("name")
    });
    let replaced = stated.filter(|name| name.text() != Some(catalogued));
    let replaced = replaced.map(|name| Statement {
        value: Some(format!("{} {}", entry.kind, name.text().unwrap_or_default())),
        path: Some(path.to_string()),
        source: context.inventory.place(name.mark),
        ..statement(StatementKind::Manifest)
    });
    let by = Statement {
        value: Some(format!("{} {catalogued}", entry.kind)),
        path: Some(path.to_string()),
        decides: false,
        ..by
    };
    replaced.into_iter().chain([by]).collect()
}

/// The values of a release, with placeholders for those of Secrets.
fn with_secrets(context: &Context<'_>, release: &Release<'_>) -> Node {
    values_with_secrets(
        context.inventory,
        context.embedded,
        release.object,
        &release.spec.values_from,
    )
}

/// The scalar of a tree at a path.
fn scalar_at<'n>(values: &'n Node, path: &ValuePath) -> Option<&'n Node> {
    path.node(values).filter(|node| node.as_scalar().is_some())
}

/// Marks the statement that decides: the one at the deciding line, else the last.
fn mark_deciding(
    context: &Context<'_>,
    release: &Release<'_>,
    decision: &Decision,
    chart: &Chart,
    chain: &mut Vec<Statement>,
    asked: &AskedField<'_>,
) {
    // A Secret's value comes last, and no rendering has it.
    if chain
        .last()
        .is_some_and(|last| last.kind == StatementKind::Secret)
    {
        return decide_last(chain);
    }
    decide_none(chain);
    let stated = deciding_values::stated(release, &decision.value);
    let place = stated.and_then(|node| context.inventory.place(node.mark));
    let at_place = chain
        .iter()
        .rposition(|statement| place.is_some() && statement.source == place);
    // The variables of the deciding line follow it.
    let deciding = at_place.map(|at| {
        let rest = chain.get(at + 1..).unwrap_or_default().iter();
        let variables = rest.take_while(|statement| statement.kind == StatementKind::Variable);
        at + variables.count()
    });
    let deciding = deciding.or(chain.len().checked_sub(1));
    let is_empty = deciding.and_then(|at| chain.get(at)).is_none_or(|statement| {
        let value = statement.value.as_deref();
        value.is_some_and(|value| matches!(value, "" | "null" | "~"))
    });
    if is_empty {
        // The templates replace an empty or missing value.
        chain.push(Statement {
            value: Some(shown(&names(asked), &decision.text)),
            path: Some(decision.value.to_string()),
            ..template(chart)
        });
    } else if let Some(deciding) = deciding.and_then(|at| chain.get_mut(at)) {
        deciding.decides = true;
    }
}

/// The statement of a chart's templates, which decide if no value does.
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

/// The defaults for a path: of the chart that has the value, then of the charts above it.
fn chart_defaults(
    context: &Context<'_>,
    release: &Release<'_>,
    chart: &Chart,
    path: &ValuePath,
    known_as: &[&str],
) -> Vec<Statement> {
    // The values of a chart in the repository have places.
    let in_repository = release.rendered().and_then(|rendered| rendered.values.as_ref());
    let mut found: Vec<Statement> = Vec::new();
    let mut at = Some((chart, chart.metadata.name.clone(), path.clone()));
    let mut is_top = true;
    while let Some((chart, folder, path)) = at.take() {
        let values = in_repository.filter(|_| is_top).unwrap_or(&chart.values);
        if let Some(node) = scalar_at(values, &path) {
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
            let mut declared = chart.metadata.dependencies().iter();
            let declared = declared.find(|declared| declared.alias == *key || declared.name == *key);
            let name = declared.map_or(key.as_str(), |declared| declared.name.as_str());
            let mut subcharts = chart.dependencies.iter();
            let subchart = subcharts.find(|subchart| subchart.metadata.name == name);
            at = subchart.map(|subchart| {
                let folder = format!("{folder}/charts/{name}");
                (&**subchart, folder, ValuePath(rest.to_vec()))
            });
        }
        is_top = false;
    }
    found.reverse();
    found
}

/// The statement of a values file in the repository.
fn values_file(context: &Context<'_>, file: &str, path: &ValuePath, known_as: &[&str]) -> Option<Statement> {
    let sources = &context.inventory.evaluation.sources;
    let file = RepoPath::new(file);
    let text = sources.text(&file).ok()?;
    let id: FileId = sources.files().id(&file);
    let values = yaml_node::read_documents(&text, id, sources.limits()).ok()?;
    let node = scalar_at(values.first()?, path)?;
    let source = context.inventory.place(node.mark);
    Some(Statement {
        path: Some(path.to_string()),
        ..of_scalar(StatementKind::ValuesFile, node, known_as, source)
    })
}

/// The statement of `spec.postRenderers`, at the scalar that is most likely the text of a field.
fn post_renderer(context: &Context<'_>, release: &Release<'_>, asked: &AskedField<'_>) -> Statement {
    let mut best: Option<(usize, Mark)> = None;
    if let Some(renderers) = release.view.at(&["spec", "postRenderers"]) {
        scalars(renderers, &mut |view| {
            let text = view.text().unwrap_or_default();
            let fits = !text.is_empty() && (asked.text.contains(text) || text.contains(&asked.text));
            let length = text.len().min(asked.text.len());
            if fits && best.is_none_or(|(known, _)| length >= known) {
                best = Some((length, view.mark()));
            }
        });
    }
    Statement {
        value: Some(shown(&names(asked), &asked.text)),
        path: Some(".spec.postRenderers".to_owned()),
        source: best
            .and_then(|(_, mark)| context.inventory.place(mark))
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
