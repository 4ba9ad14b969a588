//! Flux objects in files that nothing applies.

use std::sync::Arc;

use flux_scan::{ClusterArg, ScanOptions, scan};
use pretty_assertions::assert_eq;
use source_tree::{MemoryTree, RepoPath, SourceTree};

const SYNC: &str = "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {url: https://example.com/r, interval: 1m}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec:
  path: ./clusters/a
  prune: true
  interval: 1m
  sourceRef: {kind: GitRepository, name: flux-system}
";

fn kustomization(name: &str, path: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: ./{path}\n  prune: true\n  interval: 1m\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{spec}"
    )
}

fn release(namespace: &str, name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: {namespace}}}\nspec:\n  interval: 1m\n  chart: {{spec: {{chart: c, sourceRef: {{kind: HelmRepository, name: r, namespace: flux-system}}}}}}\n{spec}"
    )
}

#[test]
fn what_nothing_applies_is_an_orphan_of_the_nearest_cluster() {
    let release = release("a", "x", "");
    let sync = |name: &str| {
        SYNC.replace("./clusters/a", &format!("./clusters/{name}"))
            + &kustomization("apps", &format!("apps/{name}"), "")
    };
    let parked = kustomization("parked", "parked", "");
    let mut tree = MemoryTree::new();
    for (path, text) in [
        ("clusters/a/gotk-sync.yaml", sync("a").as_str()),
        ("clusters/b/gotk-sync.yaml", sync("b").as_str()),
        (
            "apps/a/kustomization.yaml",
            "resources: [ns.yaml]\n# resources:\n# - parked\n",
        ),
        (
            "apps/a/ns.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
        ),
        ("apps/a/parked/release.yaml", parked.as_str()),
        ("parked/release.yaml", release.as_str()),
        ("apps/a/left/release.yaml", release.as_str()),
        (
            "apps/b/ns.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n",
        ),
        ("apps/shared/release.yaml", release.as_str()),
    ] {
        tree.insert(path, text.as_bytes());
    }
    let tree: Arc<dyn SourceTree> = Arc::new(tree);
    let of = |options: &ScanOptions| -> Vec<Vec<String>> {
        let scanned = scan(Arc::clone(&tree), options).unwrap().clusters;
        let found = scanned.iter().map(|cluster| &cluster.infrastructure);
        found
            .map(|model| {
                let orphans = model.diagnostics.iter().filter(|one| one.code == "orphan");
                orphans
                    .map(|one| format!("{} {}", one.severity.as_str(), one.place.as_ref().unwrap().file))
                    .collect()
            })
            .collect()
    };
    let of_a = [
        "warning apps/a/left/release.yaml",
        "info apps/a/parked/release.yaml",
        "info apps/shared/release.yaml",
    ];
    assert_eq!(
        of(&ScanOptions::default()),
        [
            &[&of_a[..], &["info parked/release.yaml"]].concat()[..],
            &["info apps/shared/release.yaml", "info parked/release.yaml"]
        ]
    );
    // Clusters that the caller did not choose still apply their files.
    let only_b = ScanOptions {
        clusters: vec![ClusterArg {
            joined: Vec::new(),
            name: None,
            path: RepoPath::new("clusters/b"),
        }],
        ..ScanOptions::default()
    };
    assert_eq!(
        of(&only_b),
        [["info apps/shared/release.yaml", "info parked/release.yaml"]]
    );
}
