//! A HelmRelease turns into the objects of its chart, or the reason why they are unknown.

use std::sync::Arc;

use helm_template::Error;
use source_tree::{Mark, ObjectRef};

use super::Inputs;
use crate::evaluate::round::Evaluator;
use crate::flux::HelmRelease;
use crate::helm::{self, Installation, NoChart, ReleaseRendering};
use crate::{Applied, ChartMode, Unavailable};

pub(super) enum Outcome {
    Rendered(RenderedChart),
    Failed(Error),
    /// Its chart is not available.
    Unavailable(Unavailable),
}

pub(super) struct RenderedChart {
    /// For rendering it again with other values.
    pub(super) rendering: Arc<ReleaseRendering>,
    pub(super) objects: Vec<Applied>,
    /// Without its objects, which are `objects`.
    pub(super) installation: Installation,
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
        Ok(mut installation) => {
            let objects = std::mem::take(&mut installation.objects).into_iter();
            let objects = objects.map(|object| Applied {
                built: object.rendered,
                mark,
                ..Applied::new(object.applied, Some(id), mark)
            });
            Outcome::Rendered(RenderedChart {
                rendering: Arc::new(known),
                objects: objects.collect(),
                installation,
            })
        }
        Err(error) if withholds => Outcome::Failed(error),
        // A message may quote values. That of a rendering without credentials may be shown.
        Err(error) => {
            let harmless = render(&rendering(true)).err();
            Outcome::Failed(harmless.unwrap_or_else(|| helm::without_message(&error)))
        }
    }
}
