//! Docker's credential helpers: programs that return a login.
//!
//! <https://github.com/docker/docker-credential-helpers#usage>

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde::Deserialize;

use super::Login;

/// Longest wait for a helper, which may ask a cloud service.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Most bytes of an answer.
const MAX_ANSWER: u64 = 1 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// Runs `docker-credential-NAME`. `None` if there is no such program, it has no login or it takes too long.
pub(super) fn get(name: &str, server: &str) -> Option<Login> {
    // A name with a slash would be a path.
    let is_plain = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(is_plain) {
        return None;
    }
    let mut child = Command::new(format!("docker-credential-{name}"))
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    let output = child.stdout.take()?;
    let _ = input.write_all(server.as_bytes());
    drop(input);
    let (sender, answer) = mpsc::channel();
    thread::spawn(move || {
        let mut text = String::new();
        let read = output.take(MAX_ANSWER).read_to_string(&mut text);
        let _ = sender.send(read.map(|_| text));
    });
    let text = answer.recv_timeout(TIMEOUT);
    if text.is_err() {
        let _ = child.kill();
    }
    let status = child.wait().ok()?;
    let text = text.ok()?.ok().filter(|_| status.success())?;
    let Answer { username, secret } = serde_json::from_str(&text).ok()?;
    let is_token = username == "<token>";
    Some(Login {
        user: if is_token { String::new() } else { username },
        password: if is_token { String::new() } else { secret.clone() },
        identity_token: is_token.then_some(secret),
    })
}
