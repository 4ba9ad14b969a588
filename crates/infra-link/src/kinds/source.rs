//! Sources: the URL as it is shown.

use flux_evaluate::flux;

/// URL or endpoint of a source, as it is shown.
pub(crate) fn url(source: &flux::Source) -> Option<String> {
    source.url.as_deref().map(without_credentials)
}

/// A URL without user and password; a plain `git@` stays, a token in its place does not.
pub(crate) fn without_credentials(url: &str) -> String {
    let url = redaction::without_credentials(url);
    match url.split_once("://").and_then(|(scheme, rest)| {
        let (user, host) = rest.split_once('@')?;
        (user.contains(':') && !user.contains('/')).then(|| format!("{scheme}://{host}"))
    }) {
        Some(clean) => clean,
        None => url.into_owned(),
    }
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
