//! Options of a fetch, from arguments and the environment.

use std::env;
use std::time::Duration;

use camino::Utf8PathBuf;
use source_fetch::{FetchOptions, UserFiles};

use super::Arguments;

pub(super) fn options(arguments: &Arguments) -> FetchOptions {
    FetchOptions {
        jobs: arguments.parallel.clamp(1, 64),
        timeout: Duration::from_secs(arguments.timeout.max(1)),
        restrict_egress: arguments.restrict_egress,
        user_files: user_files(),
        ..FetchOptions::default()
    }
}

/// The files in which Docker, Helm and curl keep logins.
fn user_files() -> UserFiles {
    let variable = |name: &str| {
        let value = env::var(name).ok().filter(|value| !value.is_empty());
        value.map(Utf8PathBuf::from)
    };
    let home = variable("HOME").or_else(|| variable("USERPROFILE"));
    let at_home = |path: &str| home.as_ref().map(|home| home.join(path));
    let docker = variable("DOCKER_CONFIG")
        .or_else(|| at_home(".docker"))
        .map(|folder| folder.join("config.json"));
    let helm = variable("HELM_REGISTRY_CONFIG").or_else(|| {
        let config = variable("HELM_CONFIG_HOME")
            .or_else(|| Some(variable("XDG_CONFIG_HOME")?.join("helm")))
            .or_else(|| at_home(".config/helm"));
        config.map(|folder| folder.join("registry/config.json"))
    });
    UserFiles {
        registry_configs: docker.into_iter().chain(helm).collect(),
        netrc: variable("NETRC").or_else(|| at_home(".netrc")),
    }
}
