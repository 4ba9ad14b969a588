//! A key turns into what its value is likely to be: the address of something that is talked to, or the service's own.

/// Lower-case words of a key: `SMTP_HOST`, `smtpHost` and `--smtp-host` are `smtp`, `host`.
pub(crate) fn words(key: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut after_lower = false;
    for c in key.chars() {
        if (!c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && after_lower)) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        after_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Whether the value of a key is an address, so that a bare word may be a host.
pub(crate) fn is_address(key: &str) -> bool {
    words(key).iter().any(|word| {
        matches!(
            word.as_str(),
            "addr"
                | "address"
                | "addresses"
                | "broker"
                | "brokers"
                | "dsn"
                | "endpoint"
                | "endpoints"
                | "host"
                | "hostname"
                | "hosts"
                | "server"
                | "servers"
                | "upstream"
                | "uri"
                | "url"
        )
    })
}

/// Whether a key names something that is talked to, so that a bare domain name is no address of the service's own.
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
    is_address(key) && words(key).iter().any(|word| REMOTE.contains(&word.as_str()))
}

/// Whether a key says what the service listens on.
pub(crate) fn is_listener(key: &str) -> bool {
    words(key)
        .iter()
        .any(|word| matches!(word.as_str(), "bind" | "listen" | "listener" | "listeners"))
}

/// Whether a key says where the service itself is reached.
pub(crate) fn is_own_address(key: &str) -> bool {
    words(key).iter().any(|word| {
        matches!(
            word.as_str(),
            "advertise"
                | "advertised"
                | "allowed"
                | "audience"
                | "callback"
                | "canonical"
                | "cookie"
                | "cors"
                | "external"
                | "issuer"
                | "origin"
                | "origins"
                | "public"
                | "redirect"
                | "root"
                | "self"
                | "site"
        )
    })
}

/// Whether the value of a key is shown to people or tools, and nothing is talked to.
pub(crate) fn is_for_reading(key: &str) -> bool {
    let key = key.trim_start_matches('-');
    if key.starts_with('$') || key.starts_with('@') || key.starts_with("xmlns") {
        return true;
    }
    words(key).last().is_some_and(|word| {
        matches!(
            word.as_str(),
            "banner"
                | "chart"
                | "comment"
                | "description"
                | "docs"
                | "documentation"
                | "favicon"
                | "help"
                | "homepage"
                | "href"
                | "icon"
                | "image"
                | "link"
                | "links"
                | "logo"
                | "repo"
                | "repository"
                | "runbook"
                | "schema"
                | "src"
                | "summary"
                | "tag"
                | "title"
                | "xmlns"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_apart() {
        assert_eq!(words("SMTP_HOST"), ["smtp", "host"]);
        assert_eq!(words("--smtpHost.name2"), ["smtp", "host", "name2"]);
        assert_eq!(words("externalURL"), ["external", "url"]);
        for key in ["DB_HOST", "redisAddr", "url"] {
            assert!(is_address(key), "{key}");
        }
        assert!(!is_address("STREAM") && !is_address("APP_NAME") && !is_address("ghost"));
        assert!(is_remote_address("smtp-host") && !is_remote_address("VIRTUAL_HOST"));
        assert!(is_own_address("external_url") && !is_own_address("OPENAI_BASE_URL"));
        assert!(is_for_reading("$schema") && is_for_reading("runbook") && !is_for_reading("image_url"));
    }
}
