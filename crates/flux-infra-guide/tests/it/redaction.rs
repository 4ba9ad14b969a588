//! Secret values reach no catalog, skill, answer, diagnostic or error; ordinary values reach them unchanged.
//!
//! `tests/redaction/repo` has `PLANTED_nn` (and `BASE64_PLANTED_nn`) in every place where a repository can have a secret,
//! including broken files, and `WORD_nn` where values of Secrets, which may look like any word, are copied to. Each becomes
//! a recognisable value in a copy, every command runs on the copy, and all its files and output are searched. Standard
//! output of `build` and `render` is the rendering itself and is exempt.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output};

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

/// Part of every planted value.
const MARKER: &str = "Zq7Wx9Kd4";

/// Begins every value that looks like a word.
const WORD: &str = "plumtree";

/// The value for `PLANTED_nn`: letters and digits, long enough for the forms of tokens.
fn planted(number: &str) -> String {
    format!("p{number}{MARKER}a1B2c3D4e5F6g7H8j9K0m1N2p3Q4r5")
}

fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().enumerate().fold(0_usize, |bits, (at, byte)| {
            bits | usize::from(*byte) << (16 - 8 * at)
        });
        for at in 0..4 {
            encoded.push(if at <= chunk.len() {
                char::from(LETTERS[bits >> (18 - 6 * at) & 63])
            } else {
                '='
            });
        }
    }
    encoded
}

/// The marker, and its base64 form at each of the three possible offsets.
fn searched() -> Vec<String> {
    let mut texts = vec![MARKER.to_owned(), WORD.to_owned()];
    for before in 0..3 {
        let encoded = base64(&format!("{}{MARKER}", "x".repeat(before)));
        let (start, end) = ((before * 4).div_ceil(3), encoded.trim_end_matches('=').len() - 2);
        texts.push(encoded[start..end].to_owned());
    }
    texts
}

struct Copy {
    _temp: tempfile::TempDir,
    root: Utf8PathBuf,
    leaks: BTreeSet<String>,
}

impl Copy {
    fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(temp.path()).unwrap().to_owned();
        let source = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/redaction/repo");
        let mut count = 0;
        for file in files(&source) {
            let text = fs::read_to_string(&file).unwrap();
            count += text.matches("PLANTED_").count() + text.matches("WORD_").count();
            let to = root.join("repo").join(file.strip_prefix(&source).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, with_values(&text)).unwrap();
        }
        assert!(count > 120, "only {count} values are planted");
        Copy {
            _temp: temp,
            root,
            leaks: BTreeSet::new(),
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_flux-infra-guide"))
            .args(arguments)
            .current_dir(&self.root)
            .env("NO_COLOR", "1")
            .env("SOURCE_DATE_EPOCH", "1770000000")
            .output()
            .unwrap()
    }

    /// Runs a command and searches its output.
    fn check(&mut self, arguments: &[&str]) -> i32 {
        let output = self.run(arguments);
        let what = arguments.join(" ");
        if !matches!(arguments.first(), Some(&"build" | &"render")) {
            self.search(&format!("stdout of {what}"), &output.stdout);
        }
        self.search(&format!("stderr of {what}"), &output.stderr);
        let code = output.status.code().unwrap();
        assert_ne!(code, 101, "{what}: {}", String::from_utf8_lossy(&output.stderr));
        assert_ne!(code, 2, "{what}: {}", String::from_utf8_lossy(&output.stderr));
        code
    }

    fn search(&mut self, what: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        for line in text.lines() {
            for searched in searched() {
                for (at, _) in line.match_indices(&searched) {
                    let from = line
                        .char_indices()
                        .map(|(index, _)| index)
                        .find(|index| *index + 60 >= at);
                    let around: String = line[from.unwrap_or(0)..].chars().take(120).collect();
                    self.leaks.insert(format!("{what}: {around}"));
                }
            }
        }
    }

    fn search_files(&mut self, folder: &str) {
        let found = files(&self.root.join(folder));
        assert!(!found.is_empty(), "no files in {folder}");
        for file in found {
            let bytes = fs::read(&file).unwrap();
            self.search(file.strip_prefix(&self.root).unwrap().as_str(), &bytes);
        }
    }

    #[track_caller]
    fn assert_clean(&self) {
        let leaks: Vec<&str> = self.leaks.iter().map(String::as_str).collect();
        assert!(leaks.is_empty(), "{} leaks:\n{}", leaks.len(), leaks.join("\n"));
    }
}

fn with_values(text: &str) -> String {
    let text = text.replace("WORD_", WORD);
    let mut parts = text.split("PLANTED_");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_at(2);
        let value = planted(number);
        match result.strip_suffix("BASE64_") {
            Some(before) => result = format!("{before}{}", base64(&value)),
            None => result.push_str(&value),
        }
        result.push_str(rest);
    }
    result
}

fn files(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let entry = entry.unwrap();
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(entry.into_path()),
                false => found.push(entry.into_path()),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn catalogs_and_skills_hold_no_secret() {
    let mut copy = Copy::new();
    assert_eq!(copy.check(&["regen", "repo", "--out", "out", "-v"]), 0);
    copy.search_files("out");
    assert_eq!(
        copy.check(&[
            "regen",
            "repo",
            "--out",
            "pretty",
            "--pretty",
            "--frontmatter",
            "rwenv",
            "--strict",
            "-v"
        ]),
        0
    );
    copy.search_files("pretty");
    // Changes are printed as a diff.
    let values = copy.root.join("repo/config/config.yaml");
    let text = fs::read_to_string(&values).unwrap();
    fs::write(
        &values,
        text.replace(
            "LEVEL: debug",
            "LEVEL: info\n  OTHER_PASSWORD: Zq7Wx9Kd4Zq7Wx9Kd4",
        ),
    )
    .unwrap();
    assert_eq!(copy.check(&["regen", "repo", "--out", "out", "--check", "-v"]), 1);
    copy.check(&["check", "repo", "--data", "out/flux-infra-guide/data", "-v"]);
    copy.check(&["diff", "repo", "repo", "-v"]);
    copy.assert_clean();
}

#[test]
fn answers_hold_no_secret() {
    let mut copy = Copy::new();
    assert_eq!(copy.check(&["regen", "repo", "--out", "out", "-q"]), 0);
    let data = "out/flux-infra-guide/data";
    for format in ["text", "json"] {
        for kind in [
            "services",
            "namespaces",
            "kustomizations",
            "helmreleases",
            "sources",
            "secrets",
            "configmaps",
            "images",
            "image-groups",
            "hosts",
            "variables",
            "externals",
        ] {
            assert_eq!(
                copy.check(&["list", kind, "--data", data, "--format", format]),
                0,
                "{kind}"
            );
        }
        for name in [
            "storefront",
            "words",
            "export",
            "grafana",
            "plain",
            "generated",
            "settings",
            "cluster-vars",
            "db_password",
        ] {
            for question in ["where", "trace", "secret", "config", "flux", "impact", "image"] {
                copy.check(&[question, name, "--data", data, "--format", format]);
            }
        }
        for text in [".", "password", "://", "redacted"] {
            copy.check(&["grep", text, "--data", data, "--format", format]);
        }
        copy.check(&["lint", "--data", data, "--format", format, "-v"]);
        copy.check(&["lint", "--repo", "repo", "--format", format, "-v"]);
        copy.check(&["config", "settings", "--repo", "repo", "--format", format, "-v"]);
        for path in ["spec", "image"] {
            copy.check(&["explain", "words", path, "--repo", "repo", "--format", format]);
        }
    }
    copy.assert_clean();
}

/// Runs Git in the copy of the repository.
fn git(copy: &Copy, arguments: &[&str]) {
    let status = Command::new("git")
        .arg("-C")
        .arg(copy.root.join("repo"))
        .args(["-c", "user.name=test", "-c", "user.email=test@example.com"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .status()
        .unwrap();
    assert!(status.success(), "git {arguments:?}");
}

#[test]
fn differences_between_revisions_hold_no_secret() {
    let mut copy = Copy::new();
    git(&copy, &["init", "-q"]);
    git(&copy, &["add", "--all", "--force"]);
    git(&copy, &["commit", "-q", "-m", "one"]);
    // Every planted value changes, and an ordinary fact beside them.
    for file in files(&copy.root.join("repo")) {
        if let (Ok(text), false) = (fs::read_to_string(&file), file.as_str().contains("/.git/")) {
            let text = text
                .replace(MARKER, &format!("{MARKER}New"))
                .replace(WORD, &format!("{WORD}new"))
                .replace("LEVEL: debug", "LEVEL: info");
            fs::write(&file, text).unwrap();
        }
    }
    git(&copy, &["commit", "-q", "--all", "-m", "two"]);
    for arguments in [
        vec!["diff", "HEAD~1", "HEAD", "--repo", "repo", "-v"],
        vec!["diff", "HEAD", "HEAD~1", "--repo", "repo", "-v"],
        vec!["diff", "HEAD~1", "--repo", "repo", "-v"],
        vec!["diff", "no-such-revision", "HEAD", "--repo", "repo", "-v"],
        vec!["diff", "HEAD~1", "--repo", "repo", "--noise"],
        vec!["diff", "HEAD~1", "--repo", "repo", "--format", "markdown"],
        vec!["diff", "HEAD~1", "--repo", "repo", "--format", "json"],
        vec!["diff", "HEAD~1", "--repo", "repo", "--format", "sarif"],
        vec!["diff", "HEAD~1", "--repo", "repo", "--format", "github"],
        vec!["lint", "--repo", "repo", "--format", "sarif"],
        vec!["lint", "--repo", "repo", "--format", "github"],
        vec!["test", "repo", "--format", "junit"],
        vec!["test", "repo"],
    ] {
        copy.check(&arguments);
    }
    let output = copy.run(&["diff", "HEAD~1", "HEAD", "--repo", "repo"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("info"), "the ordinary fact is shown: {text}");
    copy.assert_clean();
}

#[test]
fn texts_of_an_older_catalog_reveal_no_secret() {
    let mut copy = Copy::new();
    let catalogs = [
        r#"{"services": {"storefront": {"description": "password: PLANTED_F0"}}}"#,
        r#"{"services": {"gone": {"description": "see https://admin:PLANTED_F1@db.example.com"}}}"#,
        r#"{"services": {"gone": {"description": "token ghp_PLANTED_F2", "env": {"A": "PLANTED_F3"}}}}"#,
        r#"{"services": {"gone": {"description": "Server=db;Password=PLANTED_F4"}}}"#,
        r#"{"services": {"ghp_PLANTED_F5": {"description": "kept"}}}"#,
        r#"{"services": "PLANTED_F6"}"#,
        r#"{"services": {"gone": "PLANTED_F7"}}"#,
        r#"{"services": {"gone": {"description": "PLANTED_F8"#,
        r#"{"services": {"gone": {"description": "kept"}}, PLANTED_F9}"#,
    ];
    for catalog in catalogs {
        fs::write(copy.root.join("old.json"), with_values(catalog)).unwrap();
        copy.check(&["init", "repo", "--from", "old.json", "-v"]);
    }
    copy.assert_clean();
    // Other values are kept.
    fs::write(
        copy.root.join("old.json"),
        r#"{"services": {"gone": {"description": "Rotates: its own password"}}}"#,
    )
    .unwrap();
    let output = copy.run(&["init", "repo", "--from", "old.json"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("Rotates: its own password"), "{text}");
}

#[test]
fn errors_and_starter_files_hold_no_secret() {
    let mut copy = Copy::new();
    for folder in fs::read_dir(copy.root.join("repo")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        if name.starts_with("broken-") {
            copy.check(&["build", &format!("repo/{name}"), "-v"]);
        }
    }
    copy.check(&["render", "repo", "-v"]);
    copy.check(&["render", "repo", "--format", "jsonl", "--strict", "-v"]);
    copy.check(&["init", "repo", "-v"]);
    fs::remove_file(copy.root.join("repo/flux-infra-guide.yaml")).unwrap();
    copy.check(&["init", "repo", "-v"]);
    if copy.root.join("repo/flux-infra-guide.yaml").is_file() {
        let bytes = fs::read(copy.root.join("repo/flux-infra-guide.yaml")).unwrap();
        copy.search("the starter file", &bytes);
    }
    // Values from outside, well-formed and not.
    fs::write(
        copy.root.join("good.env"),
        with_values("db_password=PLANTED_E0\nother=PLANTED_E1\n"),
    )
    .unwrap();
    fs::write(
        copy.root.join("bad.env"),
        with_values("db_password=PLANTED_E2\nPLANTED_E3\n"),
    )
    .unwrap();
    fs::write(
        copy.root.join("secret.yaml"),
        with_values("apiVersion: v1\nkind: Secret\nmetadata: {name: cluster-secrets, namespace: flux-system}\nstringData: {db_password: PLANTED_E4, secret_host: PLANTED_E5.example.com, secret_tag: PLANTED_E6, secret_word: PLANTED_E7}\n"),
    )
    .unwrap();
    copy.check(&[
        "regen",
        "repo",
        "--out",
        "a",
        "--vars",
        "Secret/flux-system/cluster-secrets=good.env",
        "-v",
    ]);
    copy.search_files("a");
    copy.check(&["regen", "repo", "--out", "b", "--vars", "secret.yaml", "-v"]);
    copy.search_files("b");
    copy.check(&[
        "regen",
        "repo",
        "--out",
        "c",
        "--vars",
        "Secret/flux-system/cluster-secrets=bad.env",
        "-v",
    ]);
    fs::write(
        copy.root.join("knowledge.yaml"),
        with_values("services:\n  storefront: {description: PLANTED_E8: x}\n"),
    )
    .unwrap();
    copy.check(&[
        "regen",
        "repo",
        "--out",
        "d",
        "--knowledge",
        "knowledge.yaml",
        "-v",
    ]);
    copy.assert_clean();
}

/// Values that look a little like credentials, and their form in the catalogs.
const ORDINARY: &[(&str, &str)] = &[
    ("DB_PASSWORD", "${db_password}"),
    ("DB_PASSWORD_FILE", "/run/secrets/password"),
    ("API_TOKEN", "/var/run/secrets/token"),
    ("TOKEN", "./token"),
    ("SECRET", "kv/data/papi#password"),
    ("VAULT_SECRET", "shared/data/secrets"),
    ("ENABLE_TOKEN", "true"),
    ("MAX_TOKEN", "4096"),
    ("EMPTY_PASSWORD", ""),
    ("NO_PASSWORD", "none"),
    ("OAUTH_TOKEN", "https://sso.example.com/oauth/token"),
    ("EXISTING_SECRET", "grafana-admin"),
    ("existingSecret", "grafana-admin"),
    ("tlsSecret", "wildcard-tls"),
    ("PASSWORD_POLICY", "strong"),
    ("TOKEN_TTL", "24h"),
    ("tokenLifetime", "24h"),
    ("passwordPolicy", "strong"),
    ("secretName", "papi-credentials"),
    ("keyPrefix", "papi:session:"),
    ("secretKey", "admin-password"),
    ("signingKey", "key-2024-01"),
    ("bypass", "static"),
    ("DB_PASS", "${db_password}"),
    ("SECRET_NAME", "papi-credentials"),
    ("DATABASE_URL", "postgres://app@db.example.com/app"),
    ("QUEUE_URL", "amqp://app:${queue_password}@queue.example.com"),
    ("CACHE_URL", "redis://:$(CACHE_PASSWORD)@redis.example.com"),
    ("PORT_URL", "https://db.example.com:8443/a@b"),
    ("REPOSITORY", "ssh://git@github.com/owner/name"),
    (
        "DIGEST",
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
    ),
    ("UUID", "123e4567-e89b-12d3-a456-426614174000"),
    ("CERTIFICATE", "-----BEGIN CERTIFICATE-----"),
    ("KEYBOARD", "qwerty"),
    ("TOKENIZER", "words"),
    ("LOG_LEVEL", "debug"),
    ("HOST", "postgres.postgres.svc.cluster.local:5432"),
    ("SENTENCE", "the password is kept elsewhere"),
];

#[test]
fn ordinary_values_are_shown() {
    let mut copy = Copy::new();
    let mut text =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ordinary, namespace: web}\ndata:\n".to_owned();
    for (key, value) in ORDINARY {
        text.push_str(&format!("  {key}: {value:?}\n"));
    }
    fs::write(copy.root.join("repo/vars/ordinary.yaml"), text).unwrap();
    assert_eq!(copy.check(&["regen", "repo", "--out", "out", "-q"]), 0);
    let read = |name: &str| -> Value {
        let path = copy.root.join("out/flux-infra-guide/data").join(name);
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
    };
    let catalog = read("configmaps.json");
    let keys = &catalog["configMaps"]["ordinary"]["keys"];
    let wrong: Vec<String> = ORDINARY
        .iter()
        .filter(|(key, value)| keys[key] != *value)
        .map(|(key, value)| format!("{key}: {} instead of {value:?}", keys[key]))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // The finding names the planted credential, and none of these.
    let flux = read("flux-resources.json");
    let redacted = flux["diagnostics"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["code"] == "redacted");
    let objects: BTreeSet<&str> = redacted
        .filter_map(|finding| finding["object"].as_str())
        .collect();
    assert!(
        objects.contains("ConfigMap/web/settings") && objects.contains("Deployment/web/storefront"),
        "{objects:?}"
    );
    assert!(!objects.contains("ConfigMap/web/ordinary"), "{objects:?}");
    // Ordinary values beside planted ones stay unchanged.
    let settings = &catalog["configMaps"]["settings"]["keys"];
    assert_eq!(settings["LEVEL"], "debug");
    assert_eq!(settings["DB_PASSWORD"], "<redacted>");
    assert_eq!(settings["FROM_SECRET"], "${secret_word} and ${secret_host}");
    assert_eq!(catalog["configMaps"]["settings"]["resolved"]["CLUSTER"], "c-main");
    assert_eq!(catalog["configMaps"]["settings"]["resolved"]["ZONE"], "z-zone-a");
}
