//! HelmReleases with their names, charts and effective values.
//!
//! Rules: <https://fluxcd.io/flux/components/helm/helmreleases/>.

use flux_evaluate::flux;
use flux_evaluate::{EvaluatedRelease, ReleaseChart, RenderedRelease};
use infra_model::Place;
use infra_model::flux::ChartRef;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::crossplane::EmbeddedObjects;
use crate::distinct::distinct;
use crate::helm_values::{EffectiveValues, effective_values, walk_scalars};
use crate::image_variables::ImageVariables;
use crate::inventory::{HELM, Inventory, Object, SOURCE};
use crate::kinds::source::url;
use crate::view::View;

/// Helm's bound for release names.
const MAX_NAME: usize = 53;

const SHORT_HASH: usize = 12;

/// A HelmRelease.
pub(crate) struct Release<'a> {
    pub(crate) object: &'a Object<'a>,
    pub(crate) view: View<'a>,
    /// The object's fields.
    pub(crate) spec: flux::HelmRelease,
    /// The release's name.
    pub(crate) name: String,
    /// Where it is installed.
    pub(crate) namespace: String,
    pub(crate) values: EffectiveValues,
    pub(crate) chart: Chart,
    /// The evaluation of its chart; `None` if it installs into another cluster.
    pub(crate) evaluated: Option<&'a EvaluatedRelease>,
}

impl<'a> Release<'a> {
    /// Every HelmRelease of an inventory.
    pub(crate) fn all(inventory: &'a Inventory<'a>, embedded: &EmbeddedObjects<'a>) -> Vec<Self> {
        inventory
            .ids_of(HELM, "HelmRelease")
            .par_iter()
            .filter_map(|id| inventory.objects.get(*id))
            .map(|object| {
                let spec = flux::HelmRelease::of(object.node());
                let namespace = spec.target_namespace.as_deref();
                let id = flux::object_ref(object.node());
                Release {
                    evaluated: inventory.evaluation.releases.get(&id),
                    object,
                    view: inventory.view(object),
                    name: release_name(object.name, &spec),
                    namespace: namespace.unwrap_or(object.namespace).to_owned(),
                    values: effective_values(inventory, embedded, object, &spec.values_from),
                    chart: chart(inventory, object, &spec),
                    spec,
                }
            })
            .collect()
    }

    /// Its chart, if that was rendered. Nothing is guessed from its values then.
    pub(crate) fn rendered(&self) -> Option<&'a RenderedRelease> {
        match &self.evaluated?.chart {
            ReleaseChart::Rendered(rendered) => Some(rendered),
            _ => None,
        }
    }

    /// A text of the values with the release's name and namespace filled in; `None` if it has other templates.
    pub(crate) fn untemplated(&self, text: &str) -> Option<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            filled.push_str(before);
            let (expression, after) = after.split_once("}}")?;
            match expression.trim_matches(['-', ' ']).trim_start_matches('$') {
                ".Release.Name" => filled.push_str(&self.name),
                ".Release.Namespace" => filled.push_str(&self.namespace),
                _ => return None,
            }
            rest = after;
        }
        filled.push_str(rest);
        Some(filled)
    }

    /// Names with which the Services of its chart start: the release's name, and overrides in the values.
    pub(crate) fn service_names(&self) -> Vec<String> {
        let mut names = vec![self.name.clone()];
        // The operator names the Services of its Prometheus and Alertmanager so, whatever the release's name
        // (https://prometheus-operator.dev/docs/platform/operator/).
        if self.chart.name.as_deref() == Some("kube-prometheus-stack") {
            names.extend(["prometheus-operated", "alertmanager-operated"].map(str::to_owned));
        }
        walk_scalars(&self.values.node, &mut |path, scalar| {
            if path.last() == Some(&"fullnameOverride") {
                names.extend(scalar.as_str().filter(|name| !name.is_empty()).map(str::to_owned));
            }
        });
        distinct(names)
    }
}

/// `[targetNamespace-]name` unless stated, shortened by Flux's rule
/// (<https://github.com/fluxcd/helm-controller/blob/main/internal/release/name.go>).
fn release_name(name: &str, spec: &flux::HelmRelease) -> String {
    let full = match (&spec.release_name, &spec.target_namespace) {
        (Some(stated), _) => stated.clone(),
        (None, Some(namespace)) => format!("{namespace}-{name}"),
        (None, None) => name.to_owned(),
    };
    if full.len() <= MAX_NAME {
        return full;
    }
    let hash: String = Sha256::digest(full.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let kept = full.get(..MAX_NAME - SHORT_HASH - 1).unwrap_or(&full);
    format!("{kept}-{}", hash.get(..SHORT_HASH).unwrap_or(&hash))
}

/// Chart, source and version of a HelmRelease.
#[derive(Clone, Default)]
pub(crate) struct Chart {
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    /// The line that states the version.
    pub(crate) version_place: Option<Place>,
    pub(crate) source_kind: Option<String>,
    pub(crate) source_name: Option<String>,
    pub(crate) source_namespace: String,
    pub(crate) source_url: Option<String>,
    pub(crate) chart_ref: Option<ChartRef>,
}

/// The chart of `spec.chart` or `spec.chartRef`. `own_namespace` is that of the release.
fn chart(inventory: &Inventory<'_>, object: &Object<'_>, release: &flux::HelmRelease) -> Chart {
    let own_namespace = object.namespace;
    let stated = |object: &Object<'_>, path: &[&str]| {
        let view = inventory.view(object).at(path)?;
        // A version that is one variable is stated by the line that defines the variable.
        let defined = |text: &str| ImageVariables::new(inventory).place(object.owner, text);
        let place = view.built_text().and_then(defined);
        place.or_else(|| inventory.place(view.mark()))
    };
    if let Some(spec) = &release.chart {
        return Chart {
            version_place: stated(object, &["spec", "chart", "spec", "version"]),
            ..with_url(inventory, from_chart_spec(spec, own_namespace))
        };
    }
    let Some(reference) = &release.chart_ref else {
        return Chart::default();
    };
    let id = &reference.id;
    if id.kind.is_empty() {
        return Chart::default();
    }
    let target = inventory.find(SOURCE, &id.kind, &id.namespace, &id.name);
    let version_place = target.and_then(|target| {
        let paths: [&[&str]; 4] = [
            &["spec", "ref", "digest"],
            &["spec", "ref", "semver"],
            &["spec", "ref", "tag"],
            &["spec", "version"],
        ];
        paths.into_iter().find_map(|path| stated(target, path))
    });
    let target = target.map(Object::node);
    let chart = match (id.kind.as_str(), target) {
        ("HelmChart", Some(target)) => flux::ChartSpec::of_helm_chart(target)
            .map_or_else(Chart::default, |spec| from_chart_spec(&spec, &id.namespace)),
        ("OCIRepository", Some(target)) => {
            let source = flux::Source::of(target);
            let reference = source.reference;
            Chart {
                name: source.url.as_deref().and_then(last_part).map(str::to_owned),
                version: reference.digest.or(reference.semver).or(reference.tag),
                ..Chart::default()
            }
        }
        _ => Chart::default(),
    };
    let source = match chart.source_name {
        Some(_) => chart,
        None => Chart {
            source_kind: Some(id.kind.to_string()),
            source_name: Some(id.name.to_string()),
            source_namespace: id.namespace.to_string(),
            ..chart
        },
    };
    Chart {
        chart_ref: Some(ChartRef {
            kind: id.kind.to_string(),
            name: id.name.to_string(),
            namespace: id.namespace.to_string(),
        }),
        version_place,
        ..with_url(inventory, source)
    }
}

fn from_chart_spec(spec: &flux::ChartSpec, own_namespace: &str) -> Chart {
    let source = spec.source.as_ref().map(|source| &source.id);
    Chart {
        name: spec.chart.clone(),
        version: spec.version.clone(),
        source_kind: source
            .map(|id| id.kind.to_string())
            .filter(|kind| !kind.is_empty()),
        source_name: source.map(|id| id.name.to_string()),
        source_namespace: source.map_or(own_namespace, |id| &id.namespace).to_owned(),
        ..Chart::default()
    }
}

fn with_url(inventory: &Inventory<'_>, mut chart: Chart) -> Chart {
    if let (Some(kind), Some(name)) = (&chart.source_kind, &chart.source_name) {
        chart.source_url = inventory
            .find(SOURCE, kind, &chart.source_namespace, name)
            .and_then(|object| url(&flux::Source::of(object.node())));
    }
    chart
}

fn last_part(url: &str) -> Option<&str> {
    let last = url.trim_end_matches('/').rsplit('/').next();
    last.filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use source_tree::{FileId, Limits};

    #[track_caller]
    fn check_name(spec: &str, expected: &str) {
        let text = format!("spec: {spec}");
        let node = yaml_node::read_documents(&text, FileId(1), &Limits::default())
            .unwrap()
            .remove(0);
        assert_eq!(release_name("app", &flux::HelmRelease::of(&node)), expected);
    }

    #[test]
    fn release_names_follow_flux() {
        check_name("{}", "app");
        check_name("{targetNamespace: prod}", "prod-app");
        check_name("{targetNamespace: prod, releaseName: x}", "x");
        check_name(
            "{targetNamespace: a-namespace-with-a-very-long-name-for-a-test-of-names}",
            &{
                let full = "a-namespace-with-a-very-long-name-for-a-test-of-names-app";
                let hash: String = Sha256::digest(full)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                format!("{}-{}", &full[..40], &hash[..12])
            },
        );
    }
}
