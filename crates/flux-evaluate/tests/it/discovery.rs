//! Which folders of a repository are cluster entries.

use std::sync::Arc;

use flux_evaluate::discover;
use pretty_assertions::assert_eq;
use source_tree::{Limits, MemoryTree, SourceTree};

const KUSTOMIZATION: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
    metadata: {name: apps, namespace: flux-system}\nspec: {path: ./apps, sourceRef: {kind: GitRepository, name: x}}\n";
const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";

/// Entries as `name=path`, in order.
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let tree: Arc<dyn SourceTree> = Arc::new(files.iter().copied().collect::<MemoryTree>());
    let entries = discover(&tree, &Limits::default()).unwrap_or_default();
    let found: Vec<_> = entries
        .iter()
        .map(|entry| format!("{}={}", entry.name, entry.path))
        .collect();
    assert_eq!(found, expected);
}

fn instance(path: &str) -> String {
    format!(
        "apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: {{name: flux, namespace: flux-system}}\n\
         spec:\n  sync: {{kind: GitRepository, url: 'https://git.example.com/fleet', ref: refs/heads/main, path: {path}}}\n"
    )
}

fn release(more: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: flux-instance}}\n\
         spec:\n  chartRef: {{kind: OCIRepository, name: flux-instance}}\n{more}"
    )
}

#[test]
fn a_flux_instance_names_its_entry() {
    check(
        &[
            ("clusters/lab/flux.yaml", &instance("clusters/lab")),
            ("apps/x.yaml", CONFIG_MAP),
        ],
        &["lab=clusters/lab"],
    );
    // A path that is not here belongs to another repository.
    check(&[("clusters/lab/flux.yaml", &instance("clusters/other"))], &[]);
}

#[test]
fn an_artifact_may_be_pushed_from_a_sub_folder() {
    check(
        &[
            ("bootstrap/flux.yaml", &instance("./clusters/main")),
            ("kubernetes/clusters/main/apps.yaml", KUSTOMIZATION),
        ],
        &["main=kubernetes/clusters/main"],
    );
}

#[test]
fn a_release_of_the_chart_names_its_entry_in_its_values() {
    let inline = release("  values: {instance: {sync: {path: kubernetes/cluster}}}\n");
    check(
        &[
            ("flux/hr.yaml", &inline),
            ("kubernetes/cluster/ks.yaml", KUSTOMIZATION),
        ],
        &["cluster=kubernetes/cluster"],
    );
    let from_file = release("  valuesFrom: [{kind: ConfigMap, name: flux-values}]\n");
    check(
        &[
            ("flux/hr.yaml", &from_file),
            (
                "flux/values.yaml",
                "instance:\n  sync:\n    path: kubernetes/cluster\n",
            ),
            (
                "flux/kustomization.yaml",
                "resources: [hr.yaml]\nconfigMapGenerator:\n- {name: flux-values, files: [values.yaml]}\n\
                 generatorOptions: {disableNameSuffixHash: true}\n",
            ),
            ("kubernetes/cluster/ks.yaml", KUSTOMIZATION),
        ],
        &["cluster=kubernetes/cluster"],
    );
}

#[test]
fn a_sync_file_names_its_folder_even_when_it_is_empty() {
    check(
        &[
            ("clusters/a/flux-system/gotk-sync.yaml", "# nothing yet\n"),
            ("clusters/b/gotk-sync.yaml", ""),
        ],
        &["a=clusters/a", "b=clusters/b"],
    );
    // A folder of its own name, as after `flux bootstrap --namespace`.
    let sync = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: g, namespace: gitops}\n---\n\
                apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: g, namespace: gitops}\n\
                spec: {path: ./envs/live, sourceRef: {kind: GitRepository, name: g}}\n";
    check(&[("envs/live/gitops/gotk-sync.yaml", sync)], &["live=envs/live"]);
}

#[test]
fn both_ways_of_bootstrapping_stand_side_by_side() {
    check(
        &[
            ("clusters/main/flux-system/gotk-sync.yaml", ""),
            ("clusters/lab/flux.yaml", &instance("clusters/lab")),
            // Left over from before the instance.
            ("clusters/lab/flux-system/gotk-sync.yaml", ""),
        ],
        &["lab=clusters/lab", "main=clusters/main"],
    );
}

#[test]
fn without_traces_of_bootstrapping_folders_that_emit_kustomizations_count() {
    check(
        &[
            ("clusters/a/apps.yaml", KUSTOMIZATION),
            ("clusters/b/kustomization.yaml", "resources: [../../base]\n"),
            ("base/kustomization.yaml", "resources: [apps.yaml]\n"),
            ("base/apps.yaml", KUSTOMIZATION),
            ("apps/x.yaml", CONFIG_MAP),
        ],
        &["a=clusters/a", "b=clusters/b"],
    );
    // Elsewhere: what a Kustomization's path covers is no entry.
    check(
        &[
            ("cluster/config/apps.yaml", KUSTOMIZATION),
            ("apps/web/ks.yaml", &KUSTOMIZATION.replace("./apps", "./web")),
            ("web/x.yaml", CONFIG_MAP),
        ],
        &["config=cluster/config"],
    );
    check(&[("apps/x.yaml", CONFIG_MAP)], &[]);
}
