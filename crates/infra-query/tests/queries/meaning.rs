//! What terms mean, and fields of answers that their texts do not show.

use infra_model::flux::{HelmRelease, Kustomization};
use infra_model::secrets::{ExternalSecret, SecretStore};
use infra_model::service::Service;
use infra_model::{Infrastructure, Written};
use infra_query as query;
use infra_query::flux::Wait;
use infra_query::impact::EffectKind;
use infra_query::next_steps::{Language, logs, metrics};
use infra_query::{Matched, Node, QueryError, find, flux, impact, secret, trace, where_is};
use pretty_assertions::assert_eq;

use crate::{check, model};

#[test]
fn the_best_kind_of_match_wins() {
    let model = model::infrastructure();
    for (term, matched, keys) in [
        ("PAPI", Matched::Name, vec!["papi"]),
        ("backend-services/papi", Matched::Name, vec!["papi"]),
        ("hr/loki", Matched::Name, vec!["loki", "loki"]),
        ("platform-api", Matched::Alias, vec!["papi"]),
        (
            "papi.backend-services.svc.cluster.local.",
            Matched::Dns,
            vec!["papi"],
        ),
        ("papi.backend-services.svc:8000", Matched::Dns, vec!["papi"]),
        ("papi.nonprod.runwhen.com", Matched::Host, vec!["papi"]),
        (
            "http://user@API.github.com:443/x",
            Matched::Host,
            vec!["api.github.com"],
        ),
        ("platform", Matched::Alias, vec!["runwhen/platform"]),
        (
            "platform:2026.01.30",
            Matched::Image,
            vec!["celery-worker", "papi"],
        ),
        (
            "backend-services",
            Matched::Namespace,
            vec![
                "celery-worker",
                "papi",
                "vault-papi",
                "registry-pull",
                "feature-flags",
                "papi-env-vars-cm",
            ],
        ),
        ("nginx:1.29", Matched::Image, vec!["papi"]),
        (
            "./infrastructure/loki",
            Matched::File,
            vec!["loki", "infrastructure-loki"],
        ),
        ("/shared/data/secrets/", Matched::SecretPath, vec!["vault-papi"]),
        ("llm/${cluster_name}", Matched::SecretPath, vec!["provider-keys"]),
        (
            "papi-env-vars-cm-2b4t6k8m9d",
            Matched::Alias,
            vec!["papi-env-vars-cm"],
        ),
        (
            "cm/papi-env-vars-cm-2b4t6k8m9d",
            Matched::Alias,
            vec!["papi-env-vars-cm"],
        ),
        ("kubernetes", Matched::Part, vec![]),
    ] {
        match find(&model, term) {
            Ok(hits) => {
                let found: Vec<&str> = hits.iter().map(|hit| hit.subject.key()).collect();
                assert_eq!(found, keys, "{term}");
                assert!(hits.iter().all(|hit| hit.matched == matched), "{term}: {hits:?}");
            }
            Err(error) => assert!(keys.is_empty(), "{term}: {error}"),
        }
    }
}

#[test]
fn a_miss_suggests_what_looks_like_it() {
    let model = model::infrastructure();
    for (term, expected) in [
        ("papii", vec!["papi"]),
        ("deployment/cellery-worker", vec!["celery-worker"]),
        ("postgresqll", vec!["postgres-primary", "postgres"]),
        ("zzzzzzzz", vec![]),
    ] {
        let Err(QueryError::NotFound(missing)) = find(&model, term) else {
            panic!("{term} was found")
        };
        assert_eq!(missing.suggestions, expected, "{term}");
    }
}

#[test]
fn a_question_about_one_service_names_the_candidates() {
    let model = model::infrastructure();
    let Err(QueryError::Ambiguous { candidates, .. }) = trace(&model, "session-cache") else {
        panic!("it is ambiguous")
    };
    assert_eq!(
        candidates,
        ["corestate/session-cache", "llm-gateway/session-cache"]
    );
}

#[test]
fn a_helm_release_comes_first_where_one_owns_the_thing() {
    let model = model::infrastructure();
    for next in [
        where_is(&model, "loki").unwrap().next,
        trace(&model, "loki").unwrap().next,
        flux(&model, "loki").unwrap().check,
        flux(&model, "vault").unwrap().check,
    ] {
        assert!(next[0].command.starts_with("flux get helmrelease "), "{next:?}");
    }
    // The HelmRelease of Vault is in another namespace than its workload.
    assert_eq!(
        flux(&model, "vault").unwrap().check[0].command,
        "flux get helmrelease vault -n flux-system"
    );
}

#[test]
fn what_is_waited_for_is_followed_to_the_end() {
    let mut model = model::infrastructure();
    let waits: Vec<(&str, usize, bool)> = vec![
        ("infrastructure-vault", 1, true),
        ("infrastructure-postgres", 1, true),
    ];
    let answer = flux(&model, "runwhen-backend-services").unwrap();
    assert_eq!(triples(&answer.waits_for), waits);

    // A circle, and a name that does not exist.
    let vault = model.kustomizations.get_mut("infrastructure-vault").unwrap();
    vault.depends_on = model::texts(&["runwhen-backend-services", "gone"]);
    let answer = flux(&model, "runwhen-backend-services").unwrap();
    let mut waits = waits;
    waits.push(("gone", 2, false));
    assert_eq!(triples(&answer.waits_for), waits);
}

fn triples<'a>(waits: &[Wait<'a>]) -> Vec<(&'a str, usize, bool)> {
    waits
        .iter()
        .map(|wait| (wait.key, wait.distance, wait.subject.is_some()))
        .collect()
}

#[test]
fn parents_in_a_circle_end() {
    let mut model = model::infrastructure();
    model.kustomizations.get_mut("flux-system").unwrap().parent = Some("runwhen-backend-services".to_owned());
    let chain: Vec<&str> = trace(&model, "papi")
        .unwrap()
        .chain
        .into_iter()
        .map(|(key, _)| key)
        .collect();
    assert_eq!(chain, ["flux-system", "runwhen-backend-services"]);
}

#[test]
fn failure_reaches_services_through_others_and_stops_at_circles() {
    let mut model = model::infrastructure();
    let papi = model.services["papi"].clone();
    let loki = model.services.get_mut("loki").unwrap();
    // loki needs celery-worker, which needs papi and postgres; postgres needs loki.
    loki.depends_on = papi.depends_on[..1].to_vec();
    loki.depends_on[0].target = infra_model::dependency::Target::Service("celery-worker".to_owned());
    let postgres = model.services.get_mut("postgres-primary").unwrap();
    postgres.depends_on = papi.depends_on[..1].to_vec();
    postgres.depends_on[0].target = infra_model::dependency::Target::Service("loki".to_owned());
    let reached = effects(&model, "papi");
    assert_eq!(
        reached,
        [
            (Node::Service("celery-worker"), EffectKind::Needs, 1),
            (Node::Service("loki"), EffectKind::Needs, 2),
            (Node::Service("postgres-primary"), EffectKind::Needs, 3),
            (
                Node::Kustomization("runwhen-backend-services"),
                EffectKind::Waits,
                4
            ),
        ]
    );
}

fn effects<'a>(model: &'a Infrastructure, term: &str) -> Vec<(Node<'a>, EffectKind, usize)> {
    let impact = impact(model, term).unwrap();
    impact
        .effects
        .iter()
        .map(|effect| (effect.node, effect.kind, effect.distance))
        .collect()
}

#[test]
fn what_is_optional_fails_nothing() {
    let model = model::infrastructure();
    assert_eq!(effects(&model, "feature-flags"), []);
}

#[test]
fn every_way_of_a_secret_has_its_readers() {
    let model = model::infrastructure();
    let answer = secret(&model, "shared/data/secrets").unwrap();
    let readers: Vec<&str> = answer.paths.iter().flat_map(|path| path.readers()).collect();
    assert_eq!(readers, ["celery-worker", "papi"]);
}

#[test]
fn logs_and_metrics_have_the_real_names() {
    let model = model::infrastructure();
    let mut text = String::new();
    for key in ["papi", "loki", "workspace-cleanup"] {
        let service = &model.services[key];
        for step in logs(&model, service).into_iter().chain(metrics(&model, service)) {
            text.push_str(&format!("{key} {}: {}\n", step.language.as_str(), step.command));
        }
    }
    check("logs-and-metrics.txt", &text);
    assert!(
        logs(&model, &model.services["papi"])
            .iter()
            .any(|step| step.language == Language::LogQl)
    );
}

#[test]
fn half_of_the_answers_are_short() {
    let model = model::infrastructure();
    let mut sizes: Vec<usize> = Vec::new();
    for key in model.services.keys().chain(model.kustomizations.keys()) {
        let texts = [
            where_is(&model, key).map(|answer| answer.to_string()),
            query::flux(&model, key).map(|answer| answer.to_string()),
            query::impact(&model, key).map(|answer| answer.to_string()),
            query::trace(&model, key).map(|answer| answer.to_string()),
            query::secret(&model, key).map(|answer| answer.to_string()),
            query::config(&model, key).map(|answer| answer.to_string()),
        ];
        sizes.extend(texts.into_iter().flatten().map(|text| text.len()));
    }
    sizes.sort_unstable();
    // A token of such text has at least three and a half characters, so that these are at most 150 tokens.
    let median = sizes[sizes.len() / 2];
    assert!(median < 525, "{median} bytes is the median of {}", sizes.len());
}

/// Two namespaces may have SecretStores of the same name.
#[test]
fn an_external_secret_reads_the_store_of_its_own_namespace() {
    let mut model = Infrastructure::default();
    for namespace in ["a", "b"] {
        let store = SecretStore {
            name: "vault".into(),
            namespace: namespace.into(),
            kind: "SecretStore".into(),
            path: Some(Written::plain(format!("kv-{namespace}"))),
            ..SecretStore::default()
        };
        model
            .secrets
            .secret_stores
            .insert(format!("{namespace}/vault"), store);
    }
    let secret: ExternalSecret = serde_json::from_str(
        r#"{"name": "db", "namespace": "b", "store": {"kind": "SecretStore", "name": "vault"}, "target": "db",
            "data": [{"secretKey": "password", "key": "apps/db"}]}"#,
    )
    .unwrap();
    model.secrets.external_secrets.insert("db".into(), secret);
    let answer = query::secret(&model, "db").unwrap();
    let origins: Vec<_> = answer.paths.iter().map(|path| path.origin.as_deref()).collect();
    assert_eq!(origins, [Some("kv-b/apps/db")]);
}

/// A HelmRelease whose chart is not rendered is the service itself, and is named only if the service has another name.
#[test]
fn a_trace_names_the_helm_release_only_where_it_is_not_the_service() {
    let mut model = Infrastructure::default();
    let release = HelmRelease {
        name: "loki".into(),
        namespace: "logs".into(),
        release_namespace: "logs".into(),
        chart: Some("loki".into()),
        ..HelmRelease::default()
    };
    let service = Service {
        name: "loki".into(),
        namespace: "logs".into(),
        helm_release: Some("loki".into()),
        ..Service::default()
    };
    model.helm_releases.insert("loki".into(), release);
    model.services.insert("loki".into(), service.clone());
    let text = trace(&model, "loki").unwrap().to_string();
    assert!(text.contains("helm: chart loki"), "{text}");
    model.services.clear();
    model.services.insert("logs/loki".into(), service);
    let text = trace(&model, "logs/loki").unwrap().to_string();
    assert!(text.contains("helm: HelmRelease loki, chart loki"), "{text}");
}

#[test]
fn a_trace_through_endless_parents_ends() {
    let mut model = Infrastructure::default();
    for index in 0..2_000 {
        let kustomization = Kustomization {
            name: format!("k{index}"),
            parent: Some(format!("k{}", index + 1)),
            ..Kustomization::default()
        };
        model.kustomizations.insert(format!("k{index}"), kustomization);
    }
    let service = Service {
        name: "papi".into(),
        kustomization: Some("k0".into()),
        ..Service::default()
    };
    model.services.insert("papi".into(), service);
    let answer = trace(&model, "papi").unwrap();
    assert_eq!(answer.chain.len(), 256);
    assert_eq!(answer.chain.last().map(|(key, _)| *key), Some("k0"));
}
