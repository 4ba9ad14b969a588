//! HelmReleases whose chart stands in the repository turn into the objects that Helm would install.
//!
//! A [`ChartRenderer`] of the caller runs the templates; what it is given and what becomes of the result follows Flux:
//! <https://fluxcd.io/flux/components/helm/helmreleases/>. Credentials in values are withheld before a template sees them.

mod files;
mod message;
mod objects;
mod values;

use flux_evaluate::{Applied, ChartRenderer, ChartRequest, Evaluation, KustomizationId};
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};
use infra_link::{LocalRelease, local_releases};
use infra_model::codes;
use kustomize_build::Sources;
use rayon::prelude::*;
use source_tree::{Diagnostic, Limits, Mark, ObjectRef, RepoPath};
use yaml_node::Node;

/// A release that was rendered, or could not be.
struct Rendered {
    id: ObjectRef,
    owner: Option<KustomizationId>,
    mark: Mark,
    result: Result<Made, String>,
}

/// What a chart makes, and its own values.
struct Made {
    objects: Vec<Node>,
    values: Option<Node>,
}

/// Renders every chart that is at hand, and puts what it makes behind the objects of the Kustomization that applies the
/// release.
pub(crate) fn render(evaluation: &mut Evaluation, renderer: &dyn ChartRenderer, limits: &Limits) {
    let releases = local_releases(evaluation);
    let rendered: Vec<Rendered> = releases
        .into_par_iter()
        .filter_map(|release| {
            let sources = evaluation.contents.get(&release.chart.source)?;
            Some(Rendered {
                result: rendered(&release, sources, renderer, limits),
                id: release.id,
                owner: release.owner,
                mark: release.mark,
            })
        })
        .collect();
    let mut made: HashMap<Option<KustomizationId>, Vec<Applied>> = HashMap::new();
    for Rendered {
        id,
        owner,
        mark,
        result,
    } in rendered
    {
        match result {
            Ok(Made { objects, values }) => {
                let objects = objects.into_iter().map(|node| applied(node, &id, mark));
                made.entry(owner).or_default().extend(objects);
                evaluation.rendered_charts.insert(id.clone());
                evaluation
                    .chart_values
                    .extend(values.map(|values| (id.clone(), values)));
            }
            Err(why) => evaluation.diagnostics.push(
                Diagnostic::warning(
                    codes::CHART_UNRENDERED,
                    format!("{id}: its chart is not rendered: {why}"),
                )
                .at(evaluation.files.place(mark))
                .on(id.to_string())
                .hint(
                    "what the chart makes is not in the catalogs; `helm template` with its values says more",
                ),
            ),
        }
    }
    for evaluated in evaluation
        .kustomizations
        .iter_mut()
        .chain(std::iter::once(&mut evaluation.root))
    {
        if let Some(objects) = made.get(&evaluated.id) {
            evaluated.objects.extend(objects.iter().cloned());
        }
    }
    Diagnostic::sort(&mut evaluation.diagnostics);
}

fn rendered(
    release: &LocalRelease,
    sources: &Arc<Sources>,
    renderer: &dyn ChartRenderer,
    limits: &Limits,
) -> Result<Made, String> {
    if !is_name(&release.name) || !is_name(&release.namespace) {
        return Err("its release name or namespace is none".to_owned());
    }
    let chart = &release.chart;
    let path = match &chart.path {
        Some(path) => path.clone(),
        None => files::packed(sources)?,
    };
    let mut files = files::collect(sources, &path)?;
    let defaults = values::defaults(sources, chart, &path, &files)?;
    if let Some(defaults) = &defaults {
        let text = values::text(defaults.clone())?;
        files.insert(RepoPath::new(files::VALUES), text.into_bytes().into());
    }
    let request = ChartRequest {
        release_name: release.name.clone(),
        namespace: release.namespace.clone(),
        files,
        values: values::text(release.values.clone())?,
        include_crds: release.include_crds,
    };
    let text = renderer
        .template(&request)
        .map_err(|error| message::without_values(&error))?;
    Ok(Made {
        objects: objects::read(text, release, limits)?,
        // Files of an artifact may be put together of several, whose lines are not its own.
        values: defaults.filter(|_| chart.path.is_some()),
    })
}

/// Whether Helm takes a text for the name of a release or a namespace. Others might pass for an option of the command.
fn is_name(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    text.bytes()
        .all(|byte| is_inner(byte) || byte == b'-' || byte == b'.')
        && text.bytes().next().is_some_and(is_inner)
        && text.bytes().last().is_some_and(is_inner)
}

/// An object that a chart makes; the release gives it its place.
fn applied(node: Node, by: &ObjectRef, mark: Mark) -> Applied {
    Applied {
        built: node.clone(),
        rendered: None,
        mark,
        generated: false,
        unhashed_name: node.text_at(&["metadata", "name"]).unwrap_or_default().to_owned(),
        generated_by: Some(by.clone()),
        node,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_option() {
        for name in ["web", "a.b-2"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "-web", "--post-renderer=x", "web ", "Web", "web/x", "web-"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
