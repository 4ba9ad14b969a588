//! Classification of hosts by their key: the address of another service, or the service's own.

use crate::any_case::is_any;

/// Words of a key: `SMTP_HOST`, `smtpHost` and `--smtp-host` have two each.
fn words(key: &str) -> impl Iterator<Item = &str> {
    let bytes = key.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while bytes.get(at).is_some_and(|byte| !byte.is_ascii_alphanumeric()) {
            at += 1;
        }
        let start = at;
        while bytes.get(at).is_some_and(u8::is_ascii_alphanumeric) {
            at += 1;
            let (before, here) = (bytes.get(at - 1), bytes.get(at));
            let new_word = here.is_some_and(u8::is_ascii_uppercase)
                && before.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
            if new_word {
                break;
            }
        }
        key.get(start..at).filter(|word| !word.is_empty())
    })
}

/// Whether any word of a key is in a list.
fn has_word(key: &str, list: &[&str]) -> bool {
    words(key).any(|word| is_any(word, list))
}

/// Whether the value of a key is an address, so that a bare word may be a host.
pub(crate) fn is_address(key: &str) -> bool {
    const ADDRESS: &[&str] = &[
        "addr",
        "address",
        "addresses",
        "broker",
        "brokers",
        "dsn",
        "endpoint",
        "endpoints",
        "host",
        "hostname",
        "hosts",
        "pghost",
        "server",
        "servers",
        "upstream",
        "uri",
        "url",
    ];
    has_word(key, ADDRESS)
}

/// Whether a key names another service, so that a bare domain name is not the service's own address.
pub(crate) fn is_remote_address(key: &str) -> bool {
    const REMOTE: &[&str] = &[
        "alertmanager",
        "amqp",
        "backend",
        "broker",
        "cache",
        "cassandra",
        "clickhouse",
        "consul",
        "database",
        "db",
        "elastic",
        "elasticsearch",
        "etcd",
        "ftp",
        "graphite",
        "imap",
        "influx",
        "influxdb",
        "jaeger",
        "kafka",
        "ldap",
        "loki",
        "mail",
        "mariadb",
        "memcached",
        "minio",
        "mongo",
        "mongodb",
        "mqtt",
        "mysql",
        "nats",
        "neo4j",
        "nfs",
        "opensearch",
        "otel",
        "otlp",
        "pg",
        "postgres",
        "postgresql",
        "prometheus",
        "proxy",
        "queue",
        "rabbitmq",
        "redis",
        "s3",
        "sftp",
        "smb",
        "smtp",
        "statsd",
        "syslog",
        "upstream",
        "vault",
        "zipkin",
    ];
    is_address(key) && has_word(key, REMOTE)
}

/// Whether the value of a key is an address that the service listens on.
pub(crate) fn is_listener(key: &str) -> bool {
    has_word(key, &["bind", "listen", "listener", "listeners"])
}

/// Whether the value of a key is the service's own address.
pub(crate) fn is_own_address(key: &str) -> bool {
    const OWN: &[&str] = &[
        "advertise",
        "advertised",
        "allowed",
        "audience",
        "callback",
        "canonical",
        "cookie",
        "cors",
        "external",
        "origin",
        "origins",
        "public",
        "redirect",
        "root",
        "self",
        "site",
    ];
    has_word(key, OWN)
}

/// Whether a key names an issuer of tokens: the service itself, or one that it trusts.
pub(crate) fn is_issuer(key: &str) -> bool {
    has_word(key, &["issuer"])
}

/// Whether the value of a key is shown to people or tools, and not used as an address.
pub(crate) fn is_for_reading(key: &str) -> bool {
    const SHOWN: &[&str] = &[
        "banner",
        "chart",
        "comment",
        "description",
        "docs",
        "documentation",
        "favicon",
        "help",
        "homepage",
        "href",
        "icon",
        "image",
        "link",
        "links",
        "logo",
        "repo",
        "repository",
        "runbook",
        "schema",
        "src",
        "summary",
        "tag",
        "title",
        "xmlns",
    ];
    // `logoUrl` is no address, like `logo`.
    const SHOWN_URLS: &[&str] = &[
        "banner",
        "docs",
        "documentation",
        "favicon",
        "help",
        "homepage",
        "icon",
        "logo",
        "runbook",
        "schema",
    ];
    let key = key.trim_start_matches('-');
    if key.starts_with(['$', '@']) || key.starts_with("xmlns") {
        return true;
    }
    let (mut before, mut last) = ("", "");
    for word in words(key) {
        // `RESTIC_REPOSITORY` is the address of backups.
        if is_any(word, &["backup", "borg", "kopia", "restic"]) {
            return false;
        }
        before = std::mem::replace(&mut last, word);
    }
    is_any(last, SHOWN) || (is_any(last, &["uri", "url"]) && is_any(before, SHOWN_URLS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_apart() {
        let taken_apart = |key| words(key).collect::<Vec<_>>();
        assert_eq!(taken_apart("SMTP_HOST"), ["SMTP", "HOST"]);
        assert_eq!(taken_apart("--smtpHost.name2"), ["smtp", "Host", "name2"]);
        assert_eq!(taken_apart("externalURL"), ["external", "URL"]);
        assert_eq!(taken_apart("é_x"), ["x"]);
        for key in ["DB_HOST", "redisAddr", "url"] {
            assert!(is_address(key), "{key}");
        }
        assert!(!is_address("STREAM") && !is_address("APP_NAME") && !is_address("ghost"));
        assert!(is_remote_address("smtp-host") && !is_remote_address("VIRTUAL_HOST"));
        assert!(is_own_address("external_url") && !is_own_address("OPENAI_BASE_URL"));
        assert!(is_for_reading("$schema") && is_for_reading("runbook") && !is_for_reading("image_url"));
        assert!(is_for_reading("logoUrl") && is_for_reading("runbook_url") && !is_for_reading("apiUrl"));
        assert!(is_for_reading("image_repository") && !is_for_reading("RESTIC_REPOSITORY"));
        assert!(is_issuer("oidc_issuer_url") && !is_own_address("oidc_issuer_url"));
    }
}
