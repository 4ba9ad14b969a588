//! `gen-fleet`: writes a large, realistic Flux repository, with the same bytes every time.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

/// Write a large Flux repository for scaling measurements.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Number of clusters.
    #[arg(long, default_value_t = 1)]
    clusters: usize,
    /// Number of apps in each cluster; each is one Flux Kustomization of about ten objects.
    #[arg(long, default_value_t = 100)]
    apps: usize,
    /// Also a directory `bulk` whose one kustomization holds this many resources.
    #[arg(long, default_value_t = 0)]
    resources: usize,
    /// Folder to write; must not exist yet.
    #[arg(long)]
    out: Utf8PathBuf,
}

pub(crate) fn run(arguments: &Arguments) -> Result<bool> {
    write_fleet(&arguments.out, arguments.clusters, arguments.apps)?;
    if arguments.resources > 0 {
        write_bulk(&arguments.out.join("bulk"), arguments.resources)?;
    }
    println!(
        "{}: {} clusters of {} apps",
        arguments.out, arguments.clusters, arguments.apps
    );
    Ok(true)
}

/// Writes the repository.
///
/// # Errors
/// If `out` exists already or cannot be written.
pub(crate) fn write_fleet(out: &Utf8Path, clusters: usize, apps: usize) -> Result<()> {
    ensure!(!out.exists(), "{out} exists already");
    let put = |path: &str, text: &str| put(&out.join(path), text);
    put(
        "infrastructure/sources/kustomization.yaml",
        "resources: [charts.yaml]\n",
    )?;
    put("infrastructure/sources/charts.yaml", CHARTS)?;
    put("components/telemetry/kustomization.yaml", TELEMETRY)?;
    for app in 0..apps {
        write_app(&put, app)?;
    }
    for cluster in 0..clusters {
        write_cluster(&put, cluster, apps)?;
    }
    Ok(())
}

fn write_app(put: &impl Fn(&str, &str) -> Result<()>, app: usize) -> Result<()> {
    let name = format!("app-{app:05}");
    let team = app % 17;
    let base = format!("apps/{name}/base");
    put(
        &format!("{base}/kustomization.yaml"),
        &format!(
            "resources:\n- workload.yaml\n- service.yaml\n- vault.yaml\n- access.yaml\n{}\
             commonLabels:\n  app.kubernetes.io/part-of: team-{team}\n\
             configMapGenerator:\n- name: {name}-settings\n  literals:\n  - LOG_LEVEL=info\n  - REGION=${{region}}\n  \
             - UPSTREAM_URL=http://app-{:05}.team-{}.svc.cluster.local:8080\n  - DATABASE_HOST=postgres.${{domain}}\n",
            if app.is_multiple_of(5) {
                "- release.yaml\n"
            } else {
                ""
            },
            app.saturating_sub(1),
            app.saturating_sub(1) % 17,
        ),
    )?;
    let has_release = app.is_multiple_of(5);
    let release = has_release.then_some(("release.yaml", RELEASE));
    for (file, template) in [
        ("workload.yaml", WORKLOAD),
        ("service.yaml", SERVICE),
        ("vault.yaml", VAULT),
        ("access.yaml", ACCESS),
    ]
    .into_iter()
    .chain(release)
    {
        put(&format!("{base}/{file}"), &template.replace("NAME", &name))?;
    }
    put(
        &format!("apps/{name}/overlay/kustomization.yaml"),
        &format!(
            "namespace: team-{team}\nresources:\n- ../base\ncomponents:\n- ../../../components/telemetry\n\
             images:\n- name: registry.example.com/{name}\n  newTag: 1.{}.{}\n\
             patches:\n- target: {{kind: Deployment}}\n  patch: |\n    - op: replace\n      path: /spec/replicas\n      value: {}\n\
             - patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata:\n      name: {name}\n    spec:\n      \
             template:\n        spec:\n          containers:\n          - name: main\n            resources:\n              \
             limits:\n                memory: {}Mi\n",
            app % 40,
            app % 7,
            1 + app % 4,
            128 * (1 + app % 8),
        ),
    )
}

fn write_cluster(put: &impl Fn(&str, &str) -> Result<()>, cluster: usize, apps: usize) -> Result<()> {
    let folder = format!("clusters/cluster-{cluster:03}");
    put(
        &format!("{folder}/flux-system/gotk-sync.yaml"),
        &SYNC.replace("FOLDER", &folder),
    )?;
    put(
        &format!("{folder}/flux-system/kustomization.yaml"),
        "resources:\n- gotk-sync.yaml\n",
    )?;
    put(
        &format!("{folder}/cluster-vars.yaml"),
        &format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cluster-vars\n  namespace: flux-system\ndata:\n  \
             cluster_name: cluster-{cluster:03}\n  region: region-{}\n  domain: c{cluster}.example.com\n",
            cluster % 5
        ),
    )?;
    put(
        &format!("{folder}/sources.yaml"),
        &kustomization("sources", "infrastructure/sources", None),
    )?;
    // One file holds the Kustomizations of a hundred apps, as teams keep them.
    for first in (0..apps).step_by(100) {
        let mut text = String::new();
        for app in first..apps.min(first + 100) {
            let depends_on = if app.is_multiple_of(10) {
                "sources".to_owned()
            } else {
                format!("app-{:05}", app - app % 10)
            };
            let name = format!("app-{app:05}");
            let _ = write!(
                text,
                "---\n{}",
                kustomization(&name, &format!("apps/{name}/overlay"), Some(&depends_on))
            );
        }
        put(&format!("{folder}/apps/apps-{:03}.yaml", first / 100), &text)?;
    }
    Ok(())
}

fn kustomization(name: &str, path: &str, depends_on: Option<&str>) -> String {
    let depends_on = depends_on.map_or_else(String::new, |name| format!("  dependsOn:\n  - name: {name}\n"));
    format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: {name}\n  namespace: flux-system\n\
         spec:\n{depends_on}  interval: 10m\n  path: ./{path}\n  prune: true\n  sourceRef:\n    kind: GitRepository\n    \
         name: flux-system\n  postBuild:\n    substituteFrom:\n    - kind: ConfigMap\n      name: cluster-vars\n"
    )
}

/// Writes one kustomization of many resources: ConfigMaps, and Deployments that use them.
///
/// # Errors
/// If `out` cannot be written.
pub(crate) fn write_bulk(out: &Utf8Path, resources: usize) -> Result<()> {
    const PER_FILE: usize = 1000;
    let mut names = String::new();
    for (file, first) in (0..resources).step_by(PER_FILE).enumerate() {
        let mut text = String::new();
        for index in first..resources.min(first + PER_FILE) {
            text.push_str("---\n");
            if index.is_multiple_of(2) {
                let _ = write!(
                    text,
                    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: item-{index:06}\ndata:\n  index: \"{index}\"\n"
                );
            } else {
                let workload = WORKLOAD.replace("NAME-settings", &format!("item-{:06}", index - 1));
                text.push_str(&workload.replace("NAME", &format!("item-{index:06}")));
            }
        }
        put(&out.join(format!("part-{file:03}.yaml")), &text)?;
        let _ = writeln!(names, "- part-{file:03}.yaml");
    }
    put(
        &out.join("kustomization.yaml"),
        &format!("namespace: bulk\nnamePrefix: big-\nresources:\n{names}"),
    )
}

fn put(path: &Utf8Path, text: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| format!("writing {path}"))
}

const CHARTS: &str = include_str!("gen_fleet/charts.yaml");
const TELEMETRY: &str = include_str!("gen_fleet/telemetry.yaml");
const WORKLOAD: &str = include_str!("gen_fleet/workload.yaml");
const SERVICE: &str = include_str!("gen_fleet/service.yaml");
const VAULT: &str = include_str!("gen_fleet/vault.yaml");
const ACCESS: &str = include_str!("gen_fleet/access.yaml");
const RELEASE: &str = include_str!("gen_fleet/release.yaml");
const SYNC: &str = include_str!("gen_fleet/sync.yaml");
