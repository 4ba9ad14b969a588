//! Splitting of a rendered file into documents.
//!
//! Rules: [pkg/release/v1/util/manifest.go](https://github.com/helm/helm/blob/v4.2.4/pkg/release/v1/util/manifest.go). Any line
//! that begins with `---` ends a document, even within a block scalar.

/// The documents of a file that are not empty, without leading white space. Text after `---` and its blanks belongs to the next
/// document.
pub(crate) fn split_manifests(text: &str) -> Vec<&str> {
    let text = text.trim_start();
    let mut documents = Vec::new();
    let (mut start, mut line) = (0, 0);
    loop {
        let rest = text.get(line..).unwrap_or_default();
        if rest.starts_with("---") {
            documents.push(text.get(start..line).unwrap_or_default());
            start = line + 3;
            let after = text.get(start..).unwrap_or_default();
            start += after.len() - after.trim_start_matches([' ', '\t']).len();
        }
        match rest.find('\n') {
            Some(end) => line += end + 1,
            None => break,
        }
    }
    documents.push(text.get(start..).unwrap_or_default());
    documents
        .into_iter()
        .map(str::trim_start)
        .filter(|document| !document.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_end_at_three_dashes() {
        for (text, expected) in [
            ("\n---\na: 1\n\n---  \n# c\n", vec!["a: 1\n\n", "# c\n"]),
            ("---a: 1\n--- b: 1\n", vec!["a: 1\n", "b: 1\n"]),
            ("a: 1\n ---\nb: 1\n", vec!["a: 1\n ---\nb: 1\n"]),
            ("a: |\n---- x", vec!["a: |\n", "- x"]),
            ("---\n---\n", vec![]),
            ("  a: 1\n  b: 2", vec!["a: 1\n  b: 2"]),
            ("a\n------\nb", vec!["a\n", "---\nb"]),
        ] {
            assert_eq!(split_manifests(text), expected, "{text:?}");
        }
    }
}
