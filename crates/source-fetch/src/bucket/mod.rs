//! Public buckets, by the S3 protocol.
//!
//! Source-controller's rules decide which objects count and how a revision is computed:
//! <https://github.com/fluxcd/source-controller/blob/v1.9.0/internal/controller/bucket_controller.go>.

mod address;
mod list;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use flux_evaluate::bucket_files;
use source_cache::{
    BucketRequest, Declared, Digest, ListedFile, Listing, LockedContent, LockedSource, SourceCache,
};
use source_tree::RepoPath;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::address::shown;
use crate::content::{check_locked, locked_source};
use crate::http::{Blob, Request, too_large};
use crate::network::Network;
use crate::problem::Problem;
use address::BucketAddress;
use list::Object;

/// The object with patterns of objects to leave out.
const IGNORE_FILE: &str = ".sourceignore";
/// Largest file of patterns, in bytes.
const IGNORE_BYTES: u64 = 1 << 20;

/// The requested objects of a bucket.
struct Contents {
    address: BucketAddress,
    objects: BTreeMap<RepoPath, Object>,
    /// `.sourceignore`, which is a file of the artifact, but does not count for its revision.
    ignore_file: Option<Vec<u8>>,
}

impl Contents {
    /// The revision as Flux computes it: the digest of a line for each object, with its name and entity tag.
    fn revision(&self) -> String {
        let mut objects: Vec<&Object> = self.objects.values().collect();
        objects.sort_by(|a, b| a.key.cmp(&b.key));
        let lines = objects
            .iter()
            .map(|object| format!("{} {}\n", object.key, object.tag));
        Digest::of(lines.collect::<String>().as_bytes()).to_string()
    }
}

/// Gets the objects of a bucket. `locked` is the content that they must have.
pub(crate) async fn fetch(
    network: &Arc<Network>,
    cache: &SourceCache,
    declared: &Declared,
    wanted: &BucketRequest,
    locked: Option<&LockedSource>,
) -> Result<LockedSource, Problem> {
    let contents = contents(network, &declared.url, wanted).await?;
    let mut listing = Listing::default();
    if let Some(text) = &contents.ignore_file {
        let digest = cache.write(text)?;
        let bytes = text.len() as u64;
        listing.insert(RepoPath::new(IGNORE_FILE), ListedFile { digest, bytes });
    }
    let resolved = contents.revision();
    let turn = Arc::new(Semaphore::new(network.options.per_host.max(1)));
    let mut downloads = JoinSet::new();
    for (path, object) in contents.objects {
        let (network, cache, turn) = (Arc::clone(network), cache.clone(), Arc::clone(&turn));
        let url = contents.address.object(&object.key)?;
        downloads.spawn(async move {
            let _turn = turn.acquire_owned().await;
            let digest = download(&network, &cache, url, &object).await?;
            let bytes = object.bytes;
            Ok::<_, Problem>((path, ListedFile { digest, bytes }))
        });
    }
    while let Some(done) = downloads.join_next().await {
        let (path, file) = done.unwrap_or_else(|_| Err(Problem::new("the fetch was aborted")))?;
        listing.insert(path, file);
    }
    let digest = cache.write(listing.to_text().as_bytes())?;
    check_locked(locked, &digest, &declared.url)?;
    Ok(locked_source(declared, resolved, digest, LockedContent::Tree))
}

/// The current revision of a bucket.
pub(crate) async fn resolve(
    network: &Network,
    endpoint: &str,
    wanted: &BucketRequest,
) -> Result<String, Problem> {
    Ok(contents(network, endpoint, wanted).await?.revision())
}

/// Lists the requested objects.
async fn contents(network: &Network, endpoint: &str, wanted: &BucketRequest) -> Result<Contents, Problem> {
    let address = BucketAddress::new(endpoint, &wanted.name)?;
    let limits = &network.options.limits;
    let ignore_file = ignore_file(network, &address).await?;
    let mut objects = BTreeMap::new();
    for object in list::objects(network, &address, &wanted.prefix).await? {
        if object.key.ends_with('/') || object.key == IGNORE_FILE {
            continue;
        }
        let path = RepoPath::root()
            .checked_join(&object.key)
            .filter(|path| !path.is_root() && !object.key.starts_with('/'));
        let path =
            path.ok_or_else(|| Problem::new(format!("it holds {:?}, which leads out of it", object.key)))?;
        objects.insert(path, object);
    }
    let is_folder = |path: &&RepoPath| path.ancestors().skip(1).any(|above| objects.contains_key(&above));
    if let Some(path) = objects.keys().find(is_folder) {
        return Err(Problem::new(format!(
            "a folder of {path} is an object as well, so that it has no files"
        )));
    }
    let (ignore, all) = (wanted.ignore.as_deref(), objects.keys().cloned());
    let kept = bucket_files(all, ignore_file.as_deref(), ignore);
    let kept: BTreeSet<RepoPath> = kept.into_iter().collect();
    objects.retain(|path, _| kept.contains(path));
    let sizes = objects.values().map(|object| object.bytes);
    let total = sizes.fold(0, u64::saturating_add);
    if total > limits.tree_bytes {
        return Err(too_large("the whole of its objects", limits.tree_bytes));
    }
    Ok(Contents {
        address,
        objects,
        ignore_file,
    })
}

async fn ignore_file(network: &Network, address: &BucketAddress) -> Result<Option<Vec<u8>>, Problem> {
    let request = Request::get(address.object(IGNORE_FILE)?);
    match network.http.bytes(&request, IGNORE_BYTES).await {
        Ok(text) => Ok(Some(text)),
        // A bucket that may not be listed answers 403 for a missing object; listing reports that.
        Err(problem) if matches!(problem.status, Some(403 | 404)) => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Gets one object, unless the cache has it under the server's name for its content.
async fn download(
    network: &Network,
    cache: &SourceCache,
    url: reqwest::Url,
    object: &Object,
) -> Result<Digest, Problem> {
    let address = shown(&url);
    let name = object
        .strong_tag()
        .map(|tag| format!("{address} {tag} {}", object.bytes));
    let known = name.as_deref().and_then(|name| cache.known_as(name));
    if let Some(known) = known.filter(|known| cache.has(known)) {
        return Ok(known);
    }
    let body = Blob::within(cache, network.options.limits.layer_bytes)?;
    let body = network.http.whole(&Request::get(url), body).await?;
    if body.blob.len() != object.bytes {
        return Err(
            Problem::transient(format!("{address} has changed while its bucket was fetched"))
                .hint("run the command again"),
        );
    }
    let digest = body.blob.finish(None)?;
    if let Some(name) = &name {
        cache.note_name(name, &digest);
    }
    Ok(digest)
}
