//! Models are rendered, compared with the files in `tests/expected`, and checked for the properties of every rendering.

use std::fs;
use std::path::Path;

use infra_model::Infrastructure;
use pretty_assertions::assert_eq;
use skill_render::{
    Cluster, Frontmatter, RenderError, RenderOptions, RenderedSkill, SKILL_LIMIT, Templates, render,
};

fn one(infrastructure: &Infrastructure) -> [Cluster<'_>; 1] {
    [Cluster {
        name: None,
        infrastructure,
    }]
}

#[track_caller]
pub(crate) fn rendered(clusters: &[Cluster<'_>], options: &RenderOptions) -> RenderedSkill {
    let skill = render(clusters, options).expect("it renders");
    for (path, text) in &skill.files {
        promises(path.as_str(), text);
    }
    skill
}

/// Checks the properties of every file, whatever the model.
#[track_caller]
fn promises(path: &str, text: &str) {
    for line in text.lines() {
        assert!(
            !line.contains("!`") && !line.contains("```!"),
            "{path}: a command: {line}"
        );
    }
    assert!(!text.contains("!{"), "{path}: a command of another client");
    for (at, _) in text.match_indices('$') {
        let rest = &text[at + 1..];
        let begins = |word: &str| {
            rest.get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        let acts =
            rest.starts_with(|c: char| c.is_ascii_digit()) || begins("ARGUMENTS") || begins("{CLAUDE_");
        assert!(
            !acts,
            "{path}: a variable: ${}",
            rest.lines().next().unwrap_or_default()
        );
    }
    assert!(!text.contains("]("), "{path}: a link of the repository");
    assert!(
        text.ends_with('\n') && !text.ends_with("\n\n"),
        "{path}: one newline at the end"
    );
    assert!(!text.contains("\n\n\n"), "{path}: two empty lines");
    assert!(
        text.lines().all(|line| line.trim_end() == line),
        "{path}: spaces at a line's end"
    );
    assert_eq!(text.matches("\n```").count() % 2, 0, "{path}: an open code fence");
    tables(path, text);
    if path == "flux-infra-guide/SKILL.md" {
        assert!(text.len() <= SKILL_LIMIT, "{path}: {} bytes", text.len());
        let headings: Vec<_> = text.lines().filter(|line| line.starts_with("## ")).collect();
        assert_eq!(headings, SECTIONS, "{path}");
    }
    if path.ends_with("SKILL.md") {
        assert!(text.lines().count() < 500, "{path}: lines");
        frontmatter(path, text);
    }
}

const SECTIONS: [&str; 7] = [
    "## Overview & Purpose",
    "## Service Map",
    "## Flux Resources",
    "## Secrets Map",
    "## ConfigMaps",
    "## Observability",
    "## Dependencies",
];

/// Every row of a table has as many cells as its header.
#[track_caller]
fn tables(path: &str, text: &str) {
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut width = None;
    let mut fenced = false;
    let mut rules = 0;
    for line in text.lines() {
        fenced ^= line.trim_start().starts_with("```");
        rules += usize::from(!fenced && line == "---");
        assert!(
            fenced || !(line.contains("<script") || line.contains("<!--")),
            "{path}: HTML: {line}"
        );
        if fenced || !line.starts_with('|') {
            width = None;
            continue;
        }
        let expected = *width.get_or_insert_with(|| cells(line));
        assert_eq!(cells(line), expected, "{path}: {line}");
    }
    assert_eq!(
        rules,
        if path.ends_with("SKILL.md") { 2 } else { 0 },
        "{path}: frontmatter"
    );
}

#[track_caller]
fn frontmatter(path: &str, text: &str) {
    let (yaml, _) = text
        .strip_prefix("---\n")
        .and_then(|rest| rest.split_once("\n---\n"))
        .unwrap_or_else(|| panic!("{path}: no frontmatter"));
    let value: serde_yaml::Value = serde_yaml::from_str(yaml).expect("valid YAML");
    let folder = path.split('/').next();
    assert_eq!(value["name"].as_str(), folder, "{path}");
    let description = value["description"].as_str().expect("a description");
    assert!(
        (1..=1024).contains(&description.chars().count()),
        "{path}: description"
    );
    assert!(!description.contains(['<', '>']), "{path}: description");
}

/// Compares with `tests/expected/<name>/`; `UPDATE_EXPECT=1` writes it.
#[track_caller]
fn check(name: &str, skill: &RenderedSkill) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/expected")
        .join(name);
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    if update && root.exists() {
        fs::remove_dir_all(&root).expect("removable");
    }
    for (path, text) in &skill.files {
        let file = root.join(path);
        if update {
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(&file, text).expect("writable");
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(
            *text, expected,
            "{path} differs; UPDATE_EXPECT=1 cargo test -p skill-render accepts it"
        );
    }
}

#[test]
fn the_cluster_of_the_design() {
    let infra = crate::models::seed();
    check("seed", &rendered(&one(&infra), &RenderOptions::default()));
}

#[test]
fn two_clusters() {
    let (seed, small) = (crate::models::seed(), crate::models::small());
    let clusters = [
        Cluster {
            name: Some("nonprod-test".into()),
            infrastructure: &seed,
        },
        Cluster {
            name: Some("lab".into()),
            infrastructure: &small,
        },
    ];
    let options = RenderOptions {
        frontmatter: Frontmatter::Rwenv,
        regen_args: vec![
            "--cluster".into(),
            "lab=clusters/lab".into(),
            "--knowledge".into(),
            "my file.yaml".into(),
        ],
    };
    let skill = rendered(&clusters, &options);
    check("two-clusters", &skill);
    let text = |path: &str| {
        let found = skill.files.iter().find(|(file, _)| file == path);
        found.map(|(_, text)| text.as_str()).unwrap_or_default()
    };
    assert!(text("flux-infra-guide/SKILL.md").contains("data/nonprod-test/"));
    assert!(
        text("flux-infra-guide-regenerate/SKILL.md")
            .contains("--cluster lab=clusters/lab --knowledge 'my file.yaml'")
    );
}

#[test]
fn a_repository_of_which_nothing_is_known() {
    let infra = Infrastructure::default();
    check("nothing", &rendered(&one(&infra), &RenderOptions::default()));
}

#[test]
fn hostile_names_stay_text_and_the_skill_stays_small() {
    for size in [1, 20, 500] {
        let infra = crate::models::hostile(size);
        let skill = rendered(&one(&infra), &RenderOptions::default());
        for (path, text) in &skill.files {
            assert!(text.len() < 300_000, "{path}: {} bytes", text.len());
            in_commands(path.as_str(), text);
        }
        let clusters: Vec<_> = (0..12)
            .map(|n| Cluster {
                name: Some(format!("{} {n}", crate::models::PAYLOADS[n % 12])),
                infrastructure: &infra,
            })
            .collect();
        if size < 100 {
            rendered(&clusters, &RenderOptions::default());
        }
    }
}

/// No line that is a command holds hostile text.
#[track_caller]
fn in_commands(path: &str, text: &str) {
    for line in text.lines() {
        let line = line.trim_start();
        let command = ["kubectl ", "flux ", "vault ", "grep ", "linkerd "]
            .iter()
            .any(|tool| line.starts_with(tool));
        assert!(!command || !line.contains("evil"), "{path}: {line}");
    }
}

#[test]
fn the_same_model_gives_the_same_text() {
    let infra = crate::models::seed();
    let first = rendered(&one(&infra), &RenderOptions::default());
    assert_eq!(rendered(&one(&infra), &RenderOptions::default()), first);
}

#[test]
fn an_override_replaces_one_template_and_is_neutralised_too() {
    let mut infra = crate::models::seed();
    infra.metadata.generated_from = "!`id`".into();
    let text = "About {{ repository }} and {{ repository|upper }}\n";
    let skill = with(&infra, "overview.md.j2", text).expect("it renders");
    let text = skill
        .files
        .iter()
        .find(|(path, _)| path.ends_with("references/overview.md"));
    assert_eq!(
        text.map(|(_, text)| text.as_str()),
        Some("About !'id' and !'ID'\n")
    );
}

#[test]
fn errors_say_where() {
    let infra = crate::models::seed();
    assert_eq!(
        render(&[], &RenderOptions::default()),
        Err(RenderError::NoCluster)
    );
    let unknown = with(&infra, "skill.md", "x").expect_err("unknown");
    assert!(
        unknown
            .to_string()
            .starts_with("there is no template skill.md; the templates are "),
        "{unknown}"
    );
    for (text, expected) in [
        (
            "one\n{{ repository.nothing.more }}",
            "overview.md.j2:2: undefined value",
        ),
        ("one\n{% if %}", "overview.md.j2:2: syntax error"),
        ("{{ repository|safe }}", "overview.md.j2:1: unknown filter"),
    ] {
        let error = with(&infra, "overview.md.j2", text).expect_err("it does not render");
        assert!(error.to_string().starts_with(expected), "{error}");
    }
}

/// The skill of a cluster with a template in place of an embedded one.
fn with(infra: &Infrastructure, name: &str, text: &str) -> Result<RenderedSkill, RenderError> {
    let templates = Templates::new(&[(name.into(), text.into())])?;
    templates.render(&one(infra), &RenderOptions::default())
}
