//! Malicious names in a repository do no harm.

use infra_model::Infrastructure;
use infra_query as query;
use infra_query::next_steps::{for_service, logs, metrics};
use infra_query::{config, flux, grep, image, impact, lint, list, secret, trace, where_is};

use crate::model;

/// A name with a terminal escape, a line break, a shell command, quotes, and Markdown.
const EVIL: &str = "evil\u{1b}]0;x\u{7}\n$(touch /tmp/x)`id`';\"| !`ls` ${CLAUDE_X} \u{202e}";

/// The model with one name replaced everywhere.
fn evil() -> Infrastructure {
    let mut model = model::infrastructure();
    let mut papi = model.services.remove("papi").unwrap();
    papi.name = EVIL.to_owned();
    papi.namespace = EVIL.to_owned();
    papi.description = Some(EVIL.to_owned());
    papi.images.push(EVIL.to_owned());
    papi.dns.push(EVIL.to_owned());
    papi.helm_release = Some(EVIL.to_owned());
    papi.selector.insert(EVIL.to_owned(), EVIL.to_owned());
    papi.workload.as_mut().unwrap().name = EVIL.to_owned();
    papi.depends_on[0].evidence = EVIL.to_owned();
    let group = model.image_groups.get_mut("runwhen/platform").unwrap();
    group.yq_path = Some(EVIL.to_owned());
    group.tag = Some(EVIL.to_owned());
    let proxy = model.image_groups.get_mut("proxy").unwrap();
    proxy.image_name = "a'$(id)\"b".to_owned();
    proxy.file = "-dash 'n' $(x).yaml".into();
    let kustomization = model.kustomizations.get_mut("runwhen-backend-services").unwrap();
    kustomization.name = EVIL.to_owned();
    kustomization.error = Some(EVIL.to_owned());
    let map = model.config_maps.get_mut("papi-env-vars-cm").unwrap();
    map.usage.iter_mut().for_each(|usage| usage.how = EVIL.to_owned());
    model.diagnostics[0].message = EVIL.to_owned();
    model.services.insert(EVIL.to_owned(), papi);
    model
}

fn answers(model: &Infrastructure) -> Vec<String> {
    let mut texts = Vec::new();
    for term in [
        EVIL,
        "platform-api",
        "papi.nonprod.runwhen.com",
        "runwhen-backend-services",
        "papi-env-vars-cm",
    ] {
        texts.extend(where_is(model, term).map(|answer| answer.to_string()));
        texts.extend(trace(model, term).map(|answer| answer.to_string()));
        texts.extend(flux(model, term).map(|answer| answer.to_string()));
        texts.extend(secret(model, term).map(|answer| answer.to_string()));
        texts.extend(config(model, term).map(|answer| answer.to_string()));
        texts.extend(impact(model, term).map(|answer| answer.to_string()));
        texts.extend(image(model, term, "1").map(|answer| answer.to_string()));
    }
    for (_, kind) in query::list::ListKind::ALL {
        texts.push(list(model, *kind, &Default::default()).to_string());
    }
    texts.push(lint(model, &query::lint::LintFilter::default()).to_string());
    texts.push(grep(model, |_| true).to_string());
    texts.push(trace(model, "\u{1b}[2Jsession-cache\n").unwrap_err().to_string());
    texts
}

#[test]
fn no_answer_has_an_unseen_character() {
    let model = evil();
    let texts = answers(&model);
    assert!(texts.len() > 20, "{}", texts.len());
    for text in texts {
        let unseen = text
            .chars()
            .find(|c| c.is_control() && *c != '\n' || *c == '\u{202e}');
        assert_eq!(unseen, None, "{text}");
        // A line break in a name would begin a new line.
        assert!(!text.lines().any(|line| line.starts_with("$(touch")), "{text}");
    }
}

#[test]
fn no_command_has_a_name_that_is_none() {
    let model = evil();
    let service = &model.services[EVIL];
    let steps = for_service(&model, service)
        .into_iter()
        .chain(logs(&model, service))
        .chain(metrics(&model, service));
    for step in steps {
        assert!(!step.command.contains("touch"), "{step:?}");
        assert!(!step.command.contains("evil"), "{step:?}");
    }
}

#[test]
fn what_a_shell_would_read_is_quoted() {
    let model = evil();
    let answer = image(&model, "proxy", "1.30").unwrap();
    assert_eq!(
        answer.groups[0].command.as_deref(),
        Some(
            r#"yq -i '(select(document_index == 1) | .spec.template.spec.containers[1].image) = "a'\''$(id)\"b:1.30"' './-dash '\''n'\'' $(x).yaml'"#
        )
    );
    // A command with invisible characters is left out.
    let answer = image(&model, "runwhen/platform", "1").unwrap();
    assert_eq!(answer.groups[0].command, None);
}
