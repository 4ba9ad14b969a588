//! The objects of a repository, read by one process of Git and kept.

use std::io::{BufReader, Read};
use std::iter;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use camino::{Utf8Path, Utf8PathBuf};
use foldhash::HashMap;

use crate::committed::{header, start, unread};
use crate::process::{Input, NoAnswer, Process};

/// Bytes of objects that are kept in memory at most; what is read beyond that is read again when it is asked for again.
const KEPT_BYTES: u64 = 256 << 20;
/// Most objects that are asked for at once.
const MOST_AT_ONCE: usize = 64;

/// Objects of the repository around a folder.
pub(crate) struct Objects {
    folder: Utf8PathBuf,
    git: Mutex<Option<BufReader<Process>>>,
    /// Contents, by object.
    kept: RwLock<HashMap<String, Content>>,
    kept_bytes: AtomicU64,
    failure: OnceLock<NoAnswer>,
}

/// What Git has of an object.
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

    /// Why Git is not asked any more.
    pub(crate) fn failure(&self) -> Option<&NoAnswer> {
        self.failure.get()
    }

    /// Lets Git not be asked any more; a Git that gave no answer once is not waited for again.
    pub(crate) fn give_up(&self, failure: NoAnswer) {
        let _ = self.failure.set(failure);
    }

    /// The bytes of an object of a kind. Those of the objects `beside` it are read on the same way, so that Git is not waited
    /// for each time.
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
        // Another thread may have asked for it meanwhile.
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
            // This Git would write it all, so another one is started for the next question.
            return Ok(asked);
        }
        for other in beside {
            // What cannot be had is told who asks for it.
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
        // Within a larger limit it may be read.
        kept.filter(|kept| !matches!(kept, Content::TooLarge(size) if *size <= limit))
    }

    /// Those of the objects `beside` one that nobody has asked for.
    fn not_known<'o>(&self, object: &str, beside: &'o [String]) -> Vec<&'o String> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let unknown = beside
            .iter()
            .filter(|other| *other != object && !kept.contains_key(*other));
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
        let Some(size) = header(git, kind)? else {
            return Err(NoAnswer(
                "it is not in this clone, and nothing is fetched".to_owned(),
            ));
        };
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
