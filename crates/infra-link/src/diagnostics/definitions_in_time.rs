//! `dependency-cycle` by a definition: a Kustomization applies an object whose CRD the chart of a HelmRelease brings, which it applies
//! too. The dry run of a new cluster fails, so that the HelmRelease is never made
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies>).

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::flux::{self, HelmRelease};
use flux_evaluate::{Applied, Evaluated, Evaluation, ReleaseChart};
use foldhash::{HashMap, HashMapExt};
use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, EntryKind, RepoPath, Severity, SourceTree};
use yaml_node::Node;

use super::{first_and_more, is_known};
use crate::inventory::{HELM, SOURCE};
use crate::repository_files::is_kustomization_file;

/// Charts that bring the definitions of a group unless they are told not to.
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

/// Parts of paths of what people install a cluster with before Flux comes, and endings of scripts.
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
    chart: String,
    by: &'e Evaluated,
}

/// A finding, unless what it is about is installed by something else before Flux comes.
struct Early {
    finding: Diagnostic,
    /// The folder of the chart, if it has one.
    chart: RepoPath,
    /// The chart, its release and the group.
    names: [String; 3],
    /// Index of the cluster.
    cluster: usize,
}

/// The findings about each of some clusters.
#[derive(Default)]
pub(crate) struct DefinitionsInTime {
    pub(crate) findings: Vec<Vec<Diagnostic>>,
    /// The files that were read to see whether something else than Flux installs a chart.
    pub(crate) looked_up: Vec<RepoPath>,
}

/// Looks at some clusters. `applied` are the files from which any cluster applies something.
pub(crate) fn definitions_in_time(
    evaluations: &[&Evaluation],
    applied: &BTreeSet<RepoPath>,
    tree: &dyn SourceTree,
) -> DefinitionsInTime {
    let mut early: Vec<Early> = Vec::new();
    for (cluster, evaluation) in evaluations.iter().enumerate() {
        early.extend(of_cluster(cluster, evaluation));
    }
    let looked_up = forget_installed(&mut early, applied, tree);
    let mut findings = vec![Vec::new(); evaluations.len()];
    for one in early {
        if let Some(own) = findings.get_mut(one.cluster) {
            own.push(one.finding);
        }
    }
    DefinitionsInTime { findings, looked_up }
}

fn of_cluster(cluster: usize, evaluation: &Evaluation) -> Vec<Early> {
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
        let early = owner.objects.iter().filter_map(|object| {
            let group = flux::api_group(&object.node);
            let makers = brought.get(group)?;
            let is_early = is_here
                && object.generated_by.is_none()
                && !is_left_alone(object)
                && !survey.stated.contains(group)
                && makers.iter().all(comes_after);
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
        .hint("apply the HelmRelease by a Kustomization of its own with `wait: true`, and name that in `dependsOn`");
        found.push(Early {
            finding,
            chart: RepoPath::new(&brings.chart),
            names: [last_segment(&brings.chart), &brings.release.name, group].map(str::to_owned),
            cluster,
        });
    }
    found
}

/// What the objects of a cluster say about charts and definitions.
struct Survey<'e> {
    releases: Vec<Release<'e>>,
    /// The groups whose definitions are applied without a chart.
    stated: BTreeSet<&'e str>,
    /// The groups of the definitions that are made of a HelmRelease.
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
        let mut survey = Survey {
            releases: Vec::new(),
            stated: BTreeSet::new(),
            made: BTreeMap::new(),
        };
        let mut sources: HashMap<ObjectRef, &Node> = HashMap::new();
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
    fn brought(&self, evaluation: &'e Evaluation) -> BTreeMap<&'e str, Vec<Brings<'e>>> {
        let mut brought: BTreeMap<&str, Vec<Brings<'_>>> = BTreeMap::new();
        let here = self.releases.iter().filter(|one| one.spec.kube_config.is_none());
        for Release { id, spec, chart, by } in here {
            let chart = chart.as_deref().unwrap_or_default();
            let mut groups: BTreeSet<&str> = self.made.get(id).cloned().unwrap_or_default();
            match evaluation.releases.get(id).map(|release| &release.chart) {
                Some(ReleaseChart::Rendered(rendered)) => {
                    groups.extend(
                        rendered
                            .crds
                            .iter()
                            .filter_map(|name| Some(name.split_once('.')?.1)),
                    );
                }
                _ => groups.extend(known_groups(last_segment(chart), spec)),
            }
            for group in groups {
                brought.entry(group).or_default().push(Brings {
                    release: id.clone(),
                    chart: chart.to_owned(),
                    by,
                });
            }
        }
        brought
    }

    /// Whether a HelmRelease installs a chart of definitions alone, such as `prometheus-operator-crds`.
    fn has_definition_charts(&self) -> bool {
        let mut charts = self.releases.iter().filter_map(|one| one.chart.as_deref());
        charts.any(|chart| last_segment(chart).to_ascii_lowercase().contains("crd"))
    }
}

/// What a chart that is not at hand brings, as it is known of its name.
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

/// The name of the chart or its folder, or what its OCIRepository is called by its URL.
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

/// Whether Flux is told to leave an object alone.
fn is_left_alone(object: &Applied) -> bool {
    let annotation = |name: &str| {
        let path = ["metadata", "annotations", name];
        object
            .node
            .text_at(&path)
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    annotation("kustomize.toolkit.fluxcd.io/reconcile") == "disabled"
        || annotation("kustomize.toolkit.fluxcd.io/ssa") == "ignore"
}

/// Whether a Kustomization is `top`, or applied by it or by one that is.
fn is_applied_through(evaluation: &Evaluation, evaluated: &Evaluated, top: &Evaluated) -> bool {
    let mut current = Some(evaluated);
    // A bound for circles.
    for _ in 0..evaluation.kustomizations.len() {
        let Some(one) = current else { return false };
        if one.id.is_some() && one.id == top.id {
            return true;
        }
        let parent = one.parent.as_ref().filter(|_| one.also_emitted_by.is_empty());
        current = parent.and_then(|parent| {
            let mut all = evaluation.kustomizations.iter();
            all.find(|known| known.id.as_ref() == Some(parent))
        });
    }
    false
}

/// Whether a file is one of those with which people install what a cluster needs before Flux comes.
fn is_installer(path: &RepoPath) -> bool {
    let text = path.as_str().to_ascii_lowercase();
    let ending = text.rsplit_once('.').map_or("", |(_, ending)| ending);
    // The program's own catalogs name every chart.
    ending != "json" && (SCRIPTS.contains(&ending) || INSTALLERS.iter().any(|part| text.contains(part)))
}

/// Leaves out what a file that no cluster applies, such as a helmfile or a script, installs: it names a chart, its release or a group,
/// or definitions as such, which may be any. The chart itself names them, too. Returns the files that were read.
fn forget_installed(
    early: &mut Vec<Early>,
    applied: &BTreeSet<RepoPath>,
    tree: &dyn SourceTree,
) -> Vec<RepoPath> {
    let mut read = Vec::new();
    let mut folders = vec![RepoPath::root()];
    while let Some(folder) = folders.pop().filter(|_| !early.is_empty()) {
        for (name, kind) in tree.list_without_links(&folder).unwrap_or_default() {
            let path = folder.join(&name);
            match kind {
                EntryKind::Directory if name != ".git" => folders.push(path),
                EntryKind::File
                    if is_installer(&path) && !applied.contains(&path) && !is_kustomization_file(&path) =>
                {
                    let Ok(bytes) = tree.read(&path) else { continue };
                    let text = String::from_utf8_lossy(&bytes);
                    let is_of_any = text.to_ascii_lowercase().contains("crd");
                    early.retain(|one| {
                        let is_of_chart = !one.chart.is_root() && folder.starts_with(&one.chart);
                        let mut names = one.names.iter().filter(|name| !name.is_empty());
                        is_of_chart || !(is_of_any || names.any(|name| text.contains(name.as_str())))
                    });
                    read.push(path);
                }
                _ => {}
            }
        }
    }
    read
}
