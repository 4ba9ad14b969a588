//! Values that decide the images in objects of charts, each proved by rendering its release again.

use std::collections::BTreeMap;

use flux_evaluate::{Field, ValuePath, ValueStep};
use rayon::prelude::*;
use yaml_node::Node;

use crate::inventory::Object;
use crate::kinds::helm_release::Release;
use crate::service_candidates::ServiceCandidate;

/// Most further renderings of one release.
const RENDERINGS: u32 = 4;
/// Lists of containers whose images are read.
const CONTAINERS: [&str; 2] = ["initContainers", "containers"];

/// An image of a workload, with the value that decides it.
#[derive(Debug)]
pub(crate) struct ProvedImage {
    /// The image.
    pub(crate) text: String,
    /// Whether an init container runs it.
    pub(crate) is_init: bool,
    pub(crate) by: DecidedBy,
}

/// The value that decides an image.
#[derive(Debug)]
pub(crate) enum DecidedBy {
    /// A scalar of a file: of the release, of an object in its `valuesFrom`, or of a chart in the repository.
    Stated(Node),
    /// A default of the chart, at this path, with its text; empty if the templates replace it.
    ChartDefault(ValuePath, String),
}

/// Images by release, and by kind and name of the workload.
pub(crate) type ProvedImages = BTreeMap<usize, BTreeMap<(String, String), Vec<ProvedImage>>>;

/// The images of all workloads that charts make.
pub(crate) fn images(candidates: &[ServiceCandidate<'_>], releases: &[Release<'_>]) -> ProvedImages {
    let mut asked: BTreeMap<usize, Vec<(Field, String)>> = BTreeMap::new();
    for (release, workload) in candidates.iter().filter_map(chart_workload) {
        let fields = Field::of_object(&workload.applied.built, &is_container_image);
        asked.entry(release).or_default().extend(fields);
    }
    asked
        .into_par_iter()
        .filter_map(|(position, asked)| {
            let release = releases.get(position)?;
            Some((position, of_release(release, asked)?))
        })
        .collect()
}

/// The release of a candidate, and the workload that its chart makes.
pub(crate) fn chart_workload<'a>(candidate: &ServiceCandidate<'a>) -> Option<(usize, &'a Object<'a>)> {
    match (candidate.release, candidate.workload, candidate.chart_of) {
        (Some(release), Some(workload), _) => Some((release, workload)),
        (_, _, Some(release)) => Some((release, candidate.object)),
        _ => None,
    }
}

fn is_container_image(field: &Field) -> bool {
    match field.path.0.as_slice() {
        [.., ValueStep::Key(list), ValueStep::Index(_), ValueStep::Key(key)] => {
            key == "image" && CONTAINERS.contains(&list.as_str())
        }
        _ => false,
    }
}

fn of_release(
    release: &Release<'_>,
    asked: Vec<(Field, String)>,
) -> Option<BTreeMap<(String, String), Vec<ProvedImage>>> {
    let rendered = release.rendered()?;
    let decisions = rendered.rendering.as_ref()?.deciding_values(asked, RENDERINGS);
    let mut images: BTreeMap<(String, String), Vec<ProvedImage>> = BTreeMap::new();
    for decision in decisions.decided {
        let by = match (stated(release, &decision.value), decision.is_given) {
            (Some(stated), _) => DecidedBy::Stated(stated.clone()),
            (None, false) => DecidedBy::ChartDefault(decision.value, decision.value_text),
            // A Secret's value has no place to edit.
            (None, true) => continue,
        };
        let mut steps = decision.field.path.0.iter();
        let is_init = steps.any(|step| matches!(step, ValueStep::Key(key) if key == "initContainers"));
        let workload = (decision.field.kind, decision.field.name);
        images.entry(workload).or_default().push(ProvedImage {
            text: decision.text,
            is_init,
            by,
        });
    }
    Some(images)
}

/// The scalar of a file that states a value: of the release's values, else of the chart's.
pub(crate) fn stated<'a>(release: &'a Release<'_>, path: &ValuePath) -> Option<&'a Node> {
    let of_chart = || release.rendered()?.values.as_ref();
    let given = path.node(&release.values.node);
    let found = given.or_else(|| path.node(of_chart()?));
    found.filter(|node| node.mark.is_some() && node.as_scalar().is_some())
}
