//! Links, pipes, sockets, devices and folders in place of files.

use super::super::case::{Case, Content, each};

const FAMILY: &str = "files";

fn new(name: &str) -> Case {
    Case::new(FAMILY, name)
}

fn case(name: &str, content: Content) -> Case {
    new(name).resource("", "").content("evil/x.yaml", content)
}

fn config_map(name: &str) -> String {
    format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n")
}

pub(super) fn cases() -> Vec<Case> {
    let link = |target: &str| Content::Link(target.to_owned());
    let chain = case("a chain of 100 links", link("l0")).times(100, |case, i| {
        case.content(&format!("evil/l{i}"), Content::Link(format!("l{}", i + 1)))
    });
    let doubled = new("folders of links that double")
        .second()
        .file("evil/x.yaml", "a: b\n")
        .times(40, |case, i| {
            let next = || Content::Link(format!("../d{}", i + 1));
            case.content(&format!("evil/d{i}/a"), next())
                .content(&format!("evil/d{i}/b"), next())
        });
    let mut names = new("names of control characters").second();
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
    vec![
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
        new("a kustomization that is a pipe")
            .second()
            .content("evil/kustomization.yaml", Content::Pipe),
        new("a kustomization that is a folder")
            .second()
            .content("evil/kustomization.yaml", Content::Folder),
        new("a folder that is a pipe")
            .second()
            .content("evil", Content::Pipe),
        new("a folder that is a link to the root")
            .second()
            .content("evil", link("/")),
        new("a folder that is a link to itself")
            .second()
            .content("evil", link("evil")),
        new("a folder that is a link to the repository")
            .second()
            .content("evil/all", link("..")),
        new("a pipe beside the manifests")
            .second()
            .content("evil/y.yaml", Content::Pipe)
            .file("evil/x.yaml", config_map("x")),
        new("clusters that are a pipe").content("clusters/other/a.yaml", Content::Pipe),
        new("a pipe as .sourceignore").content(".sourceignore", Content::Pipe),
        new("an env file that is a pipe")
            .evil("configMapGenerator: [{name: g, envs: [e]}]\n")
            .content("evil/e", Content::Pipe),
        new("a patch that is a pipe")
            .evil("resources: [../apps]\npatches: [{path: p}]\n")
            .content("evil/p", Content::Pipe),
        new("names that differ in case")
            .second()
            .file("evil/a.yaml", config_map("a"))
            .file("evil/A.yaml", config_map("A"))
            .file("evil/A.YAML", "no"),
        new("an output that is a pipe")
            .content("o", Content::Pipe)
            .run(&["regen", "REPO", "--out", "REPO/o"]),
        new("build of a pipe")
            .content("b", Content::Pipe)
            .run(&["build", "REPO/b"]),
        new("build of a folder with a pipe")
            .content("b/kustomization.yaml", Content::Pipe)
            .run(&["build", "REPO/b"]),
        new("render of the repository").run(&["render", "REPO"]),
        new("a repository that is a pipe")
            .content("r", Content::Pipe)
            .run(&["regen", "REPO/r", "--out", "OUT"]),
        new("5,000 links to one file of 1 MB")
            .evil(format!(
                "resources:\n{}",
                each(5_000, |i| format!("- l{i}.yaml\n"))
            ))
            .repeated(
                "evil/big",
                format!("{}data: {{a: '", config_map("x")),
                "x",
                1_000_000,
                "'}\n",
            )
            .times(5_000, |case, i| {
                case.content(&format!("evil/l{i}.yaml"), link("big"))
            }),
    ]
}
