//! Lists of the objects of a bucket, page by page.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use super::address::BucketAddress;
use crate::address::shown;
use crate::http::Request;
use crate::network::Network;
use crate::problem::Problem;

/// An object of a bucket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Object {
    /// Its whole name.
    pub(super) key: String,
    /// Its entity tag, without quotes.
    pub(super) tag: String,
    /// Number of its bytes.
    pub(super) bytes: u64,
}

impl Object {
    /// The tag, if equal tags mean equal bytes.
    pub(super) fn strong_tag(&self) -> Option<&str> {
        (!self.tag.is_empty() && !self.tag.starts_with("W/")).then_some(&self.tag)
    }
}

/// One page of a list.
#[derive(Debug, Default, PartialEq, Eq)]
struct Page {
    objects: Vec<Object>,
    /// The token of the next page.
    next: Option<String>,
}

/// All objects whose names begin with `prefix`.
pub(super) async fn objects(
    network: &Network,
    address: &BucketAddress,
    prefix: &str,
) -> Result<Vec<Object>, Problem> {
    let limits = &network.options.limits;
    let mut objects: Vec<Object> = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let url = address.list(prefix, token.as_deref());
        let bytes = network
            .http
            .bytes(&Request::get(url.clone()), limits.answer_bytes)
            .await
            .map_err(|problem| match problem.status {
                Some(401 | 403) => problem
                    .hint("only buckets that everybody may read are fetched: give its content with --source"),
                _ => problem,
            })?;
        let page = parse(&bytes).ok_or_else(|| {
            Problem::new(format!(
                "{} answers with something that is no list of objects",
                shown(&url)
            ))
        })?;
        let is_empty = page.objects.is_empty();
        objects.extend(page.objects);
        if objects.len() > limits.tree_files {
            return Err(Problem::new(format!(
                "it has more than {} objects, the limit",
                limits.tree_files
            )));
        }
        match page.next {
            // A server whose pages form a cycle must not be asked forever.
            Some(next) if !is_empty && token.as_ref() != Some(&next) => token = Some(next),
            Some(_) => return Err(Problem::new(format!("{} has pages without end", shown(&url)))),
            None => return Ok(objects),
        }
    }
}

/// Parses a page; `None` for an answer that is not a list.
fn parse(bytes: &[u8]) -> Option<Page> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut reader = Reader::from_str(text);
    let mut path: Vec<String> = Vec::new();
    let mut page = Page::default();
    let mut object = Object::default();
    let (mut is_list, mut is_truncated, mut is_encoded) = (false, false, false);
    let mut value = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                let name = element.local_name().as_ref().to_owned();
                is_list |= path.is_empty() && name == "ListBucketResult";
                path.push(name);
                value.clear();
            }
            Event::Text(text) => value.push_str(&text),
            Event::CData(text) => value.push_str(&text),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref().ok()? {
                    Some(char) => char.to_string(),
                    None => resolve_predefined_entity(&reference)?.to_owned(),
                };
                value.push_str(&resolved);
            }
            Event::End(_) => {
                let place: Vec<&str> = path.iter().map(String::as_str).collect();
                match place.as_slice() {
                    [_, "Contents", "Key"] => object.key = std::mem::take(&mut value),
                    [_, "Contents", "ETag"] => object.tag = value.trim().trim_matches('"').to_owned(),
                    [_, "Contents", "Size"] => object.bytes = value.trim().parse().ok()?,
                    [_, "Contents"] => page.objects.push(std::mem::take(&mut object)),
                    [_, "IsTruncated"] => is_truncated = value.trim() == "true",
                    [_, "NextContinuationToken"] => page.next = Some(std::mem::take(&mut value)),
                    [_, "EncodingType"] => is_encoded = value.trim() == "url",
                    _ => {}
                }
                path.pop();
                value.clear();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    if !is_list || !path.is_empty() || page.objects.iter().any(|object| object.key.is_empty()) {
        return None;
    }
    if is_encoded {
        for object in &mut page.objects {
            object.key = decoded(&object.key)?;
        }
    }
    page.next = page.next.filter(|_| is_truncated);
    // Half a list would look like a bucket that has lost objects.
    (!is_truncated || page.next.is_some()).then_some(page)
}

/// Decodes a name in which the server has encoded what XML cannot contain: `%` with two digits, `+` for a blank.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let (digits, after) = rest.split_at_checked(2)?;
                let digits = std::str::from_utf8(digits).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = after;
            }
            other => bytes.push(*other),
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn object(key: &str, tag: &str, bytes: u64) -> Object {
        Object {
            key: key.to_owned(),
            tag: tag.to_owned(),
            bytes,
        }
    }

    #[test]
    fn lists_of_objects() {
        let text = "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
                    <Name>infra</Name><IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b</NextContinuationToken>\
                    <Contents><Key>a.yaml</Key><ETag>&quot;e1&quot;</ETag><Size>3</Size><Owner><ID>Key</ID></Owner></Contents>\
                    <Contents><Key>b&lt;&#x20;.yaml</Key><ETag>\"e2\"</ETag><Size>4</Size></Contents></ListBucketResult>";
        let page = parse(text.as_bytes()).unwrap();
        assert_eq!(page.next.as_deref(), Some("a&b"));
        assert_eq!(
            page.objects,
            [object("a.yaml", "e1", 3), object("b< .yaml", "e2", 4)]
        );
        let last = text.replace("<IsTruncated>true", "<IsTruncated>false");
        assert_eq!(parse(last.as_bytes()).unwrap().next, None);
        let encoded = "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>a+b%2Fc</Key><Size>1</Size></Contents></ListBucketResult>";
        assert_eq!(
            parse(encoded.as_bytes()).unwrap().objects,
            [object("a b/c", "", 1)]
        );
    }

    #[test]
    fn what_is_no_list() {
        for text in [
            "",
            "<html>",
            "<html></html>",
            "not xml",
            "<ListBucketResult>",
            "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>",
            "<ListBucketResult><Contents><Key>a</Key><Size>x</Size></Contents></ListBucketResult>",
            "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
            "<!DOCTYPE x [<!ENTITY a \"b\">]><ListBucketResult><Name>&a;</Name></ListBucketResult>",
        ] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }
}
