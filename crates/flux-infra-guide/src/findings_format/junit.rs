//! Verdicts as JUnit XML, which CI systems show.
//!
//! The format has no standard; this is the part that Jenkins, GitLab and GitHub's reporters agree on.

use std::fmt::Write as _;

use flux_scan::{Verdict, VerdictState};

/// One suite per cluster, one case per Kustomization and HelmRelease. Those that wait for a failing one are skipped, with its
/// name.
pub(crate) fn document<'a>(clusters: impl Iterator<Item = (&'a str, &'a [Verdict])>) -> String {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    for (cluster, verdicts) in clusters {
        // Writing to a String cannot fail.
        let _ = suite(&mut text, cluster, verdicts);
    }
    text.push_str("</testsuites>\n");
    text
}

fn suite(text: &mut String, cluster: &str, verdicts: &[Verdict]) -> std::fmt::Result {
    let count =
        |wanted: fn(&VerdictState) -> bool| verdicts.iter().filter(|verdict| wanted(&verdict.state)).count();
    let failures = count(|state| matches!(state, VerdictState::Failed(_)));
    let skipped = count(|state| matches!(state, VerdictState::Skipped(_) | VerdictState::Blocked { .. }));
    writeln!(
        text,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\">",
        escaped(cluster),
        verdicts.len()
    )?;
    for verdict in verdicts {
        write!(
            text,
            "    <testcase classname=\"{}\" name=\"{}/{}\"",
            escaped(&verdict.object.kind),
            escaped(&verdict.object.namespace),
            escaped(&verdict.object.name)
        )?;
        if let Some(place) = &verdict.place {
            write!(text, " file=\"{}\"", escaped(&place.file.to_string()))?;
            if place.line > 0 {
                write!(text, " line=\"{}\"", place.line)?;
            }
        }
        match &verdict.state {
            VerdictState::Passed => writeln!(text, "/>")?,
            VerdictState::Failed(reasons) => {
                writeln!(text, ">")?;
                for reason in reasons {
                    writeln!(text, "      <failure message=\"{}\"/>", escaped(reason))?;
                }
                writeln!(text, "    </testcase>")?;
            }
            VerdictState::Blocked { by } => skip(text, &format!("waits for {by}"))?,
            VerdictState::Skipped(reason) => skip(text, reason)?,
        }
    }
    writeln!(text, "  </testsuite>")
}

fn skip(text: &mut String, reason: &str) -> std::fmt::Result {
    writeln!(text, "><skipped message=\"{}\"/></testcase>", escaped(reason))
}

/// Text of an attribute. Characters that XML 1.0 does not allow are replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in plain_text::printable(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
