//! HelmReleases turn into the objects of their charts; one is rendered again only if its inputs changed.

mod diagnostics;
mod outcome;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use source_tree::{Mark, ObjectRef};
use yaml_node::Node;

use crate::evaluate::artifacts::{GeneratedArtifacts, has_same_values};
use crate::evaluate::key::Key;
use crate::evaluate::round::{Evaluator, Round};
use crate::evaluation::{EvaluatedRelease, ReleaseChart, RenderedRelease};
use crate::flux::HelmRelease;
use crate::helm::{ChartReference, ClusterQuestion, HandedOver, KnownValues, NoChart, PreparedChart};
use crate::{Applied, ChartMode};

use outcome::{Outcome, outcome};
use values::{RoundSources, known_values};

/// Rendered HelmReleases.
#[derive(Clone, Default)]
pub(super) struct Releases {
    releases: BTreeMap<ObjectRef, Arc<Release>>,
    by_key: BTreeMap<Key, Vec<ObjectRef>>,
}

struct Release {
    key: Key,
    inputs: Inputs,
    mark: Mark,
    outcome: Outcome,
    /// Objects of `valuesFrom` whose values are unknown.
    unknown_values: Vec<ObjectRef>,
}

/// The inputs of a rendering.
struct Inputs {
    node: Node,
    chart: Result<Arc<PreparedChart>, NoChart>,
    /// The requested version.
    version: Option<String>,
    known: KnownValues,
}

impl Releases {
    /// Renders the releases of a round that have changed; `artifacts` are those of the round.
    pub(super) fn rendered(
        &self,
        evaluator: &Evaluator<'_>,
        view: &Round<'_>,
        artifacts: &GeneratedArtifacts,
    ) -> Self {
        if evaluator.options.charts == ChartMode::Skipped {
            return Releases::default();
        }
        let known = &self.releases;
        let stated = view.typed.helm_releases.iter();
        let stated = stated.map(|(release, key, object)| (&release.id, (release, key, *object)));
        let stated: BTreeMap<&ObjectRef, (&Arc<HelmRelease>, &Key, &Applied)> = stated.collect();
        let mut stated: Vec<_> = stated.into_iter().collect();
        let handed_over = evaluator.options.handed_over.as_ref();
        if handed_over.is_some_and(HandedOver::is_other) {
            stated.reverse();
        }
        let rendered: Vec<(ObjectRef, Arc<Release>)> = stated
            .into_par_iter()
            .filter_map(|(id, (release, key, object))| {
                let node = match evaluator.options.charts {
                    ChartMode::AsApplied => object.applied(),
                    _ => &object.node,
                };
                let release = match std::ptr::eq(node, object.applied()) {
                    true => Arc::clone(release),
                    false => Arc::new(HelmRelease::of(node)),
                };
                // Releases that go to another cluster belong to that one.
                if release.kube_config.is_some() {
                    return None;
                }
                let sources = RoundSources {
                    evaluator,
                    view,
                    artifacts,
                };
                let reference = ChartReference::new(&release, &sources);
                let chart = match &reference {
                    Some(reference) => evaluator.charts.get(reference, &sources),
                    None => Err(NoChart::Unavailable("not available".into())),
                };
                let version = reference.and_then(|reference| reference.version);
                let (values, unknown_values) = known_values(evaluator, view, &release);
                let inputs = Inputs {
                    node: node.clone(),
                    chart,
                    version,
                    known: values,
                };
                let unchanged = known
                    .get(id)
                    .filter(|known| known.key == *key && known.inputs.is_same_as(&inputs));
                let release = match unchanged {
                    Some(release) => Arc::clone(release),
                    None => Arc::new(Release {
                        outcome: outcome(evaluator, (id, object.mark), &release, &inputs),
                        key: key.clone(),
                        mark: object.mark,
                        inputs,
                        unknown_values,
                    }),
                };
                Some((id.clone(), release))
            })
            .collect();
        // Sorted by id, also if they were rendered in reverse.
        let releases: BTreeMap<ObjectRef, Arc<Release>> = rendered.into_iter().collect();
        let mut by_key: BTreeMap<Key, Vec<ObjectRef>> = BTreeMap::new();
        for (id, release) in &releases {
            by_key.entry(release.key.clone()).or_default().push(id.clone());
        }
        Releases { releases, by_key }
    }

    /// The objects of the releases that `key` applies.
    pub(super) fn objects(&self, key: &Key) -> impl Iterator<Item = &Applied> {
        let ids = self.by_key.get(key).into_iter().flatten();
        ids.filter_map(|id| self.releases.get(id))
            .flat_map(|release| release.objects())
    }

    /// The objects of all releases.
    pub(super) fn all(&self) -> impl Iterator<Item = &Applied> {
        self.releases.values().flat_map(|release| release.objects())
    }

    /// Whether the chart of a release was rendered.
    pub(super) fn is_rendered(&self, id: &ObjectRef) -> bool {
        let release = self.releases.get(id);
        release.is_some_and(|release| matches!(release.outcome, Outcome::Rendered(_)))
    }

    pub(super) fn is_same_as(&self, other: &Releases) -> bool {
        has_same_values(&self.releases, &other.releases)
    }

    pub(super) fn evaluated(&self) -> BTreeMap<ObjectRef, EvaluatedRelease> {
        let releases = self.releases.iter();
        releases
            .map(|(id, release)| (id.clone(), release.evaluated()))
            .collect()
    }
}

impl Inputs {
    fn is_same_as(&self, other: &Inputs) -> bool {
        self.chart.as_ref().map(Arc::as_ptr) == other.chart.as_ref().map(Arc::as_ptr)
            && self.node == other.node
            && self.known == other.known
    }
}

impl Release {
    fn evaluated(&self) -> EvaluatedRelease {
        let chart = match (&self.outcome, &self.inputs.chart) {
            (Outcome::Rendered(rendered), Ok(chart)) => ReleaseChart::Rendered(RenderedRelease {
                version: rendered.installation.chart.version.clone(),
                is_wanted_version: chart.is_wanted_version(),
                values: chart.stated_values(),
                hooks: rendered.installation.hooks.iter().cloned().collect(),
                crds: rendered.installation.crds.clone(),
                rendering: Some(Arc::clone(&rendered.rendering)),
            }),
            (Outcome::Failed(error), _) => ReleaseChart::Failed(error.message.clone()),
            (Outcome::Unavailable(why), _) => ReleaseChart::Unavailable(why.clone()),
            (Outcome::Rendered(_), Err(_)) => ReleaseChart::default(),
        };
        EvaluatedRelease {
            chart,
            unknown_values: self.unknown_values.clone(),
            asks: self.asks(),
        }
    }

    /// The question to the cluster without whose answer the chart fails.
    fn asks(&self) -> Option<ClusterQuestion> {
        match (&self.outcome, &self.inputs.chart) {
            (Outcome::Failed(error), Ok(chart)) => ClusterQuestion::find(error, chart.chart().ok()?),
            _ => None,
        }
    }

    fn is_of_artifact(&self) -> bool {
        self.inputs.node.text_at(&["spec", "chartRef", "kind"]) == Some("OCIRepository")
    }

    fn objects(&self) -> &[Applied] {
        match &self.outcome {
            Outcome::Rendered(rendered) => &rendered.objects,
            _ => &[],
        }
    }
}
