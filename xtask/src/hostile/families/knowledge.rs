//! The knowledge file of a repository, and files that arguments name.

use super::super::case::{Case, Content, each};
use super::charts::CHART;

const FAMILY: &str = "knowledge and arguments";
const FILE: &str = "flux-infra-guide.yaml";

fn case(name: &str, text: impl Into<Vec<u8>>) -> Case {
    Case::new(FAMILY, name).file(FILE, text)
}

/// `template` of a small chart.
fn template(name: &str, arguments: &[&str]) -> Case {
    case(name, "")
        .file("charts/c/Chart.yaml", CHART)
        .run(&[&["template", "r", "REPO/charts/c"], arguments].concat())
}

pub(super) fn cases() -> Vec<Case> {
    vec![
        case("no YAML", "a: ["),
        case("a list", "- a\n"),
        case("null bytes", vec![0; 1_000]),
        case("bytes that are no UTF-8", vec![0xff, 0xfe, 0x41]),
        case(
            "150 deep",
            format!("services: {}{}\n", "[".repeat(150), "]".repeat(150)),
        ),
        case(
            "aliases that double",
            format!(
                "l0: &l0 [x, x]\n{}",
                each(40, |i| format!("l{}: &l{} [*l{i}, *l{i}]\n", i + 1, i + 1))
            ),
        ),
        case(
            "100,000 services",
            format!(
                "services:\n{}",
                each(100_000, |i| format!("  s{i}: {{notes: n}}\n"))
            ),
        ),
        case(
            "notes of 20 MB",
            format!("services:\n  sound: {{notes: '{}'}}\n", "n ".repeat(10_000_000)),
        ),
        case(
            "100,000 aliases of a service",
            format!(
                "services:\n  sound: {{aliases: [{}]}}\n",
                each(100_000, |i| format!("a{i},"))
            ),
        ),
        case("a knowledge file that is a folder", "").content(FILE, Content::Folder),
        case("a knowledge file that is a pipe", "").content(FILE, Content::Pipe),
        case("a knowledge file that is a link to itself", "").content(FILE, Content::Link(FILE.into())),
        case("a knowledge file that is /dev/zero", "").content(FILE, Content::Link("/dev/zero".into())),
        case("a knowledge file of a terabyte", "").content(FILE, Content::Sparse(1 << 40)),
        case("--knowledge a pipe", "")
            .content("k", Content::Pipe)
            .regen(&["--knowledge", "REPO/k"]),
        case("--knowledge a terabyte", "")
            .content("k", Content::Sparse(1 << 40))
            .regen(&["--knowledge", "REPO/k"]),
        case("--knowledge /dev/zero", "").regen(&["--knowledge", "/dev/zero"]),
        case("--vars a pipe", "")
            .content("k", Content::Pipe)
            .regen(&["--vars", "REPO/k"]),
        case("--vars a terabyte", "")
            .content("k", Content::Sparse(1 << 40))
            .regen(&["--vars", "REPO/k"]),
        case("--vars /dev/zero", "").regen(&["--vars", "/dev/zero"]),
        case("--vars of 300,000 lines", "")
            .file("k", each(300_000, |i| format!("V{i}=x\n")))
            .regen(&["--vars", "REPO/k"]),
        case("--source a pipe", "")
            .content("k", Content::Pipe)
            .regen(&["--source", "GitRepository/flux-system/other=REPO/k"]),
        case("--cluster of 1 MB", "").regen(&["--cluster", &"a/".repeat(50_000)]),
        case("--out of a file", "")
            .file("o", "x")
            .run(&["regen", "REPO", "--out", "REPO/o"]),
        template("a values file of a terabyte", &["-f", "REPO/k"]).content("k", Content::Sparse(1 << 40)),
        template("a values file that is a pipe", &["-f", "REPO/k"]).content("k", Content::Pipe),
        template("a values file that is /dev/zero", &["--set-file", "a=/dev/zero"]),
        case("--from a pipe", "")
            .content("k", Content::Pipe)
            .run(&["init", "REPO", "--from", "REPO/k"]),
        case("--from-file a pipe", "")
            .content("k", Content::Pipe)
            .run(&["status", "--from-file", "REPO/k"]),
        template("--set of many commas", &["--set", &"a[65536]=b,".repeat(5_000)]),
    ]
}
