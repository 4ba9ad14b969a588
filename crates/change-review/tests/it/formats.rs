//! Markdown and JSON of a review.

use change_review::{Review, markdown, text};
use serde_json::json;

use crate::cases::{check, reviews};

fn named(name: &str) -> &'static Review {
    &reviews()[name]
}

#[test]
fn a_comment_folds_the_objects_by_owner() {
    for name in ["nothing", "namespace-removed", "hostile-names", "build-fails"] {
        let comment = markdown::markdown(named(name), markdown::LONGEST);
        check(&format!("markdown/{name}.md"), &comment);
    }
}

#[test]
fn programs_get_json() {
    check(
        "json/image-older.json",
        &format!("{:#}\n", json!(named("image-older"))),
    );
}

#[test]
fn json_is_as_its_schema_says() {
    let schema = catalog_emit::schema::written::<Review>("diff", "diff --format json").unwrap();
    let schema = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (name, review) in reviews() {
        let errors: Vec<String> = validator
            .iter_errors(&json!(review))
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn a_comment_never_outgrows_its_room() {
    let review = named("kustomization-removed");
    let whole = markdown::markdown(review, usize::MAX);
    for longest in (400..whole.len() + 400).step_by(97) {
        let comment = markdown::markdown(review, longest);
        assert!(comment.len() <= longest, "{} of {longest}", comment.len());
        assert!(
            comment == whole || comment.contains("left out") || comment.contains("more lines"),
            "{comment}"
        );
        assert_eq!(
            comment.matches("<details>").count(),
            comment.matches("</details>").count()
        );
    }
}

#[test]
fn text_of_the_repository_stays_in_its_line() {
    let text = text::text(named("hostile-names"), true);
    assert!(!text.lines().any(|line| line.starts_with("next:")), "{text}");
    for unseen in ['\u{1b}', '\u{202e}'] {
        assert!(!text.contains(unseen));
    }
}
