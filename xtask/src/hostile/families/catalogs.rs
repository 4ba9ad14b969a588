//! Hostile catalogs in the repository that questions read.

use super::super::case::{Case, Content, each};

const FAMILY: &str = "catalogs";
const SERVICES: &str = "data/services.json";
const SECRETS: &str = "data/secrets-map.json";

/// A question to catalogs with these services.
fn case(name: &str, services: impl Into<Vec<u8>>, question: &[&str]) -> Case {
    Case::new(FAMILY, name)
        .file(SERVICES, services)
        .file(SECRETS, "{}")
        .file("data/configmaps.json", "{}")
        .file("data/flux-resources.json", "{}")
        .run(&[question, &["--data", "REPO/data"]].concat())
}

pub(super) fn cases() -> Vec<Case> {
    let services = each(200_000, |i| {
        format!(
            "{}\"default/s{i}\":{{\"name\":\"s{i}\"}}\n",
            if i > 0 { "," } else { "" }
        )
    });
    let mut cases = Vec::new();
    for question in [&["where", "a"][..], &["grep", "a"], &["lint"]] {
        let word = question.first().copied().unwrap_or_default();
        let case = |name: &str, services: &str| case(&format!("{word}: {name}"), services, question);
        cases.extend([
            case("brackets, 1,000,000 deep", &"[".repeat(1_000_000)),
            case("braces, 1,000,000 deep", &"{\"a\":".repeat(1_000_000)),
            case("no JSON", "no JSON"),
            case(
                "200,000 services",
                &format!("{{\"metadata\":{{}},\"services\":{{\n{services}}}}}"),
            ),
            case(
                "one line of 50 MB",
                &format!("{{\"services\":{{\"a\":\"{}\"}}}}", "x".repeat(50_000_000)),
            ),
            case("a terabyte", "").content(SERVICES, Content::Sparse(1 << 40)),
            case("a pipe", "").content(SERVICES, Content::Pipe),
            case("a folder", "")
                .content(SECRETS, Content::Folder)
                .content(SERVICES, Content::Link(".".into())),
            case("/dev/zero", "").content(SERVICES, Content::Link("/dev/zero".into())),
        ]);
    }
    let pattern = "a".repeat(100_000);
    cases.extend([
        case("grep for a pattern of 1 MB", "{}", &["grep", &pattern]),
        case(
            "where for control characters",
            "{}",
            &["where", "\u{1b}[2J\u{202e}"],
        ),
        Case::new(FAMILY, "a question of a repository of 300 MB without catalogs")
            .repeated("big.yaml", "a: ", "xxxxxxxxxxxxxxxx", 20_000_000, "\n")
            .run(&["where", "sound", "--repo", "REPO"]),
    ]);
    cases
}
