//! Where the body of an answer is stored: memory or the cache.

use reqwest::header::CONTENT_RANGE;
use reqwest::{Response, Url};
use source_cache::{NewBlob, SourceCache};

use crate::address::shown;
use crate::problem::Problem;

/// Stores the bytes of an answer.
pub(crate) trait Body {
    /// Number of bytes so far.
    fn received(&self) -> u64;
    /// Drops them, since the server sends the answer from its beginning.
    fn restart(&mut self) -> Result<(), Problem>;
    /// Adds bytes.
    fn add(&mut self, bytes: &[u8]) -> Result<(), Problem>;
    /// Most bytes that are allowed.
    fn limit(&self) -> u64;

    /// Refuses an answer with too many bytes.
    fn check(&self, bytes: u64, url: &Url) -> Result<(), Problem> {
        match bytes > self.limit() {
            true => Err(too_large(&shown(url), self.limit())),
            false => Ok(()),
        }
    }
}

/// The problem of content over a limit.
pub(crate) fn too_large(what: &str, limit: u64) -> Problem {
    Problem::new(format!("{what} has more than {limit} bytes, the limit"))
}

/// Bytes in memory.
pub(crate) struct Bytes {
    pub(crate) bytes: Vec<u8>,
    limit: u64,
}

impl Bytes {
    pub(crate) fn within(limit: u64) -> Self {
        Bytes {
            bytes: Vec::new(),
            limit,
        }
    }
}

impl Body for Bytes {
    fn received(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn restart(&mut self) -> Result<(), Problem> {
        self.bytes.clear();
        Ok(())
    }

    fn add(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        self.bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn limit(&self) -> u64 {
        self.limit
    }
}

/// A blob of the cache.
pub(crate) struct Blob<'c> {
    cache: &'c SourceCache,
    pub(crate) blob: NewBlob<'c>,
    limit: u64,
}

impl<'c> Blob<'c> {
    pub(crate) fn within(cache: &'c SourceCache, limit: u64) -> Result<Self, Problem> {
        Ok(Blob {
            cache,
            blob: cache.begin()?,
            limit,
        })
    }
}

impl Body for Blob<'_> {
    fn received(&self) -> u64 {
        self.blob.len()
    }

    fn restart(&mut self) -> Result<(), Problem> {
        if !self.blob.is_empty() {
            self.blob = self.cache.begin()?;
        }
        Ok(())
    }

    fn add(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        Ok(self.blob.write(bytes)?)
    }

    fn limit(&self) -> u64 {
        self.limit
    }
}

/// Whether an answer continues at the byte where the last one broke off.
pub(super) fn is_continuation(response: &Response, from: u64) -> bool {
    let start = || {
        let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
        let (start, _) = range.strip_prefix("bytes ")?.split_once('-')?;
        start.parse::<u64>().ok()
    };
    start() == Some(from)
}
