//! `git http-backend` behind a small server, which may require a login.

use std::io::Write;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use camino::Utf8Path;

use super::server::{Answer, Received, Server};

/// Serves the repositories of a folder; requires the login, if one is stated.
pub(crate) fn serve(folder: &Utf8Path, login: Option<(&str, &str)>) -> Server {
    let folder = folder.to_owned();
    let wanted = login.map(|(user, password)| {
        let text = STANDARD.encode(format!("{user}:{password}"));
        format!("Basic {text}")
    });
    Server::start(move |request| {
        if wanted.is_some() && request.headers.get("authorization") != wanted.as_ref() {
            return Answer::status(401).header("WWW-Authenticate", "Basic realm=\"test\"");
        }
        backend(&folder, request)
    })
}

/// <https://git-scm.com/docs/git-http-backend>
fn backend(folder: &Utf8Path, request: &Received) -> Answer {
    let header = |name: &str| request.headers.get(name).cloned().unwrap_or_default();
    let query = request.target.split_once('?').map_or("", |(_, query)| query);
    let mut child = Command::new("git")
        .arg("http-backend")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .env("GIT_PROJECT_ROOT", folder)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REQUEST_METHOD", &request.method)
        .env("PATH_INFO", request.path())
        .env("QUERY_STRING", query)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", request.body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("GIT_PROTOCOL", header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&request.body).unwrap();
    let output = child.wait_with_output().unwrap().stdout;
    let end = output.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(output[..end].to_vec()).unwrap();
    let mut answer = Answer::ok(&output[end + 4..]);
    for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        match name {
            "Status" => answer.status = value[..3].parse().unwrap(),
            _ => answer = answer.header(name, value),
        }
    }
    answer
}
