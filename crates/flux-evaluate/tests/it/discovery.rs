//! Discovery of the cluster entries of a repository.

use std::sync::Arc;

use flux_evaluate::{ScanOptions, discover};
use pretty_assertions::assert_eq;
use source_tree::{MemoryTree, SourceTree};

const KUSTOMIZATION: &str = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
    metadata: {name: apps, namespace: flux-system}\nspec: {path: ./apps, sourceRef: {kind: GitRepository, name: x}}\n";
const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n";

/// Entries as `name=path`, in order.
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let tree: Arc<dyn SourceTree> = Arc::new(files.iter().copied().collect::<MemoryTree>());
    let entries = discover(&tree, &ScanOptions::default()).unwrap_or_default();
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
    // A path that does not exist here belongs to another repository.
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
    // A folder named like the namespace, as after `flux bootstrap --namespace`.
    let sync = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: g, namespace: gitops}\n---\n\
                apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: g, namespace: gitops}\n\
                spec: {path: ./envs/live, sourceRef: {kind: GitRepository, name: g}}\n";
    check(&[("envs/live/gitops/gotk-sync.yaml", sync)], &["live=envs/live"]);
}

#[test]
fn both_ways_of_bootstrapping_work_together() {
    check(
        &[
            ("clusters/main/flux-system/gotk-sync.yaml", ""),
            ("clusters/lab/flux.yaml", &instance("clusters/lab")),
            // A leftover from before the instance.
            ("clusters/lab/flux-system/gotk-sync.yaml", ""),
        ],
        &["lab=clusters/lab", "main=clusters/main"],
    );
}

#[test]
fn without_bootstrapping_folders_that_emit_kustomizations_are_entries() {
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
    // Otherwise, folders inside a Kustomization's path are not entries.
    check(
        &[
            ("cluster/config/apps.yaml", KUSTOMIZATION),
            ("apps/web/ks.yaml", &KUSTOMIZATION.replace("./apps", "./web")),
            ("web/x.yaml", CONFIG_MAP),
        ],
        &["cluster=cluster/config"],
    );
    check(&[("apps/x.yaml", CONFIG_MAP)], &[]);
}

#[test]
fn overlays_are_entries_and_bases_are_not() {
    let base = KUSTOMIZATION.replace("./apps", "./apps/web");
    check(
        &[
            ("environments/base/ks.yaml", &base),
            ("environments/base/kustomization.yaml", "resources: [ks.yaml]\n"),
            ("environments/prod/kustomization.yaml", "resources: [../base]\n"),
            ("environments/stg/kustomization.yaml", "resources: [../base]\n"),
            ("apps/web/x.yaml", CONFIG_MAP),
        ],
        &["prod=environments/prod", "stg=environments/stg"],
    );
    check(
        &[
            ("clusters/sbox/base/ks.yaml", &base),
            ("clusters/sbox/base/kustomization.yaml", "resources: [ks.yaml]\n"),
            ("clusters/sbox/00/kustomization.yaml", "resources: [../base]\n"),
            ("clusters/sbox/01/kustomization.yaml", "resources: [../base]\n"),
            ("apps/web/x.yaml", CONFIG_MAP),
        ],
        &["00=clusters/sbox/00", "01=clusters/sbox/01"],
    );
}

/// A source, a Kustomization that points at `path`, and one that points at `./apps`.
fn own(path: &str) -> String {
    let kustomization = KUSTOMIZATION
        .replace("name: apps", "name: cluster")
        .replace("./apps", path);
    let source = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: x, namespace: flux-system}\n\
                  spec: {url: 'https://git.example.com/fleet'}\n";
    format!("{source}---\n{kustomization}---\n{KUSTOMIZATION}")
}

#[test]
fn a_folder_whose_kustomization_points_at_it_is_an_entry() {
    let cluster = own("./kubernetes/flux");
    let template =
        own("./kubernetes/flux").replace("name: x, namespace", "name: '${BOOTSTRAP_NAME}', namespace");
    let files = [
        ("kubernetes/flux/config/cluster.yaml", cluster.as_str()),
        ("apps/x.yaml", CONFIG_MAP),
    ];
    check(&files, &["cluster=kubernetes/flux"]);
    // Kustomizations in folders that are not in use, and templates, add no entries.
    for path in [
        "tmpl/flux/cluster.yaml",
        ".archive/flux/a.yaml",
        "k8s-old/flux/a.yaml",
    ] {
        check(
            &[files[0], files[1], (path, &cluster)],
            &["cluster=kubernetes/flux"],
        );
    }
    check(
        &[files[0], files[1], ("provision/flux/a.yaml", &template)],
        &["cluster=kubernetes/flux"],
    );
    // Two files are two clusters.
    let other = own("./kubernetes/lab");
    check(
        &[files[0], files[1], ("kubernetes/lab/cluster.yaml", &other)],
        &["cluster=kubernetes/flux", "lab=kubernetes/lab"],
    );
}

#[test]
fn folders_not_in_use_are_entries_only_if_there_are_no_others() {
    let here = KUSTOMIZATION;
    let old = KUSTOMIZATION.replace("./apps", "./lost");
    for path in [
        "archive/clusters/old/ks.yaml",
        ".archive/ks.yaml",
        "templates/ks.yaml",
        "tests/e2e/ks.yaml",
    ] {
        check(
            &[
                ("clusters/prod/ks.yaml", here),
                ("apps/x.yaml", CONFIG_MAP),
                (path, &old),
            ],
            &["prod=clusters/prod"],
        );
    }
    check(
        &[("templates/prod/ks.yaml", here), ("apps/x.yaml", CONFIG_MAP)],
        &["prod=templates/prod"],
    );
}

#[test]
fn paths_may_start_at_a_sub_folder() {
    let tree: Arc<dyn SourceTree> = Arc::new(
        [
            ("gitops/clusters/prod/ks.yaml", KUSTOMIZATION),
            ("gitops/apps/x.yaml", CONFIG_MAP),
        ]
        .into_iter()
        .collect::<MemoryTree>(),
    );
    let entries = discover(&tree, &ScanOptions::default()).unwrap();
    assert_eq!(entries[0].path.as_str(), "gitops/clusters/prod");
    assert_eq!(entries[0].root.as_str(), "gitops");
    let sync = own("./clusters/mgmt");
    check(
        &[
            ("repos/fleet/clusters/mgmt/flux-system/gotk-sync.yaml", &sync),
            ("repos/fleet/apps/x.yaml", CONFIG_MAP),
        ],
        &["mgmt=repos/fleet/clusters/mgmt"],
    );
}

#[test]
fn a_path_of_another_repository_makes_no_entry() {
    check(
        &[
            (
                "kube/clusters/a/flux/cluster.yaml",
                &own("./kube/clusters/a/flux"),
            ),
            (
                "kube/deploy/db/ks.yaml",
                &KUSTOMIZATION.replace("./apps", "./deploy"),
            ),
            ("apps/x.yaml", CONFIG_MAP),
        ],
        &["a=kube/clusters/a/flux"],
    );
}

#[test]
fn folders_that_nothing_lists_are_entries_if_kustomizations_are_elsewhere() {
    let elsewhere = KUSTOMIZATION.replace("./apps", "./services/snd/01");
    let overlay = "resources: [../../base]\n";
    check(
        &[
            ("infra/base/kustomization.yaml", "resources: [x.yaml]\n"),
            ("infra/base/x.yaml", CONFIG_MAP),
            ("infra/snd/01/kustomization.yaml", overlay),
            ("infra/prd/01/kustomization.yaml", overlay),
            ("clusters/snd/01/kustomization.yaml", "kind: Kustomization\n"),
            ("tenants/snd/01/ks.yaml", &elsewhere),
        ],
        &["prd-01=infra/prd/01", "snd-01=tenants/snd/01"],
    );
    // A Kustomization that points at its own folder and contains nothing else is not an entry.
    check(
        &[
            ("infra/snd/01/kustomization.yaml", "resources: [x.yaml]\n"),
            ("infra/snd/01/x.yaml", CONFIG_MAP),
            ("services/snd/01/ks.yaml", &elsewhere),
        ],
        &["snd-01=services/snd/01"],
    );
    // Without environments all of them are one cluster.
    check(
        &[
            ("web/kustomization.yaml", "resources: [x.yaml]\n"),
            ("web/x.yaml", CONFIG_MAP),
            ("db/kustomization.yaml", "resources: [x.yaml]\n"),
            ("db/x.yaml", CONFIG_MAP),
        ],
        &["kustomizations=db"],
    );
}

#[test]
fn paths_with_unknown_variables_are_not_entries() {
    let part = KUSTOMIZATION.replace("./apps", "./apps/${ENVIRONMENT}");
    check(
        &[
            ("environments/dev/ks.yaml", KUSTOMIZATION),
            ("teams/web/ks.yaml", &part),
            ("apps/x.yaml", CONFIG_MAP),
        ],
        &["dev=environments/dev"],
    );
}

#[test]
fn one_remote_line_hides_no_entry() {
    check(
        &[
            ("clusters/prod/ks.yaml", KUSTOMIZATION),
            (
                "clusters/prod/kustomization.yaml",
                "resources: [ks.yaml, 'https://example.org/crds.yaml']\n",
            ),
            ("apps/x.yaml", CONFIG_MAP),
        ],
        &["prod=clusters/prod"],
    );
}

/// A source and a Kustomization `cluster` with this path, as the items of a `List` if `is_list`.
fn bootstrap(path: &str, more: &str, is_list: bool) -> String {
    let source = "{apiVersion: source.toolkit.fluxcd.io/v1, kind: GitRepository, metadata: {name: x, namespace: flux-system}, \
                  spec: {url: 'https://git.example.com/fleet'}}";
    let kustomization = format!(
        "{{apiVersion: kustomize.toolkit.fluxcd.io/v1, kind: Kustomization, metadata: {{name: cluster, namespace: flux-system}}, \
         spec: {{path: {path}, sourceRef: {{kind: GitRepository, name: x}}{more}}}}}"
    );
    match is_list {
        true => format!("apiVersion: v1\nkind: List\nitems:\n- {source}\n- {kustomization}\n"),
        false => format!("{source}\n---\n{kustomization}\n"),
    }
}

#[test]
fn a_file_for_each_cluster_may_be_a_list_or_differ_in_variables_alone() {
    for is_list in [false, true] {
        check(
            &[
                ("start/prod.yaml", &bootstrap("./clusters/prod", "", is_list)),
                ("start/dev.yaml", &bootstrap("./clusters/dev", "", is_list)),
                ("clusters/prod/x.yaml", CONFIG_MAP),
                ("clusters/dev/x.yaml", CONFIG_MAP),
            ],
            &["dev=clusters/dev", "prod=clusters/prod"],
        );
    }
    let with = |value: &str| {
        bootstrap(
            "./apps",
            &format!(", postBuild: {{substitute: {{E: {value}}}}}"),
            false,
        )
    };
    check(
        &[
            ("start/prod.yaml", &with("prod")),
            ("start/dev.yaml", &with("dev")),
            ("apps/x.yaml", CONFIG_MAP),
        ],
        &["dev=apps", "prod=apps"],
    );
    // Two equal Kustomizations are one cluster.
    check(
        &[
            ("start/a.yaml", &with("prod")),
            ("start/b.yaml", &with("prod")),
            ("apps/x.yaml", CONFIG_MAP),
        ],
        &["start=start"],
    );
}

#[test]
fn sync_files_with_the_same_folder_elsewhere_are_two_clusters() {
    let sync = bootstrap("./clusters/shared", "", false);
    let files = [
        ("clusters/a/flux-system/gotk-sync.yaml", sync.as_str()),
        ("clusters/b/flux-system/gotk-sync.yaml", sync.as_str()),
        ("clusters/shared/ks.yaml", KUSTOMIZATION),
        ("apps/x.yaml", CONFIG_MAP),
    ];
    check(&files, &["a=clusters/shared", "b=clusters/shared"]);
}

#[test]
fn a_kustomization_that_points_at_itself_belongs_to_the_folder_around_it() {
    let extra = KUSTOMIZATION
        .replace("./apps", "./clusters/prod/extra")
        .replace("name: apps", "name: extra");
    let below = extra.replace("./clusters/prod/extra", "./apps/extra");
    let files = [
        ("clusters/prod/kustomization.yaml", "resources: [apps.yaml]\n"),
        ("clusters/prod/apps.yaml", KUSTOMIZATION),
        ("apps/kustomization.yaml", "resources: [x.yaml]\n"),
        ("apps/x.yaml", CONFIG_MAP),
    ];
    for part in [
        ("clusters/prod/extra/ks.yaml", extra.as_str()),
        ("apps/extra/ks.yaml", &below),
    ] {
        check(&[&files[..], &[part]].concat(), &["prod=clusters/prod"]);
    }
    // If there is nothing else, it is the cluster.
    check(
        &[("clusters/prod/extra/ks.yaml", &extra)],
        &["extra=clusters/prod/extra"],
    );
}

#[test]
fn folders_of_one_environment_that_nothing_applies_are_one_cluster() {
    let deployment = |name: &str| {
        format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\n")
    };
    let (web, db) = (deployment("web"), deployment("db"));
    let list = "resources: [x.yaml]\n";
    check(
        &[
            ("overlays/staging/db/kustomization.yaml", list),
            ("overlays/staging/db/x.yaml", &db),
            ("overlays/staging/web/kustomization.yaml", list),
            ("overlays/staging/web/x.yaml", &web),
        ],
        &["staging=overlays/staging/db"],
    );
    // A cluster does not run the same Deployment twice.
    check(
        &[
            ("overlays/prod/eu/kustomization.yaml", list),
            ("overlays/prod/eu/x.yaml", &web),
            ("overlays/prod/us/kustomization.yaml", list),
            ("overlays/prod/us/x.yaml", &web),
        ],
        &["prod-eu=overlays/prod/eu", "prod-us=overlays/prod/us"],
    );
}
