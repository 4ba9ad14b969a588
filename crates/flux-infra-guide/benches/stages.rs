//! Benchmarks of the stages of a run, over trees in memory: `cargo bench -p flux-infra-guide`.

#![allow(clippy::unwrap_used, reason = "benchmarks may fail loudly")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::sync::Arc;

use camino::Utf8Path;
use catalog_emit::{Catalog as _, Catalogs, Form};
use divan::{Bencher, black_box};
use flux_scan::steps::substitute_object;
use flux_scan::{Scan, ScanOptions, scan};
use kustomize_build::{BuildOptions, Sources, build};
use source_tree::{DiskTree, FileId, FileTable, Limits, MemoryTree, RepoPath};
use yaml_node::{Node, read_documents};

fn main() {
    divan::main();
}

const FIXTURE: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../fixtures/infra-flux-nonprod-test"
);

/// A typical Deployment.
fn deployment(name: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  labels: {{app: {name}}}\nspec:\n  replicas: 2\n  \
         selector:\n    matchLabels: {{app: {name}}}\n  template:\n    metadata:\n      labels: {{app: {name}}}\n    spec:\n      \
         containers:\n      - name: main\n        image: registry.example.com/{name}:1.2.3\n        args: [\"--cluster=${{cluster}}\"]\n        \
         env:\n        - {{name: REGION, value: \"${{region:=west}}\"}}\n        - {{name: MODE, value: plain}}\n"
    )
}

/// A directory of Deployments, each with a strategic merge patch if `patched`.
fn directory(count: usize, patched: bool) -> MemoryTree {
    let mut tree = MemoryTree::new();
    let mut kustomization = String::from("namespace: bench\nresources:\n");
    for index in 0..count {
        let name = format!("app-{index:03}");
        tree.insert(format!("{name}.yaml").as_str(), deployment(&name).into_bytes());
        let _ = writeln!(kustomization, "- {name}.yaml");
    }
    if patched {
        kustomization.push_str("patches:\n");
        for index in 0..count {
            let _ = writeln!(
                kustomization,
                "- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {{name: app-{index:03}}}\n    spec: {{template: \
                 {{spec: {{containers: [{{name: main, env: [{{name: MODE, value: patched}}, {{name: ADDED, value: x}}]}}]}}}}}}"
            );
        }
    }
    tree.insert("kustomization.yaml", kustomization.into_bytes());
    tree
}

fn sources(tree: MemoryTree) -> Sources {
    Sources::new(Arc::new(tree), FileTable::new(), Limits::default())
}

fn fixture() -> Scan {
    let tree = DiskTree::open(Utf8Path::new(FIXTURE)).unwrap();
    scan(Arc::new(tree), &ScanOptions::default()).unwrap()
}

/// Text to tree.
#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let path = format!("{FIXTURE}/apps/backend-services/papi-deployment.yaml");
    let text = fs::read_to_string(path).unwrap();
    bencher
        .counter(divan::counter::BytesCount::of_str(&text))
        .bench(|| read_documents(black_box(&text), FileId(1), &Limits::default()));
}

/// A hundred resources and as many strategic merge patches, files already parsed.
#[divan::bench]
fn merge(bencher: Bencher<'_, '_>) {
    let sources = sources(directory(100, true));
    bencher.bench(|| build(&sources, &RepoPath::root(), &BuildOptions::default()));
}

/// A hundred resources, from text to text.
#[divan::bench(name = "build")]
fn build_directory(bencher: Bencher<'_, '_>) {
    let tree = directory(100, false);
    bencher
        .with_inputs(|| sources(tree.clone()))
        .bench_values(|sources| {
            build(&sources, &RepoPath::root(), &BuildOptions::default()).and_then(|build| build.to_yaml())
        });
}

/// Variables in one object.
#[divan::bench]
fn substitute(bencher: Bencher<'_, '_>) {
    let object: Node = read_documents(&deployment("papi"), FileId(1), &Limits::default())
        .unwrap()
        .remove(0);
    let variables = BTreeMap::from([("cluster".to_owned(), "main".to_owned())]);
    bencher.bench(|| substitute_object(black_box(&object), &variables, false, false, &Limits::default()));
}

/// Model to the text of the four catalogs.
#[divan::bench]
fn emit(bencher: Bencher<'_, '_>) {
    let clusters = fixture().clusters;
    let model = &clusters.first().unwrap().infrastructure;
    bencher.bench(|| {
        let catalogs = Catalogs::new(black_box(model), "2020-01-01T00:00:00Z");
        [
            catalogs.services.to_json(Form::Lines),
            catalogs.flux_resources.to_json(Form::Lines),
            catalogs.secrets_map.to_json(Form::Lines),
            catalogs.config_maps.to_json(Form::Lines),
        ]
    });
}

/// A whole scan: folder to model.
#[divan::bench]
fn whole(bencher: Bencher<'_, '_>) {
    bencher.bench(fixture);
}
