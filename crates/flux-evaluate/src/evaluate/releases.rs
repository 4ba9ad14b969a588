//! HelmReleases turn into the objects that their charts make, each anew only where something changed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use helm_template::{Error, ValuePath, ValueStep};
use kustomize_build::Sources;
use rayon::prelude::*;
use source_tree::{Diagnostic, Mark, ObjectRef, Severity, codes};
use yaml_node::Node;

use super::elsewhere::not_cached;
use super::generated::Generated;
use super::key::Key;
use super::round::{Evaluator, Round};
use super::sources::Resolved;
use super::typed_objects::ValuesObject;
use crate::evaluation::{EvaluatedRelease, ReleaseChart, RenderedRelease};
use crate::flux::{HelmRelease, Source, ValuesReference};
use crate::helm::{
    self, ChartName, ChartReference, ClusterQuestion, HandedOver, KnownValue, KnownValues, Made, NoChart,
    PreparedChart, ReferenceSources, ReleaseRendering,
};
use crate::{Applied, ChartMode, Unavailable};

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

enum Outcome {
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

impl Releases {
    /// Renders the releases of a round; `made` is what controllers make of it, with what releases made in the last one.
    pub(super) fn new(evaluator: &Evaluator<'_>, view: &Round<'_>, made: &Generated) -> Self {
        if evaluator.options.charts == ChartMode::Skipped {
            return Releases::default();
        }
        let known = &made.releases.releases;
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
                    made,
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

    /// Charts that could not be rendered, and those of another version.
    pub(super) fn diagnostics(&self, evaluator: &Evaluator<'_>) -> Vec<Diagnostic> {
        let releases = self.releases.iter();
        releases
            .flat_map(|(id, release)| {
                let diagnostic = release
                    .diagnostic(evaluator, id)
                    .map(|found| (found, release.mark));
                let diagnostics = diagnostic
                    .into_iter()
                    .chain(release.unused_values(id))
                    .chain(release.unchecked_schemas(id))
                    .chain(release.unmatched_patches(id));
                diagnostics.map(move |(diagnostic, mark)| {
                    diagnostic.at(evaluator.files.place(mark)).on(id.to_string())
                })
            })
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

    /// Values that the chart does not read, each at the line that states it where `spec.values` does.
    fn unused_values(&self, id: &ObjectRef) -> Vec<(Diagnostic, Mark)> {
        let Outcome::Rendered { unused, chart, .. } = &self.outcome else {
            return Vec::new();
        };
        let unused = unused.iter().map(|path| {
            let message = format!(
                "{id}: chart {} {} does not read the value {}",
                chart.name, chart.version, path
            );
            let diagnostic = Diagnostic::warning(codes::VALUE_UNUSED, message)
                .hint("correct its name, or remove it: `helm show values` prints those of the chart");
            let mark = stated_at(&self.inputs.node, path);
            (
                diagnostic,
                mark.filter(|mark| mark.is_some()).unwrap_or(self.mark),
            )
        });
        unused.collect()
    }

    /// Charts by whose schemas nothing is checked.
    fn unchecked_schemas(&self, id: &ObjectRef) -> Vec<(Diagnostic, Mark)> {
        let Outcome::Rendered {
            unchecked_schemas, ..
        } = &self.outcome
        else {
            return Vec::new();
        };
        let found = unchecked_schemas.iter().map(|chart| {
            let message = format!(
                "{id}: the schema of chart {chart} multiplies itself by its references, so that its values are not checked"
            );
            let diagnostic = Diagnostic::new(Severity::Info, codes::SCHEMA_UNCHECKED, message)
                .hint("Helm may refuse the values, or not come to an end; the release is catalogued as it renders");
            (diagnostic, self.mark)
        });
        found.collect()
    }

    /// Patches of post renderers whose targets select nothing.
    fn unmatched_patches(&self, id: &ObjectRef) -> Vec<(Diagnostic, Mark)> {
        let Outcome::Rendered { unmatched, .. } = &self.outcome else {
            return Vec::new();
        };
        let found = unmatched.iter().map(|mark| {
            let message = format!(
                "{id}: the target of this patch selects no object that the chart makes, so that it changes nothing"
            );
            let diagnostic = Diagnostic::new(Severity::Info, codes::PATCH_UNMATCHED, message)
                .hint("correct `target` by what `flux-infra-guide render` shows of the release; a manifest of a chart often has no namespace");
            (diagnostic, *mark)
        });
        found.collect()
    }

    fn diagnostic(&self, evaluator: &Evaluator<'_>, id: &ObjectRef) -> Option<Diagnostic> {
        match (&self.outcome, &self.inputs.chart) {
            (Outcome::Failed(error), chart) => {
                let folder = chart.as_ref().ok().and_then(|chart| {
                    let place = error.place.as_ref()?;
                    let (_, below) = place.template.split_once('/')?;
                    let path = chart.path()?;
                    Some(format!("{path}/{below}:{}", place.line))
                });
                let mut hint = "the release is catalogued without what its chart makes".to_owned();
                match (folder, self.asks()) {
                    (Some(folder), Some(asked)) => hint = format!("{folder}: {}; {hint}", asked.hint()),
                    (None, Some(asked)) => hint = format!("{}; {hint}", asked.hint()),
                    (Some(folder), None) => hint = format!("correct {folder}, or the values; {hint}"),
                    (None, None) => {}
                }
                let unknown: Vec<String> = self.unknown_values.iter().map(ToString::to_string).collect();
                // What is not known may be all that the chart lacks.
                let severity = match unknown.as_slice() {
                    [] => Severity::Warning,
                    unknown => {
                        hint = format!(
                            "the values of {} are not known; the release is catalogued without what its chart makes",
                            unknown.join(", ")
                        );
                        Severity::Info
                    }
                };
                // Helm says one thing in several lines.
                let words: Vec<&str> = error.message.split_whitespace().collect();
                let message = format!("{id}: its chart is not rendered: {}", words.join(" "));
                Some(Diagnostic::new(severity, codes::CHART_UNRENDERED, message).hint(hint))
            }
            // An artifact that is a chart is a source, of which it is said.
            (Outcome::Unavailable(Unavailable { is_locked: true, .. }), _) if !self.is_of_artifact() => {
                let message = format!("{id}: its chart is in the lock file, and not in the cache");
                Some(not_cached(evaluator.options, message))
            }
            (Outcome::Rendered { chart: name, .. }, Ok(chart)) if !chart.is_wanted_version() => {
                let message = format!(
                    "{id}: its chart is {} {}, since {} is not at hand",
                    name.name,
                    name.version,
                    self.inputs.version.as_deref().unwrap_or("the stated version"),
                );
                let diagnostic = Diagnostic::new(source_tree::Severity::Info, codes::CHART_VERSION, message);
                Some(diagnostic.hint("what it makes may differ; have the stated version at hand too"))
            }
            _ => None,
        }
    }
}

/// The key of a value among `spec.values`, where they state it.
fn stated_at(release: &Node, path: &ValuePath) -> Option<Mark> {
    let (last, above) = path.0.split_last()?;
    let values = release.at(&["spec", "values"])?;
    let map = ValuePath(above.to_vec()).node(values)?;
    let ValueStep::Key(key) = last else { return None };
    Some(map.as_mapping()?.key(key)?.mark)
}

/// What the last round says of sources.
struct Stated<'a, 's> {
    evaluator: &'a Evaluator<'a>,
    view: &'a Round<'s>,
    made: &'a Generated,
}

impl<'a> ReferenceSources<'a> for Stated<'a, '_> {
    fn source(&self, id: &ObjectRef) -> Option<(&'a Source, &'a Node)> {
        let (source, object) = self.view.typed.source(id)?;
        Some((source, object.rendered.as_ref().unwrap_or(&object.node)))
    }

    fn files(&self, id: &ObjectRef) -> Option<Arc<Sources>> {
        let resolved = self.made.artifact(id).unwrap_or_else(|| {
            self.evaluator
                .artifacts
                .resolve(id, &self.view.typed, &self.view.bare_sources)
        });
        match resolved {
            // An image of charts is not the repository, whatever its name.
            Resolved::Own(_) if id.kind == "OCIRepository" => None,
            resolved => resolved.sources().cloned(),
        }
    }
}

/// What `valuesFrom` leads to, and the objects of it that nobody can know: those that nothing here makes, and Secrets.
fn known_values(
    evaluator: &Evaluator<'_>,
    view: &Round<'_>,
    release: &HelmRelease,
) -> (KnownValues, Vec<ObjectRef>) {
    let mut known = KnownValues::new();
    let mut unknown = BTreeSet::new();
    for reference in &release.values_from {
        let id = ObjectRef::new(&reference.kind, &release.id.namespace, &reference.name);
        let found = view.typed.values(&id);
        let as_applied = evaluator.options.charts == ChartMode::AsApplied;
        let value = match found {
            Some(found) if id.kind == "ConfigMap" => Some(text_of(found, reference, as_applied)),
            Some(found) if as_applied && !found.is_encrypted() => {
                Some(found.secret_text(reference.key()).map(plain))
            }
            Some(_) => None,
            None if reference.optional => continue,
            None => None,
        };
        let key = (
            reference.kind.clone(),
            reference.name.clone(),
            reference.key().to_owned(),
        );
        match value {
            Some(value) => {
                known.insert(key, value);
            }
            None => {
                if reference.target_path.is_some() {
                    let placeholder = helm::placeholder(&reference.name, reference.key());
                    known.insert(key, Some(plain(placeholder)));
                }
                unknown.insert(id);
            }
        }
    }
    (known, unknown.into_iter().collect())
}

fn plain(text: String) -> KnownValue {
    KnownValue {
        text,
        file: source_tree::FileId::NONE,
    }
}

fn text_of(found: &ValuesObject<'_>, reference: &ValuesReference, as_applied: bool) -> Option<KnownValue> {
    let node = found.data_node(reference.key(), as_applied)?;
    Some(KnownValue {
        text: node.text()?.to_owned(),
        file: node.mark.file,
    })
}

fn outcome(
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
