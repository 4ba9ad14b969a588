//! HTTP requests with bounds, time limits and retries.

mod body;
mod reason;
mod resolver;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, RANGE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use tokio::sync::Semaphore;

use crate::address::{check_egress, follow, shown};
use crate::options::FetchOptions;
use crate::problem::Problem;

pub(crate) use body::{Blob, Body, too_large};

/// Longest wait that a server may ask for by `Retry-After`.
const MAX_WAIT: Duration = Duration::from_secs(30);

/// Sends requests.
pub(crate) struct Http {
    client: Client,
    options: FetchOptions,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
    /// Number of bytes that servers have sent.
    pub(crate) received: AtomicU64,
    /// Number of requests.
    pub(crate) requests: AtomicU64,
}

/// A request. It has no `Debug`: it may hold a credential.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) url: Url,
    pub(crate) accept: Option<&'static str>,
    pub(crate) authorization: Option<HeaderValue>,
    /// A form that is posted.
    pub(crate) form: Option<String>,
    /// The first byte to send.
    pub(crate) from: u64,
}

impl Request {
    pub(crate) fn get(url: Url) -> Self {
        Request {
            url,
            accept: None,
            authorization: None,
            form: None,
            from: 0,
        }
    }

    pub(crate) fn accept(mut self, accept: &'static str) -> Self {
        self.accept = Some(accept);
        self
    }

    pub(crate) fn authorization(mut self, authorization: Option<HeaderValue>) -> Self {
        self.authorization = authorization;
        self
    }
}

impl Http {
    pub(crate) fn new(options: &FetchOptions) -> Result<Self, Problem> {
        // An error means that another part of the process has chosen a provider; any will do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let restrict = options.restrict_egress;
        let mut builder = Client::builder()
            .user_agent(concat!("flux-infra-guide/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.timeout)
            .read_timeout(options.timeout)
            .referer(false)
            .redirect(redirect::Policy::custom(move |attempt| follow(attempt, restrict)));
        if restrict {
            builder = builder.dns_resolver(Arc::new(resolver::PublicResolver));
        }
        let client = builder.build().map_err(|error| {
            Problem::new(format!(
                "the network cannot be used: {}",
                reason::innermost(&error.without_url())
            ))
        })?;
        Ok(Http {
            client,
            options: options.clone(),
            hosts: Mutex::default(),
            received: AtomicU64::new(0),
            requests: AtomicU64::new(0),
        })
    }

    /// Sends a request and returns its answer, whatever the status; statuses that another attempt may change are retried.
    pub(crate) async fn send(&self, request: &Request) -> Result<Response, Problem> {
        let mut retries = Retries::new(&self.options);
        loop {
            let problem = match self.send_once(request).await {
                Ok(response) => match transient_status(&response) {
                    None => return Ok(response),
                    Some(asked) => {
                        let asked = asked.unwrap_or_default();
                        retries.wait = retries.wait.max(asked.min(MAX_WAIT));
                        Problem {
                            is_transient: true,
                            ..status_problem(response.status(), &request.url)
                        }
                    }
                },
                Err(problem) => problem,
            };
            retries.next(problem).await?;
        }
    }

    /// Sends a request and reads its whole answer; both are retried if the connection breaks meanwhile.
    pub(crate) async fn whole<B: Body>(&self, request: &Request, mut body: B) -> Result<B, Problem> {
        let mut retries = Retries::new(&self.options);
        loop {
            let mut request = request.clone();
            request.from = body.received();
            let response = self.send(&request).await?;
            let status = response.status();
            if !status.is_success() {
                return Err(status_problem(status, &request.url));
            }
            if status != StatusCode::PARTIAL_CONTENT || !body::is_continuation(&response, request.from) {
                body.restart()?;
            }
            match self.receive(response, &mut body, &request.url).await {
                Ok(()) => return Ok(body),
                Err(problem) => retries.next(problem).await?,
            }
        }
    }

    /// Sends a request and returns the bytes of its answer, at most `limit`.
    pub(crate) async fn bytes(&self, request: &Request, limit: u64) -> Result<Vec<u8>, Problem> {
        Ok(self.whole(request, body::Bytes::within(limit)).await?.bytes)
    }

    /// The bytes of a response, at most `limit`.
    pub(crate) async fn bytes_of(
        &self,
        response: Response,
        url: &Url,
        limit: u64,
    ) -> Result<Vec<u8>, Problem> {
        let mut body = body::Bytes::within(limit);
        self.receive(response, &mut body, url).await?;
        Ok(body.bytes)
    }

    async fn receive(&self, mut response: Response, body: &mut impl Body, url: &Url) -> Result<(), Problem> {
        if let Some(length) = response.content_length() {
            body.check(body.received().saturating_add(length), url)?;
        }
        loop {
            match response.chunk().await {
                Ok(Some(bytes)) => {
                    self.received.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                    body.check(body.received().saturating_add(bytes.len() as u64), url)?;
                    body.add(&bytes)?;
                }
                Ok(None) => return Ok(()),
                Err(error) => return Err(reason::problem(error, url)),
            }
        }
    }

    async fn send_once(&self, request: &Request) -> Result<Response, Problem> {
        if self.options.restrict_egress {
            check_egress(&request.url).map_err(Problem::new)?;
        }
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let turn = {
            let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(Semaphore::new(self.options.per_host));
            Arc::clone(hosts.entry(host).or_insert_with(new))
        };
        let _turn = turn.acquire().await;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let mut builder = match &request.form {
            Some(form) => self
                .client
                .post(request.url.clone())
                .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.clone()),
            None => self.client.get(request.url.clone()),
        };
        if let Some(accept) = request.accept {
            builder = builder.header(ACCEPT, accept);
        }
        if let Some(authorization) = &request.authorization {
            builder = builder.header(AUTHORIZATION, authorization.clone());
        }
        if request.from > 0 {
            builder = builder.header(RANGE, format!("bytes={}-", request.from));
        }
        builder
            .send()
            .await
            .map_err(|error| reason::problem(error, &request.url))
    }
}

/// The attempts after the first one, each after twice the wait of the one before.
struct Retries {
    most: u32,
    made: u32,
    wait: Duration,
}

impl Retries {
    fn new(options: &FetchOptions) -> Self {
        Retries {
            most: options.retries,
            made: 0,
            wait: options.backoff,
        }
    }

    /// Waits for the next attempt.
    ///
    /// # Errors
    /// The problem, if another attempt does not help or all have been made.
    async fn next(&mut self, mut problem: Problem) -> Result<(), Problem> {
        if !problem.is_transient || self.made >= self.most {
            if problem.is_transient && self.made > 0 {
                let made = format!(", also after {} more attempts", self.made);
                problem.reason.push_str(&made);
            }
            return Err(problem);
        }
        self.made += 1;
        tokio::time::sleep(self.wait).await;
        self.wait *= 2;
        Ok(())
    }
}

/// Whether another attempt may help, and how long the server asks to wait.
fn transient_status(response: &Response) -> Option<Option<Duration>> {
    let status = response.status();
    let is_transient =
        matches!(status.as_u16(), 408 | 425 | 429) || (status.is_server_error() && status != 501);
    let seconds = || response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok();
    is_transient.then(|| seconds().map(Duration::from_secs))
}

/// The problem of a status that is not a success.
pub(crate) fn status_problem(status: StatusCode, url: &Url) -> Problem {
    let words = status.canonical_reason().unwrap_or("unknown status");
    let problem = Problem::new(format!("{} answers {} {words}", shown(url), status.as_u16()));
    let host = url.host_str().unwrap_or_default();
    let problem = Problem {
        status: Some(status.as_u16()),
        ..problem
    };
    match status.as_u16() {
        401 | 403 => problem.hint(format!(
            "log in to {host} (`docker login`, `helm registry login`, or a line in ~/.netrc), or ask for access"
        )),
        404 => problem.hint("correct the address, the name or the version where they are declared"),
        429 => problem.hint("the server limits requests: log in, or try again later"),
        _ => problem,
    }
}
