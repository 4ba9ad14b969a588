//! Hostile texts, which get a clear error in little time and memory.

use std::time::{Duration, Instant};

use crate::common::FILE;
use source_tree::Limits;
use yaml_node::{expand_merges, read_documents, read_resources_text, read_yaml11, write_document};

fn error(text: &str, limits: Limits) -> String {
    let start = Instant::now();
    let error = read_documents(text, FILE, &limits).unwrap_err().to_string();
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    error
}

/// Nine aliases to the line above on each line.
fn bomb(levels: usize, prefix: &str) -> String {
    let mut text = String::from("l0: &l0 {a: x}\n");
    for level in 1..=levels {
        let aliases = vec![format!("*l{}", level - 1); 9].join(", ");
        text.push_str(&format!("l{level}: &l{level} {prefix}[{aliases}]\n"));
    }
    text
}

#[test]
fn an_alias_bomb_meets_the_limit_of_nodes() {
    assert_eq!(
        error(&bomb(12, ""), Limits::default()),
        "yaml: document contains excessive aliasing"
    );
}

#[test]
fn aliases_below_the_limit_cost_what_they_cost_in_the_source() {
    // About 600,000 nodes through 54 aliases.
    let text = bomb(6, "");
    let start = Instant::now();
    let mut documents = read_documents(&text, FILE, &Limits::default()).unwrap();
    expand_merges(&mut documents[0]).unwrap();
    assert!(read_yaml11(&text, FILE, &Limits::default()).is_ok());
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn merges_of_merges_meet_the_limit_too() {
    let mut text = String::from("l0: &l0 {a0: x, b0: y}\n");
    for level in 1..40 {
        let below = level - 1;
        text.push_str(&format!(
            "l{level}: &l{level} {{<<: *l{below}, v{level}: [*l{below}, *l{below}]}}\n"
        ));
    }
    let error = read_resources_text(&text, FILE, &Limits::default()).unwrap_err();
    assert_eq!(error.to_string(), "yaml: document contains excessive aliasing");
}

#[test]
fn deep_nesting_meets_the_limit_of_depth() {
    let deep = "exceeded max depth of 192";
    assert_eq!(
        error(&"[".repeat(100_000), Limits::default()),
        format!("yaml: {deep}")
    );
    assert_eq!(
        error(&"{a: ".repeat(100_000), Limits::default()),
        format!("yaml: {deep}")
    );
    assert_eq!(
        error(&"- ".repeat(100_000), Limits::default()),
        format!("yaml: {deep}")
    );
    assert_eq!(
        error(&"? ".repeat(100_000), Limits::default()),
        format!("yaml: {deep}")
    );
}

#[test]
fn a_chain_of_aliases_meets_the_limit_of_depth() {
    let mut text = String::from("l0: &l0 [x]\n");
    for level in 1..300 {
        text.push_str(&format!("l{level}: &l{level} [*l{}]\n", level - 1));
    }
    assert_eq!(error(&text, Limits::default()), "yaml: exceeded max depth of 192");
}

#[test]
fn a_tree_at_the_limit_of_depth_is_written() {
    let text = format!("{}x{}", "[".repeat(192), "]".repeat(192));
    let documents = read_documents(&text, FILE, &Limits::default()).unwrap();
    assert!(write_document(&documents[0]).is_ok());
}

#[test]
fn wide_texts_take_linear_time() {
    let start = Instant::now();
    let keys: String = (0..30_000)
        .rev()
        .map(|key| format!("k{key}: [a, {{b: c}}]\n"))
        .collect();
    let documents = read_documents(&keys, FILE, &Limits::default()).unwrap();
    assert!(write_document(&documents[0]).is_ok());
    let line = format!("[{}]", "a: b, ".repeat(30_000));
    assert!(read_documents(&line, FILE, &Limits::default()).is_ok());
    let separators = "---\n".repeat(30_000);
    assert!(read_resources_text(&separators, FILE, &Limits::default()).is_ok());
    let twice = "k: v\n".repeat(30_000);
    let documents = read_documents(&twice, FILE, &Limits::default()).unwrap();
    assert!(write_document(&documents[0]).is_err());
    let folded = format!("k: >\n{}", "  a\n\n".repeat(30_000));
    let documents = read_documents(&folded, FILE, &Limits::default()).unwrap();
    assert!(write_document(&documents[0]).is_ok());
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
}

#[test]
fn a_tree_that_a_program_made_too_deep_is_refused() {
    let mut node = yaml_node::Node::int(1);
    for _ in 0..600 {
        node = yaml_node::Node::sequence([node]);
    }
    let error = "exceeded max depth of 500";
    assert_eq!(write_document(&node).unwrap_err().to_string(), error);
    assert_eq!(yaml_node::to_go_json(&node).unwrap_err().to_string(), error);
    assert_eq!(node.to_json().unwrap_err().to_string(), error);
}
