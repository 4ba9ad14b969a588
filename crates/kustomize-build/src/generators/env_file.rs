//! `envs`: pairs from the lines of files.

use source_tree::Mark;

use super::files;
use super::pair::Pair;
use crate::BuildError;
use crate::error::Context;
use crate::kustomization::Text;
use crate::load::Loader;

/// The longest line that Go's scanner reads. A longer one silently ends the file.
const MAX_LINE: usize = 64 * 1024;

pub(super) fn pairs(envs: &[Text], loader: &Loader<'_>) -> Result<Vec<Pair>, BuildError> {
    let mut pairs = Vec::new();
    for path in envs {
        if let Some((content, file)) = files::read(path, path.mark, loader)? {
            parse(&content, &mut pairs, |line| Mark::new(file, line)).at(path.mark)?;
        }
    }
    Ok(pairs)
}

fn parse(content: &[u8], pairs: &mut Vec<Pair>, mark: impl Fn(u32) -> Mark) -> Result<(), BuildError> {
    for (index, line) in content.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if line.len() > MAX_LINE || (line.len() == MAX_LINE && !line.ends_with(b"\n")) {
            break;
        }
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // The line itself may be a secret, so the message does not quote it.
        let text = std::str::from_utf8(line).map_err(|_| {
            BuildError::generator(format!("line {number} has invalid utf8 bytes")).at(mark(number))
        })?;
        let text = if index == 0 {
            text.strip_prefix('\u{FEFF}').unwrap_or(text)
        } else {
            text
        };
        let text = text.trim_start();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        if !key.is_empty() {
            pairs.push(Pair {
                key: key.into(),
                value: value.as_bytes().to_vec(),
                mark: mark(number),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(content: &str) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        parse(content.as_bytes(), &mut pairs, |_| Mark::NONE).unwrap();
        pairs
            .into_iter()
            .map(|pair| (pair.key.to_string(), String::from_utf8(pair.value).unwrap()))
            .collect()
    }

    #[test]
    fn values_keep_quotes_and_blanks() {
        let content = "\u{FEFF}A=1\r\n  B = \"x\" \n#no\nC\n=lost\nexport D=d=e\n";
        let expected = [("A", "1"), ("B ", " \"x\" "), ("C", ""), ("export D", "d=e")];
        let expected: Vec<_> = expected.map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        assert_eq!(parsed(content), expected);
    }

    #[test]
    fn a_line_over_64_kib_ends_the_file() {
        let content = format!("A=1\nB={}\nC=1\n", "x".repeat(MAX_LINE));
        assert_eq!(parsed(&content).len(), 1);
        assert!(parse(b"A=\xff", &mut Vec::new(), |_| Mark::NONE).is_err());
    }
}
