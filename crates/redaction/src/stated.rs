//! Credentials that a text names: `password=…`, JSON, environment files, flags, headers, SQL.

use std::ops::Range;

use crate::hints::{
    BLANK, COLON, DASH, EQUALS, Hints, KEY, MANIFEST, PROSE, QUOTE, SCHEME, SHORT_FLAG, STATEMENT,
};
use crate::key::KeyKind;
use crate::prose;
use crate::rule::{Rule, begins_with, has_word};
use crate::secret_manifests;
use crate::value::{has_random_part, is_harmless, is_object_name, is_stand_in};
use crate::words::Words;

/// The ranges of the credentials that a text names.
pub(crate) fn credentials(text: &str, hints: Hints, found: &mut Vec<Range<usize>>) {
    if hints.has_sign(EQUALS) || hints.has_sign(COLON) {
        if hints.has(KEY) {
            pairs(text, found);
        }
        if hints.has_sign(COLON) {
            password_files(text, found);
        }
        if hints.has(MANIFEST) {
            secret_manifests::credentials(text, found);
        }
    }
    if hints.has(KEY) && hints.has_sign(QUOTE) && hints.has_sign(DASH) {
        argument_lists(text, found);
    }
    if !hints.has_sign(BLANK) {
        return;
    }
    if hints.has(KEY) && hints.has_sign(DASH) {
        flags(text, found);
    }
    if hints.has(SHORT_FLAG) && hints.has_sign(DASH) {
        short_flags(text, found);
    }
    if hints.has(SCHEME) {
        schemes(text, found);
    }
    if hints.has(STATEMENT) {
        statements(text, found);
    }
    if hints.has(KEY) {
        directives(text, found);
    }
    if hints.has(PROSE) {
        prose::credentials(text, found);
    }
}

/// `key=value` and `key: value`.
fn pairs(text: &str, found: &mut Vec<Range<usize>>) {
    for at in memchr::memchr2_iter(b'=', b':', text.as_bytes()) {
        let separator = if text.as_bytes()[at] == b'=' { '=' } else { ':' };
        let (before, after) = (
            text.get(..at).unwrap_or_default(),
            text.get(at + 1..).unwrap_or_default(),
        );
        let Some(key) = key_before(before, separator) else {
            continue;
        };
        let kind = match key.name {
            // The user and password of a registry, in Base64.
            "auth" if key.quoted => KeyKind::Token,
            // Object stores use `key` for one half of their credentials.
            "key" if separator == '=' && key.stated => KeyKind::CipherKey,
            name => KeyKind::of(name),
        };
        // In YAML and headers, a blank follows a colon that separates.
        let separates = separator == '=' || key.quoted || after.starts_with([' ', '\t']);
        if kind == KeyKind::Plain || !separates {
            continue;
        }
        let Some(range) = value_after(after, separator, key.name) else {
            continue;
        };
        let Some(value) = after.get(range.clone()) else {
            continue;
        };
        let random = || value.len() >= 20 && has_random_part(value);
        let hidden = kind.is_credential()
            || (kind == KeyKind::CipherKey && key.stated && (key.name != "key" || random()));
        // In prose, more words follow.
        let unlike_a_word = value.bytes().any(|byte| byte.is_ascii_digit());
        let ended = separator == '='
            || key.quoted
            || unlike_a_word
            || is_end(after.get(range.end..).unwrap_or_default());
        let hidden = hidden && ended;
        if hidden && !is_harmless(kind, key.name, value) && !is_type_name(value) {
            found.push(at + 1 + range.start..at + 1 + range.end);
        }
    }
}

struct StatedKey<'t> {
    name: &'t str,
    quoted: bool,
    /// Whether its position can only be that of a key.
    stated: bool,
}

/// The key at the end of the text before a separator. Before a colon, its position has to be that of a key, since colons also follow
/// words of prose.
fn key_before(before: &str, separator: char) -> Option<StatedKey<'_>> {
    let trimmed = before.trim_end_matches([' ', '\t']);
    let unquoted = trimmed.trim_end_matches(['"', '\'']).trim_end_matches('\\');
    let quoted = unquoted.len() < trimmed.len();
    let start = unquoted
        .rfind(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.')))
        .map_or(0, |at| {
            at + unquoted
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .map_or(1, char::len_utf8)
        });
    let name = unquoted.get(start..)?;
    if name.is_empty() || name.len() > 128 {
        return None;
    }
    let ahead = unquoted.get(..start)?;
    // A quoted path is not a key.
    if quoted && ahead.ends_with('/') {
        return None;
    }
    let ahead = ahead.trim_end_matches(['"', '\'', '\\']);
    let begins = ahead.len() < unquoted.get(..start)?.len()
        || ahead.trim_end_matches([' ', '\t']).is_empty()
        || ahead.ends_with(['\n', '{', ',', '`', '(', '[', ';', '&', '?'])
        || ahead
            .trim_end_matches([' ', '\t', '-'])
            .ends_with(['\n', '{', ',', ';']);
    // Messages of the API server name a field by its path: `... is invalid: stringData.password: ...`.
    let is_path = name.split('.').count() > 1 && name.split('.').all(|part| !part.is_empty());
    let stated = begins || quoted || is_path;
    match separator {
        ':' if !stated => None,
        // ` = ` and `=`; `key == value` compares.
        _ => Some(StatedKey {
            name: name.trim_start_matches('-'),
            quoted,
            stated,
        }),
    }
}

/// The range of the value in the text after the separator.
fn value_after(after: &str, separator: char, key: &str) -> Option<Range<usize>> {
    if after.starts_with(['=', '~', '>']) {
        return None;
    }
    let rest = after.trim_start_matches([' ', '\t']);
    // The value is a mapping or a list.
    if rest.starts_with(['{', '[']) {
        return None;
    }
    let start = after.len() - rest.len();
    let escaped = rest.starts_with("\\\"");
    let rest_at = |skip: usize| rest.get(skip..);
    if escaped || rest.starts_with(['"', '\'']) {
        let (skip, close) = match (escaped, rest.starts_with('"')) {
            (true, _) => (2, "\\\""),
            (_, true) => (1, "\""),
            _ => (1, "'"),
        };
        let inner = rest_at(skip)?;
        let length = end_of_quoted(inner, close);
        return (length > 0).then(|| start + skip..start + skip + length);
    }
    // The value of a header takes the rest of the line; others end where the next pair begins.
    let whole_line =
        separator == ':' && (key.eq_ignore_ascii_case("authorization") || key.eq_ignore_ascii_case("cookie"));
    let length = end_of_plain(rest, whole_line);
    (length > 0).then(|| start..start + length)
}

/// The length of a value without quotes, which may contain a reference in brackets.
fn end_of_plain(rest: &str, whole_line: bool) -> usize {
    let mut open = 0_usize;
    let end = rest.find(|char: char| {
        match char {
            '\n' | '\r' => return true,
            '{' | '(' | '[' => open += 1,
            '}' | ')' | ']' if open > 0 => open -= 1,
            '"' | '\'' | '`' | '}' | ')' | ']' => return open == 0,
            ' ' | '\t' | ',' | ';' | '&' => return open == 0 && !whole_line,
            _ => {}
        }
        false
    });
    end.unwrap_or(rest.len())
}

fn end_of_quoted(inner: &str, close: &str) -> usize {
    let mut from = 0;
    while let Some(at) = inner.get(from..).and_then(|rest| rest.find(close)) {
        let escapes = inner
            .get(..from + at)
            .map_or(0, |before| before.len() - before.trim_end_matches('\\').len());
        if close != "\"" || escapes % 2 == 0 {
            return from + at;
        }
        from += at + close.len();
    }
    inner.len()
}

/// Whether the text after a value shows that the value ends there.
fn is_end(after: &str) -> bool {
    let after = after.trim_start_matches(['"', '\'', '`']);
    after
        .trim_start_matches([' ', '\t'])
        .chars()
        .next()
        .is_none_or(|next| matches!(next, '\n' | '\r' | ',' | ';' | '}' | ')' | ']' | '#'))
}

/// Whether a value is the name of a type, as in `token: string`.
fn is_type_name(value: &str) -> bool {
    matches!(
        value,
        "string"
            | "String"
            | "object"
            | "integer"
            | "number"
            | "boolean"
            | "bytes"
            | "array"
            | "map"
            | "|"
            | ">"
            | "|-"
            | ">-"
    )
}

/// `["--password", "X"]`
fn argument_lists(text: &str, found: &mut Vec<Range<usize>>) {
    static PAIR: Rule = Rule::new(
        r#""--?([A-Za-z][A-Za-z0-9_.\-]*)"\s*,\s*"([^"\-][^"]*)""#,
        &["\"-"],
    );
    for pair in PAIR.captures(text) {
        let (Some(key), Some(value)) = (pair.get(1), pair.get(2)) else {
            continue;
        };
        let kind = KeyKind::of(key.as_str());
        if kind.is_credential() && !is_harmless(kind, key.as_str(), value.as_str()) {
            found.push(value.range());
        }
    }
}

/// `--password X`
fn flags(text: &str, found: &mut Vec<Range<usize>>) {
    for (key, value) in long_flags(text) {
        let (Some(key), Some(stated)) = (text.get(key), text.get(value.clone())) else {
            continue;
        };
        let kind = KeyKind::of(key);
        if kind.is_credential() && !is_harmless(kind, key, stated) {
            found.push(value);
        }
    }
}

/// Short flags of programs that take a password.
fn short_flags(text: &str, found: &mut Vec<Range<usize>>) {
    const PATTERN: &str = concat!(
        r"\b(?:mysql|mysqldump|mysqladmin|mysqlcheck|mariadb|mariadb-dump|mariadb-admin)\b[^\n|;&]*?\s-p([^\s'\x22]+)",
        r"|\b(?:sshpass|mongo|mongosh|mongodump|mongorestore|docker login|podman login|helm registry login|crane auth login|oras login)\b[^\n|;&]*?\s-p\s*['\x22]?([^\s'\x22]+)",
        r"|\b(?:redis-cli|valkey-cli)\b[^\n|;&]*?\s-a\s+['\x22]?([^\s'\x22]+)",
        r"|\b(?:ldapsearch|ldapadd|ldapmodify)\b[^\n|;&]*?\s-w\s+['\x22]?([^\s'\x22]+)",
        r"|\bcurl\b[^\n|;&]*?\s(?:-u|--user)\s*['\x22]?[^\s:'\x22]+:([^\s'\x22]+)",
    );
    static SHORT: Rule = Rule::new(
        PATTERN,
        &[
            "mysql",
            "mariadb",
            "sshpass",
            "mongo",
            " login",
            "redis-cli",
            "valkey-cli",
            "ldap",
            "curl",
        ],
    );
    if !has_short_flag(text) {
        return;
    }
    for flag in SHORT.captures(text) {
        found.extend(
            flag.iter()
                .skip(1)
                .flatten()
                .filter(|password| !is_stand_in(password.as_str()))
                .map(|password| password.range()),
        );
    }
}

/// Whether a text has one of the short flags in the pattern of [`short_flags`].
fn has_short_flag(text: &str) -> bool {
    text.match_indices('-').any(|(at, _)| {
        let (before, after) = text.split_at(at);
        before.ends_with(char::is_whitespace)
            && (after.starts_with("--user") || after[1..].starts_with(['p', 'a', 'w', 'u']))
    })
}

/// Tokens after the name of an authentication scheme: `Bearer …`.
fn schemes(text: &str, found: &mut Vec<Range<usize>>) {
    for token in after_schemes(text) {
        let token_bytes = text.as_bytes().get(token.clone()).unwrap_or_default();
        let digits = token_bytes.iter().any(u8::is_ascii_digit);
        let letters = token_bytes.iter().any(u8::is_ascii_alphabetic);
        // As in `dXNl…`: words of prose do not change case inside.
        let changes_case = token_bytes
            .windows(2)
            .any(|pair| matches!(pair, [first, second] if first.is_ascii_lowercase() && second.is_ascii_uppercase()));
        if letters && (changes_case || digits && token_bytes.len() >= 16) {
            found.push(token);
        }
    }
}

/// The ranges of words after the name of an authentication scheme.
fn after_schemes(text: &str) -> Vec<Range<usize>> {
    static SCHEMES: Words = Words::new(&[&["bearer", "basic", "negotiate", "apikey", "token"]], true);
    const SHORTEST: usize = 6;
    let in_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/._~-".contains(byte);
    let (mut tokens, mut from) = (Vec::new(), 0);
    while let Some(scheme) = SCHEMES.find(text.as_bytes(), from) {
        from = scheme.at + 1;
        let before = text
            .get(..scheme.at)
            .and_then(|before| before.chars().next_back());
        if before.is_some_and(|before| before == '_' || before.is_alphanumeric()) {
            continue;
        }
        let after = text.get(scheme.at + scheme.length..).unwrap_or_default();
        let token = after.trim_start();
        let length = token.bytes().take_while(|byte| in_token(byte)).count();
        if token.len() == after.len() || length < SHORTEST {
            continue;
        }
        let padding = token
            .bytes()
            .skip(length)
            .take(2)
            .take_while(|byte| *byte == b'=')
            .count();
        let start = text.len() - token.len();
        from = start + length + padding;
        tokens.push(start..from);
    }
    tokens
}

/// `IDENTIFIED BY '…'` and `PASSWORD '…'` of SQL, `login … password …` of `.netrc`, `user … >…` of Redis.
fn statements(text: &str, found: &mut Vec<Range<usize>>) {
    const PATTERN: &str = concat!(
        r"(?i)\b(?:IDENTIFIED\s+BY|WITH\s+(?:ENCRYPTED\s+)?PASSWORD|ENCRYPTED\s+PASSWORD|PASSWORD)\s+'([^']+)'",
        r"|\blogin\s+\S+\s+password\s+(\S+)",
        r"|(?m:^)user\s+\S+[^\n]*\s>(\S+)",
    );
    static STATEMENT: Rule = Rule::new(PATTERN, &["identified", "password", "user"]);
    let has = |word: &str| has_word(text, word);
    let is_sql = || text.contains('\'') && (has("identified") || has("password"));
    let is_netrc = || has("login") && has("password");
    let is_redis = || {
        let mut lines = text.split('\n').map(str::as_bytes);
        text.contains('>') && lines.any(|line| begins_with(line, b"user"))
    };
    if !is_sql() && !is_netrc() && !is_redis() {
        return;
    }
    for statement in STATEMENT.captures(text) {
        if let Some(password) = statement.iter().skip(1).flatten().next()
            && !is_stand_in(password.as_str())
        {
            found.push(password.range());
        }
    }
}

/// Settings without a separator: `requirepass …`, `auth_pass …`, `secret "…";`.
fn directives(text: &str, found: &mut Vec<Range<usize>>) {
    const SHORTEST: usize = 8;
    for statement in text.split(['\n', '{', '}', ';']) {
        let Some((key, value)) = statement.trim().split_once([' ', '\t']) else {
            continue;
        };
        let kind = KeyKind::of(key);
        let value = value.trim_start();
        let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let value = quoted.unwrap_or(value);
        if !kind.is_credential() || value.contains([' ', '\t', '"']) || is_harmless(kind, key, value) {
            continue;
        }
        // A key that is not a word of prose decides alone; otherwise the value has to be unlike a word or an object's name.
        let is_word = matches!(
            key.to_ascii_lowercase().as_str(),
            "password" | "passphrase" | "credential" | "credentials"
        );
        let hidden = match kind {
            KeyKind::Password if !is_word => true,
            _ if quoted.is_some() => has_random_part(value) && !is_object_name(value),
            _ => prose::is_unlike_a_word(value, SHORTEST),
        };
        if hidden {
            let at = value.as_ptr().addr() - text.as_ptr().addr();
            found.push(at..at + value.len());
        }
    }
}

/// Lines of `.pgpass`: `host:port:database:user:password`.
fn password_files(text: &str, found: &mut Vec<Range<usize>>) {
    const COLONS: usize = 4;
    if memchr::memchr_iter(b':', text.as_bytes()).count() < COLONS {
        return;
    }
    let passwords = text.split('\n').filter_map(password_of_line);
    for password in passwords.filter(|password| !is_stand_in(password)) {
        let at = password.as_ptr().addr() - text.as_ptr().addr();
        found.push(at..at + password.len());
    }
}

fn password_of_line(line: &str) -> Option<&str> {
    let is_name = |name: &str, in_name: fn(u8) -> bool| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || in_name(byte))
    };
    let mut parts = line.trim_end().split(':');
    let (host, port, database, user) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let password = parts.next().filter(|_| parts.next().is_none())?;
    let is_line = is_name(host, |byte| b".*_-".contains(&byte))
        && (port == "*" || (3..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit()))
        && [database, user]
            .iter()
            .all(|name| is_name(name, |byte| b"_*-".contains(&byte)));
    (is_line && !password.is_empty() && !password.contains(char::is_whitespace)).then_some(password)
}

/// The ranges of names and values of flags in a text: `--name value` and `-name value`, with or without a quote before the value.
fn long_flags(text: &str) -> Vec<(Range<usize>, Range<usize>)> {
    let bytes = text.as_bytes();
    let (mut flags, mut from) = (Vec::new(), 0);
    while let Some(dash) = text.get(from..).and_then(|rest| rest.find('-')) {
        let dash = from + dash;
        from = dash + 1;
        let before = text.get(..dash).and_then(|before| before.chars().next_back());
        if before.is_some_and(|before| !before.is_whitespace()) {
            continue;
        }
        let start = match bytes.get(dash + 1) {
            Some(b'-') => dash + 2,
            _ => dash + 1,
        };
        let rest = text.get(start..).unwrap_or_default();
        let in_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '.' | '-');
        let after = rest.trim_start_matches(in_name);
        let name = start..start + (rest.len() - after.len());
        if !rest.starts_with(|char: char| char.is_ascii_alphabetic()) || !after.starts_with([' ', '\t']) {
            continue;
        }
        let value = after.trim_start_matches([' ', '\t']);
        let value = value.strip_prefix(['"', '\'']).unwrap_or(value);
        let ends = |char: char| char.is_whitespace() || matches!(char, '"' | '\'');
        if value.starts_with(|char: char| ends(char) || matches!(char, '-' | '|' | '<' | '>' | ';' | '&')) {
            continue;
        }
        let length = value.find(ends).unwrap_or(value.len());
        if length > 0 {
            let at = text.len() - value.len();
            flags.push((name, at..at + length));
            from = at + length;
        }
    }
    flags
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;
    use crate::rule::random_texts;

    #[test]
    fn flags_are_those_of_the_pattern() {
        let pattern =
            Regex::new(r#"(?:^|\s)--?([A-Za-z][A-Za-z0-9_.\-]*)[ \t]+["']?([^\s"'\-|<>;&][^\s"']*)"#)
                .unwrap();
        let pieces = [
            "-", "--", "a", "b.c", "_", " ", "  ", "\t", "\n", "\"", "'", "|", "<", "é", "\u{a0}", "9", "=",
        ];
        for text in random_texts(&pieces) {
            let expected: Vec<_> = pattern
                .captures_iter(&text)
                .map(|flag| (flag.get(1).unwrap().range(), flag.get(2).unwrap().range()))
                .collect();
            assert_eq!(long_flags(&text), expected, "{text:?}");
        }
    }

    #[test]
    fn passwords_of_lines_are_those_of_the_pattern() {
        let pattern = Regex::new(
            r"(?m)^[A-Za-z0-9.*_\-]+:(?:[0-9]{3,5}|\*):[A-Za-z0-9_*\-]+:[A-Za-z0-9_*\-]+:([^\s:]+)\s*$",
        )
        .unwrap();
        let pieces = [
            "db.x-y:5432:",
            "h:*:",
            "h:5432",
            ":",
            ":",
            "a_b:",
            "c-d:",
            "*:",
            "p",
            "é",
            " ",
            "\n",
            "\r\n",
            "\u{a0}",
            "12345",
        ];
        for text in random_texts(&pieces) {
            let expected: Vec<_> = pattern
                .captures_iter(&text)
                .filter_map(|line| Some(line.get(1)?.as_str().to_owned()))
                .collect();
            let found: Vec<_> = text.split('\n').filter_map(password_of_line).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn schemes_are_those_of_the_pattern() {
        let pattern =
            Regex::new(r"\b(?i-u:bearer|basic|negotiate|apikey|token)\s+([A-Za-z0-9+/._~\-]{6,}={0,2})")
                .unwrap();
        let pieces = [
            "bearer",
            "Basic",
            "TOKEN",
            "apikey",
            "negotiate",
            " ",
            "\u{a0}",
            "\n",
            "abcdef",
            "a",
            "=",
            "~",
            "_",
            "é",
            "€",
        ];
        for text in random_texts(&pieces) {
            let expected: Vec<_> = pattern
                .captures_iter(&text)
                .map(|scheme| scheme.get(1).unwrap().range())
                .collect();
            assert_eq!(after_schemes(&text), expected, "{text:?}");
        }
    }
}
