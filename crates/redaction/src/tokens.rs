//! Tokens: credentials of an unmistakable form.

use std::borrow::Cow;
use std::sync::OnceLock;

use regex::Regex;

use crate::REDACTED;
use crate::words::Words;

/// A form of credentials.
struct Form {
    /// Their beginnings. Nearly all texts contain none of these, which a look at the bytes shows.
    starts: &'static [&'static str],
    /// The whole token as a regular expression.
    pattern: &'static str,
}

/// Forms of credentials, by the documentation of their issuers.
const FORMS: &[Form] = &[
    // PEM and OpenSSH private keys, age
    Form {
        starts: &["-----BEGIN "],
        pattern: r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY",
    },
    Form {
        starts: &["AGE-SECRET-KEY-1"],
        pattern: r"\bAGE-SECRET-KEY-1[A-Z0-9]{20,}",
    },
    // JWT
    Form {
        starts: &["eyJ"],
        pattern: r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
    },
    // AWS, Google, Azure
    Form {
        starts: &["AKIA", "ASIA"],
        pattern: r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    },
    Form {
        starts: &["AIza"],
        pattern: r"\bAIza[0-9A-Za-z_-]{35}",
    },
    Form {
        starts: &["ya29."],
        pattern: r"\bya29\.[0-9A-Za-z_-]{20,}",
    },
    Form {
        starts: &["GOCSPX-"],
        pattern: r"\bGOCSPX-[0-9A-Za-z_-]{20,}",
    },
    Form {
        starts: &["AccountKey="],
        pattern: r"\bAccountKey=[A-Za-z0-9+/]{40,}",
    },
    // GitHub, GitLab, Gitea-like forges have no prefix
    Form {
        starts: &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        pattern: r"\bgh[pousr]_[A-Za-z0-9]{30,}",
    },
    Form {
        starts: &["github_pat_"],
        pattern: r"\bgithub_pat_[A-Za-z0-9_]{20,}",
    },
    Form {
        starts: &[
            "glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glagent-", "glsoat-",
        ],
        pattern: r"\bgl(?:pat|dt|rt|cbt|ptt|ft|agent|soat)-[A-Za-z0-9_-]{20,}",
    },
    // Registries and package indexes
    Form {
        starts: &["dckr_pat_"],
        pattern: r"\bdckr_pat_[A-Za-z0-9_-]{20,}",
    },
    Form {
        starts: &["npm_"],
        pattern: r"\bnpm_[A-Za-z0-9]{36}",
    },
    Form {
        starts: &["pypi-"],
        pattern: r"\bpypi-[A-Za-z0-9_-]{50,}",
    },
    // Others
    Form {
        starts: &["xox"],
        pattern: r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    },
    Form {
        starts: &["xapp-"],
        pattern: r"\bxapp-[0-9]-[A-Za-z0-9-]{10,}",
    },
    Form {
        starts: &["hvs.", "hvb.", "hvr."],
        pattern: r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}",
    },
    Form {
        starts: &["sk_live_", "sk_test_", "rk_live_", "rk_test_"],
        pattern: r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}",
    },
    Form {
        starts: &["sk-"],
        pattern: r"\bsk-(?:proj-|ant-|or-)?[A-Za-z0-9_-]{32,}",
    },
    Form {
        starts: &["SG."],
        pattern: r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    },
    Form {
        starts: &["dop_v1_"],
        pattern: r"\bdop_v1_[a-f0-9]{64}",
    },
    Form {
        starts: &["hf_"],
        pattern: r"\bhf_[A-Za-z0-9]{30,}",
    },
    Form {
        starts: &["tskey-"],
        pattern: r"\btskey-[a-z]+-[A-Za-z0-9]+-[A-Za-z0-9]{16,}",
    },
    Form {
        starts: &["glsa_"],
        pattern: r"\bglsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}",
    },
    Form {
        starts: &["PMAK-"],
        pattern: r"\bPMAK-[A-Fa-f0-9]{24}-[A-Fa-f0-9]{34}",
    },
    Form {
        starts: &["whsec_"],
        pattern: r"\bwhsec_[A-Za-z0-9+/=]{20,}",
    },
    Form {
        starts: &["shpat_", "shpca_", "shppa_", "shpss_"],
        pattern: r"\bshp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}",
    },
    Form {
        starts: &["glc_"],
        pattern: r"\bglc_[A-Za-z0-9+/]{32,}={0,2}",
    },
    Form {
        starts: &["NRAK-"],
        pattern: r"\bNRAK-[A-Z0-9]{27}",
    },
    Form {
        starts: &["ATATT3"],
        pattern: r"\bATATT3[A-Za-z0-9_=-]{50,}",
    },
    Form {
        starts: &["ops_eyJ"],
        pattern: r"\bops_eyJ[A-Za-z0-9+/=_-]{50,}",
    },
    Form {
        starts: &["dp.pt.", "dp.st.", "dp.ct.", "dp.sa."],
        pattern: r"\bdp\.(?:pt|st|ct|sa)\.[A-Za-z0-9._-]{40,}",
    },
    Form {
        starts: &["pul-"],
        pattern: r"\bpul-[a-f0-9]{40}",
    },
    Form {
        starts: &["gsk_"],
        pattern: r"\bgsk_[A-Za-z0-9]{40,}",
    },
    Form {
        starts: &["nvapi-"],
        pattern: r"\bnvapi-[A-Za-z0-9_-]{40,}",
    },
    Form {
        starts: &["sntrys_", "sntryu_"],
        pattern: r"\bsntry[su]_[A-Za-z0-9+/=_-]{40,}",
    },
    Form {
        starts: &["lin_api_"],
        pattern: r"\blin_api_[A-Za-z0-9]{32,}",
    },
    // A bot of Telegram, which its number precedes
    Form {
        starts: &[":AA"],
        pattern: r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}",
    },
    // Hashes of passwords, as htpasswd and crypt write them
    Form {
        starts: &["$2a$", "$2b$", "$2y$"],
        pattern: r"\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}",
    },
    Form {
        starts: &["$apr1$"],
        pattern: r"\$apr1\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}",
    },
    Form {
        starts: &["$5$", "$6$"],
        pattern: r"\$[56]\$(?:rounds=[0-9]+\$)?[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{43,86}",
    },
    Form {
        starts: &["$argon2"],
        pattern: r"\$argon2(?:id|i|d)\$v=[0-9]+\$[a-z0-9=,]+\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+",
    },
];

/// The length of the shortest form.
const SHORTEST: usize = 14;

/// The starts of each form.
const STARTS_OF_FORMS: [&[&str]; FORMS.len()] = {
    let mut starts: [&[&str]; FORMS.len()] = [&[]; FORMS.len()];
    let mut form = 0;
    while form < FORMS.len() {
        starts[form] = FORMS[form].starts;
        form += 1;
    }
    starts
};

static STARTS: Words = Words::new(&STARTS_OF_FORMS, false);

/// The patterns of [`FORMS`], each compiled when a text has one of its starts: compiling takes longer than searching a thousand texts.
static COMPILED: [OnceLock<Option<Regex>>; FORMS.len()] = [const { OnceLock::new() }; FORMS.len()];

fn compiled(position: usize) -> Option<&'static Regex> {
    let pattern = FORMS.get(position)?.pattern;
    COMPILED
        .get(position)?
        .get_or_init(|| Regex::new(pattern).ok())
        .as_ref()
}

/// The forms that begin in a text, not within a word, by position. No form begins like another one.
fn begun(text: &str) -> impl Iterator<Item = usize> {
    let is_word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    let bytes = text.as_bytes();
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = STARTS.find(bytes, from)?;
            from = start.at + 1;
            let before = start.at.checked_sub(1).and_then(|before| bytes.get(before));
            let is_inside = before.is_some_and(|before| is_word(*before))
                && bytes.get(start.at).is_some_and(|first| is_word(*first));
            if !is_inside {
                return Some(start.group);
            }
        }
    })
}

/// Whether a text contains a token.
pub(crate) fn is_in(text: &str) -> bool {
    // Most texts are shorter.
    if text.len() < SHORTEST {
        return false;
    }
    // Each form is searched for in the whole text at most once, however often its start occurs.
    let mut absent = [false; FORMS.len()];
    begun(text).any(|form| {
        let is_new = absent
            .get_mut(form)
            .is_some_and(|absent| !std::mem::replace(absent, true));
        is_new && compiled(form).is_some_and(|pattern| pattern.is_match(text))
    })
}

/// The text without tokens.
pub(crate) fn without(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.len() < SHORTEST || begun(&text).next().is_none() {
        return text;
    }
    let mut cleaned = text;
    for form in 0..FORMS.len() {
        if begun(&cleaned).any(|begun| begun == form)
            && let Some(pattern) = compiled(form)
            && let Cow::Owned(replaced) = pattern.replace_all(&cleaned, REDACTED)
        {
            cleaned = Cow::Owned(replaced);
        }
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles_and_begins_as_it_is_said_to() {
        for (position, form) in (0..).zip(FORMS) {
            assert!(compiled(position).is_some(), "{}", form.pattern);
            for start in form.starts {
                let pattern = form
                    .pattern
                    .trim_start_matches(r"\b")
                    .replace(r"\.", ".")
                    .replace(r"\$", "$");
                let (head, _) = pattern
                    .split_once(['(', '[', '{'])
                    .unwrap_or((pattern.as_str(), ""));
                assert!(start.starts_with(head), "{start} {}", form.pattern);
            }
        }
    }

    #[test]
    fn no_form_begins_like_another_one() {
        for (form, starts) in STARTS_OF_FORMS.iter().enumerate() {
            let others = STARTS_OF_FORMS
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != form);
            for start in others.flat_map(|(_, starts)| *starts) {
                assert!(!starts.iter().any(|own| own.starts_with(start)), "{start}");
            }
        }
    }

    #[test]
    fn words_begin_where_regular_expressions_say() {
        let token = format!("ghp_{}", "A".repeat(36));
        for (before, expected) in [
            ("", true),
            ("x=", true),
            ("-", true),
            ("€", true),
            ("x", false),
            ("_", false),
            ("é", false),
        ] {
            assert_eq!(is_in(&format!("{before}{token}")), expected, "{before}");
        }
        assert!(is_in("x-----BEGIN PRIVATE KEY-----"));
        assert!(!is_in(&token.to_lowercase().replace("ghp_", "sk-")[..20]));
    }

    #[test]
    fn every_credential_goes_also_one_that_follows_another() {
        let npm = format!("npm_{}", "a".repeat(36));
        let github = format!("ghp_{}", "A".repeat(36));
        let both = format!("{github} and {npm}{github}");
        // The end of the first is where a word begins.
        assert_eq!(
            without(Cow::Borrowed(both.as_str())),
            format!("<redacted> and <redacted>{github}")
        );
        assert!(matches!(
            without(Cow::Borrowed("plain text of some words")),
            Cow::Borrowed(_)
        ));
    }
}
