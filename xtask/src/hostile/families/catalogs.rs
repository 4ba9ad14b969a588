//! Catalogs that stand in the repository and are asked questions.

use super::super::case::{Case, Content, each};

const FAMILY: &str = "catalogs";
const FOLDER: &str = "data";

fn asked(name: &str, bytes: impl Into<Vec<u8>>, question: &[&str]) -> Case {
    let mut command: Vec<&str> = question.to_vec();
    command.extend(["--data", "REPO/data"]);
    Case::new(FAMILY, name)
        .file(&format!("{FOLDER}/services.json"), bytes)
        .file(&format!("{FOLDER}/secrets-map.json"), "{}")
        .file(&format!("{FOLDER}/configmaps.json"), "{}")
        .file(&format!("{FOLDER}/flux-resources.json"), "{}")
        .run(&command)
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
        cases.extend([
            asked(
                &format!("{word}: brackets, 1,000,000 deep"),
                "[".repeat(1_000_000),
                question,
            ),
            asked(
                &format!("{word}: braces, 1,000,000 deep"),
                "{\"a\":".repeat(1_000_000),
                question,
            ),
            asked(&format!("{word}: no JSON"), "no JSON", question),
            asked(
                &format!("{word}: 200,000 services"),
                format!("{{\"metadata\":{{}},\"services\":{{\n{services}}}}}"),
                question,
            ),
            asked(
                &format!("{word}: one line of 50 MB"),
                format!("{{\"services\":{{\"a\":\"{}\"}}}}", "x".repeat(50_000_000)),
                question,
            ),
            asked(&format!("{word}: a terabyte"), "", question)
                .content(&format!("{FOLDER}/services.json"), Content::Sparse(1 << 40)),
            asked(&format!("{word}: a pipe"), "", question)
                .content(&format!("{FOLDER}/services.json"), Content::Pipe),
            asked(&format!("{word}: a folder"), "", question)
                .content(&format!("{FOLDER}/secrets-map.json"), Content::Folder)
                .content(&format!("{FOLDER}/services.json"), Content::Link(".".into())),
            asked(&format!("{word}: /dev/zero"), "", question).content(
                &format!("{FOLDER}/services.json"),
                Content::Link("/dev/zero".into()),
            ),
        ]);
    }
    cases.extend([
        asked(
            "grep for a pattern of 1 MB",
            "{}",
            &["grep", &"a".repeat(100_000)],
        ),
        asked(
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
