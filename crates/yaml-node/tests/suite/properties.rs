//! Property tests: no input causes a panic, and written text reads back.

use crate::common::{FILE, limits};
use proptest::prelude::*;
use yaml_node::{
    Dialect, Node, Scalar, Style, Tag, Value, expand_merges, read_documents, read_resources_text,
    read_yaml11, read_yaml11_strict, resolve, split_documents, to_go_json, write_document, write_preserving,
};

/// Texts of tokens with a meaning in YAML, and of arbitrary strings.
fn yaml_like() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        8 => prop::sample::select(vec![
            "a", "key", ": ", ":", "- ", "-", "? ", "[", "]", "{", "}", ", ", "\n", "\n  ", "\n- ", " ", "\t", "#", " # c",
            "&a ", "*a", "!!str ", "!!int ", "!x ", "!", "|", ">", "|-\n", ">+2\n", "\"", "'", "\\", "\\x41", "%", "---",
            "\n---\n", "...", "\r\n", "\r", "<<: ", "<<", "1", "0x1F", ".5", "2001-01-01", "true", "null", "~", "é",
            "\u{85}", "\u{2028}", "\u{FEFF}", "😀", "\0", "\u{7F}",
        ]).prop_map(String::from),
        1 => any::<String>(),
    ];
    prop::collection::vec(token, 0..24).prop_map(|tokens| tokens.concat())
}

/// Texts that survive every stage: without control characters, which YAML forbids, and U+0085, which it folds.
fn text() -> impl Strategy<Value = String> {
    let survives = |c: char| !matches!(c, '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}');
    let char = prop_oneof![
        6 => prop::sample::select(vec![' ', '\n', '\t', ':', '#', '-', '\'', '"', ',', '[', '{', '\\', 'a', 'b', '1', '.']),
        1 => any::<char>().prop_filter("forbidden in YAML", move |c| survives(*c)),
    ];
    prop_oneof![
        prop::collection::vec(char, 0..120).prop_map(String::from_iter),
        prop::sample::select(vec![
            "",
            "yes",
            "null",
            "1_000",
            "0x1F",
            "1:30",
            "2001-01-01",
            "<<",
            "=",
            "---",
            "."
        ])
        .prop_map(String::from),
    ]
}

fn string(text: String) -> Node {
    Node::new(Value::Scalar(Scalar {
        text: text.into(),
        style: Style::DoubleQuoted,
        tag: Tag::Str,
    }))
}

fn tree() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        4 => text().prop_map(string),
        1 => any::<i64>().prop_map(Node::int),
        1 => any::<bool>().prop_map(Node::bool),
        1 => Just(Node::null()),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Node::sequence),
            prop::collection::btree_map(text(), inner, 0..5).prop_map(|mut entries| {
                // go-yaml writes it plain, and it reads back as a merge key.
                entries.remove("<<");
                let entries = entries.into_iter().map(|(key, value)| (string(key), value));
                Node::new(Value::Mapping(yaml_node::Mapping::new(entries.collect())))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_a_reader_or_writer_panic(text in yaml_like()) {
        for node in read_documents(&text, FILE, &limits()).unwrap_or_default() {
            let _ = (write_document(&node), to_go_json(&node), node.to_json(), write_preserving(&node));
            let mut merged = node;
            let _ = expand_merges(&mut merged);
        }
        for node in read_resources_text(&text, FILE, &limits()).unwrap_or_default() {
            let _ = write_document(&node);
        }
        let _ = (read_yaml11(&text, FILE, &limits()), read_yaml11_strict(&text, FILE, &limits()));
        let _ = (split_documents(&text, FILE), resolve(&text, Dialect::V3), resolve(&text, Dialect::Yaml11));
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = String::from_utf8_lossy(&bytes);
        let _ = (read_documents(&text, FILE, &limits()), read_yaml11(&text, FILE, &limits()));
    }

    #[test]
    fn written_trees_read_back(node in tree()) {
        let text = write_document(&node).unwrap();
        let read = read_yaml11(&text, FILE, &limits()).unwrap().unwrap();
        prop_assert_eq!(read.to_json().unwrap(), node.to_json().unwrap(), "{}", text);
        let read = read_documents(&text, FILE, &limits()).unwrap();
        prop_assert_eq!(read[0].to_json().unwrap(), node.to_json().unwrap(), "{}", text);
    }

    #[test]
    fn preserved_trees_read_back(node in tree()) {
        let text = write_preserving(&node);
        let read = read_documents(&text, FILE, &limits()).unwrap();
        prop_assert!(read[0].same_value(&node), "{}", text);
    }

    #[test]
    fn json_reads_back(node in tree()) {
        let json: serde_json::Value = serde_json::from_str(&to_go_json(&node).unwrap()).unwrap();
        prop_assert_eq!(&json, &node.to_json().unwrap());
        // Strings from JSON are plain, and kustomize refuses some of those.
        if let Ok(again) = Node::from_json(&json).to_json() {
            prop_assert_eq!(again, json);
        }
    }
}
