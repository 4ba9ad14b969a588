//! `oci://host/repository`: the address of an artifact.

use reqwest::Url;

use crate::problem::Problem;

/// A repository of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Host and port, as the address states them.
    pub(crate) host: String,
    /// The repository's name.
    pub(crate) repository: String,
}

impl Reference {
    /// Reads an address.
    pub(crate) fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = || Problem::new("its address is not one of the form oci://HOST/NAME");
        let rest = text.strip_prefix("oci://").ok_or_else(wrong)?;
        let (host, repository) = rest.trim_end_matches('/').split_once('/').ok_or_else(wrong)?;
        let is_plain = |char: char| {
            char.is_ascii_lowercase() || char.is_ascii_digit() || matches!(char, '.' | '_' | '-' | '/')
        };
        let parts_are_plain = repository.split('/').all(|part| {
            part.starts_with(|char: char| char.is_ascii_alphanumeric()) && part.chars().all(is_plain)
        });
        if host.is_empty() || !parts_are_plain {
            return Err(Problem::new(format!(
                "its address is not one of the form oci://HOST/NAME: {repository:?} is no name of a repository"
            )));
        }
        let is_hub = matches!(host, "docker.io" | "index.docker.io");
        let repository = match is_hub && !repository.contains('/') {
            true => format!("library/{repository}"),
            false => repository.to_owned(),
        };
        Ok(Reference {
            host: host.to_owned(),
            repository,
        })
    }

    /// The address of the registry.
    pub(crate) fn server(&self, insecure: bool) -> Result<Url, Problem> {
        let scheme = if insecure { "http" } else { "https" };
        let host = match self.host.as_str() {
            "docker.io" | "index.docker.io" => "registry-1.docker.io",
            host => host,
        };
        crate::address::parse(&format!("{scheme}://{host}/"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_names() {
        let check = |text: &str, host: &str, repository: &str, server: &str| {
            let reference = Reference::parse(text).unwrap();
            assert_eq!(
                (reference.host.as_str(), reference.repository.as_str()),
                (host, repository)
            );
            assert_eq!(reference.server(false).unwrap().as_str(), server);
        };
        check("oci://ghcr.io/a/b/", "ghcr.io", "a/b", "https://ghcr.io/");
        check(
            "oci://localhost:5000/a",
            "localhost:5000",
            "a",
            "https://localhost:5000/",
        );
        check(
            "oci://docker.io/redis",
            "docker.io",
            "library/redis",
            "https://registry-1.docker.io/",
        );
        for text in [
            "https://ghcr.io/a",
            "oci://ghcr.io",
            "oci://h/../x",
            "oci://h/a//b",
            "oci://h/A",
            "oci://h/a?b",
        ] {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
    }
}
