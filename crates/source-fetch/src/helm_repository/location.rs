//! Addresses of the index and the charts of a Helm repository.

use reqwest::Url;

use crate::address::parse;
use crate::problem::Problem;

/// `index.yaml` below a repository, with the repository's query.
pub(super) fn index(repository: &Url) -> Url {
    let mut url = repository.clone();
    let path = format!("{}/index.yaml", repository.path().trim_end_matches('/'));
    url.set_path(&path);
    url
}

/// A chart that the index names by a whole URL, or relative to the repository, whose query it then gets.
pub(super) fn chart(repository: &Url, stated: &str) -> Result<Url, Problem> {
    if stated.contains("://") {
        return parse(stated);
    }
    let mut base = repository.clone();
    base.set_path(&format!("{}/", repository.path().trim_end_matches('/')));
    let mut url = base
        .join(stated)
        .map_err(|error| Problem::new(format!("its index states an address that is no URL: {error}")))?;
    if url.query().is_none() {
        url.set_query(repository.query());
    }
    parse(url.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_below_a_repository() {
        let repository = parse("https://example.org/charts?token=x").unwrap();
        assert_eq!(
            index(&repository).as_str(),
            "https://example.org/charts/index.yaml?token=x"
        );
        for (stated, expected) in [
            (
                "web-1.0.0.tgz",
                "https://example.org/charts/web-1.0.0.tgz?token=x",
            ),
            (
                "./a/web-1.0.0.tgz",
                "https://example.org/charts/a/web-1.0.0.tgz?token=x",
            ),
            ("/web-1.0.0.tgz", "https://example.org/web-1.0.0.tgz?token=x"),
            (
                "https://other.example.org/web.tgz",
                "https://other.example.org/web.tgz",
            ),
        ] {
            assert_eq!(chart(&repository, stated).unwrap().as_str(), expected);
        }
        assert!(chart(&repository, "file:///etc/passwd").is_err());
    }
}
