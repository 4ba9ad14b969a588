//! Addresses of a bucket and its objects.

use reqwest::Url;

use crate::address::parse;
use crate::problem::Problem;

/// Hosts of clouds in which each bucket has its own host, as in Flux's client:
/// <https://github.com/minio/minio-go/blob/v7.0.95/pkg/s3utils/utils.go>.
const OWN_HOSTS: [&str; 4] = [
    ".amazonaws.com",
    ".amazonaws.com.cn",
    "storage.googleapis.com",
    ".aliyuncs.com",
];

/// A bucket.
pub(super) struct BucketAddress {
    /// Its path is the bucket's name, unless the host contains that.
    url: Url,
}

impl BucketAddress {
    /// A bucket of a server.
    pub(super) fn new(endpoint: &str, name: &str) -> Result<Self, Problem> {
        let mut url = parse(endpoint)?;
        let is_name = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_');
        if name.is_empty() || matches!(name, "." | "..") || !name.chars().all(is_name) {
            return Err(Problem::new(format!("{name:?} is not the name of a bucket")));
        }
        let host = url.host_str().unwrap_or_default().to_owned();
        let has_own = OWN_HOSTS.iter().any(|known| host.ends_with(known)) || host == "s3.amazonaws.com";
        // A wildcard certificate does not cover a bucket's name with a dot.
        if has_own && !(name.contains('.') && url.scheme() == "https") {
            url.set_host(Some(&format!("{name}.{host}")))
                .map_err(|_| Problem::new(format!("{name:?} is not the name of a bucket")))?;
            url.set_path("/");
        } else {
            url.set_path(&format!("/{name}/"));
        }
        Ok(BucketAddress { url })
    }

    /// One page of the list of objects; `token` continues a list.
    pub(super) fn list(&self, prefix: &str, token: Option<&str>) -> Url {
        let mut url = self.url.clone();
        let mut query = url.query_pairs_mut();
        query.append_pair("list-type", "2");
        query.append_pair("encoding-type", "url");
        if !prefix.is_empty() {
            query.append_pair("prefix", prefix);
        }
        if let Some(token) = token {
            query.append_pair("continuation-token", token);
        }
        drop(query);
        url
    }

    /// An object.
    pub(super) fn object(&self, key: &str) -> Result<Url, Problem> {
        let mut url = self.url.clone();
        let mut path = url
            .path_segments_mut()
            .map_err(|()| Problem::new("its address has no path"))?;
        path.pop_if_empty().extend(key.split('/'));
        drop(path);
        Ok(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_buckets() {
        let check = |endpoint: &str, name: &str, object: &str| {
            let address = BucketAddress::new(endpoint, name).unwrap();
            assert_eq!(address.object("a b/c?.yaml").unwrap().as_str(), object);
        };
        check(
            "https://minio.example.org:9000",
            "infra",
            "https://minio.example.org:9000/infra/a%20b/c%3F.yaml",
        );
        check(
            "https://s3.eu-central-1.amazonaws.com",
            "infra",
            "https://infra.s3.eu-central-1.amazonaws.com/a%20b/c%3F.yaml",
        );
        check(
            "https://storage.googleapis.com",
            "my.infra",
            "https://storage.googleapis.com/my.infra/a%20b/c%3F.yaml",
        );
        let address = BucketAddress::new("http://127.0.0.1:9000", "infra").unwrap();
        assert_eq!(
            address.list("a/ü", Some("x+y")).as_str(),
            "http://127.0.0.1:9000/infra/?list-type=2&encoding-type=url&prefix=a%2F%C3%BC&continuation-token=x%2By"
        );
        for name in ["", "..", "a/b", "a?b"] {
            assert!(BucketAddress::new("https://example.org", name).is_err(), "{name}");
        }
    }
}
