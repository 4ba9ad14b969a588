//! A chart and values turn into manifests.

mod engine;
mod errors;
mod functions;
mod limits;
mod top;

use std::rc::Rc;
use std::sync::Arc;

use go_template::Map;

pub use limits::RenderLimits;

use crate::chart::Chart;
use crate::dependencies::{self, LoadedChart, is_compatible};
use crate::manifest::{Hook, Manifest, sort_manifests};
use crate::post_render::{Files, post_render};
use crate::remarks::Remarks;
use crate::values::{Nulls, coalesce};
use crate::{Capabilities, Error, PostRenderStrategy, PostRenderer, Release, Stage, Values, schema};

/// Options of a rendering.
#[derive(Clone)]
pub struct RenderOptions<'a> {
    /// The release.
    pub release: Release,
    /// The cluster.
    pub capabilities: Capabilities,
    /// `--skip-schema-validation`
    pub skip_schema_validation: bool,
    /// The post renderer, which runs before the manifests are sorted.
    pub post_renderer: Option<(&'a dyn PostRenderer, PostRenderStrategy)>,
    /// Bounds.
    pub limits: RenderLimits,
}

impl RenderOptions<'_> {
    /// A first installation in the default cluster of `helm template`.
    pub fn new(release: Release) -> Self {
        RenderOptions {
            release,
            capabilities: Capabilities::default(),
            skip_schema_validation: false,
            post_renderer: None,
            limits: RenderLimits::default(),
        }
    }
}

/// Result of a rendering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rendered {
    /// The files in `crds/` of the chart and of its subcharts.
    pub crds: Vec<Crd>,
    /// The manifests, in the order in which Helm installs them.
    pub manifests: Vec<Manifest>,
    /// The hooks, in the same order.
    pub hooks: Vec<Hook>,
    /// `NOTES.txt` of the chart.
    pub notes: Option<String>,
    /// Helm's warnings, such as values of another type than the chart's, and parts of schemas that this crate does not check.
    pub remarks: Vec<String>,
    /// Charts whose schemas are not checked, because their references make them explode in size.
    pub unchecked_schemas: Vec<String>,
}

/// A file of `crds/`, which is not rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crd {
    /// Its path: `CHART/crds/FILE`.
    pub source: String,
    /// Its text.
    pub content: String,
}

/// The file that Helm prints after an installation.
const NOTES: &str = "NOTES.txt";

/// Renders a chart, as `helm template` does.
///
/// ```
/// use std::sync::Arc;
/// use helm_template::{Chart, ChartFile, ChartLimits, OutputOptions, Release, RenderOptions, Values, render};
///
/// let files = vec![
///     ChartFile::new("Chart.yaml", *b"apiVersion: v2\nname: web\nversion: 1.0.0\n"),
///     ChartFile::new("values.yaml", *b"replicas: 1\n"),
///     ChartFile::new("templates/a.yaml", *b"kind: Web\nname: {{ .Release.Name }}\nreplicas: {{ .Values.replicas }}\n"),
/// ];
/// let chart = Arc::new(Chart::from_files(files, &ChartLimits::default())?);
/// let mut values = Values::new();
/// values.set("replicas=3")?;
/// let rendered = render(&chart, &values, &RenderOptions::new(Release::new("shop", "apps")))?;
/// assert_eq!(
///     rendered.to_text(&OutputOptions::default())?,
///     "---\n# Source: web/templates/a.yaml\nkind: Web\nname: shop\nreplicas: 3\n"
/// );
/// # Ok::<(), helm_template::Error>(())
/// ```
///
/// # Errors
/// [`Error`] with Helm's message if Helm would fail, or if a limit is exceeded.
pub fn render(chart: &Arc<Chart>, values: &Values, options: &RenderOptions<'_>) -> Result<Rendered, Error> {
    if !matches!(chart.metadata.kind.as_str(), "" | "application") {
        let message = format!("{} charts are not installable", chart.metadata.kind);
        return Err(Error::new(Stage::Load, message));
    }
    dependencies::check(chart)?;
    options.release.check_name()?;

    let mut remarks = Remarks::default();
    let (loaded, values) = prepare(chart, values, options, &mut remarks)?;
    if !options.skip_schema_validation {
        schema::validate(&loaded, &values, &mut remarks)?;
    }
    check_kube_version(&loaded, &options.capabilities)?;

    let mut files = engine::render(&loaded, &values, options)?;
    let notes = take_notes(&mut files, loaded.name());
    if let Some((renderer, strategy)) = options.post_renderer {
        files = post_render(files, renderer, strategy, &options.limits)?;
    }
    let (manifests, hooks) = sort_manifests(&files, &options.limits)?;
    let mut crds = Vec::new();
    collect_crds(&loaded, loaded.name(), &mut crds);
    Ok(Rendered {
        crds,
        manifests,
        hooks,
        notes,
        remarks: remarks.texts,
        unchecked_schemas: remarks.unchecked_schemas,
    })
}

/// The values that a chart's templates see: the given values over its defaults, with those of its subcharts below their names.
///
/// # Errors
/// If the values do not fit the chart.
pub fn effective_values(
    chart: &Arc<Chart>,
    values: &Values,
    options: &RenderOptions<'_>,
) -> Result<Values, Error> {
    let (_, values) = prepare(chart, values, options, &mut Remarks::default())?;
    Ok(Values::from_map(values))
}

/// The enabled charts, and the values that they see.
fn prepare(
    chart: &Arc<Chart>,
    values: &Values,
    options: &RenderOptions<'_>,
    remarks: &mut Remarks,
) -> Result<(LoadedChart, Rc<Map>), Error> {
    let loaded = dependencies::process(chart, values.map(), &options.limits, remarks)?;
    let values = coalesce(&loaded, values.map(), Nulls::Remove, remarks)
        .map_err(|message| Error::new(Stage::Values, message))?;
    Ok((loaded, values))
}

fn check_kube_version(chart: &LoadedChart, capabilities: &Capabilities) -> Result<(), Error> {
    let wanted = &chart.metadata.kube_version;
    let version = &capabilities.kube_version;
    if wanted.is_empty() || is_compatible(wanted, &version.normalized) {
        return Ok(());
    }
    let message = format!(
        "chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {}",
        version.version
    );
    Err(Error::new(Stage::KubeVersion, message))
}

/// Removes all files that are notes, and returns the chart's own.
fn take_notes(files: &mut Files, chart: &str) -> Option<String> {
    let notes = files.remove(format!("{chart}/templates/{NOTES}").as_str());
    files.retain(|name, _| !name.ends_with(NOTES));
    notes
}

fn collect_crds(chart: &LoadedChart, path: &str, crds: &mut Vec<Crd>) {
    let files = chart.chart.files.iter();
    crds.extend(files.filter(|file| is_crd(&file.name)).map(|file| Crd {
        source: format!("{path}/{}", file.name),
        content: file.text().into_owned(),
    }));
    for subchart in &chart.dependencies {
        collect_crds(subchart, &format!("{path}/charts/{}", subchart.name()), crds);
    }
}

fn is_crd(name: &str) -> bool {
    let extension = name.rsplit('/').next().and_then(|base| base.rsplit_once('.'));
    let is_manifest = extension.is_some_and(|(_, extension)| {
        ["yaml", "yml", "json"]
            .iter()
            .any(|known| extension.eq_ignore_ascii_case(known))
    });
    name.starts_with("crds/") && is_manifest
}
