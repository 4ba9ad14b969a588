//! Bases, components and resources: depth, circles, diamonds, numbers.

use super::super::case::{Case, config_map, each, kustomization};

const FAMILY: &str = "bases";

fn chain(name: &str, length: usize, extra: impl Fn(usize) -> String) -> Case {
    new(name)
        .evil("resources: [../chain/0]\n")
        .times(length, |case, i| {
            let next = if i + 1 < length {
                format!("../{}", i + 1)
            } else {
                "x.yaml".to_owned()
            };
            case.file(
                &format!("chain/{i}/kustomization.yaml"),
                format!("resources: [{next}]\n{}", extra(i)),
            )
        })
        .file(&format!("chain/{}/x.yaml", length - 1), config_map("x", "b"))
}

/// Folders of which each names two on the next level; `last` is the file of those on the last level, without its prefix.
fn diamond(name: &str, levels: usize, field: &str, last: &str, extra: &str) -> Case {
    let kind = if field == "components" {
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
    } else {
        ""
    };
    new(name)
        .evil(format!("{field}: [../d/0/a, ../d/0/b]\n"))
        .times(levels * 2, |case, i| {
            let (level, side) = (i / 2, ["a", "b"][i % 2]);
            let bases = if level + 1 == levels {
                last.to_owned()
            } else {
                format!("{field}: [../../{0}/a, ../../{0}/b]", level + 1)
            };
            case.file(
                &format!("d/{level}/{side}/kustomization.yaml"),
                format!("{kind}{bases}\nnamePrefix: {side}{extra}"),
            )
        })
}

fn new(name: &str) -> Case {
    Case::new(FAMILY, name)
}

pub(super) fn cases() -> Vec<Case> {
    let doubled = diamond(
        "an object that doubles on 24 levels",
        24,
        "resources",
        "resources: [x.yaml]",
        "-\n",
    )
    .times(48, |case, i| {
        let path = format!("d/{}/{}/x.yaml", i / 2, ["a", "b"][i % 2]);
        case.file(&path, config_map("x", "b"))
    });
    let wide = new("400 bases of one big file")
        .evil(format!("resources:\n{}", each(400, |i| format!("- b{i}\n"))))
        .times(400, |case, i| {
            case.file(
                &format!("evil/b{i}/kustomization.yaml"),
                format!("resources: [../../big]\nnamePrefix: b{i}-\nimages: [{{name: a, newTag: b}}]\ncommonLabels: {{a: b}}\n"),
            )
        })
        .file("big/kustomization.yaml", "resources: [x.yaml]\n")
        .file(
            "big/x.yaml",
            format!("{}list: [{}]\n", config_map("x", "b"), "{a: b},".repeat(300_000)),
        );
    let many = new("20,000 folders")
        .evil(format!("resources:\n{}", each(20_000, |i| format!("- f{i}\n"))))
        .times(20_000, |case, i| {
            case.file(&format!("evil/f{i}/kustomization.yaml"), "resources: []\n")
        });
    let files = new("30,000 files without a kustomization")
        .second()
        .times(30_000, |case, i| {
            case.file(&format!("evil/x{i}.yaml"), config_map(&format!("x{i}"), "b"))
        });
    let shared = new("300 Kustomizations of one big folder")
        .times(300, |case, i| {
            let variables = format!("  postBuild: {{substitute: {{n: \"{i}\"}}}}\n");
            let text = kustomization(&format!("k{i}"), "./big", &variables);
            case.file(&format!("clusters/main/k{i}.yaml"), text)
        })
        .file(
            "big/x.yaml",
            format!(
                "{}{}",
                config_map("x", "\"${n}\""),
                each(2_000, |i| config_map(&format!("y${{n}}{i}"), "\"${n}\""))
            ),
        );
    let deep = format!("{}x.yaml", each(60, |i| format!("d{i}/")));
    vec![
        new("a base that is its own").evil("resources: [.]\n"),
        new("the folder above").evil("resources: [..]\n"),
        new("a circle of two")
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
        diamond("diamonds on 30 levels", 30, "resources", "resources: []", "\n"),
        diamond(
            "diamonds on 15 levels with labels",
            15,
            "resources",
            "resources: []",
            "\ncommonLabels: {a: b}\n",
        ),
        diamond("components in diamonds", 30, "components", "resources: []", "\n"),
        doubled,
        wide,
        many,
        files,
        shared,
        new("100,000 entries that do not exist").evil(format!(
            "resources:\n{}",
            each(100_000, |i| format!("- n{i}.yaml\n"))
        )),
        new("100,000 entries of one file")
            .evil(format!("resources:\n{}", "- x.yaml\n".repeat(100_000)))
            .file("evil/x.yaml", config_map("x", "b")),
        new("50,000 remote bases").evil(format!(
            "resources:\n{}",
            each(50_000, |i| format!("- https://git.example.org/r{i}?ref=main\n"))
        )),
        new("a base with a name of 1 MB").evil(format!("resources: ['{}']\n", "x".repeat(1_000_000))),
        new("a base of 100,000 steps up").evil(format!("resources: ['{}']\n", "../".repeat(100_000))),
        new("a remote base with a query of 1 MB").evil(format!(
            "resources: ['https://x.org/a//b?{}']\n",
            "a=b&".repeat(250_000)
        )),
        new("folders 60 deep")
            .second()
            .file(&format!("evil/{deep}"), config_map("x", "b")),
        new("30,000 objects of one name").resource(
            "",
            each(30_000, |i| {
                format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: x, namespace: n{i}}}\n")
            }),
        ),
        new("20,000 kinds of one name").resource(
            "namePrefix: p-\n",
            each(20_000, |i| {
                format!("---\napiVersion: g{i}.org/v1\nkind: K{i}\nmetadata: {{name: x}}\n")
            }),
        ),
        new("100,000 objects").resource(
            "namespace: n\n",
            each(100_000, |i| config_map(&format!("x{i}"), "b")),
        ),
        new("lists in lists").resource(
            "",
            format!(
                "{}{}",
                "{kind: List, apiVersion: v1, metadata: {name: l}, items: [".repeat(60),
                "]}".repeat(60)
            ),
        ),
        new("a list of 200,000 items").resource(
            "",
            format!(
                "apiVersion: v1\nkind: List\nitems:\n{}",
                each(200_000, |i| format!(
                    "- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: c{i}}}}}\n"
                ))
            ),
        ),
        new("kustomization file of 1,000,000 unknown fields").evil(each(1_000_000, |i| format!("f{i}: v\n"))),
        new("kustomization file that is a list").evil("- a\n- b\n"),
        new("kustomization file 150 deep").evil(format!(
            "metadata: {}{}\n",
            "{a: ".repeat(150),
            "}".repeat(150)
        )),
        new("three kustomization files")
            .evil("resources: []\n")
            .file("evil/kustomization.yml", "resources: []\n")
            .file("evil/Kustomization", "resources: []\n"),
    ]
}
