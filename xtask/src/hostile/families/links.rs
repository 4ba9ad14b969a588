//! Files that are none: links, pipes, sockets, devices, folders.

use super::super::case::{Case, Content, each};

const FAMILY: &str = "files";

fn case(name: &str, content: Content) -> Case {
    Case::new(FAMILY, name)
        .evil("resources: [x.yaml]\n")
        .content("evil/x.yaml", content)
}

pub(super) fn cases() -> Vec<Case> {
    let link = |target: &str| Content::Link(target.to_owned());
    let mut chain = case("a chain of 100 links", link("l0"));
    for index in 0..100 {
        chain = chain.content(
            &format!("evil/l{index}"),
            Content::Link(format!("l{}", index + 1)),
        );
    }
    let mut doubled = Case::new(FAMILY, "folders of links that double")
        .second()
        .file("evil/x.yaml", "a: b\n");
    for index in 0..40 {
        doubled = doubled
            .content(
                &format!("evil/d{index}/a"),
                Content::Link(format!("../d{}", index + 1)),
            )
            .content(
                &format!("evil/d{index}/b"),
                Content::Link(format!("../d{}", index + 1)),
            );
    }
    let mut names = Case::new(FAMILY, "names of control characters").second();
    for name in [
        "a\nb.yaml",
        "\u{1b}[2J.yaml",
        "-rf.yaml",
        "$(id).yaml",
        "a\u{202e}lmay.b",
        "; rm x.yaml",
        "`id`.yaml",
        "'.yaml",
        "\".yaml",
        " .yaml",
    ] {
        names = names.file(
            &format!("evil/{name}"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [\n",
        );
    }
    let mut cases = vec![
        case("a pipe", Content::Pipe),
        case("a socket", Content::Socket),
        case("a folder", Content::Folder),
        case("a link to itself", link("x.yaml")),
        case("a link to /dev/zero", link("/dev/zero")),
        case("a link to /dev/urandom", link("/dev/urandom")),
        case("a link to /dev/stdin", link("/dev/stdin")),
        case("a link to /dev/tty", link("/dev/tty")),
        case("a link to /proc/kmsg", link("/proc/kmsg")),
        case("a link to /proc/self/mem", link("/proc/self/mem")),
        case("a link to /etc/passwd", link("/etc/passwd")),
        case("a link to nothing", link("nowhere")),
        case("a link to the folder above", link("..")),
        case(
            "a link of 4,000 characters",
            link(&format!("{}x", "./".repeat(2_000))),
        ),
        chain,
        doubled,
        names,
        Case::new(FAMILY, "a kustomization that is a pipe")
            .second()
            .content("evil/kustomization.yaml", Content::Pipe),
        Case::new(FAMILY, "a kustomization that is a folder")
            .second()
            .content("evil/kustomization.yaml", Content::Folder),
        Case::new(FAMILY, "a folder that is a pipe")
            .second()
            .content("evil", Content::Pipe),
        Case::new(FAMILY, "a folder that is a link to the root")
            .second()
            .content("evil", link("/")),
        Case::new(FAMILY, "a folder that is a link to itself")
            .second()
            .content("evil", link("evil")),
        Case::new(FAMILY, "a folder that is a link to the repository")
            .second()
            .content("evil/all", link("..")),
        Case::new(FAMILY, "a pipe beside the manifests")
            .second()
            .content("evil/y.yaml", Content::Pipe)
            .file(
                "evil/x.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
            ),
        Case::new(FAMILY, "clusters that are a pipe").content("clusters/other/a.yaml", Content::Pipe),
        Case::new(FAMILY, "a pipe as .sourceignore").content(".sourceignore", Content::Pipe),
        Case::new(FAMILY, "an env file that is a pipe")
            .evil("configMapGenerator: [{name: g, envs: [e]}]\n")
            .content("evil/e", Content::Pipe),
        Case::new(FAMILY, "a patch that is a pipe")
            .evil("resources: [../apps]\npatches: [{path: p}]\n")
            .content("evil/p", Content::Pipe),
        Case::new(FAMILY, "names that differ in case")
            .second()
            .file(
                "evil/a.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
            )
            .file(
                "evil/A.yaml",
                "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: A}\n",
            )
            .file("evil/A.YAML", "no"),
        Case::new(FAMILY, "an output that is a pipe")
            .content("o", Content::Pipe)
            .run(&["regen", "REPO", "--out", "REPO/o"]),
        Case::new(FAMILY, "build of a pipe")
            .content("b", Content::Pipe)
            .run(&["build", "REPO/b"]),
        Case::new(FAMILY, "build of a folder with a pipe")
            .content("b/kustomization.yaml", Content::Pipe)
            .run(&["build", "REPO/b"]),
        Case::new(FAMILY, "render of the repository").run(&["render", "REPO"]),
        Case::new(FAMILY, "a repository that is a pipe")
            .content("r", Content::Pipe)
            .run(&["regen", "REPO/r", "--out", "OUT"]),
    ];
    cases.push(
        Case::new(FAMILY, "5,000 links to one file of 1 MB")
            .evil(format!(
                "resources:\n{}",
                each(5_000, |i| format!("- l{i}.yaml\n"))
            ))
            .linked(5_000),
    );
    cases
}

impl Case {
    fn linked(mut self, count: usize) -> Self {
        self = self.repeated(
            "evil/big",
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: '",
            "x",
            1_000_000,
            "'}\n",
        );
        for index in 0..count {
            self = self.content(&format!("evil/l{index}.yaml"), Content::Link("big".into()));
        }
        self
    }
}
