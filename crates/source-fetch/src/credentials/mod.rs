//! The user's logins, by host.
//!
//! None of these types has `Debug` or `Display`, and nothing is read from the repository.

mod docker_config;
mod helper;
mod netrc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;

use crate::options::UserFiles;
use docker_config::DockerConfig;
use netrc::Netrc;

/// A user's name and password, or a token that replaces both.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) password: String,
    /// A refresh token of a registry, used instead of user and password.
    pub(crate) identity_token: Option<String>,
}

impl Login {
    pub(crate) fn basic(&self) -> Option<HeaderValue> {
        let text = STANDARD.encode(format!("{}:{}", self.user, self.password));
        sensitive(&format!("Basic {text}"))
    }
}

/// A header that libraries do not print.
pub(crate) fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The user's logins.
pub(crate) struct Credentials {
    configs: Vec<DockerConfig>,
    netrc: Netrc,
}

impl Credentials {
    /// Reads the user's files. A file that cannot be read gives no logins, and the server reports what is missing.
    pub(crate) fn read(files: &UserFiles) -> Self {
        let read = |path| std::fs::read_to_string(path).ok();
        let configs = files.registry_configs.iter();
        let netrc = files.netrc.as_ref().and_then(read).unwrap_or_default();
        Credentials {
            configs: configs
                .filter_map(|path| DockerConfig::parse(&read(path)?))
                .collect(),
            netrc: Netrc::parse(&netrc),
        }
    }

    /// The login for a registry: from Docker's and Helm's configuration, helpers first, else from `.netrc`. May run a helper and
    /// wait for it.
    pub(crate) fn registry(&self, host: &str) -> Option<Login> {
        let configured = self.configs.iter().find_map(|config| config.login(host));
        configured.or_else(|| self.server(host))
    }

    /// The login for a web server.
    pub(crate) fn server(&self, host: &str) -> Option<Login> {
        let bare = host.rsplit_once(':').map_or(host, |(bare, _)| bare);
        self.netrc.login(host).or_else(|| self.netrc.login(bare))
    }
}
