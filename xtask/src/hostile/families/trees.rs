//! Bases, components and resources: depth, circles, diamonds, numbers.

use super::super::case::{Case, config_map, each, kustomization};

const FAMILY: &str = "bases";

fn chain(name: &str, length: usize, extra: impl Fn(usize) -> String) -> Case {
    let mut case = Case::new(FAMILY, name).evil("resources: [../chain/0]\n");
    for index in 0..length {
        let next = if index + 1 < length {
            format!("resources: [../{}]\n", index + 1)
        } else {
            "resources: [x.yaml]\n".to_owned()
        };
        case = case.file(
            &format!("chain/{index}/kustomization.yaml"),
            format!("{next}{}", extra(index)),
        );
    }
    case.file(&format!("chain/{}/x.yaml", length - 1), config_map("x", "b"))
}

/// Folders of which each names two on the next level.
fn diamond(name: &str, levels: usize, field: &str, extra: &str) -> Case {
    let mut case = Case::new(FAMILY, name).evil(format!("{field}: [../d/0/a, ../d/0/b]\n"));
    let kind = if field == "components" {
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    } else {
        ""
    };
    for level in 0..levels {
        for side in ["a", "b"] {
            let text = if level + 1 == levels {
                format!("{kind}resources: []\nnamePrefix: {side}\n{extra}")
            } else {
                format!(
                    "{kind}{field}: [../../{0}/a, ../../{0}/b]\nnamePrefix: {side}\n{extra}",
                    level + 1
                )
            };
            case = case.file(&format!("d/{level}/{side}/kustomization.yaml"), text);
        }
    }
    case
}

pub(super) fn cases() -> Vec<Case> {
    let mut doubled =
        Case::new(FAMILY, "an object that doubles on 24 levels").evil("resources: [../d/0/a, ../d/0/b]\n");
    for level in 0..24 {
        for side in ["a", "b"] {
            let text = if level == 23 {
                format!("resources: [x.yaml]\nnamePrefix: {side}-\n")
            } else {
                format!(
                    "resources: [../../{0}/a, ../../{0}/b]\nnamePrefix: {side}-\n",
                    level + 1
                )
            };
            doubled = doubled
                .file(&format!("d/{level}/{side}/kustomization.yaml"), text)
                .file(&format!("d/{level}/{side}/x.yaml"), config_map("x", "b"));
        }
    }
    let mut wide = Case::new(FAMILY, "400 bases of one big file")
        .evil(format!("resources:\n{}", each(400, |i| format!("- b{i}\n"))));
    for index in 0..400 {
        wide = wide.file(
            &format!("evil/b{index}/kustomization.yaml"),
            format!("resources: [../../big]\nnamePrefix: b{index}-\nimages: [{{name: a, newTag: b}}]\ncommonLabels: {{a: b}}\n"),
        );
    }
    let wide = wide.file("big/kustomization.yaml", "resources: [x.yaml]\n").file(
        "big/x.yaml",
        format!("{}list: [{}]\n", config_map("x", "b"), "{a: b},".repeat(300_000)),
    );
    let mut many = Case::new(FAMILY, "20,000 folders");
    many = many.evil(format!("resources:\n{}", each(20_000, |i| format!("- f{i}\n"))));
    for index in 0..20_000 {
        many = many.file(&format!("evil/f{index}/kustomization.yaml"), "resources: []\n");
    }
    let mut files = Case::new(FAMILY, "30,000 files without a kustomization").second();
    for index in 0..30_000 {
        files = files.file(
            &format!("evil/x{index}.yaml"),
            config_map(&format!("x{index}"), "b"),
        );
    }
    let mut shared = Case::new(FAMILY, "300 Kustomizations of one big folder");
    for index in 0..300 {
        shared = shared.file(
            &format!("clusters/main/k{index}.yaml"),
            kustomization(
                &format!("k{index}"),
                "./big",
                &format!("  postBuild: {{substitute: {{n: \"{index}\"}}}}\n"),
            ),
        );
    }
    let shared = shared.file(
        "big/x.yaml",
        format!(
            "{}{}",
            config_map("x", "\"${n}\""),
            each(2_000, |i| config_map(&format!("y${{n}}{i}"), "\"${n}\""))
        ),
    );
    let deep = format!(
        "{}/x.yaml",
        (0..60).map(|i| format!("d{i}")).collect::<Vec<_>>().join("/")
    );
    vec![
        Case::new(FAMILY, "a base that is its own").evil("resources: [.]\n"),
        Case::new(FAMILY, "the folder above").evil("resources: [..]\n"),
        Case::new(FAMILY, "a circle of two")
            .evil("resources: [../loop]\n")
            .file("loop/kustomization.yaml", "resources: [../evil]\n"),
        chain("bases 127 deep", 127, |_| String::new()),
        chain("bases 2,000 deep", 2_000, |_| String::new()),
        chain("prefixes of 100 kB on 120 levels", 120, |_| {
            format!("namePrefix: {}\n", "p".repeat(100_000))
        }),
        chain("labels of 1,000 keys on 100 levels", 100, |level| {
            format!(
                "labels:\n- pairs:\n{}",
                each(1_000, |i| format!("    l{level}x{i}: v\n"))
            )
        }),
        chain("bad bases in quotes 100 deep", 100, |_| {
            "components: [nowhere]\n".to_owned()
        }),
        diamond("diamonds on 30 levels", 30, "resources", ""),
        diamond(
            "diamonds on 15 levels with labels",
            15,
            "resources",
            "commonLabels: {a: b}\n",
        ),
        diamond("components in diamonds", 30, "components", ""),
        doubled,
        wide,
        many,
        files,
        shared,
        Case::new(FAMILY, "100,000 entries that do not exist").evil(format!(
            "resources:\n{}",
            each(100_000, |i| format!("- n{i}.yaml\n"))
        )),
        Case::new(FAMILY, "100,000 entries of one file")
            .evil(format!("resources:\n{}", "- x.yaml\n".repeat(100_000)))
            .file("evil/x.yaml", config_map("x", "b")),
        Case::new(FAMILY, "50,000 remote bases").evil(format!(
            "resources:\n{}",
            each(50_000, |i| format!("- https://git.example.org/r{i}?ref=main\n"))
        )),
        Case::new(FAMILY, "a base with a name of 1 MB")
            .evil(format!("resources: ['{}']\n", "x".repeat(1_000_000))),
        Case::new(FAMILY, "a base of 100,000 steps up")
            .evil(format!("resources: ['{}']\n", "../".repeat(100_000))),
        Case::new(FAMILY, "a remote base with a query of 1 MB").evil(format!(
            "resources: ['https://x.org/a//b?{}']\n",
            "a=b&".repeat(250_000)
        )),
        Case::new(FAMILY, "folders 60 deep")
            .second()
            .file(&format!("evil/{deep}"), config_map("x", "b")),
        Case::new(FAMILY, "30,000 objects of one name")
            .evil("resources: [x.yaml]\n")
            .file(
                "evil/x.yaml",
                each(30_000, |i| {
                    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x, namespace: n{i}}}\n")
                }),
            ),
        Case::new(FAMILY, "20,000 kinds of one name")
            .evil("resources: [x.yaml]\nnamePrefix: p-\n")
            .file(
                "evil/x.yaml",
                each(20_000, |i| {
                    format!("---\napiVersion: g{i}.org/v1\nkind: K{i}\nmetadata: {{name: x}}\n")
                }),
            ),
        Case::new(FAMILY, "100,000 objects")
            .evil("resources: [x.yaml]\nnamespace: n\n")
            .file(
                "evil/x.yaml",
                each(100_000, |i| config_map(&format!("x{i}"), "b")),
            ),
        Case::new(FAMILY, "lists in lists")
            .evil("resources: [x.yaml]\n")
            .file(
                "evil/x.yaml",
                format!(
                    "{}{}",
                    "{kind: List, apiVersion: v1, metadata: {name: l}, items: [".repeat(60),
                    "]}".repeat(60)
                ),
            ),
        Case::new(FAMILY, "a list of 200,000 items")
            .evil("resources: [x.yaml]\n")
            .file(
                "evil/x.yaml",
                format!(
                    "apiVersion: v1\nkind: List\nitems:\n{}",
                    each(200_000, |i| format!(
                        "- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{i}}}}}\n"
                    ))
                ),
            ),
        Case::new(FAMILY, "kustomization file of 1,000,000 unknown fields")
            .evil(each(1_000_000, |i| format!("f{i}: v\n"))),
        Case::new(FAMILY, "kustomization file that is a list").evil("- a\n- b\n"),
        Case::new(FAMILY, "kustomization file 150 deep").evil(format!(
            "metadata: {}{}\n",
            "{a: ".repeat(150),
            "}".repeat(150)
        )),
        Case::new(FAMILY, "three kustomization files")
            .evil("resources: []\n")
            .file("evil/kustomization.yml", "resources: []\n")
            .file("evil/Kustomization", "resources: []\n"),
    ]
}
