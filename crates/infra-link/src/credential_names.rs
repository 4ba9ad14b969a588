//! Texts that name the object with a credential, rather than stating one.

use crate::any_case;

/// Whether a text names the object with a credential: it ends like its key, as `prod-mail-api-key` under `MAIL_API_KEY`.
pub(crate) fn names_object(key: &str, text: &str) -> bool {
    const ENDS: [&[&str]; 4] = [
        &["key"],
        &["token"],
        &["secret"],
        &["cred", "creds", "credential", "credentials"],
    ];
    let words: Vec<&str> = text.split('-').collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let [_, _, .., last] = words.as_slice() else {
        return false;
    };
    words.iter().all(is_word)
        && ENDS
            .iter()
            .any(|forms| forms.contains(last) && any_case::ends_with_any(key, forms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_an_object_is_no_credential() {
        for (key, text, expected) in [
            ("OP_ITEM_MAIL_API_KEY", "prod-mail-api-key", true),
            ("AWS_CREDS", "prod-aws-credentials", true),
            ("MAIL_API_KEY", "mail-key", false),
            ("MAIL_API_KEY", "prod-mail-4pi-key", false),
            ("MAIL_PASSWORD", "prod-mail-password", false),
        ] {
            assert_eq!(names_object(key, text), expected, "{key} {text}");
        }
    }
}
