//! Classification of hosts by their name: this machine, an identifier, a domain of the Internet, a file.

/// Whether a host is the machine itself.
pub(crate) fn is_this_machine(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.ends_with(".local")
        || host.starts_with("127.")
        || host == "0.0.0.0"
        || host == "255.255.255.255"
}

/// Whether a host is that of identifiers in the form of URLs, which nothing fetches.
pub(crate) fn is_identifier_host(host: &str) -> bool {
    matches!(
        host,
        "www.w3.org" | "json-schema.org" | "schemas.xmlsoap.org" | "schema.org" | "purl.org" | "xmlns.com"
    )
}

/// Whether a host has several labels, the last of letters, such as `api.example.com`.
pub(crate) fn is_domain(host: &str) -> bool {
    let top = host.rsplit('.').next().unwrap_or_default();
    host.contains('.')
        && top.len() > 1
        && (top.bytes().all(|b| b.is_ascii_alphabetic()) || top.ends_with('}'))
}

/// Whether a text in the form of a host is rather a file: `main.go`, `config.yaml`.
pub(crate) fn is_file_name(host: &str) -> bool {
    const ENDS: &[&str] = &[
        "bin",
        "c",
        "cfg",
        "conf",
        "cpp",
        "crt",
        "css",
        "csv",
        "db",
        "env",
        "gz",
        "go",
        "h",
        "hcl",
        "html",
        "ini",
        "jar",
        "java",
        "jpg",
        "js",
        "json",
        "key",
        "kt",
        "lock",
        "log",
        "lua",
        "md",
        "pem",
        "php",
        "png",
        "properties",
        "py",
        "rb",
        "rs",
        "service",
        "sh",
        "so",
        "sock",
        "sql",
        "sqlite",
        "svg",
        "tar",
        "tf",
        "tmpl",
        "toml",
        "tpl",
        "ts",
        "txt",
        "xml",
        "yaml",
        "yml",
        "zip",
    ];
    host.rsplit('.').next().is_some_and(|top| ENDS.contains(&top))
}

/// Whether a namespace's name is a top-level domain as well, so that a host below it is more likely one of the Internet
/// (<https://data.iana.org/TLD/tlds-alpha-by-domain.txt>; of the long ones those that are likely names of namespaces).
pub(crate) fn is_top_level_domain(namespace: &str) -> bool {
    const LONG: &[&str] = &[
        "academy",
        "auto",
        "bank",
        "blog",
        "build",
        "cafe",
        "camp",
        "chat",
        "city",
        "cloud",
        "codes",
        "coffee",
        "community",
        "company",
        "computer",
        "consulting",
        "data",
        "delivery",
        "design",
        "digital",
        "directory",
        "education",
        "email",
        "energy",
        "events",
        "exchange",
        "express",
        "farm",
        "finance",
        "fitness",
        "forum",
        "fund",
        "game",
        "games",
        "garden",
        "global",
        "group",
        "health",
        "help",
        "home",
        "host",
        "hosting",
        "house",
        "info",
        "insure",
        "live",
        "mail",
        "management",
        "market",
        "marketing",
        "media",
        "mobile",
        "money",
        "movie",
        "music",
        "name",
        "network",
        "news",
        "online",
        "page",
        "photo",
        "photos",
        "plus",
        "radio",
        "report",
        "review",
        "reviews",
        "school",
        "science",
        "security",
        "select",
        "services",
        "shop",
        "site",
        "social",
        "software",
        "solutions",
        "space",
        "storage",
        "store",
        "stream",
        "studio",
        "support",
        "systems",
        "team",
        "tech",
        "technology",
        "tools",
        "trade",
        "training",
        "travel",
        "video",
        "voting",
        "watch",
        "weather",
        "website",
        "wiki",
        "work",
        "works",
        "world",
        "zone",
    ];
    namespace.len() <= 3 || LONG.contains(&namespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell() {
        assert!(
            is_this_machine("localhost")
                && is_this_machine("127.0.0.2")
                && !is_this_machine("local.example.com")
        );
        assert!(
            is_domain("api.example.com")
                && is_domain("api.${domain}")
                && !is_domain("1.2.3.4")
                && !is_domain("db")
        );
        assert!(is_file_name("main.go") && !is_file_name("main.example"));
        assert!(
            is_top_level_domain("ai") && is_top_level_domain("media") && !is_top_level_domain("databases")
        );
    }
}
