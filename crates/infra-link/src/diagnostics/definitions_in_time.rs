//! `dependency-cycle` by a definition: a Kustomization applies an object and also the HelmRelease whose chart brings the object's CRD.
//! On a new cluster its dry run fails, so that the HelmRelease is never created
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies>).

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::flux::{self, HelmRelease};
use flux_evaluate::{Applied, Evaluated, Evaluation, ReleaseChart};
use foldhash::{HashMap, HashSet};
use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, EntryKind, RepoPath, Severity, SourceTree};
use yaml_node::Node;

use super::{first_and_more, is_known};
use crate::any_case;
use crate::inventory::{HELM, SOURCE};
use crate::repository_files::is_kustomization_file;

/// Charts that bring the definitions of a group by default.
const CHARTS: &[(&str, &str)] = &[
    ("cert-manager", "cert-manager.io"),
    ("cloudnative-pg", "postgresql.cnpg.io"),
    ("crossplane", "pkg.crossplane.io"),
    ("external-secrets", "external-secrets.io"),
    ("gateway-helm", "gateway.envoyproxy.io"),
    ("grafana-operator", "grafana.integreatly.org"),
    ("keda", "keda.sh"),
    ("kube-prometheus-stack", "monitoring.coreos.com"),
    ("kyverno", "kyverno.io"),
    ("longhorn", "longhorn.io"),
    ("metallb", "metallb.io"),
    ("rook-ceph", "ceph.rook.io"),
    ("sealed-secrets", "bitnami.com"),
    ("strimzi-kafka-operator", "kafka.strimzi.io"),
    ("tailscale-operator", "tailscale.com"),
    ("traefik", "traefik.io"),
    ("trust-manager", "trust.cert-manager.io"),
    ("vault-secrets-operator", "secrets.hashicorp.com"),
    ("velero", "velero.io"),
];

/// Values that say whether a chart brings its definitions.
const SWITCHES: &[&[&str]] = &[
    &["installCRDs"],
    &["crds", "create"],
    &["crds", "enabled"],
    &["crds", "install"],
];

/// Parts of the paths of files that install a cluster before Flux, and extensions of scripts.
const INSTALLERS: &[&str] = &[
    "ansible",
    "bootstrap",
    "helmfile",
    "install",
    "justfile",
    "makefile",
    "setup",
    "talos",
    "taskfile",
];
const SCRIPTS: &[&str] = &[
    "bash", "go", "hcl", "j2", "just", "mk", "nix", "ps1", "py", "sh", "tf", "tftpl", "tmpl", "ts",
];

/// A HelmRelease that brings definitions of a group.
struct Brings<'e> {
    release: ObjectRef,
    /// Its name, or its folder.
    chart: &'e str,
    by: &'e Evaluated,
}

/// A finding that holds unless something else installs the definition before Flux.
struct Candidate {
    finding: Diagnostic,
    /// The folder of the chart, if it has one.
    chart: RepoPath,
    /// The chart, its release and the group.
    names: [String; 3],
    /// Index of the cluster.
    cluster: usize,
}

/// The findings about each cluster.
#[derive(Default)]
pub(crate) struct DefinitionsInTime {
    pub(crate) findings: Vec<Vec<Diagnostic>>,
    /// The files that were read to find out whether something other than Flux installs a chart.
    pub(crate) looked_up: Vec<RepoPath>,
}

/// Checks each cluster. `applied` are the files from which any cluster applies something.
pub(crate) fn definitions_in_time(
    evaluations: &[&Evaluation],
    applied: &HashSet<RepoPath>,
    tree: &dyn SourceTree,
) -> DefinitionsInTime {
    let clusters = evaluations.iter().enumerate();
    let mut candidates: Vec<Candidate> = clusters
        .flat_map(|(cluster, evaluation)| of_cluster(cluster, evaluation))
        .collect();
    let looked_up = drop_installed(&mut candidates, applied, tree);
    let mut findings = vec![Vec::new(); evaluations.len()];
    for candidate in candidates {
        if let Some(own) = findings.get_mut(candidate.cluster) {
            own.push(candidate.finding);
        }
    }
    DefinitionsInTime { findings, looked_up }
}

fn of_cluster(cluster: usize, evaluation: &Evaluation) -> Vec<Candidate> {
    if !is_known(evaluation) || evaluation.is_remote {
        return Vec::new();
    }
    let survey = Survey::of(evaluation);
    let brought = survey.brought(evaluation);
    if brought.is_empty() || survey.has_definition_charts() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for owner in &evaluation.kustomizations {
        let Some(id) = owner.id.as_ref() else { continue };
        let is_here = owner
            .kustomization
            .as_ref()
            .is_some_and(|view| view.kube_config.is_none() && !view.suspend);
        let comes_after = |brings: &Brings<'_>| is_applied_through(evaluation, brings.by, owner);
        let own = owner.objects.iter();
        let own = own.filter(|object| is_here && object.generated_by.is_none());
        let early = own.filter_map(|object| {
            let group = flux::api_group(&object.node);
            let makers = brought.get(group)?;
            let is_early =
                !is_left_alone(object) && !survey.stated.contains(group) && makers.iter().all(comes_after);
            is_early.then(|| (object, group, makers.first()))
        });
        let Some(((object, group, Some(brings)), more)) = first_and_more(early) else {
            continue;
        };
        let name = flux::object_ref(&object.node);
        let finding = Diagnostic::new(
            Severity::Info,
            codes::DEPENDENCY_CYCLE,
            format!(
                "Kustomization {id} applies {name}{more}, whose definition {} brings, which it applies too: on a new cluster its dry run fails, and nothing of it is applied",
                brings.release
            ),
        )
        .at(evaluation.files.place(object.mark))
        .on(format!("Kustomization/{id}"))
        .hint("apply the HelmRelease from a separate Kustomization with `wait: true`, and list that in `dependsOn`");
        found.push(Candidate {
            finding,
            chart: RepoPath::new(brings.chart),
            names: [last_segment(brings.chart), &brings.release.name, group].map(str::to_owned),
            cluster,
        });
    }
    found
}

/// The charts and definitions of a cluster.
#[derive(Default)]
struct Survey<'e> {
    releases: Vec<Release<'e>>,
    /// The groups whose definitions are applied without a chart.
    stated: BTreeSet<&'e str>,
    /// The groups of the definitions that a HelmRelease makes.
    made: BTreeMap<&'e ObjectRef, BTreeSet<&'e str>>,
}

struct Release<'e> {
    id: ObjectRef,
    spec: HelmRelease,
    /// The name of its chart, or its folder.
    chart: Option<String>,
    by: &'e Evaluated,
}

impl<'e> Survey<'e> {
    fn of(evaluation: &'e Evaluation) -> Self {
        let mut survey = Survey::default();
        let mut sources: HashMap<ObjectRef, &Node> = HashMap::default();
        for evaluated in evaluation.evaluated() {
            for object in &evaluated.objects {
                let node = &object.node;
                match (flux::api_group(node), node.text_at(&["kind"])) {
                    (HELM, Some("HelmRelease")) => survey.releases.push(Release {
                        id: flux::object_ref(node),
                        spec: HelmRelease::of(node),
                        chart: None,
                        by: evaluated,
                    }),
                    (SOURCE, _) => {
                        sources.entry(flux::object_ref(node)).or_insert(node);
                    }
                    (_, Some("CustomResourceDefinition")) => survey.add_definition(object),
                    _ => {}
                }
            }
        }
        for release in &mut survey.releases {
            release.chart = chart_name(&release.spec, &sources);
        }
        survey
    }

    fn add_definition(&mut self, object: &'e Applied) {
        let Some(group) = object.node.text_at(&["spec", "group"]) else {
            return;
        };
        let by = object.generated_by.as_ref();
        if by.is_none_or(|by| by.kind != "HelmRelease") {
            self.stated.insert(group);
        }
        if let Some(by) = by {
            self.made.entry(by).or_default().insert(group);
        }
    }

    /// The HelmReleases that bring definitions, by API group.
    fn brought(&self, evaluation: &'e Evaluation) -> BTreeMap<&'e str, Vec<Brings<'_>>> {
        let mut brought: BTreeMap<&str, Vec<Brings<'_>>> = BTreeMap::new();
        let releases = self.releases.iter();
        let here = releases.filter(|release| release.spec.kube_config.is_none());
        for Release { id, spec, chart, by } in here {
            let chart = chart.as_deref().unwrap_or_default();
            let mut groups: BTreeSet<&str> = self.made.get(id).cloned().unwrap_or_default();
            match evaluation.releases.get(id).map(|release| &release.chart) {
                Some(ReleaseChart::Rendered(rendered)) => {
                    let crds = rendered.crds.iter();
                    groups.extend(crds.filter_map(|name| Some(name.split_once('.')?.1)));
                }
                _ => groups.extend(known_groups(last_segment(chart), spec)),
            }
            for group in groups {
                brought.entry(group).or_default().push(Brings {
                    release: id.clone(),
                    chart,
                    by,
                });
            }
        }
        brought
    }

    /// Whether a HelmRelease installs a chart of definitions only, such as `prometheus-operator-crds`.
    fn has_definition_charts(&self) -> bool {
        let mut charts = self
            .releases
            .iter()
            .filter_map(|release| release.chart.as_deref());
        charts.any(|chart| last_segment(chart).to_ascii_lowercase().contains("crd"))
    }
}

/// The API groups whose definitions a chart that is not rendered is known to bring.
fn known_groups(chart: &str, spec: &HelmRelease) -> Vec<&'static str> {
    let values = spec.values.as_ref();
    let mut switches = SWITCHES
        .iter()
        .filter_map(|path| values?.at(path).and_then(|value| value.as_bool()))
        .peekable();
    // cert-manager brings none by default.
    let is_on = switches.peek().is_some() || chart != "cert-manager";
    let has_others = !spec.values_from.is_empty();
    if spec.skips_crds || !is_on || has_others || switches.any(|switch| !switch) {
        return Vec::new();
    }
    let known = CHARTS.iter().filter(|(name, _)| *name == chart);
    known.map(|(_, group)| *group).collect()
}

/// The name of the chart or its folder, or the last segment of its OCIRepository's URL.
fn chart_name(spec: &HelmRelease, sources: &HashMap<ObjectRef, &Node>) -> Option<String> {
    if let Some(chart) = spec.chart.as_ref().and_then(|chart| chart.chart.as_deref()) {
        return Some(chart.trim_start_matches("./").trim_end_matches('/').to_owned());
    }
    let source = sources.get(&spec.chart_ref.as_ref()?.id)?;
    Some(last_segment(source.text_at(&["spec", "url"])?).to_owned())
}

fn last_segment(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Whether an annotation makes Flux leave an object alone.
fn is_left_alone(object: &Applied) -> bool {
    let has = |annotation: &str, value: &str| {
        let stated = object.node.text_at(&["metadata", "annotations", annotation]);
        stated.is_some_and(|stated| stated.eq_ignore_ascii_case(value))
    };
    has("kustomize.toolkit.fluxcd.io/reconcile", "disabled")
        || has("kustomize.toolkit.fluxcd.io/ssa", "ignore")
}

/// Whether a Kustomization is `top`, or is applied by it, directly or through other Kustomizations.
fn is_applied_through(evaluation: &Evaluation, evaluated: &Evaluated, top: &Evaluated) -> bool {
    let mut current = Some(evaluated);
    // The bound ends cycles.
    for _ in 0..evaluation.kustomizations.len() {
        let Some(kustomization) = current else {
            return false;
        };
        if kustomization.id.is_some() && kustomization.id == top.id {
            return true;
        }
        let parent = kustomization.parent.as_ref();
        let parent = parent.filter(|_| kustomization.also_emitted_by.is_empty());
        current = parent.and_then(|parent| {
            let mut all = evaluation.kustomizations.iter();
            all.find(|known| known.id.as_ref() == Some(parent))
        });
    }
    false
}

/// Whether a folder or a file has the name of one that installs what a cluster needs before Flux.
fn is_of_installers(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    INSTALLERS.iter().any(|part| name.contains(part))
}

/// Whether a file may install what a cluster needs before Flux. `in_installers` is whether a folder around it has such a name.
fn is_installer(name: &str, in_installers: bool) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    // The program's own catalogs name every chart.
    !ending.eq_ignore_ascii_case("json")
        && (in_installers || any_case::is_any(ending, SCRIPTS) || is_of_installers(name))
}

/// Drops candidates whose definition is installed by a file that no cluster applies, such as a helmfile or a script: one that names the
/// chart, its release or the group, or CRDs at all, which may be any. Files of the chart itself do not count. Returns the files that
/// were read.
fn drop_installed(
    candidates: &mut Vec<Candidate>,
    applied: &HashSet<RepoPath>,
    tree: &dyn SourceTree,
) -> Vec<RepoPath> {
    let mut read = Vec::new();
    // Each with whether it or a folder around it has the name of an installer.
    let mut folders = vec![(RepoPath::root(), false)];
    while let Some((folder, in_installers)) = folders.pop().filter(|_| !candidates.is_empty()) {
        for (name, kind) in tree.list_without_links(&folder).unwrap_or_default() {
            match kind {
                EntryKind::Directory if name != ".git" => {
                    folders.push((folder.join(&name), in_installers || is_of_installers(&name)));
                }
                EntryKind::File => {
                    let path = folder.join(&name);
                    // Nearly all files end here.
                    if is_kustomization_file(&path)
                        || applied.contains(&path)
                        || !is_installer(&name, in_installers)
                    {
                        continue;
                    }
                    let Ok(bytes) = tree.read(&path) else { continue };
                    let text = String::from_utf8_lossy(&bytes);
                    let is_of_any = text.to_ascii_lowercase().contains("crd");
                    candidates.retain(|candidate| {
                        let chart = &candidate.chart;
                        let is_of_chart = !chart.is_root() && folder.starts_with(chart);
                        let mut names = candidate.names.iter().filter(|name| !name.is_empty());
                        is_of_chart || !(is_of_any || names.any(|name| text.contains(name.as_str())))
                    });
                    read.push(path);
                }
                EntryKind::Directory => {}
            }
        }
    }
    read
}
