//! URLs as Go's `net/url` reads and writes them.

use std::net::Ipv6Addr;

use crate::quote::quote_bytes;

/// A parsed URL.
#[derive(Clone, Debug, Default)]
pub struct Url {
    /// The scheme, in lower case.
    pub scheme: Vec<u8>,
    /// The rest after the scheme if it does not start with `/`.
    pub opaque: Vec<u8>,
    /// The user before `@`.
    pub user: Option<User>,
    /// Host and port.
    pub host: Vec<u8>,
    /// The path, unescaped.
    pub path: Vec<u8>,
    /// The query after `?`, as written.
    pub query: Vec<u8>,
    /// The fragment after `#`, unescaped.
    pub fragment: Vec<u8>,
}

/// A user's name and password.
#[derive(Clone, Debug)]
pub struct User {
    name: Vec<u8>,
    password: Option<Vec<u8>>,
}

/// The component of a URL that decides which characters are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Component {
    Path,
    Host,
    Zone,
    User,
    Fragment,
}

impl Url {
    /// Parses a URL.
    ///
    /// # Errors
    /// Go's message, such as `parse ":x": missing protocol scheme`.
    pub fn parse(text: &[u8]) -> Result<Url, String> {
        let (before, fragment) = cut(text, b'#').unwrap_or((text, b""));
        let mut url = parse(before).map_err(|error| format!("parse {}: {error}", quote_bytes(before)))?;
        if !fragment.is_empty() {
            url.fragment = unescape(fragment, Component::Fragment)
                .map_err(|error| format!("parse {}: {error}", quote_bytes(text)))?;
        }
        Ok(url)
    }

    /// The host without port and brackets.
    pub fn hostname(&self) -> &[u8] {
        let mut host = self.host.as_slice();
        if let Some(colon) = host.iter().rposition(|c| *c == b':') {
            let (before, port) = host.split_at(colon);
            if is_port(port) {
                host = before;
            }
        }
        host.strip_prefix(b"[")
            .and_then(|host| host.strip_suffix(b"]"))
            .unwrap_or(host)
    }

    /// The URL as Go's `String` writes it from its fields.
    pub fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        if !self.scheme.is_empty() {
            out.extend_from_slice(&self.scheme);
            out.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchy(&mut out);
        } else {
            out.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            out.push(b'?');
            out.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            out.push(b'#');
            escape(&self.fragment, Component::Fragment, &mut out);
        }
        out
    }

    fn write_hierarchy(&self, out: &mut Vec<u8>) {
        let has_authority = !self.host.is_empty() || self.user.is_some();
        if has_authority || !self.scheme.is_empty() && !self.path.is_empty() {
            out.extend_from_slice(b"//");
        }
        if let Some(user) = &self.user {
            out.extend_from_slice(&user.text());
            out.push(b'@');
        }
        escape(&self.host, Component::Host, out);
        if !self.path.is_empty() && !self.path.starts_with(b"/") && !self.host.is_empty() {
            out.push(b'/');
        }
        let mut path = Vec::new();
        if self.path == b"*" {
            path.push(b'*');
        } else {
            escape(&self.path, Component::Path, &mut path);
        }
        let first = path.split(|c| *c == b'/').next().unwrap_or_default();
        if out.is_empty() && first.contains(&b':') {
            out.extend_from_slice(b"./");
        }
        out.extend_from_slice(&path);
    }
}

impl User {
    /// The user as Go's `String` writes it.
    pub fn text(&self) -> Vec<u8> {
        let mut out = Vec::new();
        escape(&self.name, Component::User, &mut out);
        if let Some(password) = &self.password {
            out.push(b':');
            escape(password, Component::User, &mut out);
        }
        out
    }
}

fn cut(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = text.iter().position(|c| *c == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

fn parse(text: &[u8]) -> Result<Url, String> {
    if text.iter().any(|c| *c < b' ' || *c == 0x7F) {
        return Err("net/url: invalid control character in URL".into());
    }
    let mut url = Url::default();
    if text == b"*" {
        url.path.push(b'*');
        return Ok(url);
    }
    let (scheme, rest) = scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    let (mut rest, query) = cut(rest, b'?').unwrap_or((rest, b""));
    url.query = query.to_vec();
    if !rest.starts_with(b"/") {
        if !url.scheme.is_empty() {
            url.opaque = rest.to_vec();
            return Ok(url);
        }
        let first = rest.split(|c| *c == b'/').next().unwrap_or_default();
        if first.contains(&b':') {
            return Err("first path segment in URL cannot contain colon".into());
        }
    }
    if let Some(after) = rest.strip_prefix(b"//")
        && (!url.scheme.is_empty() || !after.starts_with(b"/"))
    {
        let end = after.iter().position(|c| *c == b'/').unwrap_or(after.len());
        let (authority, path) = after.split_at(end);
        rest = path;
        let (user, host) = match authority.iter().rposition(|c| *c == b'@') {
            Some(at) => (authority.get(..at), authority.get(at + 1..).unwrap_or_default()),
            None => (None, authority),
        };
        url.host = parse_host(&url.scheme, host)?;
        url.user = user.map(parse_user).transpose()?;
    }
    url.path = unescape(rest, Component::Path)?;
    Ok(url)
}

fn scheme(text: &[u8]) -> Result<(&[u8], &[u8]), String> {
    for (index, c) in text.iter().enumerate() {
        match c {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if index > 0 => {}
            b':' if index == 0 => return Err("missing protocol scheme".into()),
            b':' => {
                let (scheme, rest) = text.split_at(index);
                return Ok((scheme, rest.get(1..).unwrap_or_default()));
            }
            _ => break,
        }
    }
    Ok((b"", text))
}

fn parse_user(text: &[u8]) -> Result<User, String> {
    let valid = |c: &u8| c.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(c);
    if !text.iter().all(valid) {
        return Err("net/url: invalid userinfo".into());
    }
    let (name, password) = match cut(text, b':') {
        Some((name, password)) => (name, Some(password)),
        None => (text, None),
    };
    Ok(User {
        name: unescape(name, Component::User)?,
        password: password
            .map(|password| unescape(password, Component::User))
            .transpose()?,
    })
}

fn parse_host(scheme: &[u8], host: &[u8]) -> Result<Vec<u8>, String> {
    let check_port = |port: &[u8]| {
        let invalid = || format!("invalid port {} after host", quote_bytes(port));
        is_port(port).then_some(()).ok_or_else(invalid)
    };
    match host.iter().rposition(|c| *c == b'[') {
        Some(0) => {}
        Some(_) => return Err("invalid IP-literal".into()),
        None => {
            let colon = if matches!(scheme, b"http" | b"https") {
                host.iter().position(|c| *c == b':')
            } else {
                host.iter().rposition(|c| *c == b':')
            };
            if let Some(colon) = colon {
                check_port(host.get(colon..).unwrap_or_default())?;
            }
            return unescape(host, Component::Host);
        }
    }
    let Some(end) = host.iter().rposition(|c| *c == b']') else {
        return Err("missing ']' in host".into());
    };
    let port = host.get(end + 1..).unwrap_or_default();
    check_port(port)?;
    let name = host.get(1..end).unwrap_or_default();
    let zone = name
        .windows(3)
        .position(|window| window == b"%25")
        .unwrap_or(name.len());
    let (address, zone) = name.split_at(zone);
    let address = unescape(address, Component::Host)?;
    let zone = unescape(zone, Component::Zone)?;
    let valid = std::str::from_utf8(&address).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok());
    if !valid {
        let whole = [address.as_slice(), &zone].concat();
        if std::str::from_utf8(&whole).is_ok_and(|text| text.parse::<std::net::Ipv4Addr>().is_ok()) {
            return Err("invalid IP-literal".into());
        }
        return Err(format!(
            "invalid host: ParseAddr({}): unable to parse IP",
            quote_bytes(&whole)
        ));
    }
    Ok([b"[", address.as_slice(), &zone, b"]", port].concat())
}

fn is_port(text: &[u8]) -> bool {
    match text.split_first() {
        None => true,
        Some((b':', digits)) => digits.iter().all(u8::is_ascii_digit),
        Some(_) => false,
    }
}

fn hex(c: Option<&u8>) -> Option<u8> {
    let digit = char::from(*c?).to_digit(16)?;
    u8::try_from(digit).ok()
}

fn unescape(text: &[u8], component: Component) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(c) = text.get(at) {
        if *c != b'%' {
            if matches!(component, Component::Host | Component::Zone)
                && c.is_ascii()
                && is_escaped(*c, component)
            {
                return Err(format!("invalid character {} in host name", quote_bytes(&[*c])));
            }
            out.push(*c);
            at += 1;
            continue;
        }
        let escape = || {
            let shown = text.get(at..text.len().min(at + 3)).unwrap_or_default();
            Err(format!("invalid URL escape {}", quote_bytes(shown)))
        };
        let (Some(high), Some(low)) = (hex(text.get(at + 1)), hex(text.get(at + 2))) else {
            return escape();
        };
        let byte = high << 4 | low;
        let is_percent = byte == b'%';
        if component == Component::Host && high < 8 && !is_percent {
            return escape();
        }
        if component == Component::Zone && !is_percent && byte != b' ' && is_escaped(byte, Component::Host) {
            return escape();
        }
        out.push(byte);
        at += 3;
    }
    Ok(out)
}

fn escape(text: &[u8], component: Component, out: &mut Vec<u8>) {
    for c in text {
        if is_escaped(*c, component) {
            out.extend_from_slice(format!("%{c:02X}").as_bytes());
        } else {
            out.push(*c);
        }
    }
}

fn is_escaped(c: u8, component: Component) -> bool {
    if c.is_ascii_alphanumeric() || b"-_.~".contains(&c) {
        return false;
    }
    match component {
        Component::Host | Component::Zone => !b"!$&'()*+,;=:[]<>\"".contains(&c),
        Component::Path => !b"$&+,/:;=@".contains(&c),
        Component::User => !b"$&+,;=".contains(&c),
        Component::Fragment => !b"$&+,/:;=?@!()*".contains(&c),
    }
}
