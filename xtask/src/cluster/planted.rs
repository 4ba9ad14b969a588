//! Values of Secrets that are planted on the server, and searched for in everything that the command line prints and writes.

use std::fs;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::server::Server;
use crate::workspace;

/// Part of every value of the test data that must not get out.
const MARKER: &str = "PLANTED-SECRET-MARKER";

/// Plants Secrets in a namespace: one with its values also in an annotation, as `kubectl apply` writes it, and a Helm release.
pub(super) fn plant(server: &Server, namespace: &str) -> Result<()> {
    let secrets = [
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "planted", "namespace": namespace},
            "stringData": {"password": MARKER, "url": format!("postgres://app:{MARKER}@db/app"), "plain": MARKER},
        }),
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "helm.sh/release.v1",
            "metadata": {"name": "sh.helm.release.v1.planted.v1", "namespace": namespace, "labels": {"owner": "helm"}},
            "stringData": {"release": format!("{{\"config\":{{\"password\":\"{MARKER}\"}}}}")},
        }),
    ];
    let file = server.folder().join("planted.json");
    fs::write(
        &file,
        json!({"apiVersion": "v1", "kind": "List", "items": secrets}).to_string(),
    )?;
    // Client-side apply writes the annotation with the last applied configuration.
    server.run(&["apply", "--filename", file.as_str()])?;
    Ok(())
}

/// How often a text contains a planted value, plain or in base64 at any offset.
pub(super) fn count(text: &str) -> usize {
    forms()
        .iter()
        .map(|form| text.matches(form.as_str()).count())
        .sum()
}

/// The plain value, and for each offset its base64 digits that do not depend on the text around it.
fn forms() -> Vec<String> {
    let encoded = (0..3).map(|before| {
        let padded = format!("{}{MARKER}", "-".repeat(before));
        let whole = STANDARD.encode(padded);
        // The first digits depend on the text before, the last ones on the text after.
        let from = (before * 4).div_ceil(3);
        whole.get(from..whole.len() - 4).unwrap_or_default().to_owned()
    });
    encoded.chain([MARKER.to_owned()]).collect()
}

/// How many files that the command line wrote hold a planted value.
pub(super) fn found(server: &Server) -> Result<usize> {
    // Without planted Secrets the search would prove nothing.
    let secrets = server.run(&["get", "secrets", "--all-namespaces", "--output=json"])?;
    anyhow::ensure!(count(&secrets) > 10, "the server has no planted Secrets");
    let files = workspace::files_below(&server.work())?;
    let mut found = 0;
    for file in &files {
        let text = fs::read(file)?;
        if count(&String::from_utf8_lossy(&text)) > 0 {
            println!("{file} has a value of a Secret");
            found += 1;
        }
    }
    println!(
        "{} files written, {found} of them with values of Secrets",
        files.len()
    );
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_base64_wherever_it_begins() {
        for before in ["", "a", "ab", "abc", "{\"password\":\""] {
            for after in ["", "\n", "\"}", "xyz"] {
                let text = format!("{before}{MARKER}{after}");
                assert_eq!(count(&text), 1);
                assert!(count(&STANDARD.encode(&text)) > 0, "{text}");
            }
        }
        assert_eq!(count("PLANTED-SECRET"), 0);
    }
}
