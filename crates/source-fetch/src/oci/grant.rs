//! Authentication at a registry: its challenge, and the authorization that answers it.
//!
//! <https://distribution.github.io/distribution/spec/auth/token/>

use reqwest::Url;
use reqwest::header::HeaderValue;
use serde::Deserialize;

use crate::address::{is_private, parse, shown};
use crate::credentials::{Login, sensitive};
use crate::http::{Http, Request, status_problem};
use crate::problem::Problem;

/// Most bytes of an answer with a token.
const MAX_TOKEN: u64 = 1 << 20;

/// The authorization header of requests to a repository.
#[derive(Clone)]
pub(crate) struct Grant(pub(super) HeaderValue);

/// `WWW-Authenticate`
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    Basic,
    Bearer {
        realm: String,
        service: Option<String>,
        scope: Option<String>,
    },
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Challenge {
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (scheme, parameters) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        if scheme.eq_ignore_ascii_case("basic") {
            return Some(Challenge::Basic);
        }
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        let parameters = parse_parameters(parameters);
        let parameter = |name: &str| {
            let mut parameters = parameters.iter();
            let (_, value) = parameters.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
            Some((*value).to_owned())
        };
        Some(Challenge::Bearer {
            realm: parameter("realm")?,
            service: parameter("service"),
            scope: parameter("scope"),
        })
    }

    /// The authorization that answers it; `None` if the user has no login and the registry wants one.
    pub(super) async fn answer(
        &self,
        http: &Http,
        server: &Url,
        repository: &str,
        login: Option<&Login>,
    ) -> Result<Option<Grant>, Problem> {
        let (realm, service, scope) = match self {
            Challenge::Basic => {
                let login = login.filter(|_| is_private(server));
                return Ok(login.and_then(Login::basic).map(Grant));
            }
            Challenge::Bearer {
                realm,
                service,
                scope,
            } => (realm, service, scope),
        };
        let realm = parse(realm)?;
        let login = login.filter(|_| is_private(&realm));
        let pull = format!("repository:{repository}:pull");
        let scope = scope.as_deref().unwrap_or(&pull);
        let request = request(realm.clone(), service.as_deref(), scope, login);
        let response = http.send(&request).await?;
        if !response.status().is_success() {
            return Err(status_problem(response.status(), &realm));
        }
        let bytes = http.bytes_of(response, &realm, MAX_TOKEN).await?;
        let token: Option<Token> = serde_json::from_slice(&bytes).ok();
        let text = token.and_then(|token| token.token.or(token.access_token));
        let header = text.and_then(|text| sensitive(&format!("Bearer {text}")));
        match header {
            Some(header) => Ok(Some(Grant(header))),
            None => Err(Problem::new(format!("{} answers with no token", shown(&realm)))),
        }
    }
}

fn request(mut realm: Url, service: Option<&str>, scope: &str, login: Option<&Login>) -> Request {
    let mut parameters = vec![("scope", scope)];
    parameters.extend(service.map(|service| ("service", service)));
    if let Some(token) = login.and_then(|login| login.identity_token.as_deref()) {
        parameters.extend([("grant_type", "refresh_token"), ("client_id", "flux-infra-guide")]);
        parameters.push(("refresh_token", token));
        // A posted form is encoded like the query of a URL.
        let mut form = realm.clone();
        form.set_query(None);
        form.query_pairs_mut().extend_pairs(parameters);
        let mut request = Request::get(realm);
        request.form = form.query().map(str::to_owned);
        return request;
    }
    realm.query_pairs_mut().extend_pairs(parameters);
    Request::get(realm).authorization(login.and_then(Login::basic))
}

/// `name="value"` pairs, separated by commas, which a quoted value may contain, too.
fn parse_parameters(text: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_matches([' ', ',']);
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        found.push((name, value));
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges() {
        assert_eq!(
            Challenge::parse(
                "Bearer realm=\"https://auth.example.org/token\",service=\"example.org\",scope=\"repository:a/b:pull,push\""
            ),
            Some(Challenge::Bearer {
                realm: "https://auth.example.org/token".into(),
                service: Some("example.org".into()),
                scope: Some("repository:a/b:pull,push".into()),
            })
        );
        assert_eq!(Challenge::parse("Basic realm=\"x\""), Some(Challenge::Basic));
        assert_eq!(Challenge::parse("basic"), Some(Challenge::Basic));
        assert_eq!(Challenge::parse("Negotiate"), None);
        assert_eq!(Challenge::parse("Bearer service=\"x\""), None);
    }
}
