//! Lists of tags, page by page.

use reqwest::Url;
use serde::Deserialize;

use crate::address::is_same_server;
use crate::problem::Problem;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    tags: Option<Vec<String>>,
}

/// The tags of a page.
pub(super) fn parse(bytes: &[u8], shown: &str) -> Result<Vec<String>, Problem> {
    let page: Page = serde_json::from_slice(bytes).map_err(|_| {
        Problem::new(format!(
            "{shown} answers with something that is not a list of tags"
        ))
    })?;
    Ok(page.tags.unwrap_or_default())
}

/// The next page by the header `Link`, as in `</v2/…?last=x>; rel="next"`, if it is on the same server.
pub(super) fn next(url: &Url, link: Option<&str>) -> Option<Url> {
    let (target, parameters) = link?.trim().strip_prefix('<')?.split_once('>')?;
    if !parameters.contains("rel=\"next\"") && !parameters.contains("rel=next") {
        return None;
    }
    let next = url.join(target).ok()?;
    (is_same_server(url, &next) && next != *url).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_on_the_same_server() {
        let url = Url::parse("https://example.org/v2/a/tags/list?n=2").unwrap();
        let check = |link: &str, expected: Option<&str>| {
            let found = next(&url, Some(link));
            assert_eq!(found.as_ref().map(Url::as_str), expected, "{link}");
        };
        check(
            "</v2/a/tags/list?n=2&last=b>; rel=\"next\"",
            Some("https://example.org/v2/a/tags/list?n=2&last=b"),
        );
        check("<https://evil.example.org/x>; rel=\"next\"", None);
        check("</v2/a/tags/list?n=2>; rel=\"next\"", None);
        check("</v2/a>; rel=\"prev\"", None);
        check("nonsense", None);
    }
}
