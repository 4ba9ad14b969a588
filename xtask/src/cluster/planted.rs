//! Values of Secrets that are planted on the server, and looked for in all that the command line prints and writes.

use std::fs;

use anyhow::Result;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use camino::Utf8Path;
use serde_json::json;

use super::server::Server;

/// Stands in every value of the test data that must not get out.
const MARKER: &str = "PLANTED-SECRET-MARKER";

/// Plants Secrets in a namespace: as people apply them, with their values in an annotation too, and as Helm keeps releases.
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
    // On the client's side, which writes the annotation with the last applied configuration.
    server.run(&["apply", "--filename", file.as_str()])?;
    Ok(())
}

/// How often a planted value is in a text, as it is or in base64, whatever stands before it.
pub(super) fn count(text: &str) -> usize {
    forms()
        .iter()
        .map(|form| text.matches(form.as_str()).count())
        .sum()
}

/// The value as it is, and the part of it that is the same in base64 wherever it begins.
fn forms() -> Vec<String> {
    let encoded = (0..3).map(|before| {
        let padded = format!("{}{MARKER}", "-".repeat(before));
        let whole = STANDARD.encode(padded);
        // The first digits depend on what stands before, the last ones on what follows.
        let from = (before * 4).div_ceil(3);
        whole.get(from..whole.len() - 4).unwrap_or_default().to_owned()
    });
    encoded.chain([MARKER.to_owned()]).collect()
}

/// How many files that the command line wrote hold a planted value.
pub(super) fn found(server: &Server) -> Result<usize> {
    // Otherwise nothing could be found.
    let secrets = server.run(&["get", "secrets", "--all-namespaces", "--output=json"])?;
    anyhow::ensure!(count(&secrets) > 10, "the server has no planted Secrets");
    let mut files = 0;
    let found = search(&server.work(), &mut files)?;
    println!("{files} files written, {found} of them with values of Secrets");
    Ok(found)
}

fn search(folder: &Utf8Path, files: &mut usize) -> Result<usize> {
    let mut found = 0;
    for entry in folder.read_dir_utf8()? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found += search(entry.path(), files)?;
            continue;
        }
        *files += 1;
        let text = fs::read(entry.path())?;
        if count(&String::from_utf8_lossy(&text)) > 0 {
            println!("{} has a value of a Secret", entry.path());
            found += 1;
        }
    }
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
