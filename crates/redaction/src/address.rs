//! Credentials in addresses: `scheme://user:password@host`, a token as the user, queries, webhooks, data source names.

use std::ops::Range;

use crate::hints::{AT, COLON, EQUALS, Hints, SLASH};
use crate::key::KeyKind;
use crate::rule::{Rule, begins_with, ends_with};
use crate::value::{is_harmless, is_stand_in};

/// The ranges of literal credentials in the addresses of a text.
pub(crate) fn credentials(text: &str, hints: Hints, found: &mut Vec<Range<usize>>) {
    if hints.has_sign(COLON) && hints.has_sign(SLASH) {
        addresses(text, hints, found);
    }
    if hints.has_sign(AT) {
        data_source_names(text, found);
    }
}

/// Credentials in addresses with a scheme.
fn addresses(text: &str, hints: Hints, found: &mut Vec<Range<usize>>) {
    let mut has_address = false;
    for colon in memchr::memchr_iter(b':', text.as_bytes()) {
        let (before, after) = text.split_at(colon);
        let Some(rest) = after.strip_prefix("://") else {
            continue;
        };
        has_address = true;
        let scheme = scheme(before);
        if scheme.is_empty() {
            continue;
        }
        let user_info = || hints.has_sign(AT).then(|| user_info(scheme, rest)).flatten();
        if let Some(range) = notification(scheme, rest).or_else(user_info) {
            let start = text.len() - rest.len();
            found.push(start + range.start..start + range.end);
        }
    }
    if has_address {
        if hints.has_sign(EQUALS) {
            query(text, found);
        }
        webhooks(text, found);
    }
}

/// The scheme at the end of a text.
fn scheme(text: &str) -> &str {
    let length = text
        .bytes()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(byte))
        .count();
    let scheme = text.get(text.len() - length..).unwrap_or_default();
    match scheme.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        true => scheme,
        false => "",
    }
}

/// The length of the address at the beginning of a text.
fn end_of_address(text: &str) -> usize {
    text.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | '|'))
        .unwrap_or(text.len())
}

/// The range of the password, or of the token that replaces a user, in the text after `://`.
fn user_info(scheme: &str, rest: &str) -> Option<Range<usize>> {
    let address = rest.get(..end_of_address(rest))?;
    let slash = address.find(['/', '?', '#']).unwrap_or(address.len());
    let first = address.get(..slash)?;
    let at = match first.rfind('@') {
        Some(at) => at,
        // A password may contain a slash, and the path after a port may contain an `@`.
        None => {
            let (_, after) = first.split_once(':')?;
            if after.is_empty()
                || after.bytes().all(|byte| byte.is_ascii_digit())
                || after.starts_with(['$', '{'])
            {
                return None;
            }
            let at = address.rfind('@')?;
            // A host has to follow.
            address
                .get(at + 1..)?
                .starts_with(|char: char| char.is_ascii_alphanumeric())
                .then_some(at)?
        }
    };
    let user_info = address.get(..at)?;
    let range = match colon(user_info) {
        Some(colon) => colon + 1..at,
        // The default of a variable may be the token.
        None if is_token_user(scheme, user_info) => user_info.find(':').map_or(0, |colon| colon + 1)..at,
        None => return None,
    };
    let password = address.get(range.clone())?;
    let is_example = || is_example(user_info, address.get(at + 1..).unwrap_or_default());
    (!password.is_empty() && !is_stand_in(password) && !is_example()).then_some(range)
}

/// Whether an address consists of the names of its parts, as in `postgres://user:password@host/database`.
fn is_example(user_info: &str, after: &str) -> bool {
    const USERS: &[&str] = &["user", "username"];
    const PASSWORDS: &[&str] = &["pass", "passwd", "password"];
    const HOSTS: &[&str] = &["host", "hostname"];
    let is_one = |words: &[&str], word: &str| words.iter().any(|known| word.eq_ignore_ascii_case(known));
    let host = after.split([':', '/', '?', '#']).next().unwrap_or_default();
    let (user, password) = user_info.split_once(':').unwrap_or_default();
    is_one(USERS, user) && is_one(PASSWORDS, password) && is_one(HOSTS, host)
}

/// The colon between user and password, which is not the one in `${NAME:=default}`.
fn colon(user_info: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut before = ' ';
    user_info.char_indices().find_map(|(at, char)| {
        match char {
            '{' if before == '$' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return Some(at),
            _ => {}
        }
        before = char;
        None
    })
}

/// The range of a notification service's address, which consists of tokens, as in Shoutrrr and Apprise.
fn notification(scheme: &str, rest: &str) -> Option<Range<usize>> {
    const SCHEMES: &[&str] = &[
        "bark",
        "discord",
        "gchat",
        "googlechat",
        "gotify",
        "gotifys",
        "ifttt",
        "join",
        "lark",
        "mattermost",
        "mmost",
        "mmosts",
        "msteams",
        "opsgenie",
        "pbul",
        "pover",
        "pushbullet",
        "pushover",
        "rocket",
        "rocketchat",
        "slack",
        "teams",
        "telegram",
        "tgram",
        "wxteams",
        "zulip",
    ];
    /// The length of Gotify's tokens.
    const SHORTEST: usize = 15;
    if !SCHEMES.contains(&scheme) {
        return None;
    }
    let address = rest.get(..end_of_address(rest))?;
    let is_token = |part: &str| {
        part.len() >= SHORTEST
            && part
                .bytes()
                .any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    };
    let in_token = |char: char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_' | '.');
    address
        .split(|char| !in_token(char))
        .any(is_token)
        .then_some(0..address.len())
}

/// Whether a user without a password is a token, as it is over HTTP.
fn is_token_user(scheme: &str, user: &str) -> bool {
    const USERS: &[&str] = &["git", "oauth2", "x-access-token", "user", "username", "anonymous"];
    let http = ["http", "https"]
        .iter()
        .any(|name| scheme.to_ascii_lowercase().ends_with(name));
    http && !user.is_empty() && !USERS.contains(&user)
}

/// Values in queries, and in the properties of JDBC addresses, whose key means a credential.
fn query(text: &str, found: &mut Vec<Range<usize>>) {
    for (key, value) in query_pairs(text) {
        let (Some(key), Some(stated)) = (text.get(key), text.get(value.clone())) else {
            continue;
        };
        let name = key.to_ascii_lowercase();
        let kind = KeyKind::of(key);
        let by_name = matches!(
            name.as_str(),
            "key"
                | "sig"
                | "signature"
                | "auth"
                | "code"
                | "x-amz-signature"
                | "x-goog-signature"
                | "pass"
                | "pw"
        ) && stated.len() >= 8;
        if (kind.is_credential() || kind == KeyKind::CipherKey || by_name)
            && !is_stand_in(stated)
            && !stated.starts_with("{{")
            && (by_name || !is_harmless(kind, key, stated))
        {
            found.push(value);
        }
    }
}

const WEBHOOK: &str = concat!(
    r"(?i)(?:hooks\.slack\.com/(?:services|workflows|triggers)/",
    r"|discord(?:app)?\.com/api/(?:v[0-9]+/)?webhooks/",
    r"|webhook\.office(?:365)?\.com/webhookb2/|outlook\.office(?:365)?\.com/webhook/",
    r"|api\.telegram\.org/bot|hc-ping\.com/|chat\.googleapis\.com/v1/spaces/[^/\s]+/messages\?",
    r"|hooks\.zapier\.com/hooks/catch/|maker\.ifttt\.com/trigger/[^/\s]+/with/key/|ntfy\.sh/[^\s]*auth=",
    r"|events\.pagerduty\.com/integration/|open\.feishu\.cn/open-apis/bot/v2/hook/|hooks\.mattermost\.com/hooks/",
    r"|[a-z0-9.-]+/hooks/(?:[a-z0-9]{20,}))",
    r#"([^\s"'<>`|)]+)"#
);

/// The paths of webhooks, to which anybody can post who knows them.
fn webhooks(text: &str, found: &mut Vec<Range<usize>>) {
    static HOOK: Rule = Rule::new(
        WEBHOOK,
        &[
            "hook",
            "api.telegram.org",
            "hc-ping.com",
            "chat.googleapis.com",
            "maker.ifttt.com",
            "ntfy.sh",
            "events.pagerduty.com",
        ],
    );
    if !may_have_webhook(text) {
        return;
    }
    for hook in HOOK.captures(text) {
        if let Some(path) = hook
            .get(1)
            .filter(|path| !is_stand_in(path.as_str()) && !path.as_str().starts_with(['$', '{', '<']))
        {
            found.push(path.range());
        }
    }
}

/// Whether a text has a slash after what [`WEBHOOK`] has before one. Nearly all addresses have none.
fn may_have_webhook(text: &str) -> bool {
    const BEFORE: [&[u8]; 14] = [
        b"slack.com",
        b"discord.com",
        b"discordapp.com",
        b"office.com",
        b"office365.com",
        b"telegram.org",
        b"hc-ping.com",
        b"googleapis.com",
        b"zapier.com",
        b"ifttt.com",
        b"ntfy.sh",
        b"pagerduty.com",
        b"feishu.cn",
        b"mattermost.com",
    ];
    let bytes = text.as_bytes();
    let may_begin = |slash: usize| {
        let before = bytes.get(..slash).unwrap_or_default();
        let after = bytes.get(slash + 1..).unwrap_or_default();
        let is_end = |byte: &u8| matches!(byte.to_ascii_lowercase(), b'm' | b'g' | b'h' | b'n');
        begins_with(after, b"hooks/")
            || before.last().is_some_and(is_end) && BEFORE.iter().any(|end| ends_with(before, end))
    };
    // The pattern takes letters outside of ASCII for `k` and `s` in other case.
    !text.is_ascii() || memchr::memchr_iter(b'/', bytes).any(may_begin)
}

const DATA_SOURCE_NAME: &str = concat!(
    r"(?:^|[\s=,'\x22(])[A-Za-z0-9_.\-]+:([^\s:@'\x22]+(?:@[^\s:@'\x22(]+)*)@(?:(?:tcp|tcp6|unix|udp)\(|\(|[A-Za-z0-9][A-Za-z0-9.\-]*(?::[0-9]+|/))",
    r"|(?:^|[\s=,'\x22:])[A-Za-z0-9_]+/([^\s/@'\x22]+)@(?://)?[A-Za-z0-9.\-]+:[0-9]+",
);

/// `user:password@tcp(host)`, `user/password@host` of Oracle, and `user:password@host:port`, without a scheme.
fn data_source_names(text: &str, found: &mut Vec<Range<usize>>) {
    static NAME: Rule = Rule::new(DATA_SOURCE_NAME, &["@"]);
    if !may_have_data_source_name(text) {
        return;
    }
    for name in NAME.captures(text) {
        let Some(password) = name.get(1).or_else(|| name.get(2)) else {
            continue;
        };
        let after = text.get(password.end()..).unwrap_or_default();
        // A tag and a digest of an image.
        let digest = after.starts_with("@sha256") || after.starts_with("@sha512");
        // Addresses with a scheme are checked elsewhere.
        let behind_scheme = text.get(..password.start()).is_some_and(|before| {
            before
                .rfind("://")
                .is_some_and(|at| !before.get(at..).unwrap_or_default().contains(char::is_whitespace))
        });
        let address = password.as_str().starts_with("//");
        if !digest && !behind_scheme && !address && !is_stand_in(password.as_str()) {
            found.push(password.range());
        }
    }
}

/// Whether an `@` that begins no digest has bytes beside it that [`DATA_SOURCE_NAME`] allows for the end of a password and the
/// beginning of a host. Nearly every repository has images with digests.
fn may_have_data_source_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digest = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        rest.starts_with("@sha256:") || rest.starts_with("@sha512:")
    };
    let has_sides = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let after = bytes.get(at + 1);
        before.is_some_and(|before| !b" \t\n\r@\"'".contains(before))
            && after.is_some_and(|after| after.is_ascii_alphanumeric() || b"(/.-".contains(after))
    };
    memchr::memchr_iter(b'@', bytes).any(|at| has_sides(at) && !is_digest(at))
}

/// The ranges of keys and values of queries in a text: `?key=value&key=value`, and `;key=value` of JDBC.
fn query_pairs(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
    /// Most bytes of a key.
    const MOST: usize = 64;
    let (mut pairs, mut from) = (Vec::new(), 0);
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(['?', '&', ';'])) {
        let start = from + at + 1;
        from = start;
        let rest = text.get(start..).unwrap_or_default();
        let in_key = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-');
        let after = rest.trim_start_matches(in_key);
        let length = rest.len() - after.len();
        let Some(value) = after.strip_prefix('=').filter(|_| (1..=MOST).contains(&length)) else {
            continue;
        };
        let ends = |char: char| {
            char.is_whitespace() || matches!(char, '&' | ';' | '#' | '"' | '\'' | '<' | '>' | '`')
        };
        let value_length = value.find(ends).unwrap_or(value.len());
        if value_length > 0 {
            let at = text.len() - value.len();
            pairs.push((start..start + length, at..at + value_length));
            from = at + value_length;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::rule::random_texts;

    #[test]
    fn pairs_of_queries_are_those_of_the_pattern() {
        let pattern = Regex::new(r#"[?&;]([A-Za-z0-9_.\-]{1,64})=([^\s&;#"'<>`]+)"#).unwrap();
        let long = "k".repeat(65);
        let pieces = [
            "?", "&", ";", "a", "b.c", "_-", "=", "==", " ", "#", "\"", "'", "é", "\u{a0}", "/", &long,
        ];
        for text in random_texts(&pieces) {
            let expected: Vec<_> = pattern
                .captures_iter(&text)
                .map(|pair| (pair.get(1).unwrap().range(), pair.get(2).unwrap().range()))
                .collect();
            assert_eq!(query_pairs(&text), expected, "{text:?}");
        }
    }
    #[test]
    fn texts_that_may_have_a_webhook_are_those_with_a_match() {
        let pattern = Regex::new(WEBHOOK).unwrap();
        let pieces = [
            "https://",
            "hooks.slack.com/",
            "services/",
            "Discord.com/api",
            "discordapp.com/api/",
            "/v1",
            "/webhooks/",
            "webhook.office.com/",
            "webhookb2/",
            "outlook.office365.com/webhook/",
            "API.telegram.org/bot",
            "hc-ping.com/",
            "chat.googleapis.com/v1/spaces/",
            "a/messages?",
            "hooks.zapier.com/",
            "hooks/catch/",
            "maker.ifttt.com/trigger/",
            "a/with/key/",
            "ntfy.sh/",
            "auth=",
            "events.pagerduty.com/",
            "integration/",
            "open.feishu.cn/open-apis/bot/v2/hook/",
            "hooks.mattermost.com/hooks/",
            "host/hooks/",
            "aaaaaaaaaaaaaaaaaaaaa1",
            "x",
            "hooKs",
            "ſ",
            "é",
            " ",
        ];
        let mut matches = 0;
        for text in random_texts(&pieces) {
            let is_match = pattern.is_match(&text);
            matches += usize::from(is_match);
            assert!(may_have_webhook(&text) || !is_match, "{text:?}");
        }
        assert!(matches > 1_000);
    }

    #[test]
    fn texts_that_may_have_a_data_source_name_are_those_with_one() {
        let pattern = Regex::new(DATA_SOURCE_NAME).unwrap();
        let pieces = [
            "user:",
            "user/",
            "p4ss",
            "p4ss",
            "@host:5432",
            "@host:5432/x",
            "@tcp(",
            "@(",
            "@//host:1",
            "@",
            "@sha256:1:2",
            "@sha512:",
            " ",
            "=",
            "'",
            "\"",
            "é",
            "\n",
            "{",
            ":",
        ];
        let mut matches = 0;
        for text in random_texts(&pieces) {
            let is_name = |name: &regex::Captures<'_>| {
                let password = name.get(1).or_else(|| name.get(2)).unwrap();
                let after = &text[password.end()..];
                !after.starts_with("@sha256") && !after.starts_with("@sha512")
            };
            let is_match = pattern.captures_iter(&text).any(|name| is_name(&name));
            matches += usize::from(is_match);
            assert!(may_have_data_source_name(&text) || !is_match, "{text:?}");
        }
        assert!(matches > 100);
    }
}
