//! Image references: name, and tag or digest.

/// The two halves of an image reference, which may contain `${variables}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageReference<'a> {
    /// Registry and repository.
    pub name: &'a str,
    /// Tag, digest (`sha256:…`), or both (`1.2@sha256:…`).
    pub tag: Option<&'a str>,
}

impl<'a> ImageReference<'a> {
    /// Splits at the first `:` or `@` after the last `/`, outside of `${…}`.
    pub fn parse(image: &'a str) -> Self {
        let mut depth = 0_usize;
        let mut separator = None;
        let bytes = image.as_bytes();
        for (index, byte) in bytes.iter().enumerate() {
            match byte {
                b'{' if index > 0 && bytes.get(index - 1) == Some(&b'$') => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                b'/' if depth == 0 && separator.is_none_or(|at| bytes.get(at) != Some(&b'@')) => {
                    separator = None;
                }
                b':' | b'@' if depth == 0 && separator.is_none() => separator = Some(index),
                _ => {}
            }
        }
        let parts = separator.and_then(|at| Some((image.get(..at)?, image.get(at + 1..)?)));
        let (name, tag) = parts.unwrap_or((image, ""));
        let tag = Some(tag).filter(|tag| !tag.is_empty());
        ImageReference { name, tag }
    }

    /// The last part of the name, by which people call the image.
    pub fn short_name(&self) -> &'a str {
        let mut depth = 0_usize;
        let mut start = 0;
        for (index, byte) in self.name.bytes().enumerate() {
            match byte {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                b'/' if depth == 0 => start = index + 1,
                _ => {}
            }
        }
        let short = self.name.get(start..).filter(|name| !name.is_empty());
        short.unwrap_or(self.name)
    }
}

/// Whether a text may be the name of an image: no URL, no spaces, no template.
pub(crate) fn is_image_name(text: &str) -> bool {
    !text.is_empty()
        && !text.contains("://")
        && !text.contains("{{")
        && text.bytes().all(|b| {
            b.is_ascii_alphanumeric()
                || matches!(b, b'.' | b'-' | b'_' | b'/' | b':' | b'$' | b'{' | b'}' | b'=')
        })
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '$')
        && !text.ends_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_tags_are_split() {
        for (image, name, tag, short) in [
            ("redis", "redis", None, "redis"),
            ("redis:7.4", "redis", Some("7.4"), "redis"),
            ("localhost:5000/a/b", "localhost:5000/a/b", None, "b"),
            ("localhost:5000/a/b:1", "localhost:5000/a/b", Some("1"), "b"),
            ("a/b@sha256:0a", "a/b", Some("sha256:0a"), "b"),
            ("a/b:1.2@sha256:0a", "a/b", Some("1.2@sha256:0a"), "b"),
            (
                "gcr.io/${project}/b:${tag:=x/y}",
                "gcr.io/${project}/b",
                Some("${tag:=x/y}"),
                "b",
            ),
            ("${registry:=ghcr.io/a}/b", "${registry:=ghcr.io/a}/b", None, "b"),
        ] {
            let parsed = ImageReference::parse(image);
            assert_eq!(
                (parsed.name, parsed.tag, parsed.short_name()),
                (name, tag, short),
                "{image}"
            );
        }
    }
}
