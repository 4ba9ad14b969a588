//! ConfigMap and Secret generators: numbers, sizes, merging.

use super::super::case::{Case, config_map, each};

const FAMILY: &str = "generators";

fn case(name: &str, kustomization: impl Into<Vec<u8>>) -> Case {
    Case::new(FAMILY, name).evil(kustomization)
}

pub(super) fn cases() -> Vec<Case> {
    let literals = |count| each(count, |i| format!("  - k{i}=v\n"));
    let files = case(
        "20,000 files of one generator",
        format!(
            "configMapGenerator:\n- name: g\n  files:\n{}",
            each(20_000, |i| format!("  - f{i}\n"))
        ),
    )
    .times(20_000, |case, i| case.file(&format!("evil/f{i}"), "x"));
    vec![
        case("ConfigMap of 200,000 literals", format!("configMapGenerator:\n- name: g\n  literals:\n{}", literals(200_000))),
        case("Secret of 100,000 literals", format!("secretGenerator:\n- name: g\n  literals:\n{}", literals(100_000))),
        case("env file of 300,000 lines", "configMapGenerator: [{name: g, envs: [e.env]}]\n").file("evil/e.env", each(300_000, |i| format!("K{i}=v\n"))),
        case("env file with a line of 1 MB", "configMapGenerator: [{name: g, envs: [e.env]}]\n").file("evil/e.env", format!("K={}\n", "v".repeat(1_000_000))),
        case("env file of half a pair of quotes", "configMapGenerator: [{name: g, envs: [e.env]}]\n").file("evil/e.env", "K=\"v\n=\n==\nK\n\0\n"),
        case("5,000 generators that merge into one", format!("configMapGenerator:\n- {{name: g, literals: [a=b]}}\n{}", each(5_000, |i| format!("- {{name: g, behavior: merge, literals: [k{i}=v]}}\n")))),
        case("20,000 generators that merge into one", format!("configMapGenerator:\n- {{name: g, literals: [a=b]}}\n{}", each(20_000, |i| format!("- {{name: g, behavior: merge, literals: [k{i}=v]}}\n")))),
        case("2,000 generators of 1,000 keys that merge", format!("configMapGenerator:\n- {{name: g, literals: [a=b]}}\n{}", each(2_000, |_| format!("- {{name: g, behavior: merge, literals: [{}]}}\n", each(100, |k| format!("k{k}=v,")))))),
        case("20,000 generators", format!("configMapGenerator:\n{}", each(20_000, |i| format!("- {{name: g{i}, literals: [a=b]}}\n")))),
        case("2,000 generators of one file of 10 MB", format!("configMapGenerator:\n{}", each(2_000, |i| format!("- {{name: g{i}, files: [b]}}\n")))).repeated("evil/b", "", "xxxxxxxxxx", 1_000_000, ""),
        case("2,000 secrets of one file of 10 MB", format!("secretGenerator:\n{}", each(2_000, |i| format!("- {{name: g{i}, files: [b]}}\n")))).repeated("evil/b", "", "xxxxxxxxxx", 1_000_000, ""),
        case("1,000 keys of one file of 10 MB", format!("configMapGenerator:\n- name: g\n  files:\n{}", each(1_000, |i| format!("  - k{i}=b\n")))).repeated("evil/b", "", "xxxxxxxxxx", 1_000_000, ""),
        case("a binary file of 20 MB", "configMapGenerator: [{name: g, files: [b]}]\n").repeated("evil/b", "", [0xff, 0xfe, 0x00, 0x01], 5_000_000, ""),
        case("50,000 labels of one generator", format!("generatorOptions:\n  labels:\n{}configMapGenerator: [{{name: g, literals: [a=b]}}]\n", each(50_000, |i| format!("    l{i}: v\n")))),
        case("2,000 labels of 2,000 generators", format!("generatorOptions:\n  labels:\n{}configMapGenerator:\n{}", each(2_000, |i| format!("    l{i}: v\n")), each(2_000, |i| format!("- {{name: g{i}, literals: [a=b]}}\n")))),
        case("a merge into 200,000 keys, 100 times", format!("resources: [x.yaml]\nconfigMapGenerator:\n{}", each(100, |i| format!("- {{name: x, namespace: default, behavior: merge, literals: [z{i}=v]}}\n")))).file("evil/x.yaml", format!("{}{}", config_map("x", "b"), each(200_000, |i| format!("  k{i}: v\n")))),
        case("replace and merge by turns", format!("configMapGenerator:\n- {{name: g, literals: [a=b]}}\n{}", "- {name: g, behavior: replace, literals: [a=b]}\n- {name: g, behavior: merge, literals: [a=c]}\n".repeat(5_000))),
        case("a generated name of 1 MB", format!("configMapGenerator: [{{name: {}, literals: [a=b]}}]\n", "n".repeat(1_000_000))),
        case("5,000 references to 5,000 generated names", format!("resources: [x.yaml]\nconfigMapGenerator:\n{}", each(5_000, |i| format!("- {{name: g{i}, literals: [a=b]}}\n")))).file("evil/x.yaml", format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  volumes:\n{}", each(5_000, |i| format!("  - {{name: v{i}, configMap: {{name: g{i}}}}}\n")))),
        files,
    ]
}
