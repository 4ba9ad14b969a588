//! `dependency-cycle` by a definition: a Kustomization applies an object whose CRD the chart of a HelmRelease brings, which it applies
//! too. The dry run of a new cluster fails, so that the HelmRelease is never made
//! (<https://fluxcd.io/flux/components/kustomize/kustomizations/#dependencies>).

use std::collections::{BTreeMap, BTreeSet};

use flux_evaluate::flux::{self, HelmRelease};
use flux_evaluate::{Applied, Evaluated, Evaluation, ReleaseChart};
use infra_model::{ObjectRef, codes};
use source_tree::{Diagnostic, EntryKind, RepoPath, Severity, SourceTree};

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

/// The findings about a cluster. `applied` are the files from which any cluster applies something.
pub(crate) fn definitions_in_time(
    evaluation: &Evaluation,
    applied: &BTreeSet<RepoPath>,
    tree: &dyn SourceTree,
) -> Vec<Diagnostic> {
    if !is_known(evaluation) || evaluation.is_remote {
        return Vec::new();
    }
    let brought = brought(evaluation);
    if brought.is_empty() || has_definition_charts(evaluation) {
        return Vec::new();
    }
    let stated = stated_groups(evaluation);
    let mut findings = Vec::new();
    for owner in &evaluation.kustomizations {
        let Some(id) = owner.id.as_ref() else { continue };
        let is_here = owner
            .kustomization
            .as_ref()
            .is_some_and(|view| view.kube_config.is_none() && !view.suspend);
        let comes_after = |brings: &Brings<'_>| is_applied_through(evaluation, brings.by, owner);
        let early = owner.objects.iter().filter_map(|object| {
            let group = group_of(object);
            let makers = brought.get(group)?;
            let is_early = is_here
                && object.generated_by.is_none()
                && !is_left_alone(object)
                && !stated.contains(group)
                && makers.iter().all(comes_after);
            is_early.then(|| (object, group, makers.first()))
        });
        let Some(((object, group, Some(brings)), more)) = first_and_more(early) else {
            continue;
        };
        let names = [last_segment(&brings.chart), brings.release.name.as_str(), group];
        if is_installed_otherwise(tree, applied, &RepoPath::new(&brings.chart), &names) {
            continue;
        }
        let name = flux::object_ref(&object.node);
        findings.push(
            Diagnostic::new(
                Severity::Info,
                codes::DEPENDENCY_CYCLE,
                format!(
                    "Kustomization {id} applies {name}{more}, whose definition {} brings, which it applies too: on a new cluster its dry run fails, and nothing of it is applied",
                    brings.release
                ),
            )
            .at(evaluation.files.place(object.mark))
            .on(format!("Kustomization/{id}"))
            .hint("apply the HelmRelease by a Kustomization of its own with `wait: true`, and name that in `dependsOn`"),
        );
    }
    findings
}

/// The HelmReleases that bring definitions, by API group.
fn brought(evaluation: &Evaluation) -> BTreeMap<&str, Vec<Brings<'_>>> {
    let mut brought: BTreeMap<&str, Vec<Brings<'_>>> = BTreeMap::new();
    let mut made: BTreeMap<&ObjectRef, BTreeSet<&str>> = BTreeMap::new();
    for object in evaluation.evaluated().flat_map(|evaluated| &evaluated.objects) {
        if let (Some(by), Some(group)) = (&object.generated_by, defined(object)) {
            made.entry(by).or_default().insert(group);
        }
    }
    for evaluated in evaluation.evaluated() {
        let releases = evaluated.objects.iter().filter(|object| {
            group_of(object) == HELM && object.node.text_at(&["kind"]) == Some("HelmRelease")
        });
        for object in releases {
            let id = flux::object_ref(&object.node);
            let spec = HelmRelease::of(&object.node);
            if spec.kube_config.is_some() {
                continue;
            }
            let chart = chart_name(evaluation, &spec).unwrap_or_default();
            let mut groups: BTreeSet<&str> = made.get(&id).cloned().unwrap_or_default();
            match evaluation.releases.get(&id).map(|release| &release.chart) {
                Some(ReleaseChart::Rendered(rendered)) => {
                    groups.extend(
                        rendered
                            .crds
                            .iter()
                            .filter_map(|name| Some(name.split_once('.')?.1)),
                    );
                }
                _ => groups.extend(known_groups(last_segment(&chart), &spec)),
            }
            for group in groups {
                let (release, chart) = (id.clone(), chart.clone());
                brought.entry(group).or_default().push(Brings {
                    release,
                    chart,
                    by: evaluated,
                });
            }
        }
    }
    brought
}

/// Whether a HelmRelease installs a chart of definitions alone, such as `prometheus-operator-crds`.
fn has_definition_charts(evaluation: &Evaluation) -> bool {
    let mut objects = evaluation.evaluated().flat_map(|evaluated| &evaluated.objects);
    objects.any(|object| {
        let is_release = group_of(object) == HELM && object.node.text_at(&["kind"]) == Some("HelmRelease");
        is_release
            && chart_name(evaluation, &HelmRelease::of(&object.node))
                .is_some_and(|chart| last_segment(&chart).to_ascii_lowercase().contains("crd"))
    })
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
fn chart_name(evaluation: &Evaluation, spec: &HelmRelease) -> Option<String> {
    if let Some(chart) = spec.chart.as_ref().and_then(|chart| chart.chart.as_deref()) {
        return Some(chart.trim_start_matches("./").trim_end_matches('/').to_owned());
    }
    let wanted = &spec.chart_ref.as_ref()?.id;
    let mut objects = evaluation.evaluated().flat_map(|evaluated| &evaluated.objects);
    let source =
        objects.find(|object| group_of(object) == SOURCE && flux::object_ref(&object.node) == *wanted)?;
    Some(last_segment(source.node.text_at(&["spec", "url"])?).to_owned())
}

fn last_segment(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// The groups whose definitions are applied without a chart.
fn stated_groups(evaluation: &Evaluation) -> BTreeSet<&str> {
    let objects = evaluation.evaluated().flat_map(|evaluated| &evaluated.objects);
    let stated = objects.filter(|object| {
        let by = object.generated_by.as_ref();
        by.is_none_or(|by| by.kind != "HelmRelease")
    });
    stated.filter_map(defined).collect()
}

/// The group that a CRD defines a kind of.
fn defined(object: &Applied) -> Option<&str> {
    let is_definition = object.node.text_at(&["kind"]) == Some("CustomResourceDefinition");
    object.node.text_at(&["spec", "group"]).filter(|_| is_definition)
}

fn group_of(object: &Applied) -> &str {
    let version = object.node.text_at(&["apiVersion"]).unwrap_or_default();
    version.split_once('/').map_or("", |(group, _)| group)
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

/// Whether a file that no cluster applies, such as a helmfile or a script, names a chart, its release or a group. The chart itself
/// does.
fn is_installed_otherwise(
    tree: &dyn SourceTree,
    applied: &BTreeSet<RepoPath>,
    chart: &RepoPath,
    names: &[&str],
) -> bool {
    let mut folders = vec![RepoPath::root()];
    while let Some(folder) = folders.pop() {
        for (name, kind) in tree.list_without_links(&folder).unwrap_or_default() {
            let path = folder.join(&name);
            match kind {
                EntryKind::Directory if name != ".git" && path != *chart => folders.push(path),
                EntryKind::File
                    if is_installer(&path) && !applied.contains(&path) && !is_kustomization_file(&path) =>
                {
                    let Ok(bytes) = tree.read(&path) else { continue };
                    let text = String::from_utf8_lossy(&bytes);
                    // A script that makes definitions may get them from anywhere.
                    if text.to_ascii_lowercase().contains("crd") {
                        return true;
                    }
                    if names.iter().any(|name| !name.is_empty() && text.contains(name)) {
                        return true;
                    }
                }
                _ => {}
            }
        }
    }
    false
}
