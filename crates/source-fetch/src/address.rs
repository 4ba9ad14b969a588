//! URLs: how they are shown, and the network addresses that they must not lead to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use reqwest::Url;
use reqwest::redirect::Attempt;

use crate::problem::Problem;

/// A URL without user, password and query, which may be a signature.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    url.to_string()
}

/// Parses an http or https URL.
pub(crate) fn parse(text: &str) -> Result<Url, Problem> {
    let url = Url::parse(text).map_err(|error| Problem::new(format!("its address is not a URL: {error}")))?;
    match url.scheme() {
        "http" | "https" if url.host_str().is_some_and(|host| !host.is_empty()) => Ok(url),
        scheme => Err(Problem::new(format!(
            "its address is not one of http or https: {scheme}"
        ))),
    }
}

/// Whether two URLs lead to the same server: scheme, host and port.
pub(crate) fn is_same_server(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host_str() == b.host_str()
        && a.port_or_known_default() == b.port_or_known_default()
}

/// Whether credentials may be sent, since nobody can read them on the way.
pub(crate) fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || is_loopback(url)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// Refuses a URL that `--restrict-egress` forbids. Host names are checked when they are resolved.
pub(crate) fn check_egress(url: &Url) -> Result<(), String> {
    if url.scheme() != "https" {
        return Err(format!(
            "{}: only https is allowed (--restrict-egress)",
            shown(url)
        ));
    }
    let address = match url.host() {
        Some(url::Host::Ipv4(address)) => IpAddr::V4(address),
        Some(url::Host::Ipv6(address)) => IpAddr::V6(address),
        Some(url::Host::Domain(_)) | None => return Ok(()),
    };
    match is_public(address) {
        true => Ok(()),
        false => Err(forbidden(&address.to_string())),
    }
}

/// The message about an address of a private network.
pub(crate) fn forbidden(host: &str) -> String {
    format!("{host} is an address of a private network, which is not allowed (--restrict-egress)")
}

/// Most redirects that are followed, as in Go's client.
const MAX_REDIRECTS: usize = 10;

/// Follows a bounded number of redirects, and never from https to http. The client itself drops credentials if the server changes.
pub(crate) fn follow(attempt: Attempt<'_>, restrict_egress: bool) -> reqwest::redirect::Action {
    if attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error(Redirected(format!("more than {MAX_REDIRECTS} redirects")));
    }
    if restrict_egress && let Err(reason) = check_egress(attempt.url()) {
        return attempt.error(Redirected(format!("redirected to {reason}")));
    }
    let previous = attempt.previous().last();
    let was_secure = previous.is_some_and(|url| url.scheme() == "https");
    if was_secure && attempt.url().scheme() != "https" {
        let target = shown(attempt.url());
        return attempt.error(Redirected(format!(
            "redirected from https to {target}, which is not followed"
        )));
    }
    attempt.follow()
}

/// Why a redirect is not followed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Redirected(String);

/// Whether an address is public.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// <https://www.iana.org/assignments/iana-ipv4-special-registry>
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (18..20).contains(&b));
    !is_special
}

/// <https://www.iana.org/assignments/iana-ipv6-special-registry>
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b) {
        (0, 0) if [c, d, e] == [0, 0, 0] && f == 0xffff => embedded(g, h),
        (0x64, 0xff9b) => embedded(g, h),
        (0x2002, _) => embedded(b, c),
        (0x2001, 0 | 0xdb8) => false,
        // Global unicast addresses begin with the bits 001.
        _ => (a & 0xe000) == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_secret_is_shown() {
        let url = parse("https://user:secret@example.org/a/b?X-Signature=secret#secret").unwrap();
        assert_eq!(shown(&url), "https://example.org/a/b");
        for text in ["file:///etc/passwd", "ftp://x", "x", "https://"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn private_addresses() {
        for text in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "1.1.1.1",
            "140.82.121.3",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn restricted_egress() {
        let check = |text: &str| check_egress(&parse(text).unwrap()).is_ok();
        assert!(check("https://example.org/x") && check("https://1.1.1.1/"));
        for text in [
            "http://example.org",
            "https://127.0.0.1",
            "https://[::1]/",
            "https://0x7f000001/",
            "https://2130706433/",
        ] {
            assert!(!check(text), "{text}");
        }
    }
}
