//! State that all fetches of a run share: connections, logins, and answers that several fetches need.

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

/// A value that the first fetch computes for all.
pub(crate) type Once<T> = Arc<OnceCell<Result<T, Problem>>>;

/// Shared by all fetches.
pub(crate) struct Network {
    pub(crate) http: Http,
    pub(crate) options: FetchOptions,
    pub(crate) credentials: Arc<Credentials>,
    /// Indexes of Helm repositories, by address.
    pub(crate) indexes: Shared<Arc<Index>>,
    /// Authorizations of registries, by server and repository.
    pub(crate) grants: Shared<Option<Grant>>,
    /// Tags of artifacts, by address.
    pub(crate) tags: Shared<Arc<Vec<String>>>,
}

/// Values by key, each computed once.
pub(crate) struct Shared<T>(Mutex<HashMap<String, Once<T>>>);

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Shared(Mutex::default())
    }
}

impl<T: Clone> Shared<T> {
    /// The value under a key. Later callers wait for the first.
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

    /// The value under a key, if it is computed already.
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

    /// The user's login for a web server, if nobody can read it on the way.
    pub(crate) fn authorization(&self, url: &Url) -> Option<HeaderValue> {
        let login = self.credentials.server(&host(url)?);
        login.filter(|_| is_private(url))?.basic()
    }
}

/// Host, and port if it is stated.
fn host(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    })
}

/// Runs blocking work on a thread where it does not hold up connections.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(Problem::new("the fetch was aborted")))
}
