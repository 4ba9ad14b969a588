//! Fields that walk all objects, and the rules for them: labels, images, replicas, configurations, crds, openapi.

use super::super::case::{Case, config_map, each};

const FAMILY: &str = "fields";

fn case(name: &str, kustomization: impl Into<String>) -> Case {
    Case::new(FAMILY, name).resource(&kustomization.into(), config_map("x", "b"))
}

fn deployments(count: usize) -> String {
    each(count, |i| {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{i}}}\nspec:\n  selector: {{matchLabels: {{app: d{i}}}}}\n  \
             template:\n    metadata: {{labels: {{app: d{i}}}}}\n    spec:\n      containers:\n      - {{name: c, image: 'i{i}:1'}}\n"
        )
    })
}

pub(super) fn cases() -> Vec<Case> {
    let properties = |next: usize, count: usize| {
        each(count, |j| {
            format!(
                "{}\"p{j}\":{{\"$ref\":\"d{next}\",\"type\":\"object\"}}",
                if j > 0 { "," } else { "" }
            )
        })
    };
    let definitions = |levels: usize, count: usize, last: &str| {
        let each = each(levels, |i| {
            format!(
                "{}\"d{i}\":{{\"Schema\":{{\"properties\":{{{},\"c\":{{\"x-kubernetes-object-ref-api-version\":\"v1\",\"x-kubernetes-object-ref-kind\":\"Secret\"}},\"kind\":{{}},\"apiVersion\":{{}},\"metadata\":{{}}}}}}}}",
                if i > 0 { "," } else { "" },
                properties(i + 1, count)
            )
        });
        format!("{{{each}{last}}}")
    };
    vec![
        case("crds that triple on 14 levels", "crds: [s.json]\n").file("evil/s.json", definitions(14, 3, "")),
        case("crds that grow by ten on 60 levels", "crds: [s.json]\n").file("evil/s.json", definitions(60, 10, "")),
        case("crds in a circle", "crds: [s.json]\n").file("evil/s.json", definitions(3, 2, ",\"d3\":{\"Schema\":{\"properties\":{\"a\":{\"$ref\":\"d0\"}}}}")),
        case("crds of 20,000 definitions", "crds: [s.json]\n").file("evil/s.json", definitions(20_000, 0, "").replace("{,", "{")),
        case("crds named 1,000 times", format!("crds: [{}]\n", "s.json,".repeat(1_000))).file("evil/s.json", definitions(6, 3, "")),
        case("configurations of 20,000 name references", "configurations: [c.yaml]\n").file("evil/c.yaml", format!("nameReference:\n{}", each(20_000, |i| format!("- {{kind: K{i}, fieldSpecs: [{{path: spec/k{i}, kind: ConfigMap}}]}}\n")))),
        case("configurations of 50,000 labels", "configurations: [c.yaml]\ncommonLabels: {a: b}\n").file("evil/c.yaml", format!("commonLabels:\n{}", each(50_000, |i| format!("- {{path: spec/k{i}, create: true}}\n")))),
        case("configurations of 5,000 images, 500 objects", "configurations: [c.yaml]\nimages: [{name: a, newTag: b}]\n").file("evil/c.yaml", format!("images:\n{}", each(5_000, |i| format!("- {{path: spec/k{i}/image}}\n")))).file("evil/x.yaml", deployments(500)),
        case("configurations with a path of 100,000 parts", "configurations: [c.yaml]\ncommonLabels: {a: b}\n").file("evil/c.yaml", format!("commonLabels: [{{path: '{}', create: true}}]\n", "a/".repeat(100_000))),
        case("configurations named 2,000 times", format!("configurations: [{}]\n", "c.yaml,".repeat(2_000))).file("evil/c.yaml", each(1, |_| format!("images:\n{}", each(500, |i| format!("- {{path: spec/k{i}/image}}\n"))))),
        case("2,000 name references to 2,000 objects", "configurations: [c.yaml]\nnamePrefix: p-\n").file("evil/c.yaml", format!("nameReference:\n- kind: ConfigMap\n  fieldSpecs:\n{}", each(2_000, |i| format!("  - {{path: data/k{i}, kind: ConfigMap}}\n")))).file("evil/x.yaml", each(2_000, |i| config_map(&format!("x{i}"), &format!("x{}", i + 1)))),
        case("5,000 images, 2,000 objects", format!("images:\n{}", each(5_000, |i| format!("- {{name: i{i}, newTag: '2'}}\n")))).file("evil/x.yaml", deployments(2_000)),
        case("3,000 images with patterns", format!("images:\n{}", each(3_000, |i| format!("- {{name: '(i|j){{1,{}}}', newTag: '2'}}\n", i % 900 + 1)))).file("evil/x.yaml", deployments(200)),
        case("images and one list of 300,000 maps", format!("images:\n{}", each(200, |i| format!("- {{name: i{i}, newTag: '2'}}\n")))).file("evil/x.yaml", format!("{}list: [{}]\n", config_map("x", "b"), "{a: b},".repeat(300_000))),
        case("tag suffixes that double", format!("images:\n{}", "- {name: i1, tagSuffix: -x}\n".repeat(5_000))).file("evil/x.yaml", deployments(2)),
        case("5,000 replicas, 2,000 objects", format!("replicas:\n{}", each(5_000, |i| format!("- {{name: d{}, count: 2}}\n", i % 2_000)))).file("evil/x.yaml", deployments(2_000)),
        case("2,000 labels, 2,000 objects", format!("commonLabels:\n{}", each(2_000, |i| format!("  l{i}: v\n")))).file("evil/x.yaml", deployments(2_000)),
        case("5,000 entries of labels, 1,000 objects", format!("labels:\n{}", each(5_000, |i| format!("- pairs: {{l{i}: v}}\n")))).file("evil/x.yaml", deployments(1_000)),
        case("50,000 labels of one object", format!("commonLabels:\n{}", each(50_000, |i| format!("  l{i}: v\n")))),
        case("50,000 annotations of one object", format!("commonAnnotations:\n{}", each(50_000, |i| format!("  l{i}: v\n")))),
        case("a label of 10 MB, 1,000 objects", format!("commonLabels: {{a: {}}}\n", "v".repeat(10_000_000))).file("evil/x.yaml", deployments(1_000)),
        case("a namespace of 1 MB, 5,000 objects", format!("namespace: {}\n", "n".repeat(1_000_000))).file("evil/x.yaml", deployments(5_000)),
        case("a prefix of 1 MB, 2,000 objects", format!("namePrefix: {}\n", "n".repeat(1_000_000))).file("evil/x.yaml", deployments(2_000)),
        case("openapi of 300,000 definitions", "openapi: {path: o.json}\n").file("evil/o.json", format!("{{\"definitions\":{{{}\"z\":{{}}}}}}", each(300_000, |i| format!("\"d{i}\":{{\"type\":\"object\"}},")))),
        case("openapi in a circle", "openapi: {path: o.json}\npatches: [{patch: '{apiVersion: x.org/v1, kind: A, metadata: {name: a}, spec: {b: {b: {b: {}}}}}'}]\n").file("evil/o.json", "{\"definitions\":{\"A\":{\"properties\":{\"spec\":{\"$ref\":\"#/definitions/B\"}},\"x-kubernetes-group-version-kind\":[{\"group\":\"x.org\",\"version\":\"v1\",\"kind\":\"A\"}]},\"B\":{\"$ref\":\"#/definitions/B\"}}}").file("evil/x.yaml", "apiVersion: x.org/v1\nkind: A\nmetadata: {name: a}\nspec: {b: {b: {b: {}}}}\n"),
        case("sorting by 50,000 kinds", format!("sortOptions:\n  order: legacy\n  legacySortOptions:\n    orderFirst: [{}]\n    orderLast: []\n", each(50_000, |i| format!("K{i},")))).file("evil/x.yaml", each(5_000, |i| config_map(&format!("x{i}"), "b"))),
        case("5,000 transformers", format!("transformers:\n{}", each(5_000, |i| format!("- |-\n  {{apiVersion: builtin, kind: LabelTransformer, metadata: {{name: t{i}}}, labels: {{l{i}: v}}, fieldSpecs: [{{path: metadata/labels, create: true}}]}}\n")))).file("evil/x.yaml", deployments(100)),
        case("generators that make transformers", "generators: [g]\ntransformers: [g]\nvalidators: [g]\n").file("evil/g/kustomization.yaml", "resources: [../g2]\n").file("evil/g2/kustomization.yaml", "resources: []\ngenerators: [../g]\n"),
        case("10,000 charts", format!("helmCharts:\n{}", each(10_000, |i| format!("- {{name: c{i}, repo: https://x.org}}\n")))),
        case("origins through 100 levels", "buildMetadata: [originAnnotations, transformerAnnotations]\nimages: [{name: a, newTag: b}]\n").file("evil/x.yaml", deployments(3_000)),
    ]
}
