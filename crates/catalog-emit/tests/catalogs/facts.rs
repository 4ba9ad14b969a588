//! What changed between two generations of catalogs, as facts.

use catalog_emit::Catalogs;
use catalog_emit::facts::{changes, to_text};
use infra_model::{Diagnostic, Infrastructure, RepoPath, codes};

use crate::expected::{GENERATED_AT, catalogs_of, check};
use crate::model::{self, place, texts};

fn catalogs(change: impl FnOnce(&mut Infrastructure)) -> Catalogs<'static> {
    let mut infrastructure = model::infrastructure();
    change(&mut infrastructure);
    catalogs_of(infrastructure, GENERATED_AT)
}

#[test]
fn nothing_but_metadata_is_no_change() {
    let before = catalogs(|_| {});
    let mut after = catalogs(|infrastructure| infrastructure.metadata.revision = None);
    after.services.metadata.generated_at = "2027-01-01T00:00:00Z".to_owned();
    assert_eq!(changes(&before, &after).unwrap(), []);
}

#[test]
fn entries_and_fields_that_differ() {
    let before = catalogs(|_| {});
    let after = catalogs(|infrastructure| {
        infrastructure.services.remove("loki");
        let papi = infrastructure.services.get_mut("papi").unwrap();
        papi.images = texts(&[
            "gcr.io/runwhen-nonprod/platform:2026.02.01",
            "docker.io/library/nginx:1.29",
        ]);
        papi.replicas = None;
        papi.description = Some("hostile \u{1b}[2J\nname".to_owned());
        papi.dns.clear();
        papi.aliases.reverse();
        let papi = papi.clone();
        infrastructure.services.insert("new one".to_owned(), papi);
        infrastructure.diagnostics.remove(0);
        infrastructure
            .diagnostics
            .push(Diagnostic::error(codes::BUILD_FAILED, "x").at(place("apps/x.yaml", 3)));
        infrastructure.variable_substitution.variables.remove("domain");
    });
    check("changes.txt", &to_text(&changes(&before, &after).unwrap()));
}

#[test]
fn a_moved_line_is_no_change_and_another_file_is_one() {
    let moved = |file: &'static str, line| {
        catalogs(move |infrastructure| {
            let papi = infrastructure.services.get_mut("papi").unwrap();
            papi.source = Some(place(file, line));
            for dependency in &mut papi.depends_on {
                dependency.file = Some(RepoPath::new("apps/backend-services/papi-deployment.yaml"));
                dependency.line = Some(line);
            }
            let found = Diagnostic::error(codes::BUILD_FAILED, "x").at(place("apps/x.yaml", line));
            infrastructure.diagnostics.push(found);
        })
    };
    let before = moved("apps/backend-services/papi-deployment.yaml", 1);
    let after = moved("apps/backend-services/papi-deployment.yaml", 9);
    assert_eq!(changes(&before, &after).unwrap(), []);
    let after = moved("apps/backend-services/papi.yaml", 9);
    let found = changes(&before, &after).unwrap();
    assert_eq!(
        to_text(&found),
        "~ services: papi source {\"file\":\"apps/backend-services/papi-deployment.yaml\"} -> \
         {\"file\":\"apps/backend-services/papi.yaml\"}\n"
    );
}
