//! What all fetches of one run share: connections, logins, and what was asked once already.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use reqwest::header::HeaderValue;
use tokio::sync::OnceCell;

use crate::address::is_private;
use crate::credentials::Credentials;
use crate::helm_repository::Index;
use crate::http::Http;
use crate::oci::Grant;
use crate::options::FetchOptions;
use crate::problem::Problem;

/// A value that the first who needs it gets for all.
pub(crate) type Once<T> = Arc<OnceCell<Result<T, Problem>>>;

/// Shared by all fetches.
pub(crate) struct Network {
    pub(crate) http: Http,
    pub(crate) options: FetchOptions,
    pub(crate) credentials: Arc<Credentials>,
    /// Indexes of Helm repositories, by address.
    pub(crate) indexes: Shared<Arc<Index>>,
    /// What registries grant, by host and repository.
    pub(crate) grants: Shared<Option<Grant>>,
    /// Tags of artifacts, by address.
    pub(crate) tags: Shared<Arc<Vec<String>>>,
}

/// Values by key, each made once.
pub(crate) struct Shared<T>(Mutex<HashMap<String, Once<T>>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Shared(Mutex::default())
    }
}

impl<T: Clone> Shared<T> {
    /// The value under a key. Who comes second waits for the first.
    pub(crate) async fn get(
        &self,
        key: &str,
        make: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key.to_owned()).or_default())
        };
        cell.get_or_init(|| make).await.clone()
    }

    /// The value under a key, where it was made already.
    pub(crate) fn known(&self, key: &str) -> Option<T> {
        let cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        cells.get(key)?.get()?.clone().ok()
    }
}

impl Network {
    pub(crate) fn new(options: FetchOptions) -> Result<Self, Problem> {
        Ok(Network {
            http: Http::new(&options)?,
            credentials: Arc::new(Credentials::read(&options.user_files)),
            options,
            indexes: Shared::default(),
            grants: Shared::default(),
            tags: Shared::default(),
        })
    }

    /// What to send to a web server: the user's login for it, where nobody can read along.
    pub(crate) fn authorization(&self, url: &Url) -> Option<HeaderValue> {
        let host = host(url)?;
        self.credentials
            .server(&host)
            .filter(|_| is_private(url))?
            .basic()
    }
}

/// Host and, where it is stated, port.
pub(crate) fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Does work that takes time and does not wait, where it holds up no connection.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Problem::new("the fetch was ended")))
}
