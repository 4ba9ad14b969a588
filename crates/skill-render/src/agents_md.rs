//! A generated block between two markers in a file that people write.

use thiserror::Error;

const BEGIN: &str = "<!-- flux-infra-guide: begin, written by `flux-infra-guide agents-md` -->";
const END: &str = "<!-- flux-infra-guide: end -->";

/// Why a file cannot take the block.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum AgentsBlockError {
    /// One marker is there without the other, or both in the wrong order, or more than once.
    #[error("the markers of flux-infra-guide do not enclose one block: see line {line}")]
    Markers {
        /// The line of a marker that has no partner.
        line: usize,
    },
}

/// The text of a file with the block in place of the present one, or else at the end. Everything around it is unchanged, line ends
/// included.
///
/// # Errors
/// [`AgentsBlockError`]
pub fn with_block(present: Option<&str>, block: &str) -> Result<String, AgentsBlockError> {
    let present = present.unwrap_or_default();
    let newline = if present.contains("\r\n") { "\r\n" } else { "\n" };
    let lines = [BEGIN, block.trim_end(), END].into_iter().flat_map(str::lines);
    let block: String = lines.flat_map(|line| [line, newline]).collect();
    let mut begin = None;
    let mut end = None;
    let mut at = 0;
    for (index, line) in present.split_inclusive('\n').enumerate() {
        let trimmed = line.trim();
        let stray = AgentsBlockError::Markers { line: index + 1 };
        if trimmed.starts_with("<!-- flux-infra-guide: begin") {
            if begin.is_some() {
                return Err(stray);
            }
            begin = Some((at, index + 1));
        } else if trimmed == END {
            if begin.is_none() || end.is_some() {
                return Err(stray);
            }
            end = Some(at + line.len());
        }
        at += line.len();
    }
    match (begin, end) {
        (Some((begin, _)), Some(end)) => {
            let (before, _) = present.split_at(begin);
            let (_, after) = present.split_at(end);
            Ok(format!("{before}{block}{after}"))
        }
        (Some((_, line)), None) => Err(AgentsBlockError::Markers { line }),
        (None, _) if present.is_empty() => Ok(block),
        (None, _) => {
            let gap = newline.repeat(if present.ends_with('\n') { 1 } else { 2 });
            Ok(format!("{present}{gap}{block}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    #[track_caller]
    fn check(present: Option<&str>, expected: &str) {
        let expected = expected.replace("BEGIN", BEGIN).replace("END", END);
        assert_eq!(with_block(present, "new\n").unwrap(), expected);
        assert_eq!(with_block(Some(&expected), "new\n").unwrap(), expected);
    }

    #[test]
    fn what_people_wrote_stays() {
        check(None, "BEGIN\nnew\nEND\n");
        check(Some("# Ours\n"), "# Ours\n\nBEGIN\nnew\nEND\n");
        check(Some("# Ours"), "# Ours\n\nBEGIN\nnew\nEND\n");
        check(Some("# Ours\r\n"), "# Ours\r\n\r\nBEGIN\r\nnew\r\nEND\r\n");
        let old = format!("one\n{BEGIN}\nold\nolder\n{END}\ntwo");
        check(Some(&old), "one\nBEGIN\nnew\nEND\ntwo");
        let old = "one\n<!-- flux-infra-guide: begin (older) -->\n<!-- flux-infra-guide: end -->\n";
        check(Some(old), "one\nBEGIN\nnew\nEND\n");
    }

    #[test]
    fn half_a_block_is_an_error() {
        #[track_caller]
        fn check(present: &str, line: usize) {
            let present = present.replace("BEGIN", BEGIN).replace("END", END);
            assert_eq!(
                with_block(Some(&present), "new"),
                Err(AgentsBlockError::Markers { line })
            );
        }
        check("a\nBEGIN\n", 2);
        check("END\n", 1);
        check("END\nBEGIN\n", 1);
        check("BEGIN\nBEGIN\nEND\n", 2);
        check("BEGIN\nEND\nEND\n", 3);
    }
}
