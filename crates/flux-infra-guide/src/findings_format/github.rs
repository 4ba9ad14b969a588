//! Findings as annotations of GitHub Actions.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-error-message>

use std::fmt::Write as _;

use source_tree::{Diagnostic, Severity};

/// One line per finding. Line ends are escaped, so that text of the repository cannot begin another command.
pub(crate) fn annotations<'a>(findings: impl IntoIterator<Item = &'a Diagnostic>) -> String {
    let mut text = String::new();
    for finding in findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut properties = Vec::new();
        if let Some(place) = &finding.place {
            properties.push(format!("file={}", property(&place.file.to_string())));
            if place.line > 0 {
                properties.push(format!("line={}", place.line));
            }
        }
        properties.push(format!("title={}", property(&finding.code)));
        let message = match &finding.object {
            Some(object) => format!("{object}: {}", finding.message),
            None => finding.message.clone(),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "::{command} {}::{}", properties.join(","), data(&message));
    }
    text
}

fn data(text: &str) -> String {
    let text = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    plain_text::printable(&text).into_owned()
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;
    use source_tree::Place;

    use super::*;

    #[test]
    fn text_of_the_repository_ends_no_line() {
        let finding = Diagnostic::error("change-prune", "50% of\n::add-mask::x")
            .at(Place {
                file: "apps/a,b:c.yaml".into(),
                line: 3,
            })
            .on("Namespace/web");
        assert_eq!(
            annotations([&finding]),
            "::error file=apps/a%2Cb%3Ac.yaml,line=3,title=change-prune::Namespace/web: 50%25 of%0A::add-mask::x\n"
        );
    }
}
