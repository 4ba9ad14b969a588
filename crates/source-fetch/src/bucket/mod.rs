//! Buckets that everybody may read, by the protocol of S3.
//!
//! Which objects count, and what a revision is made of, are source-controller's rules:
//! <https://github.com/fluxcd/source-controller/blob/v1.9.0/internal/controller/bucket_controller.go>.

mod address;
mod list;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use flux_evaluate::bucket_files;
use source_cache::{
    BucketRequest, CacheError, Declared, Digest, ListedFile, Listing, LockedContent, LockedSource,
    SourceCache,
};
use source_tree::RepoPath;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::address::shown;
use crate::chart_archive::wrong_digest;
use crate::http::{Blob, Request, too_large};
use crate::network::Network;
use crate::problem::Problem;
use address::BucketAddress;
use list::Object;

/// The object with patterns of objects that are left out.
const IGNORE_FILE: &str = ".sourceignore";
/// Largest file of patterns, in bytes.
const IGNORE_BYTES: u64 = 1 << 20;

/// What a bucket has of what is asked for.
struct Contents {
    address: BucketAddress,
    objects: BTreeMap<RepoPath, Object>,
    /// `.sourceignore`, which is a file of the artifact and none of its revision.
    ignore_file: Option<Vec<u8>>,
}

impl Contents {
    /// The revision as Flux has it: the digest of a line for each object, with its name and entity tag.
    fn revision(&self) -> String {
        let mut objects: Vec<&Object> = self.objects.values().collect();
        objects.sort_by(|a, b| a.key.cmp(&b.key));
        let lines = objects
            .iter()
            .map(|object| format!("{} {}\n", object.key, object.tag));
        Digest::of(lines.collect::<String>().as_bytes())
            .as_str()
            .to_owned()
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
        let done = done.unwrap_or_else(|_| Err(Problem::new("the fetch was ended")));
        let (path, file) = done?;
        listing.insert(path, file);
    }
    let digest = cache.write(listing.to_text().as_bytes())?;
    if let Some(locked) = locked.filter(|locked| locked.digest != digest) {
        return Err(wrong_digest(&declared.url, &locked.digest, &digest, true));
    }
    Ok(LockedSource {
        object: declared.object.clone(),
        url: declared.url.clone(),
        requested: declared.requested.clone(),
        resolved,
        digest,
        content: LockedContent::Tree,
    })
}

/// The revision that a bucket has now.
pub(crate) async fn resolve(
    network: &Network,
    endpoint: &str,
    wanted: &BucketRequest,
) -> Result<String, Problem> {
    Ok(contents(network, endpoint, wanted).await?.revision())
}

/// The objects that are asked for.
async fn contents(network: &Network, endpoint: &str, wanted: &BucketRequest) -> Result<Contents, Problem> {
    let address = BucketAddress::new(endpoint, &wanted.name)?;
    let limits = &network.options.limits;
    let ignore_file = ignore_file(network, &address).await?;
    let all = list::objects(network, &address, &wanted.prefix).await?;
    let mut objects = BTreeMap::new();
    for object in all {
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
    let kept = bucket_files(
        objects.keys().cloned(),
        ignore_file.as_deref(),
        wanted.ignore.as_deref(),
    );
    let kept: BTreeSet<RepoPath> = kept.into_iter().collect();
    objects.retain(|path, _| kept.contains(path));
    let total = objects
        .values()
        .fold(0_u64, |total, object| total.saturating_add(object.bytes));
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
        // A bucket whose objects nobody may list answers 403 for one that is not there; listing it says so.
        Err(problem) if matches!(problem.status, Some(403 | 404)) => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Gets one object, unless the cache has it already under the name that the server gives its content.
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
    let digest = body
        .blob
        .finish(None)
        .map_err(|error: CacheError| Problem::from(error))?;
    if let Some(name) = &name {
        cache.note_name(name, &digest);
    }
    Ok(digest)
}
