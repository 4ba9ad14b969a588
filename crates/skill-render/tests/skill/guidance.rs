//! The guidance of the design's skill is compared with the rendering of a cluster that has everything in it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use infra_model::Infrastructure;
use skill_render::{Cluster, RenderOptions, RenderedSkill, render};

/// One item of `fixtures/seed/guidance.json`.
struct Item {
    id: String,
    section: String,
    kind: String,
    text: String,
}

fn items() -> Vec<Item> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/seed/guidance.json");
    let text = fs::read_to_string(file).expect("the fixture");
    let values: Vec<serde_json::Value> = serde_json::from_str(&text).expect("a list");
    let field = |value: &serde_json::Value, name: &str| value[name].as_str().expect("a string").to_owned();
    values
        .iter()
        .map(|value| Item {
            id: field(value, "id"),
            section: field(value, "section"),
            kind: field(value, "kind"),
            text: field(value, "text"),
        })
        .collect()
}

/// Everything that is missing from the rendering of `infra`.
pub(crate) fn missing(infra: &Infrastructure) -> Vec<String> {
    let cluster = Cluster {
        name: None,
        infrastructure: infra,
    };
    let skill = render(&[cluster], &RenderOptions::default()).expect("it renders");
    let guide = text(&skill, |path| path.starts_with("flux-infra-guide/"));
    let regenerate = text(&skill, |path| path.starts_with("flux-infra-guide-regenerate/"));
    let items = items();
    assert!(items.len() > 200, "the fixture holds the design's guidance");
    let mut missing = Vec::new();
    for item in &items {
        let page = if item.section == "regenerate" {
            &regenerate
        } else {
            &guide
        };
        let found = match item.kind.as_str() {
            // Abilities of a user, which tests of the command line cover.
            "criterion" => true,
            "service-dependency-row" => service_row(page, &item.text),
            "diagram" if item.id.starts_with("dependencies/") => edges(&item.text).is_subset(&edges(page)),
            // Rows may have further columns.
            _ => page.contains(&item.text),
        };
        if !found {
            missing.push(format!("{}: {}", item.id, item.text));
        }
    }
    missing.extend(disorder(&skill, &items));
    missing
}

fn text(skill: &RenderedSkill, filter: impl Fn(&str) -> bool) -> String {
    let files = skill.files.iter().filter(|(path, _)| filter(path.as_str()));
    files
        .map(|(_, text)| text.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The row of that service names everything that it depends on, under its title or key, and the same impact.
fn service_row(page: &str, row: &str) -> bool {
    let cells = |row: &str| {
        row.split('|')
            .map(|cell| cell.trim().to_lowercase())
            .collect::<Vec<_>>()
    };
    let expected = cells(row);
    page.lines().map(cells).any(|actual| {
        actual.len() > expected.len()
            && actual[1] == expected[1]
            && actual[3] == expected[3]
            && expected[2]
                .split(", ")
                .all(|target| actual[2].contains(target.trim_end_matches('s')))
    })
}

/// Parents and children in the trees of a text, by the column of the branch.
fn edges(page: &str) -> BTreeSet<(String, String)> {
    let mut edges = BTreeSet::new();
    // Names by the column at which their children's branches may begin.
    let mut above: BTreeMap<usize, String> = BTreeMap::new();
    for line in page.lines() {
        let name = |text: &str| text.split("  (").next().unwrap_or(text).trim().to_owned();
        match line.find("──► ").filter(|_| !line.contains("Git ──►")) {
            Some(at) => {
                let column = line[..at].chars().count();
                above.retain(|other, _| *other < column);
                let child = name(line[at..].trim_start_matches("──► "));
                if let Some(parent) = above.values().last() {
                    edges.insert((parent.clone(), child.clone()));
                }
                above.insert(column, child);
            }
            None if line.trim().trim_matches(['│', ' ']).is_empty() => {}
            None => above = BTreeMap::from([(0, name(line))]),
        }
    }
    edges
}

/// Checks that are not in the design's order in their section's guide.
fn disorder(skill: &RenderedSkill, items: &[Item]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    for item in items
        .iter()
        .filter(|item| matches!(item.kind.as_str(), "check" | "use-step" | "step"))
    {
        let page = match item.section.as_str() {
            "regenerate" => text(skill, |path| path.starts_with("flux-infra-guide-regenerate/")),
            section => text(skill, |path| path.ends_with(&format!("references/{section}.md"))),
        };
        let part = item.id.rsplitn(3, '/').last().unwrap_or_default();
        let part = if item.section == "regenerate" {
            "regenerate"
        } else {
            part
        };
        let at = page.find(&item.text).unwrap_or_default();
        let before = last.entry(part).or_default();
        if at < *before {
            wrong.push(format!("out of order: {}", item.id));
        }
        *before = at;
    }
    wrong
}

#[test]
fn nothing_of_the_design_is_lost() {
    let missing = missing(&crate::models::seed());
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn the_test_sees_what_is_lost() {
    let mut infra = crate::models::seed();
    infra.kustomizations.remove("infrastructure-linkerd");
    infra.services.remove("papi");
    assert!(missing(&infra).len() > 10);
}
