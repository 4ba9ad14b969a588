//! HelmReleases turn into the objects that their charts make, each anew only where something changed.

mod diagnostics;
mod outcome;
mod values;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;
use source_tree::{Mark, ObjectRef};
use yaml_node::Node;

use crate::evaluate::artifacts::GeneratedArtifacts;
use crate::evaluate::key::Key;
use crate::evaluate::round::{Evaluator, Round};
use crate::evaluation::{EvaluatedRelease, ReleaseChart, RenderedRelease};
use crate::flux::HelmRelease;
use crate::helm::{
    ChartName, ChartReference, ClusterQuestion, HandedOver, KnownValues, NoChart, PreparedChart,
};
use crate::{Applied, ChartMode};

use outcome::{Outcome, outcome};
use values::{Stated, known_values};

/// What HelmReleases make.
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
    /// What `valuesFrom` names and nobody can know.
    unknown_values: Vec<ObjectRef>,
}

/// What a rendering depends on.
struct Inputs {
    node: Node,
    chart: Result<Arc<PreparedChart>, NoChart>,
    /// The version that is stated.
    version: Option<String>,
    known: KnownValues,
}

impl Releases {
    /// Renders the releases of a round, those anew that are not as they were; `artifacts` are those that generators make in it.
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
        let mut stated: BTreeMap<&ObjectRef, (&Key, &Applied)> = BTreeMap::new();
        for (release, key, object) in &view.typed.helm_releases {
            stated.insert(&release.id, (key, object));
        }
        let mut stated: Vec<_> = stated.into_iter().collect();
        if evaluator
            .options
            .handed_over
            .as_ref()
            .is_some_and(HandedOver::is_other)
        {
            stated.reverse();
        }
        let rendered: Vec<(ObjectRef, Arc<Release>)> = stated
            .into_par_iter()
            .filter_map(|(id, (key, object))| {
                let node = match evaluator.options.charts {
                    ChartMode::AsApplied => object.rendered.as_ref().unwrap_or(&object.node),
                    _ => &object.node,
                };
                let release = HelmRelease::of(node);
                // What goes to another cluster is that cluster's.
                if release.kube_config.is_some() {
                    return None;
                }
                let sources = Stated {
                    evaluator,
                    view,
                    artifacts,
                };
                let reference = ChartReference::new(&release, &sources);
                let chart = match &reference {
                    Some(reference) => evaluator.charts.get(reference, &sources),
                    None => Err(NoChart::Unavailable("not at hand".into())),
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
                    .filter(|known| known.key == *key && known.inputs.same(&inputs));
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
        let mut releases = Releases::default();
        // Whichever were first, all are told in one order.
        let rendered: BTreeMap<ObjectRef, Arc<Release>> = rendered.into_iter().collect();
        for (id, release) in rendered {
            releases
                .by_key
                .entry(release.key.clone())
                .or_default()
                .push(id.clone());
            releases.releases.insert(id, release);
        }
        releases
    }

    /// What the releases that `key` applies make.
    pub(super) fn of(&self, key: &Key) -> impl Iterator<Item = &Applied> {
        let ids = self.by_key.get(key).into_iter().flatten();
        ids.filter_map(|id| self.releases.get(id))
            .flat_map(|release| release.objects())
    }

    /// Everything that releases make.
    pub(super) fn all(&self) -> impl Iterator<Item = &Applied> {
        self.releases.values().flat_map(|release| release.objects())
    }

    /// Whether the chart of a release was rendered.
    pub(super) fn is_rendered(&self, id: &ObjectRef) -> bool {
        let release = self.releases.get(id);
        release.is_some_and(|release| matches!(release.outcome, Outcome::Rendered { .. }))
    }

    /// Whether both are made of the same.
    pub(super) fn same(&self, other: &Releases) -> bool {
        self.releases.len() == other.releases.len()
            && self.releases.iter().all(|(id, release)| {
                other
                    .releases
                    .get(id)
                    .is_some_and(|known| Arc::ptr_eq(release, known))
            })
    }

    /// What became of each release.
    pub(super) fn evaluated(&self) -> BTreeMap<ObjectRef, EvaluatedRelease> {
        let releases = self.releases.iter();
        releases
            .map(|(id, release)| (id.clone(), release.evaluated()))
            .collect()
    }
}

impl Inputs {
    fn same(&self, other: &Inputs) -> bool {
        let same_chart = match (&self.chart, &other.chart) {
            (Ok(a), Ok(b)) => Arc::ptr_eq(a, b),
            (Err(NoChart::Unavailable(a)), Err(NoChart::Unavailable(b))) => a == b,
            (Err(NoChart::Broken(a)), Err(NoChart::Broken(b))) => a == b,
            _ => false,
        };
        same_chart && self.node == other.node && self.known == other.known
    }
}

impl Release {
    fn evaluated(&self) -> EvaluatedRelease {
        let chart = match (&self.outcome, &self.inputs.chart) {
            (
                Outcome::Rendered {
                    rendering,
                    chart: ChartName { version, .. },
                    hooks,
                    crds,
                    ..
                },
                Ok(chart),
            ) => ReleaseChart::Rendered(RenderedRelease {
                version: version.clone(),
                is_wanted_version: chart.is_wanted_version(),
                values: chart.stated_values(),
                hooks: hooks.iter().cloned().collect(),
                crds: crds.clone(),
                rendering: Some(Arc::clone(rendering)),
            }),
            (Outcome::Failed(error), _) => ReleaseChart::Failed(error.message.clone()),
            (Outcome::Unavailable(why), _) => ReleaseChart::Unavailable(why.clone()),
            (Outcome::Rendered { .. }, Err(_)) => ReleaseChart::default(),
        };
        EvaluatedRelease {
            chart,
            unknown_values: self.unknown_values.clone(),
            asks: self.asks(),
        }
    }

    /// What the chart asks the cluster, where it fails.
    fn asks(&self) -> Option<ClusterQuestion> {
        match (&self.outcome, &self.inputs.chart) {
            (Outcome::Failed(error), Ok(chart)) => ClusterQuestion::of(error, chart.chart().ok()?),
            _ => None,
        }
    }

    fn is_of_artifact(&self) -> bool {
        self.inputs.node.text_at(&["spec", "chartRef", "kind"]) == Some("OCIRepository")
    }

    fn objects(&self) -> &[Applied] {
        match &self.outcome {
            Outcome::Rendered { objects, .. } => objects,
            _ => &[],
        }
    }
}
