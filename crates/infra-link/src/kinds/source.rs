//! URLs of sources without credentials.

use flux_evaluate::flux;

/// URL or endpoint of a source, without credentials.
pub(crate) fn url(source: &flux::Source) -> Option<String> {
    source.url.as_deref().map(without_credentials)
}

/// A URL without user and password; a plain `git@` stays, a token in its place does not.
pub(crate) fn without_credentials(url: &str) -> String {
    let url = redaction::without_credentials(url);
    if let Some((scheme, rest)) = url.split_once("://")
        && let Some((user, host)) = rest.split_once('@')
        && user.contains(':')
        && !user.contains('/')
    {
        return format!("{scheme}://{host}");
    }
    url.into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_password() {
        assert_eq!(
            without_credentials("https://user:pass@example.com/x"),
            "https://example.com/x"
        );
        assert_eq!(
            without_credentials("ssh://git@example.com/x"),
            "ssh://git@example.com/x"
        );
    }
}
