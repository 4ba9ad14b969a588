//! Hosts that a text names, each with its form and the key beside it. Nothing is looked up.

/// The form of a host, by certainty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Form {
    /// Without scheme or port: `redis`, `db.example.com`.
    Word,
    /// `host:port`
    HostPort,
    /// `scheme://host`, with a scheme of the network.
    Url,
}

/// A host in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HostMention<'t> {
    pub(crate) form: Form,
    pub(crate) scheme: Option<&'t str>,
    /// Without port and user; may contain `${variables}`.
    pub(crate) host: &'t str,
    pub(crate) port: Option<u16>,
    /// The key beside it, such as `host` of `host: db`, or of `--host=db`.
    pub(crate) key: Option<&'t str>,
    /// Whether it is the whole text.
    pub(crate) whole: bool,
    /// Line in the text, from 0.
    pub(crate) line: u32,
}

impl HostMention<'_> {
    /// Scheme, host and port, without credentials.
    pub(crate) fn shown(&self) -> String {
        let scheme = self.scheme.map(|scheme| format!("{scheme}://"));
        let scheme = scheme.unwrap_or_default();
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}{}{port}", self.host)
    }

    /// The path behind the host of a URL in the text that names it; `None` if its line has several paths.
    pub(crate) fn path<'a>(&self, text: &'a str) -> Option<&'a str> {
        let line = text.lines().nth(self.line as usize)?;
        let mut paths = line.match_indices(self.host).map(|(at, host)| {
            let rest = line.get(at + host.len()..).unwrap_or_default();
            let rest = rest
                .strip_prefix(':')
                .map_or(rest, |port| port.trim_start_matches(|c: char| c.is_ascii_digit()));
            let end = rest.find(|c: char| c.is_whitespace() || "\"'`,;<>)]}".contains(c));
            let path = end.and_then(|end| rest.get(..end)).unwrap_or(rest);
            path.starts_with('/').then(|| path.trim_end_matches('/'))
        });
        let first = paths.next()??;
        let is_only = paths.all(|path| path == Some(first));
        (is_only && !first.is_empty() && self.form == Form::Url).then_some(first)
    }
}

/// Schemes whose authority is a host of the network.
const SCHEMES: &[&str] = &[
    "amqp",
    "amqps",
    "bolt",
    "bolt+s",
    "bolt+ssc",
    "cassandra",
    "clickhouse",
    "cockroachdb",
    "couchbase",
    "db2",
    "elasticsearch",
    "ftp",
    "ftps",
    "git",
    "graphql",
    "grpc",
    "grpcs",
    "h2c",
    "http",
    "https",
    "imap",
    "imaps",
    "influxdb",
    "kafka",
    "ldap",
    "ldaps",
    "mariadb",
    "memcache",
    "memcached",
    "mongodb",
    "mongodb+srv",
    "mqtt",
    "mqtts",
    "mysql",
    "nats",
    "neo4j",
    "neo4j+s",
    "neo4j+ssc",
    "opensearch",
    "oracle",
    "otlp",
    "pgsql",
    "postgis",
    "postgres",
    "postgresql",
    "pulsar",
    "pulsar+ssl",
    "redis",
    "redis+sentinel",
    "rediss",
    "rtmp",
    "rtsp",
    "sftp",
    "smtp",
    "smtps",
    "socks5",
    "sqlserver",
    "ssh",
    "ssl",
    "stomp",
    "syslog",
    "tcp",
    "tcp4",
    "thrift",
    "tls",
    "udp",
    "ws",
    "wss",
    "zookeeper",
];

/// Hosts named in a text, in order. Comment lines of a text of several lines are left out.
pub(crate) fn host_mentions(text: &str) -> Vec<HostMention<'_>> {
    const COMMENTS: [&str; 7] = ["#", "//", ";", "-- ", "<!--", "/*", "* "];
    let mut mentions = Vec::new();
    let several = text.trim_end().contains('\n');
    let mut list_key = None;
    for (line, content) in (0_u32..).zip(text.lines()) {
        let trimmed = content.trim_start();
        let may_be_comment = several && trimmed.starts_with(['#', '/', ';', '-', '<', '*']);
        if may_be_comment && COMMENTS.iter().any(|start| trimmed.starts_with(start)) {
            continue;
        }
        let content = match several {
            true => without_comment(content),
            false => content,
        };
        let is_item = trimmed.starts_with("- ");
        let whole = content.trim();
        for (token, key) in tokens(content) {
            mentions.extend(mention(token).map(|mention| HostMention {
                key: key.or(list_key.filter(|_| is_item)),
                line,
                whole: !several && token == whole,
                ..mention
            }));
        }
        if !is_item {
            // `brokers:` is the key of the items below it.
            list_key = whole.strip_suffix(':').map(|key| key.trim_start_matches("- "));
        }
    }
    mentions
}

fn without_comment(line: &str) -> &str {
    if !line.contains('#') {
        return line;
    }
    line.find(" #").and_then(|at| line.get(..at)).unwrap_or(line)
}

fn is_separator(c: char) -> bool {
    !c.is_ascii_alphanumeric()
        && (c.is_whitespace()
            || matches!(
                c,
                '"' | '\'' | '`' | ',' | ';' | '(' | ')' | '[' | ']' | '<' | '>' | '|' | '=' | '\\'
            ))
}

/// The runs of characters between separators, each with its key.
fn tokens(line: &str) -> Vec<(&str, Option<&str>)> {
    let mut tokens: Vec<(&str, Option<&str>)> = Vec::new();
    let mut key: Option<&str> = None;
    let mut previous: Option<&str> = None;
    // Whether the key waits for its first value; further values follow after commas.
    let mut fresh = false;
    let mut rest = line;
    while let Some(start) = rest.find(|c: char| !is_separator(c)) {
        let (gap, after) = rest.split_at(start);
        let (text, next) = after.split_at(token_end(after));
        rest = next;
        if (gap.contains('=') || matches!(text, ":" | ":="))
            && !previous.is_some_and(|text| text.contains("://"))
        {
            key = previous;
            fresh = true;
            // The key before the sign is no value itself.
            if tokens.last().map(|(text, _)| *text) == previous {
                tokens.pop();
            }
        } else if !fresh && !gap.contains(',') {
            key = None;
        }
        if matches!(text, ":" | ":=") {
            continue;
        }
        previous = Some(text);
        if let Some(name) = text.strip_suffix(':').filter(|name| !name.is_empty()) {
            key = Some(name);
            previous = key;
            fresh = true;
            continue;
        }
        tokens.push((text, key));
        fresh = false;
    }
    tokens
}

/// The end of the first token. Braces separate, except for those of `${…}`.
fn token_end(text: &str) -> usize {
    let mut variable = false;
    let mut before = '\0';
    for (index, c) in text.char_indices() {
        match c {
            // Most characters.
            c if c.is_ascii_alphanumeric() => {}
            '{' if before == '$' => variable = true,
            '{' => return index.max(1),
            '}' if variable => variable = false,
            '}' => return index.max(1),
            c if !variable && is_separator(c) => return index,
            _ => {}
        }
        before = c;
    }
    text.len()
}

fn mention(token: &str) -> Option<HostMention<'_>> {
    let new = |form, scheme, host, port| HostMention {
        form,
        scheme,
        host,
        port,
        key: None,
        whole: false,
        line: 0,
    };
    // https://multiformats.io/multiaddr/: `/dns4/HOST/tcp/PORT/…`
    let mut protocols = ["/dns/", "/dns4/", "/dns6/", "/dnsaddr/"].iter();
    if token.starts_with("/dns")
        && let Some(address) = protocols.find_map(|start| token.strip_prefix(start))
    {
        let mut parts = address.split('/');
        let host = parts.next().filter(|host| is_host(host))?;
        let port = parts.nth(1).and_then(|port| port.parse().ok());
        return Some(new(Form::HostPort, None, host, port));
    }
    // Few tokens have a `:`, which is found faster than three characters.
    if token.contains(':')
        && let Some((before, after)) = token.split_once("://")
    {
        let scheme_start = before
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .map_or(0, |at| at + 1);
        let scheme = before.get(scheme_start..)?;
        if !SCHEMES.contains(&scheme.to_ascii_lowercase().as_str()) {
            return None;
        }
        let authority = after.split(['/', '?', '#']).next()?;
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let (host, port) = split_port(authority)?;
        return is_host(host).then(|| new(Form::Url, Some(scheme), host, port));
    }
    let authority = token.split(['/', '?']).next()?;
    // The text before `@` may be a password, and the host of a mail address is no dependency.
    if token.contains('@') {
        return None;
    }
    let (host, port) = split_port(authority)?;
    if !is_host(host) {
        return None;
    }
    match port {
        Some(_) => Some(new(Form::HostPort, None, host, port)),
        // Words with a path are paths.
        None if authority.len() == token.len() => Some(new(Form::Word, None, host, None)),
        None => None,
    }
}

/// Host and port; `None` if something else follows the last `:`.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let authority = authority.trim_end_matches('.');
    let Some(colon) = last_colon(authority) else {
        return Some((authority, None));
    };
    let (host, port) = (authority.get(..colon)?, authority.get(colon + 1..)?);
    if port.starts_with("${") && port.ends_with('}') {
        return Some((host, None));
    }
    let port: u16 = port.parse().ok().filter(|port| *port > 0)?;
    Some((host, Some(port)))
}

/// The last `:` that is not part of a `${x:=default}`.
fn last_colon(authority: &str) -> Option<usize> {
    let mut open = false;
    let mut found = None;
    for (index, byte) in authority.bytes().enumerate() {
        match byte {
            b'{' => open = true,
            b'}' => open = false,
            b':' if !open => found = Some(index),
            _ => {}
        }
    }
    found
}

/// Whether a text is a host by form: labels of letters, digits, `-` and `_`, perhaps with `${NAME}` in them.
fn is_host(text: &str) -> bool {
    if text.is_empty() || text.len() > 253 {
        return false;
    }
    if !text.contains('$') {
        return text.split('.').all(is_label);
    }
    let mut rest = text;
    let mut plain = String::with_capacity(text.len());
    while let Some((before, after)) = rest.split_once("${") {
        plain.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            return false;
        };
        if name.is_empty() || !name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric()) {
            return false;
        }
        // A variable is a label or a part of one.
        plain.push('v');
        rest = after;
    }
    plain.push_str(rest);
    plain.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 63
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(Form, &str, Option<u16>, Option<&str>)]) {
        let found: Vec<_> = host_mentions(text)
            .into_iter()
            .filter(|m| m.form != Form::Word || m.key.is_some() || m.whole)
            .map(|m| (m.form, m.host, m.port, m.key))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn urls_and_ports() {
        use Form::{HostPort, Url, Word};
        check(
            "https://api.example.com/v1?x=1",
            &[(Url, "api.example.com", None, None)],
        );
        check("postgres://app:pa=ss@db:5432/app", &[]);
        check(
            "redis://user:secret@redis.cache:6379/0",
            &[(Url, "redis.cache", Some(6379), None)],
        );
        check(
            "jdbc:postgresql://db.example.com:5432/x",
            &[(Url, "db.example.com", Some(5432), None)],
        );
        check(
            "a:9092,b.c:9092",
            &[
                (HostPort, "a", Some(9092), None),
                (HostPort, "b.c", Some(9092), None),
            ],
        );
        check("db", &[(Word, "db", None, None)]);
        check("s3://bucket/key", &[]);
        check("oci://ghcr.io/a/b", &[]);
        check("/var/run/x.sock", &[]);
        check("git@github.com:a/b", &[]);
        check(
            "http://${host}.example.com:${port}/",
            &[(Url, "${host}.example.com", None, None)],
        );
        check("http://$(HOST):8080", &[]);
        check(
            "curl \"http://api.shop/expire?days=$DAYS\"",
            &[(Url, "api.shop", None, None)],
        );
    }

    #[test]
    fn keys_beside_hosts() {
        use Form::{HostPort, Url, Word};
        check(
            "--push=http://beacon.o11y:9091",
            &[(Url, "beacon.o11y", Some(9091), Some("--push"))],
        );
        check(
            "mail:\n  host: relay.mail.svc\n  port: 25\n",
            &[
                (Word, "relay.mail.svc", None, Some("host")),
                (Word, "25", None, Some("port")),
            ],
        );
        check(r#"url = "http://x.y""#, &[(Url, "x.y", None, Some("url"))]);
        check(
            r#"{"host": "x.y", "n": 1}"#,
            &[(Word, "x.y", None, Some("host")), (Word, "1", None, Some("n"))],
        );
        check(
            "brokers:\n  - a:9092\n  - b:9092\n",
            &[
                (HostPort, "a", Some(9092), Some("brokers")),
                (HostPort, "b", Some(9092), Some("brokers")),
            ],
        );
        check(
            "run \\\n  --to http://a.b:1 \\\n-- http://comment.example.com\n",
            &[(Url, "a.b", Some(1), None)],
        );
        check(
            "# see https://docs.example.com\nx: y # https://z.example.com\n",
            &[(Word, "y", None, Some("x"))],
        );
    }
}
