//! A release with all that it was rendered with, to be rendered again with other values.

use std::fmt;
use std::sync::{Arc, OnceLock};

use helm_release::{ReleasePostRenderer, release_name};
use helm_template::{
    Capabilities, Chart, Decisions, Error, Field, Release, RenderLimits, RenderOptions, Stage, Values,
    deciding_values, unused_values,
};
use yaml_node::Node;

use super::fingerprint::Fingerprint;
use super::handed_over::HandedOver;
use super::kept::Kept;
use super::objects::ReleaseOutput;
use super::prepared_chart::PreparedChart;
use super::values::KnownValues;
use super::{post_renderers, values};
use crate::flux::HelmRelease;
use crate::{KeptRenderings, RenderingKey, value_bytes};

/// What all releases of a cluster are rendered with.
#[derive(Default)]
pub(crate) struct RenderSettings {
    /// What charts are told of the cluster.
    pub(crate) capabilities: Capabilities,
    pub(crate) limits: RenderLimits,
    /// What keeps renderings from one scan to the next.
    pub(crate) kept: Option<Arc<dyn KeptRenderings>>,
    pub(crate) handed_over: Option<HandedOver>,
}

/// A HelmRelease, its chart and its values.
#[derive(Clone)]
pub struct ReleaseRendering {
    object: Node,
    chart: Arc<PreparedChart>,
    known: KnownValues,
    settings: Arc<RenderSettings>,
    /// Whether credentials are withheld before a template sees them.
    withholds: bool,
    /// Whether `spec.postRenderers` are left out.
    is_plain: bool,
    /// Computed where it is first asked for: the same one finds what is handed over and what is kept.
    fingerprint: OnceLock<Option<Fingerprint>>,
}

impl ReleaseRendering {
    pub(crate) fn new(
        object: &Node,
        chart: &Arc<PreparedChart>,
        known: &KnownValues,
        settings: &Arc<RenderSettings>,
        withholds: bool,
    ) -> Self {
        ReleaseRendering {
            object: object.clone(),
            chart: Arc::clone(chart),
            known: known.clone(),
            settings: Arc::clone(settings),
            withholds,
            is_plain: false,
            fingerprint: OnceLock::new(),
        }
    }

    /// The same release without `spec.postRenderers`.
    #[must_use]
    pub fn without_post_renderers(&self) -> Self {
        ReleaseRendering {
            is_plain: true,
            ..self.clone()
        }
    }

    /// The fields that are asked for, of what it makes; none where it cannot be rendered.
    pub fn fields(&self, is_asked: &dyn Fn(&Field) -> bool) -> Vec<(Field, String)> {
        let release = HelmRelease::of(&self.object);
        let rendered = self.with_options(&release, |values, options, _| {
            helm_template::render(self.chart.chart()?, values, &options)
        });
        rendered.map_or_else(|_| Vec::new(), |rendered| rendered.fields(is_asked))
    }

    /// The chart, with the default values that Flux gives it; none where its archive holds none.
    pub fn chart(&self) -> Option<&Arc<Chart>> {
        self.chart.chart().ok()
    }

    /// Which values decide fields of what the release makes, proved with at most so many renderings. `asked` are fields with
    /// their texts, as [`Field::of_object`] reads them from its objects.
    pub fn deciding_values(&self, asked: Vec<(Field, String)>, most_renderings: u32) -> Decisions {
        let release = HelmRelease::of(&self.object);
        let search = || {
            self.with_options(&release, |values, mut options, _| {
                // Labels alone decide nothing, and to add them writes all manifests anew.
                if self.is_plain || release.post_renderers.is_empty() {
                    options.post_renderer = None;
                }
                deciding_values(
                    self.chart.chart()?,
                    values,
                    &options,
                    asked.clone(),
                    most_renderings,
                )
            })
        };
        let decisions = match self.kept(&release) {
            Some(kept) => kept.decisions(&asked, most_renderings, search),
            None => search(),
        };
        decisions.unwrap_or_else(|_| Decisions {
            undecided: asked,
            ..Decisions::default()
        })
    }

    /// What the chart makes.
    pub(super) fn render(&self, release: &HelmRelease) -> Result<ReleaseOutput, Error> {
        let render = || {
            self.with_options(release, |values, options, renderer| {
                let chart = self.chart.chart()?;
                let rendered = helm_template::render(chart, values, &options)?;
                // Another version may read what this one does not.
                let unused = match self.chart.is_wanted_version() {
                    true => unused_values(chart, values, &options, &rendered),
                    false => Vec::new(),
                };
                Ok(ReleaseOutput::new(
                    chart,
                    rendered,
                    release,
                    unused,
                    renderer.unmatched(),
                ))
            })
        };
        match self.kept(release) {
            Some(kept) => kept.output(render),
            None => render(),
        }
    }

    /// Where it is kept.
    fn kept(&self, release: &HelmRelease) -> Option<Kept<'_>> {
        let store = self.settings.kept.as_deref()?;
        Some(Kept::new(store, self.fingerprint(release)?.clone()))
    }

    /// What another scan may have made of the same.
    pub(super) fn handed_over(&self, release: &HelmRelease) -> Option<(&HandedOver, RenderingKey)> {
        let handed_over = self.settings.handed_over.as_ref()?;
        Some((handed_over, self.fingerprint(release)?.clone().key()))
    }

    /// A digest of everything that decides what it makes; none if it holds credentials, or if the lines of its patches are part
    /// of what is found.
    fn fingerprint(&self, release: &HelmRelease) -> Option<&Fingerprint> {
        let fingerprint = self.fingerprint.get_or_init(|| self.new_fingerprint(release));
        fingerprint.as_ref()
    }

    fn new_fingerprint(&self, release: &HelmRelease) -> Option<Fingerprint> {
        if !self.withholds || !release.post_renderers.is_empty() {
            return None;
        }
        let mut fingerprint = Fingerprint::default();
        fingerprint.bytes(&self.chart.fingerprint().ok()?.0);
        fingerprint.node(&self.object);
        for (of, known) in &self.known {
            fingerprint.fields(of);
            fingerprint.fields(&known.as_ref().map(|known| &known.text));
        }
        fingerprint.fields(&self.settings.capabilities);
        fingerprint.fields(&self.settings.limits);
        Some(fingerprint)
    }

    fn with_options<T>(
        &self,
        release: &HelmRelease,
        run: impl FnOnce(&Values, RenderOptions<'_>, &ReleasePostRenderer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let target = release.target_namespace.as_deref();
        let name = release_name(release.release_name.as_deref(), target, &release.id.name);
        let inline = self
            .object
            .at(&["spec", "values"])
            .map_or(0, value_bytes::of_node);
        let known = self.known.values().flatten();
        let bytes = inline
            + known
                .map(|known| value_bytes::of_text(&known.text))
                .sum::<usize>();
        // Half is left for what the templates make of them.
        let limit = self.settings.limits.templates.total_bytes / 2;
        if bytes as u64 > limit {
            let message = format!("its values take more than {limit} bytes");
            return Err(Error::new(Stage::Values, message));
        }
        let values = values::of_release(release, &self.object, &self.known, self.withholds)
            .map_err(|error| Error::new(Stage::Values, error.message))?;
        let (mut renderer, strategy) = post_renderers::of_release(release);
        if self.is_plain {
            renderer.kustomize.clear();
        }
        let mut options = RenderOptions::new(Release::new(name, target.unwrap_or(&release.id.namespace)));
        options.capabilities = self.settings.capabilities.clone();
        options.limits = self.settings.limits;
        options.skip_schema_validation = release.skips_schema;
        options.post_renderer = Some((&renderer, strategy));
        run(&values, options, &renderer)
    }
}

impl fmt::Debug for ReleaseRendering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReleaseRendering").finish_non_exhaustive()
    }
}
