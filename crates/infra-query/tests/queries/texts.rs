//! Texts of answers, by question and term.

use std::fmt::Display;

use infra_model::Severity;
use infra_query::lint::LintFilter;
use infra_query::list::ListKind;
use infra_query::{QueryError, config, flux, grep, image, impact, lint, list, secret, trace, where_is};

use crate::{check, model};

/// The text of an answer or error.
fn text(answer: Result<impl Display, QueryError>) -> String {
    match answer {
        Ok(answer) => answer.to_string(),
        Err(error) => format!("error: {error}\n"),
    }
}

/// Compares the answers of a question to several terms with a file.
#[track_caller]
fn check_terms<A: Display>(question: &str, terms: &[&str], ask: impl Fn(&str) -> Result<A, QueryError>) {
    let mut all = String::new();
    for term in terms {
        all.push_str(&format!("$ {question} {term}\n{}\n", text(ask(term))));
    }
    check(&format!("{question}.txt"), &all);
}

#[test]
fn where_() {
    let model = model::infrastructure();
    let terms = [
        "papi",
        "api",
        "deploy/papi",
        "Deployment/backend-services/papi",
        "papi.backend-services",
        "https://papi.nonprod.runwhen.com/health?x=1",
        "gcr.io/runwhen-nonprod/platform:2026.01.30",
        "postgres",
        "apps/backend-services/papi-deployment.yaml",
        "shared/data/secrets",
        "session-cache",
        "corestate/session-cache",
        "loki",
        "workspace-cleanup",
        "runwhen-backend-services",
        "GitRepository/flux-system",
        "backend-services",
        "cluster_name",
        "api.github.com",
        "papi-env-vars-cm",
        "kvv2/data/runner/platform-cluster-01",
        "session",
        "cel",
        "celry-wroker",
        "no such thing at all",
        "backend papi services",
        "vault-papi-backend",
        "ScheduledBackup",
        "",
    ];
    check_terms("where", &terms, |term| where_is(&model, term));
}

#[test]
fn trace_() {
    let model = model::infrastructure();
    check_terms(
        "trace",
        &["papi", "loki", "vault", "session-cache", "cleanup", "vault-papi"],
        |term| trace(&model, term),
    );
}

#[test]
fn secret_() {
    let model = model::infrastructure();
    let terms = [
        "papi",
        "celery-worker",
        "postgres-primary",
        "vault-papi",
        "papi-secrets",
        "shared/data/secrets",
        "provider-keys",
        "llm/platform-cluster-01",
        "vault-backend",
        "registration",
        "registry-pull",
        "gitservice/session",
        "loki-values",
        "flux-system",
        "azure-billing",
        "pappi-secrets",
    ];
    check_terms("secret", &terms, |term| secret(&model, term));
}

#[test]
fn config_() {
    let model = model::infrastructure();
    let terms = [
        "GIT_SERVICE_URL",
        "papi-env-vars-cm.REGION",
        "papi-env-vars-cm",
        "SMTP_PASSWORD",
        "nginx.conf",
        "favicon.ico",
        "SERVICE_URL",
        "cluster_name",
        "${domain}",
        "${depot_region:=x}",
        "tier",
        "papi",
        "postgres-primary",
        "feature-flags",
        "GIT_SERVICE_ULR",
        "papi-env-vars-cm/NOPE",
        "papi-env-vars-cm.GIT_SERVICE_ULR",
        "papi/NOPE",
        "nowhere/NOPE",
    ];
    check_terms("config", &terms, |term| config(&model, term));
}

#[test]
fn flux_() {
    let model = model::infrastructure();
    let terms = [
        "runwhen-backend-services",
        "flux-system",
        "tenants/runwhen-extra",
        "papi",
        "loki",
        "vault",
        "GitRepository/flux-system",
        "grafana",
        "session-cache",
        "infrastructure-lokki",
    ];
    check_terms("flux", &terms, |term| flux(&model, term));
}

#[test]
fn impact_() {
    let model = model::infrastructure();
    let terms = [
        "postgres-primary",
        "vault",
        "papi",
        "infrastructure-vault",
        "flux-system",
        "papi-env-vars-cm",
        "feature-flags",
        "vault-papi",
        "shared/data/secrets",
        "vault-backend",
        "api.github.com",
        "cluster_name",
        "runwhen/platform",
        "workspace-cleanup",
    ];
    check_terms("impact", &terms, |term| impact(&model, term));
}

#[test]
fn image_() {
    let model = model::infrastructure();
    let terms = [
        "papi",
        "postgres-primary",
        "runwhen/platform",
        "nginx",
        "loki",
        "plattform",
    ];
    check_terms("image", &terms, |term| image(&model, term, "NEW_TAG"));
}

#[test]
fn list_() {
    let model = model::infrastructure();
    let mut all = String::new();
    for (word, kind) in ListKind::ALL {
        all.push_str(&format!(
            "$ list {word}\n{}\n",
            list(&model, *kind, &Default::default())
        ));
    }
    let of_namespace = list(
        &model,
        ListKind::Images,
        &infra_query::list::ListFilter {
            namespace: Some("postgres".to_owned()),
            ..Default::default()
        },
    );
    all.push_str(&format!("$ list images -n postgres\n{of_namespace}\n"));
    for (kind, state) in [
        (ListKind::All, "suspend"),
        (ListKind::All, "encrypted"),
        (ListKind::Sources, "suspended"),
        (ListKind::Sources, "failed"),
        (ListKind::All, "happy"),
    ] {
        let filter = infra_query::list::ListFilter {
            state: Some(state.to_owned()),
            ..Default::default()
        };
        let listed = list(&model, kind, &filter);
        all.push_str(&format!("$ list {} --where {state}\n{listed}\n", kind.as_str()));
    }
    all.push_str(&format!(
        "$ list services -n nowhere\n{}",
        list(
            &model,
            ListKind::Services,
            &infra_query::list::ListFilter {
                namespace: Some("nowhere".to_owned()),
                ..Default::default()
            }
        )
    ));
    check("list.txt", &all);
}

#[test]
fn lint_() {
    let model = model::infrastructure();
    let all = LintFilter::default();
    let errors = LintFilter {
        least: Some(Severity::Error),
        ..LintFilter::default()
    };
    let below = LintFilter {
        below: Some("apps".into()),
        codes: vec!["variable-undefined".to_owned()],
        object: Some("backend".to_owned()),
        ..LintFilter::default()
    };
    let none = LintFilter {
        codes: vec!["build-failed".to_owned()],
        ..LintFilter::default()
    };
    let mut text = String::new();
    for (name, filter) in [
        ("all", all),
        ("errors", errors),
        ("below apps", below),
        ("none", none),
    ] {
        text.push_str(&format!("$ lint: {name}\n{}\n", lint(&model, &filter)));
    }
    check("lint.txt", &text);
}

#[test]
fn grep_() {
    let model = model::infrastructure();
    let mut text = String::new();
    for term in ["nonprod.runwhen.com", "shared", "depot", "nothing like it"] {
        text.push_str(&format!(
            "$ grep {term}\n{}\n",
            grep(&model, |text| text.contains(term))
        ));
    }
    check("grep.txt", &text);
}
