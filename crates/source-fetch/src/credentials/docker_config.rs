//! `config.json` of Docker, which Helm uses for registries, too.
//!
//! <https://docs.docker.com/reference/cli/docker/login/#credential-stores>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::{Login, helper};

/// The key of Docker Hub's login.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DockerConfig {
    auths: BTreeMap<String, Auth>,
    cred_helpers: BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
}

impl DockerConfig {
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The login for a registry: of its own helper, else of the credential store, else of the file.
    pub(super) fn login(&self, host: &str) -> Option<Login> {
        let names = names(host);
        for name in &names {
            if let Some(helper) = self.cred_helpers.get(name) {
                return helper::get(helper, name);
            }
        }
        let store = self.creds_store.as_ref();
        let of_store = store.and_then(|store| names.iter().find_map(|name| helper::get(store, name)));
        of_store.or_else(|| names.iter().find_map(|name| self.auths.get(name)?.login()))
    }
}

impl Auth {
    fn login(&self) -> Option<Login> {
        let identity_token = self.identitytoken.clone().filter(|token| !token.is_empty());
        let decoded = self.auth.as_deref().and_then(|auth| {
            let bytes = STANDARD.decode(auth.trim()).ok()?;
            let text = String::from_utf8(bytes).ok()?;
            let (user, password) = text.split_once(':')?;
            Some((user.to_owned(), password.trim_end_matches('\0').to_owned()))
        });
        let stated = || Some((self.username.clone()?, self.password.clone()?));
        let (user, password) = decoded.or_else(stated).unwrap_or_default();
        (!user.is_empty() || identity_token.is_some()).then_some(Login {
            user,
            password,
            identity_token,
        })
    }
}

/// The keys that a registry may have in the file.
fn names(host: &str) -> Vec<String> {
    let is_hub = matches!(host, "docker.io" | "registry-1.docker.io" | "index.docker.io");
    let hub = is_hub.then(|| DOCKER_HUB.to_owned());
    let names = [
        host.to_owned(),
        format!("https://{host}"),
        format!("https://{host}/"),
    ];
    hub.into_iter().chain(names).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_of_the_file() {
        let text = r#"{"auths": {
            "example.org": {"auth": "dXNlcjpwYXNz"},
            "https://index.docker.io/v1/": {"username": "hub", "password": "pass"},
            "token.example.org": {"auth": "", "identitytoken": "t"},
            "empty.example.org": {}
        }}"#;
        let config = DockerConfig::parse(text).unwrap();
        let check = |host: &str, expected: Option<(&str, &str, Option<&str>)>| {
            let login = config.login(host);
            let found = login.as_ref().map(|login| {
                (
                    login.user.as_str(),
                    login.password.as_str(),
                    login.identity_token.as_deref(),
                )
            });
            assert!(found == expected, "{host}");
        };
        check("example.org", Some(("user", "pass", None)));
        check("docker.io", Some(("hub", "pass", None)));
        check("token.example.org", Some(("", "", Some("t"))));
        check("empty.example.org", None);
        check("other.example.org", None);
    }
}
