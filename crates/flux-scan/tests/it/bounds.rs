//! Hostile repositories: each reaches a bound, which is reported with its place and does not affect other parts.

use std::fmt::Write;
use std::sync::Arc;

use flux_scan::{ScanOptions, scan};
use pretty_assertions::assert_eq;
use source_tree::{Diagnostic, Limits, MemoryTree, SourceTree};

const SYNC: &str = "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {url: https://example.com/r, interval: 1m}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: flux-system, namespace: flux-system}
spec: {path: ./clusters/a, prune: true, interval: 1m, sourceRef: {kind: GitRepository, name: flux-system}}
";

const SOUND: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: sound, namespace: default}
spec: {selector: {matchLabels: {app: sound}}, template: {metadata: {labels: {app: sound}}, spec: {containers: [{name: c, image: x:1}]}}}
";

fn kustomization(name: &str, path: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: \"{name}\", namespace: flux-system}}\nspec:\n  path: ./{path}\n  prune: true\n  interval: 1m\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{spec}"
    )
}

fn config_map(name: &str, value: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: default}}\ndata: {{a: {value}}}\n"
    )
}

/// The errors of a repository with a valid Kustomization and these files. The valid one has to be built.
fn errors(files: &[(&str, &str)], limits: Limits) -> Vec<String> {
    let found = diagnostics(files, limits);
    let errors = found
        .iter()
        .filter(|found| found.severity == source_tree::Severity::Error);
    let text = |found: &Diagnostic| {
        let place = found.place.as_ref().map_or(String::new(), ToString::to_string);
        format!("{} {place}: {}", found.code, found.message)
    };
    errors.map(text).collect()
}

fn diagnostics(files: &[(&str, &str)], limits: Limits) -> Vec<Diagnostic> {
    let mut tree = MemoryTree::new();
    let sound = kustomization("sound", "sound", "");
    let evil = kustomization("evil", "evil", "");
    for (path, text) in [
        ("clusters/a/gotk-sync.yaml", SYNC),
        ("clusters/a/sound.yaml", &sound),
        ("clusters/a/evil.yaml", &evil),
        ("sound/sound.yaml", SOUND),
    ]
    .iter()
    .chain(files)
    {
        tree.insert(*path, text.as_bytes());
    }
    let tree: Arc<dyn SourceTree> = Arc::new(tree);
    let once = |jobs| {
        let options = ScanOptions {
            limits,
            jobs: Some(jobs),
            ..ScanOptions::default()
        };
        let mut scan = scan(Arc::clone(&tree), &options).unwrap();
        let cluster = scan.clusters.remove(0);
        // If all builds together reach the bound, the last ones are left out.
        if limits.steps == Limits::default().steps {
            assert!(
                cluster
                    .infrastructure
                    .services
                    .keys()
                    .any(|key| key.as_str() == "sound")
            );
        }
        cluster.infrastructure.diagnostics
    };
    let found = once(1);
    // Which of several builds reaches a bound must not depend on chance.
    assert_eq!(once(4), found);
    found
}

fn check(files: &[(&str, &str)], limits: Limits, expected: &[&str]) {
    let found = errors(files, limits);
    assert_eq!(found, expected);
}

#[test]
fn files_take_no_more_memory_than_the_limit() {
    let limits = Limits {
        memory: 1 << 20,
        ..Limits::default()
    };
    let big = config_map("big", &"x".repeat(500_000));
    check(
        &[
            ("evil/kustomization.yaml", "resources:\n- big.yaml\n"),
            ("evil/big.yaml", &big),
        ],
        limits,
        &[
            "limit-reached evil/kustomization.yaml:2: Kustomization flux-system/evil: evil/big.yaml: the files of this cluster take \
             more than 1048576 bytes of memory",
        ],
    );
}

#[test]
fn definitions_that_triple_take_no_more_steps_than_the_limit() {
    let mut definitions = String::from("{");
    for level in 0..14 {
        let next = level + 1;
        write!(
            definitions,
            "\"d{level}\":{{\"Schema\":{{\"properties\":{{\"a\":{{\"$ref\":\"d{next}\"}},\"b\":{{\"$ref\":\"d{next}\"}},\"c\":{{\"$ref\":\"d{next}\"}},\
             \"kind\":{{}},\"apiVersion\":{{}},\"metadata\":{{}}}}}}}},"
        )
        .unwrap();
    }
    definitions.push_str("\"z\":{}}");
    let limits = Limits {
        build_steps: 100_000,
        ..Limits::default()
    };
    let found = errors(
        &[
            ("evil/kustomization.yaml", "crds: [s.json]\n"),
            ("evil/s.json", &definitions),
        ],
        limits,
    );
    assert!(
        found[0].starts_with("limit-reached evil/s.json:1: Kustomization flux-system/evil: "),
        "{found:?}"
    );
    assert!(
        found[0].ends_with("it takes more than 100000 steps of work"),
        "{found:?}"
    );
    assert_eq!(found.len(), 1);
}

#[test]
fn kustomizations_that_multiply_are_cut() {
    let mut made = String::new();
    for name in ["x", "y", "z"] {
        made += &kustomization(
            &format!("{name}${{n}}"),
            "a",
            &format!("  postBuild: {{substitute: {{n: \"${{n}}{name}\"}}}}\n"),
        );
    }
    let first = kustomization("a", "a", "  postBuild: {substitute: {n: a}}\n");
    let found = errors(
        &[("clusters/a/a.yaml", &first), ("a/k.yaml", &made)],
        Limits::default(),
    );
    assert!(
        found.iter().any(
            |error| error.starts_with("limit-reached a/k.yaml:2: Kustomization flux-system/x")
                && error.contains("builds ./a again, as do more than 6 that it comes from")
        ),
        "{found:?}"
    );
    let limits = Limits {
        kustomizations: 20,
        ..Limits::default()
    };
    let found = errors(&[("clusters/a/a.yaml", &first), ("a/k.yaml", &made)], limits);
    assert!(
        found
            .iter()
            .any(|error| error.contains("more than 20 Kustomizations")),
        "{found:?}"
    );
}

#[test]
fn texts_that_double_stop() {
    let object = config_map("g", "xxxxxxxxxxxxxxxx");
    let double = "- source: {kind: ConfigMap, name: g, fieldPath: data.a}\n  targets: [{select: {kind: ConfigMap, name: g}, fieldPaths: [data.a], options: {delimiter: x, index: 1}}]\n";
    let text = format!("resources: [g.yaml]\nreplacements:\n{}", double.repeat(60));
    let limits = Limits {
        memory: 8 << 20,
        ..Limits::default()
    };
    let found = errors(
        &[("evil/kustomization.yaml", &text), ("evil/g.yaml", &object)],
        limits,
    );
    assert_eq!(found.len(), 1);
    assert!(
        found[0].starts_with("limit-reached evil/kustomization.yaml:"),
        "{found:?}"
    );
}

#[test]
fn all_builds_together_take_no_more_steps_than_the_limit() {
    let mut entries = String::new();
    for index in 0..40 {
        entries += &kustomization(
            &format!("k{index}"),
            "evil",
            &format!("  postBuild: {{substitute: {{n: \"{index}\"}}}}\n"),
        );
    }
    let mut objects = String::new();
    for index in 0..100 {
        objects += &config_map(&format!("c{index}"), "\"${n}\"");
    }
    let limits = Limits {
        steps: 100_000,
        ..Limits::default()
    };
    let found = errors(
        &[("clusters/a/k.yaml", &entries), ("evil/x.yaml", &objects)],
        limits,
    );
    assert!(!found.is_empty());
    assert!(
        found
            .iter()
            .all(|error| error.ends_with("all builds of this cluster take more than 100000 steps of work")),
        "{found:?}"
    );
}

#[test]
fn a_resource_set_that_fails_is_reported_wherever_it_stands() {
    let set = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: rs, namespace: flux-system}\nspec:\n  inputs: [{a: x}]\n  resourcesTemplate: |\n    << nosuchfunc 1 >>\n";
    for file in ["clusters/a/rs.yaml", "evil/rs.yaml"] {
        let found = diagnostics(
            &[("evil/x.yaml", &config_map("x", "b")), (file, set)],
            Limits::default(),
        );
        let found = found
            .iter()
            .find(|found| found.code == "resource-set-unresolved")
            .unwrap();
        assert_eq!(found.place.as_ref().unwrap().to_string(), format!("{file}:7"));
        assert!(
            found.message.ends_with("function \"nosuchfunc\" not defined"),
            "{found:?}"
        );
    }
}

#[test]
fn a_resource_set_makes_no_more_objects_than_the_limit() {
    let set = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {name: rs, namespace: flux-system}\nspec:\n  inputs: [{a: x}]\n  resourcesTemplate: |\n    << range $i := until 100 >>\n    ---\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: x<< $i >>}\n    << end >>\n";
    let limits = Limits {
        generated_objects: 50,
        ..Limits::default()
    };
    let found = diagnostics(&[("evil/rs.yaml", set)], limits);
    assert!(
        found
            .iter()
            .any(|found| found.message.ends_with("it makes more than 50 objects")),
        "{found:?}"
    );
}

#[test]
fn values_of_many_small_maps_are_counted_before_they_are_made() {
    let limits = Limits {
        chart_text_bytes: 1 << 20,
        ..Limits::default()
    };
    let small = "{a: 1},".repeat(2_000);
    let release = |name: &str, values: &str| {
        format!(
            "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: default}}\nspec:\n  interval: 1m\n  chart: {{spec: {{chart: ./charts/c, sourceRef: {{kind: GitRepository, name: flux-system, namespace: flux-system}}}}}}\n  {values}\n"
        )
    };
    let releases = [
        release("own", &format!("values: {{a: [{small}]}}")),
        release("from", "valuesFrom: [{kind: ConfigMap, name: v}]"),
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: v, namespace: default}}\ndata: {{values.yaml: \"a: [{small}]\"}}\n"
        ),
        release("copies", "values: {}"),
    ];
    let found = diagnostics(
        &[
            ("evil/all.yaml", &releases.concat()),
            ("charts/c/Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"),
            (
                "charts/c/templates/x.yaml",
                "{{ $d := dict }}{{ range until 40 }}{{ $d = dict \"a\" $d \"b\" $d }}{{ end }}{{ deepCopy $d | len }}",
            ),
        ],
        limits,
    );
    for (name, reason) in [
        ("own", "its values take more than 524288 bytes"),
        ("from", "its values take more than 524288 bytes"),
        ("copies", "values take more than 1048576 bytes"),
    ] {
        let says =
            |one: &Diagnostic| one.message.contains(&format!("/{name}:")) && one.message.contains(reason);
        assert!(found.iter().any(says), "{name}: {found:#?}");
    }
}

#[test]
fn diagnostics_are_no_longer_and_no_more_than_the_limits() {
    let mut entries = String::new();
    for index in 0..20 {
        entries += &kustomization(&format!("k{index}"), &format!("nowhere{index}"), "");
    }
    let limits = Limits {
        diagnostics: 10,
        message_bytes: 40,
        ..Limits::default()
    };
    let found = diagnostics(
        &[
            ("clusters/a/k.yaml", &entries),
            ("evil/x.yaml", &config_map("x", "b")),
        ],
        limits,
    );
    assert_eq!(found.len(), 11, "{found:?}");
    assert!(
        found
            .iter()
            .any(|found| found.message.ends_with("more diagnostics are left out")),
        "{found:?}"
    );
    assert!(found.iter().all(|found| found.message.len() <= 43));
}

#[test]
fn lone_carriage_returns_are_reported() {
    let file = config_map("x", "b").replace("}\ndata", "}\rdata");
    let found = diagnostics(&[("evil/x.yaml", &file)], Limits::default());
    let found = found.iter().find(|found| found.code == "yaml-invalid").unwrap();
    assert_eq!(found.place.as_ref().unwrap().to_string(), "evil/x.yaml:4");
}
