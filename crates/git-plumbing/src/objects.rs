//! The objects of a repository, read through one Git process and kept in memory.

use std::io::{BufReader, Read};
use std::iter;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use crate::committed::{header, start, unread};
use crate::process::{Input, NoAnswer, Process};

/// Most bytes of objects that are kept; further objects are read again for each request.
const KEPT_BYTES: u64 = 256 << 20;
/// Most objects that are requested at once.
const MOST_AT_ONCE: usize = 64;

/// Objects of the repository that contains a folder.
pub(crate) struct Objects {
    folder: Utf8PathBuf,
    git: Mutex<Option<BufReader<Process>>>,
    /// Contents, by object.
    kept: RwLock<HashMap<String, Content>>,
    kept_bytes: AtomicU64,
    failure: OnceLock<NoAnswer>,
}

/// The content of an object.
#[derive(Clone)]
pub(crate) enum Content {
    Bytes(Arc<[u8]>),
    /// More than the limit, with its size.
    TooLarge(u64),
}

impl Objects {
    pub(crate) fn new(folder: &Utf8Path) -> Self {
        Objects {
            folder: folder.to_owned(),
            git: Mutex::new(None),
            kept: RwLock::default(),
            kept_bytes: AtomicU64::new(0),
            failure: OnceLock::new(),
        }
    }

    /// Why Git is not used any more.
    pub(crate) fn failure(&self) -> Option<&NoAnswer> {
        self.failure.get()
    }

    /// Stops using Git, which is not waited for again after a failure.
    pub(crate) fn give_up(&self, failure: NoAnswer) {
        let _ = self.failure.set(failure);
    }

    /// The bytes of an object of a kind. The objects `beside` it are read in the same request, which saves waiting for Git each time.
    pub(crate) fn content(
        &self,
        object: &str,
        kind: &str,
        limit: u64,
        beside: &[String],
    ) -> Result<Content, NoAnswer> {
        if let Some(kept) = self.kept(object, limit) {
            return Ok(kept);
        }
        let mut running = self.git.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have read it meanwhile.
        if let Some(kept) = self.kept(object, limit) {
            return Ok(kept);
        }
        if let Some(failure) = self.failure.get() {
            return Err(failure.clone());
        }
        let mut git = match running.take() {
            Some(git) => git,
            None => BufReader::new(start(&self.folder, &["cat-file", "--batch"], Input::Questions)?),
        };
        let beside = self.not_known(object, beside);
        let question: String = iter::once(object)
            .chain(beside.iter().map(|object| object.as_str()))
            .flat_map(|object| [object, "\n"])
            .collect();
        git.get_mut().ask(question.as_bytes()).map_err(unread)?;
        let asked = self.answer(&mut git, object, kind, limit)?;
        if matches!(asked, Content::TooLarge(_)) {
            // This Git would write the whole object, so another one is started for the next question.
            return Ok(asked);
        }
        for other in beside {
            // An error is reported to the caller that requests the object itself.
            if !matches!(self.answer(&mut git, other, kind, limit), Ok(Content::Bytes(_))) {
                return Ok(asked);
            }
        }
        git.get_ref().answered();
        *running = Some(git);
        Ok(asked)
    }

    fn kept(&self, object: &str, limit: u64) -> Option<Content> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.get(object).cloned();
        // It was too large for another limit, and fits this one.
        kept.filter(|kept| !matches!(kept, Content::TooLarge(size) if *size <= limit))
    }

    /// The objects `beside` an object that have not been read.
    fn not_known<'o>(&self, object: &str, beside: &'o [String]) -> Vec<&'o String> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let others = beside.iter();
        let unknown = others.filter(|other| *other != object && !kept.contains_key(*other));
        unknown.take(MOST_AT_ONCE).collect()
    }

    /// Reads the answer to the question for one object, and keeps it.
    fn answer(
        &self,
        git: &mut BufReader<Process>,
        object: &str,
        kind: &str,
        limit: u64,
    ) -> Result<Content, NoAnswer> {
        let size = header(git, kind)?;
        let size =
            size.ok_or_else(|| NoAnswer("it is not in this clone, and nothing is fetched".to_owned()))?;
        if size > limit {
            return Ok(self.keep(object, Content::TooLarge(size)));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default().min(1 << 20));
        git.by_ref().take(size).read_to_end(&mut bytes).map_err(unread)?;
        // Git ends each object with a line feed.
        git.read_exact(&mut [0]).map_err(unread)?;
        let content = Content::Bytes(bytes.into());
        if self.kept_bytes.fetch_add(size, Ordering::Relaxed) < KEPT_BYTES {
            return Ok(self.keep(object, content));
        }
        Ok(content)
    }

    fn keep(&self, object: &str, content: Content) -> Content {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        kept.insert(object.to_owned(), content.clone());
        content
    }
}
