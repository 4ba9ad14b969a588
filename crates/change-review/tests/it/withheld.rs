//! No credential of either side is in any form of a review.

use change_review::{markdown, text};
use serde_json::json;

use crate::cases::{Files, files, reviewed, reviews};

/// What the repository holds that nobody may see, before and after the changes.
const CREDENTIALS: [&str; 9] = [
    "plain-text-pass-77",
    "plain-text-pass-78",
    "cache-pass-9f31",
    "cache-pass-9f32",
    "first-token-value-1234",
    "second-token-value-5678",
    "hunter2-of-the-chart",
    "hunter3-of-the-chart",
    "changed-credential-",
];

#[test]
fn no_change_shows_a_credential() {
    let all: Files = files();
    let mut changed = all.clone();
    for (number, credential) in CREDENTIALS.into_iter().enumerate() {
        for text in changed.values_mut() {
            *text = text.replace(credential, &format!("changed-credential-{number}"));
        }
    }
    assert_ne!(all, changed);
    let every = reviewed(&all, &changed);
    let changes = reviews().iter().map(|(name, review)| (name.as_str(), review));
    for (name, review) in changes.chain([("every credential", &every)]) {
        for shown in [
            text::text(review, true),
            markdown::markdown(review, usize::MAX),
            json!(review).to_string(),
        ] {
            for credential in CREDENTIALS {
                assert!(!shown.contains(credential), "{name}: {credential}\n{shown}");
            }
        }
    }
}
