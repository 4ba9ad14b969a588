//! A release turns into what its chart makes, or why that is unknown.

use std::sync::Arc;

use helm_template::{Error, ValuePath};
use source_tree::{Mark, ObjectRef};

use super::Inputs;
use crate::evaluate::round::Evaluator;
use crate::flux::HelmRelease;
use crate::helm::{self, ChartName, Made, NoChart, ReleaseRendering};
use crate::{Applied, ChartMode, Unavailable};

pub(super) enum Outcome {
    Rendered {
        /// To be rendered again with other values.
        rendering: Arc<ReleaseRendering>,
        chart: ChartName,
        objects: Vec<Applied>,
        hooks: Vec<ObjectRef>,
        crds: Vec<String>,
        /// Values that the chart does not read.
        unused: Vec<ValuePath>,
        /// Charts whose schemas are too large to be checked.
        unchecked_schemas: Vec<String>,
        /// Patches of post renderers whose targets select nothing.
        unmatched: Vec<Mark>,
    },
    Failed(Error),
    /// Its chart cannot be had, and why.
    Unavailable(Unavailable),
}

pub(super) fn outcome(
    evaluator: &Evaluator<'_>,
    (id, mark): (&ObjectRef, Mark),
    release: &HelmRelease,
    inputs: &Inputs,
) -> Outcome {
    let chart = match &inputs.chart {
        Ok(chart) => chart,
        Err(NoChart::Unavailable(why)) => return Outcome::Unavailable(why.clone()),
        Err(NoChart::Broken(error)) => return Outcome::Failed(error.clone()),
    };
    let rendering = |withholds: bool| {
        let settings = &evaluator.render_settings;
        ReleaseRendering::new(&inputs.node, chart, &inputs.known, settings, withholds)
    };
    let render =
        |rendering: &ReleaseRendering| helm::render(release, rendering, chart, &evaluator.options.limits);
    let withholds = evaluator.options.charts != ChartMode::AsApplied;
    let known = rendering(withholds);
    match render(&known) {
        Ok(Made {
            chart,
            objects,
            hooks,
            crds,
            unused,
            unchecked_schemas,
            unmatched,
        }) => Outcome::Rendered {
            rendering: Arc::new(known),
            chart,
            unused,
            unchecked_schemas,
            unmatched,
            objects: objects
                .into_iter()
                .map(|object| Applied {
                    overridden: Vec::new(),
                    unhashed_name: object
                        .applied
                        .text_at(&["metadata", "name"])
                        .unwrap_or_default()
                        .to_owned(),
                    built: object.rendered,
                    node: object.applied,
                    rendered: None,
                    mark,
                    generated: false,
                    generated_by: Some(id.clone()),
                })
                .collect(),
            hooks,
            crds,
        },
        Err(error) if withholds => Outcome::Failed(error),
        // Words may quote values. Those of a rendering without credentials may be shown.
        Err(error) => Outcome::Failed(
            render(&rendering(true))
                .err()
                .unwrap_or_else(|| helm::without_words(&error)),
        ),
    }
}
