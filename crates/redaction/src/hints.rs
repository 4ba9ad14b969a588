//! [`Hints`]: the signs and words of a text, without which most searches for credentials cannot find any.

use crate::words::Words;

/// A search for credentials that needs a word.
pub(crate) type Search = u8;

/// For values whose key means a credential.
pub(crate) const KEY: Search = 1;
/// For tokens after an authentication scheme.
pub(crate) const SCHEME: Search = 1 << 1;
/// For sentences.
pub(crate) const PROSE: Search = 1 << 2;
/// For statements of SQL, `.netrc` and Redis.
pub(crate) const STATEMENT: Search = 1 << 3;
/// For short flags of programs that take a password.
pub(crate) const SHORT_FLAG: Search = 1 << 4;
/// For manifests of Secrets.
pub(crate) const MANIFEST: Search = 1 << 5;
/// For names of unknown anchors.
pub(crate) const ANCHOR: Search = 1 << 6;

/// Words in lower case, or their beginnings, and the searches that find nothing without one of them, in any case.
const WORDS: [(&[&str], Search); 28] = [
    (&["auth"], KEY),
    (&["bearer"], KEY | SCHEME),
    (&["cookie"], KEY),
    (&["cred"], KEY | PROSE),
    (&["docker"], KEY),
    (&["key"], KEY | SCHEME | PROSE),
    (&["mnemonic"], KEY),
    (&["netrc"], KEY),
    (&["pass"], KEY | PROSE | STATEMENT),
    (&["psk"], KEY),
    (&["pw"], KEY),
    (&["salt"], KEY),
    (&["secret"], KEY | PROSE | MANIFEST),
    (&["token"], KEY | SCHEME | PROSE),
    (&["basic"], SCHEME),
    (&["negotiate"], SCHEME),
    (&["identified"], STATEMENT),
    (&["login"], SHORT_FLAG),
    (&["user"], STATEMENT),
    (&["curl"], SHORT_FLAG),
    (&["ldap"], SHORT_FLAG),
    (&["mariadb"], SHORT_FLAG),
    (&["mongo"], SHORT_FLAG),
    (&["mysql"], SHORT_FLAG),
    (&["redis-cli", "valkey-cli"], SHORT_FLAG),
    (&["sshpass"], SHORT_FLAG),
    (&["stringdata"], MANIFEST),
    (&["unknown anchor '"], ANCHOR),
];

const GROUPS: [&[&str]; WORDS.len()] = {
    let mut groups: [&[&str]; WORDS.len()] = [&[]; WORDS.len()];
    let mut group = 0;
    while group < WORDS.len() {
        groups[group] = WORDS[group].0;
        group += 1;
    }
    groups
};

static FOUND_TOGETHER: Words = Words::new(&GROUPS, true);

/// The groups that [`KEY`] needs.
const KEY_GROUPS: u64 = {
    let (mut groups, mut group) = (0, 0);
    while group < WORDS.len() {
        if WORDS[group].1 & KEY != 0 {
            groups |= 1 << group;
        }
        group += 1;
    }
    groups
};

/// A sign that a search needs.
#[derive(Clone, Copy)]
pub(crate) struct Sign(u8);

pub(crate) const COLON: Sign = Sign(1);
pub(crate) const EQUALS: Sign = Sign(1 << 1);
pub(crate) const AT: Sign = Sign(1 << 2);
pub(crate) const BLANK: Sign = Sign(1 << 3);
pub(crate) const QUOTE: Sign = Sign(1 << 4);
pub(crate) const DASH: Sign = Sign(1 << 5);
pub(crate) const SLASH: Sign = Sign(1 << 6);
const NOT_ASCII: Sign = Sign(1 << 7);

/// The sign of each byte.
const SIGNS: [u8; 256] = {
    let mut signs = [0; 256];
    signs[b':' as usize] = COLON.0;
    signs[b'=' as usize] = EQUALS.0;
    signs[b'@' as usize] = AT.0;
    signs[b' ' as usize] = BLANK.0;
    signs[b'"' as usize] = QUOTE.0;
    signs[b'-' as usize] = DASH.0;
    signs[b'/' as usize] = SLASH.0;
    let mut byte = 128;
    while byte < 256 {
        signs[byte] = NOT_ASCII.0;
        byte += 1;
    }
    signs
};

/// What a text has, found in one or two looks at its bytes. Nearly all values and lines of manifests have nothing that a search needs.
#[derive(Clone, Copy)]
pub(crate) struct Hints {
    signs: u8,
    searches: Search,
}

impl Hints {
    pub(crate) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let signs = bytes
            .iter()
            .fold(0, |signs, byte| signs | SIGNS[usize::from(*byte)]);
        let mut hints = Hints { signs, searches: 0 };
        if !hints.are_none() {
            hints.searches = searches(bytes);
            // As for [`may_mean_credential`].
            if hints.has_sign(NOT_ASCII) {
                hints.searches |= KEY;
            }
        }
        hints
    }

    /// Whether no search may find something: each needs one of these signs.
    pub(crate) fn are_none(self) -> bool {
        ![COLON, EQUALS, AT, BLANK, QUOTE]
            .iter()
            .any(|sign| self.has_sign(*sign))
    }

    /// Whether the text has a sign.
    pub(crate) fn has_sign(self, sign: Sign) -> bool {
        self.signs & sign.0 != 0
    }

    /// Whether a search may find something.
    pub(crate) fn has(self, search: Search) -> bool {
        self.searches & search != 0
    }
}

/// Whether a key contains the beginning of a noun that means a credential. Most keys do not, and need not be split into words.
pub(crate) fn may_mean_credential(key: &str) -> bool {
    // A letter outside of ASCII may become an ASCII letter in lower case.
    FOUND_TOGETHER.groups_in(key.as_bytes(), KEY_GROUPS) != 0 || !key.is_ascii()
}

/// The searches that may find something, by the words of a text.
fn searches(text: &[u8]) -> Search {
    let mut groups = FOUND_TOGETHER.groups_in(text, u64::MAX);
    let mut searches = 0;
    while groups != 0 {
        searches |= WORDS
            .get(groups.trailing_zeros() as usize)
            .map_or(0, |(_, searches)| *searches);
        groups &= groups - 1;
    }
    searches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::random_texts;
    use crate::{address, stated};

    #[test]
    fn what_hints_rule_out_would_find_nothing() {
        let of_keys = [
            "password",
            "PASSWD",
            "apiKey",
            "Auth",
            "\"auth\"",
            "token",
            "client secret",
            "cred",
            "pw",
            "é",
            "K",
            "=",
            ": ",
            ":",
            " ",
            "\n",
            "\"",
            "'",
            "--",
            "-",
            ", ",
            "is ",
            "hunter22",
            "aBc4567890123456789x",
            "a@b.c",
            "://",
        ];
        let of_words = [
            "bearer ",
            "Basic",
            "negotiate",
            " apikey",
            "IDENTIFIED BY '",
            "login ",
            "user ",
            " password ",
            "x >y9",
            "'",
            "curl -u ",
            "mysql -p",
            "redis-cli -a ",
            "sshpass -p",
            "ldapadd -w ",
            "a:b",
            " x",
            "\n",
            "kind: Secret\n",
            "data: {a: b}",
            "stringData:",
            "dXNlcjpwYXNz",
            "h:5432:d:u:p",
        ];
        for text in random_texts(&of_keys)
            .take(8_000)
            .chain(random_texts(&of_words).take(8_000))
        {
            let found = |hints: Hints| {
                let (mut in_addresses, mut stated) = (Vec::new(), Vec::new());
                address::credentials(&text, hints, &mut in_addresses);
                stated::credentials(&text, hints, &mut stated);
                (in_addresses, stated)
            };
            let hints = Hints::of(&text);
            // Rules out nothing, but for a blank: these searches are for texts with one.
            let all = Hints {
                signs: hints.signs | !BLANK.0,
                searches: Search::MAX,
            };
            let expected = found(all);
            assert_eq!(found(hints), expected, "{text:?}");
            assert!(
                !hints.are_none() || expected == (Vec::new(), Vec::new()),
                "{text:?}"
            );
        }
    }
}
