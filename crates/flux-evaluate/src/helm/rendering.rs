//! Rendering of a release, which can be repeated with other values.

use std::fmt;
use std::sync::{Arc, OnceLock};

use helm_release::{ReleasePostRenderer, release_name};
use helm_template::{
    Capabilities, Chart, Decisions, Error, Field, Release, RenderLimits, RenderOptions, Stage, Values,
    deciding_values, unused_values,
};
use yaml_node::Node;

use super::cached_release::CachedRelease;
use super::fingerprint::Fingerprint;
use super::handed_over::HandedOver;
use super::objects::ReleaseOutput;
use super::prepared_chart::PreparedChart;
use super::values::KnownValues;
use super::{post_renderers, values};
use crate::flux::HelmRelease;
use crate::{KeptRenderings, RenderingKey, value_bytes};

/// Settings for all releases of a cluster.
#[derive(Default)]
pub(crate) struct RenderSettings {
    pub(crate) capabilities: Capabilities,
    pub(crate) limits: RenderLimits,
    /// The cache of renderings.
    pub(crate) cache: Option<Arc<dyn KeptRenderings>>,
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
    /// Whether `spec.postRenderers` are ignored.
    is_plain: bool,
    /// Computed once, for the cache and for the other scan.
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

    /// The requested fields of the release's objects; empty if it cannot be rendered.
    pub fn fields(&self, is_asked: &dyn Fn(&Field) -> bool) -> Vec<(Field, String)> {
        let release = HelmRelease::of(&self.object);
        let rendered = self.with_options(&release, |values, options, _| {
            helm_template::render(self.chart.chart()?, values, &options)
        });
        rendered.map_or_else(|_| Vec::new(), |rendered| rendered.fields(is_asked))
    }

    /// The chart, with the default values that Flux gives it; `None` if its archive is not a valid chart.
    pub fn chart(&self) -> Option<&Arc<Chart>> {
        self.chart.chart().ok()
    }

    /// The values that decide fields of the release's objects, proved with at most so many renderings. `asked` are fields with
    /// their texts, as [`Field::of_object`] reads them from the objects.
    pub fn deciding_values(&self, asked: Vec<(Field, String)>, most_renderings: u32) -> Decisions {
        let release = HelmRelease::of(&self.object);
        let search = || {
            self.with_options(&release, |values, mut options, _| {
                // Labels decide no field, and adding them would serialise all manifests again.
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
        let decisions = match self.cached(&release) {
            Some(cached) => cached.decisions(&asked, most_renderings, search),
            None => search(),
        };
        decisions.unwrap_or_else(|_| Decisions {
            undecided: asked,
            ..Decisions::default()
        })
    }

    /// Renders the chart.
    pub(super) fn render(&self, release: &HelmRelease) -> Result<ReleaseOutput, Error> {
        let render = || {
            self.with_options(release, |values, options, renderer| {
                let chart = self.chart.chart()?;
                let rendered = helm_template::render(chart, values, &options)?;
                // The requested version may read other values than the available one.
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
        match self.cached(release) {
            Some(cached) => cached.output(render),
            None => render(),
        }
    }

    fn cached(&self, release: &HelmRelease) -> Option<CachedRelease<'_>> {
        Some(CachedRelease {
            store: self.settings.cache.as_deref()?,
            fingerprint: self.fingerprint(release)?.clone(),
        })
    }

    /// The results of another scan, with the key of this release.
    pub(super) fn handed_over(&self, release: &HelmRelease) -> Option<(&HandedOver, RenderingKey)> {
        let handed_over = self.settings.handed_over.as_ref()?;
        Some((handed_over, self.fingerprint(release)?.clone().key()))
    }

    /// A digest of all inputs; `None` if they contain credentials, or if the result contains lines of patches.
    fn fingerprint(&self, release: &HelmRelease) -> Option<&Fingerprint> {
        let compute = || {
            if !self.withholds || !release.post_renderers.is_empty() {
                return None;
            }
            let mut fingerprint = Fingerprint::default();
            fingerprint.bytes(&self.chart.fingerprint().ok()?.0);
            fingerprint.node(&self.object);
            for (key, known) in &self.known {
                fingerprint.fields(key);
                fingerprint.fields(&known.as_ref().map(|known| &known.text));
            }
            fingerprint.fields(&self.settings.capabilities);
            fingerprint.fields(&self.settings.limits);
            Some(fingerprint)
        };
        self.fingerprint.get_or_init(compute).as_ref()
    }

    fn with_options<T>(
        &self,
        release: &HelmRelease,
        run: impl FnOnce(&Values, RenderOptions<'_>, &ReleasePostRenderer) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let target = release.target_namespace.as_deref();
        let name = release_name(release.release_name.as_deref(), target, &release.id.name);
        let inline = self.object.at(&["spec", "values"]).map(value_bytes::of_node);
        let known = self.known.values().flatten();
        let known = known.map(|known| value_bytes::of_text(&known.text));
        let bytes: usize = inline.into_iter().chain(known).sum();
        // The other half is for the output of templates.
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
