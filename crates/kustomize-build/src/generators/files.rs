//! `files`: pairs from whole files.

use std::sync::Arc;

use source_tree::{FileId, Mark};

use super::pair::Pair;
use crate::BuildError;
use crate::error::Context;
use crate::kustomization::Text;
use crate::load::Loader;

pub(super) fn pairs(files: &[Text], loader: &Loader<'_>) -> Result<Vec<Pair>, BuildError> {
    let mut pairs = Vec::new();
    for source in files {
        let (key, path) = parse(source).at(source.mark)?;
        pairs.extend(read(path, source.mark, loader)?.map(|(content, file)| Pair {
            key: key.into(),
            value: content.to_vec(),
            mark: Mark::new(file, 1),
        }));
    }
    Ok(pairs)
}

/// The bytes of a file and its id.
pub(super) type Content = (Arc<[u8]>, FileId);

/// Reads a file that the entry at `mark` names. `None` for one that is left out.
pub(super) fn read(path: &str, mark: Mark, loader: &Loader<'_>) -> Result<Option<Content>, BuildError> {
    let content = loader.bytes(path).at(mark);
    let Some(content) = loader.left_out().allow_unresolved(path, content)? else {
        return Ok(None);
    };
    loader.work().grow(1, content.len()).at(mark)?;
    let file = loader.sources().file_id(&loader.file(path)?);
    Ok(Some((content, file)))
}

/// Splits `key=path`. For a path alone, its file name is the key.
fn parse(source: &str) -> Result<(&str, &str), BuildError> {
    let message = match source.split_once('=') {
        None => return Ok((base_name(source), source)),
        Some((_, path)) if path.contains('=') => "key name or file path of a source contains '='".to_owned(),
        Some(("", path)) => {
            format!("missing key name for file path \"{path}\" in source \"{source}\"")
        }
        Some((key, "")) => format!("missing file path for key name \"{key}\" in source \"{source}\""),
        Some(parts) => return Ok(parts),
    };
    Err(BuildError::generator(message))
}

fn base_name(path: &str) -> &str {
    match path.trim_end_matches('/').rsplit('/').next() {
        None | Some("") if path.is_empty() => ".",
        None | Some("") => "/",
        Some(name) => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_given_or_the_base_name() {
        assert_eq!(parse("./path/x.ini").unwrap(), ("x.ini", "./path/x.ini"));
        assert_eq!(parse("a=b/c").unwrap(), ("a", "b/c"));
        for source in ["=b", "a=", "a==b", "a=b=c"] {
            assert!(parse(source).is_err(), "{source}");
        }
    }
}
