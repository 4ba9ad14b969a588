//! Patches and replacements: numbers, growth, paths, patterns.

use super::super::case::{Case, config_map, each};

const FAMILY: &str = "patches";

fn case(name: &str, kustomization: impl Into<String>) -> Case {
    Case::new(FAMILY, name).resource(&kustomization.into(), config_map("x", "bxb"))
}

fn json(name: &str, operations: impl Into<String>) -> Case {
    case(name, "patches: [{path: p.json, target: {kind: ConfigMap}}]\n")
        .file("evil/p.json", operations.into())
}

pub(super) fn cases() -> Vec<Case> {
    let objects = |count| each(count, |i| config_map(&format!("x{i}"), "b"));
    let replace = |source: &str, target: &str| format!("- source: {source}\n  targets: [{target}]\n");
    let x = "{kind: ConfigMap, name: x, fieldPath: data.a}";
    vec![
        json("10,000 JSON operations", format!("[{}]", each(10_000, |i| format!("{}{{\"op\":\"add\",\"path\":\"/data/k{i}\",\"value\":\"v\"}}", if i > 0 { "," } else { "" })))),
        json("100,000 JSON operations", format!("[{}]", each(100_000, |i| format!("{}{{\"op\":\"add\",\"path\":\"/data/k{i}\",\"value\":\"v\"}}", if i > 0 { "," } else { "" })))),
        json("JSON operations that put 50,000 items in front", format!("[{{\"op\":\"add\",\"path\":\"/l\",\"value\":[]}}{}]", ",{\"op\":\"add\",\"path\":\"/l/0\",\"value\":1}".repeat(50_000))),
        json("JSON copies that double", format!("[{}]", each(60, |i| format!("{}{{\"op\":\"copy\",\"from\":\"/data\",\"path\":\"/data/k{i}\"}}", if i > 0 { "," } else { "" })))),
        json("JSON moves, 50,000 times", format!("[{{\"op\":\"move\",\"from\":\"/data/a\",\"path\":\"/data/b\"}}{}]", ",{\"op\":\"move\",\"from\":\"/data/b\",\"path\":\"/data/c\"},{\"op\":\"move\",\"from\":\"/data/c\",\"path\":\"/data/b\"}".repeat(25_000))),
        json("JSON tests of a big value", format!("[{{\"op\":\"add\",\"path\":\"/l\",\"value\":[{}0]}}{}]", "0,".repeat(50_000), format!(",{{\"op\":\"test\",\"path\":\"/l\",\"value\":[{}0]}}", "0,".repeat(5_000)).repeat(100))),
        json("JSON path of 1 MB", format!("[{{\"op\":\"add\",\"path\":\"{}\",\"value\":1}}]", "/a".repeat(500_000))),
        json("JSON index without end", "[{\"op\":\"add\",\"path\":\"/data/99999999999999999999\",\"value\":1},{\"op\":\"add\",\"path\":\"/l\",\"value\":[1]},{\"op\":\"add\",\"path\":\"/l/4294967296\",\"value\":1},{\"op\":\"add\",\"path\":\"/l/-9223372036854775808\",\"value\":1}]".to_owned()),
        json("JSON value 150 deep", format!("[{{\"op\":\"add\",\"path\":\"/l\",\"value\":{}{}}}]", "[".repeat(150), "]".repeat(150))),
        json("JSON patch cut short", "[{\"op\":\"add\",\"path\":\"/data/a\",\"value\":".to_owned()),
        case("5,000 JSON patches of 500 objects", format!("patches:\n{}", each(5_000, |i| format!("- target: {{kind: ConfigMap}}\n  patch: '[{{\"op\":\"add\",\"path\":\"/data/k{i}\",\"value\":\"v\"}}]'\n")))).file("evil/x.yaml", objects(500)),
        case("10,000 patches of one object", format!("patches:\n{}", each(10_000, |i| format!("- patch: '{{apiVersion: v1, kind: ConfigMap, metadata: {{name: x, namespace: default}}, data: {{k{i}: v}}}}'\n")))),
        case("2,000 patches of 2,000 objects", format!("patches:\n{}", each(2_000, |i| format!("- target: {{kind: ConfigMap}}\n  patch: '{{apiVersion: v1, kind: ConfigMap, metadata: {{name: n}}, data: {{k{i}: v}}}}'\n")))).file("evil/x.yaml", objects(2_000)),
        case("a patch of 100,000 keys for 1,000 objects", "patches: [{path: p.yaml, target: {kind: ConfigMap}}]\n").file("evil/x.yaml", objects(1_000)).file("evil/p.yaml", format!("{}{}", config_map("n", "b"), each(100_000, |i| format!("  k{i}: v\n")))),
        case("a patch of 100,000 keys twice", "patches: [{path: p.yaml}, {path: p.yaml}]\n").file("evil/p.yaml", format!("{}{}", config_map("x", "b"), each(100_000, |i| format!("  k{i}: v\n")))),
        case("a list of 20,000 containers, patched", "patches: [{path: p.yaml}]\n").file("evil/x.yaml", containers(20_000)).file("evil/p.yaml", containers(20_000)),
        case("a list of 20,000 values, deleted one by one", "patches: [{path: p.yaml}]\n").file("evil/x.yaml", containers(20_000)).file("evil/p.yaml", containers(20_000).replace("image: a", "$patch: delete")),
        case("10,000 $setElementOrder", "patches: [{path: p.yaml}]\n").file("evil/x.yaml", containers(10)).file("evil/p.yaml", format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec:\n  template:\n    spec:\n      $setElementOrder/containers: [{}]\n", each(10_000, |i| format!("{{name: c{i}}},")))),
        case("a patch target with a costly pattern", "patches: [{patch: '[{\"op\":\"remove\",\"path\":\"/data/a\"}]', target: {name: '(x+x+)+y|(a|aa)+$|((x{1,30}){1,30}){1,30}'}}]\n"),
        case("2,000 targets with patterns", format!("patches:\n{}", each(2_000, |i| format!("- target: {{name: '(x|y){{1,{}}}'}}\n  patch: '[{{\"op\":\"add\",\"path\":\"/data/k\",\"value\":\"v\"}}]'\n", i % 900 + 1)))),
        case("a target with a selector of 20,000 parts", format!("patches: [{{patch: '[{{\"op\":\"remove\",\"path\":\"/data/a\"}}]', target: {{labelSelector: '{}a=b'}}}}]\n", each(20_000, |i| format!("l{i}!=v,")))).file("evil/x.yaml", objects(2_000)),
        case("replacements that double 60 times", format!("replacements:\n{}", replace(x, "{select: {kind: ConfigMap, name: x}, fieldPaths: [data.a], options: {delimiter: x, index: 1}}").repeat(60))),
        case("replacements that double a text of delimiters", format!("replacements:\n{}", replace(x, "{select: {kind: ConfigMap, name: x}, fieldPaths: [data.a], options: {delimiter: x, index: 1}}").repeat(60))).file("evil/x.yaml", config_map("x", "xxxxxxxxxxxxxxxx")),
        case("replacements that grow by an index", format!("replacements:\n{}", replace(x, "{select: {kind: ConfigMap, name: x}, fieldPaths: [data.b], options: {delimiter: x, index: 1000000000, create: true}}").repeat(60))),
        case("5,000 replacements of 1,000 objects", format!("replacements:\n{}", replace("{kind: ConfigMap, name: x1, fieldPath: data.a}", "{select: {kind: ConfigMap}, fieldPaths: [data.a]}").repeat(5_000))).file("evil/x.yaml", objects(1_000)),
        case("a replacement with 100,000 targets", format!("replacements:\n- source: {x}\n  targets:\n{}", "  - {select: {kind: ConfigMap}, fieldPaths: [data.a]}\n".repeat(100_000))),
        case("a replacement with 100,000 field paths", format!("replacements:\n- source: {x}\n  targets:\n  - select: {{kind: ConfigMap}}\n    options: {{create: true}}\n    fieldPaths: [{}]\n", each(100_000, |i| format!("data.k{i},")))),
        case("replacements of whole maps that double", format!("replacements:\n{}", each(60, |i| replace("{kind: ConfigMap, name: x, fieldPath: data}", &format!("{{select: {{kind: ConfigMap}}, fieldPaths: [data.k{i}], options: {{create: true}}}}"))))),
        case("replacements of lists by `*`", format!("replacements:\n{}", replace("{kind: ConfigMap, name: x, fieldPath: l}", "{select: {kind: ConfigMap}, fieldPaths: ['l.*.l.*.l.*']}").repeat(200))).file("evil/x.yaml", format!("{}l: [{}]\n", config_map("x", "b"), each(300, |_| format!("{{l: [{}]}},", "{l: [1,2,3,4,5,6,7,8,9]},".repeat(30))))),
        case("a field path of 1 MB", format!("replacements:\n{}", replace(x, &format!("{{select: {{kind: ConfigMap}}, fieldPaths: ['{}a'], options: {{create: true}}}}", "a.".repeat(500_000))))),
        case("field paths into a text of structure", format!("replacements:\n{}", replace(x, "{select: {kind: ConfigMap}, fieldPaths: ['data.b.[k=1].v']}").repeat(300))).file("evil/x.yaml", format!("{}  b: |\n    [{}]\n", config_map("x", "b"), each(20_000, |i| format!("{{\"k\":{i},\"v\":1}},")))),
        case("vars that name each other", format!("vars:\n{}", each(2_000, |i| format!("- {{name: V{i}, objref: {{apiVersion: v1, kind: ConfigMap, name: x}}, fieldref: {{fieldpath: data.a}}}}\n")))).file("evil/x.yaml", config_map("x", "\"$(V1)$(V2)$(V3)\"")),
        case("vars that double", format!("vars:\n{}configurations: [c.yaml]\n", each(40, |i| format!("- {{name: V{i}, objref: {{apiVersion: v1, kind: ConfigMap, name: x{i}}}, fieldref: {{fieldpath: data.a}}}}\n")))).file("evil/x.yaml", each(40, |i| config_map(&format!("x{i}"), &format!("\"$(V{0})$(V{0})\"", i + 1)))).file("evil/c.yaml", "varReference: [{path: data/a}]\n"),
        case("a text of 500,000 vars", "vars: [{name: V, objref: {apiVersion: v1, kind: ConfigMap, name: y}, fieldref: {fieldpath: data.a}}]\nconfigurations: [c.yaml]\n").file("evil/x.yaml", format!("{}{}", config_map("x", &format!("'{}'", "$(V)".repeat(500_000))), config_map("y", &"v".repeat(10_000)))).file("evil/c.yaml", "varReference: [{path: data/a}]\n"),
    ]
}

fn containers(count: usize) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d}}\nspec:\n  template:\n    spec:\n      containers:\n{}",
        each(count, |i| format!("      - {{name: c{i}, image: a}}\n"))
    )
}
