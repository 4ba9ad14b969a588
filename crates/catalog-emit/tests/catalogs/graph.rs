//! Both ends of an edge give it, whether its users are searched for or looked up in an index.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};
use catalog_emit::{CatalogStore, load};
use infra_query::{Edge, EdgeKind, Facts, Graph, Node};
use pretty_assertions::assert_eq;

fn data() -> Utf8PathBuf {
    Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("../../skills/flux-infra-guide/data")
}

type Ends<'a> = (Node<'a>, Node<'a>, EdgeKind);

fn ends<'a>(edge: &Edge<'a>) -> Ends<'a> {
    (edge.from, edge.to, edge.kind)
}

#[test]
fn both_ends_give_an_edge() {
    let model = load(&data()).unwrap();
    let graph = Graph::new(&model);
    let exists = |node: Node<'_>| node.subject(&model).is_some();
    let stated: BTreeSet<Ends<'_>> = graph
        .nodes()
        .flat_map(|node| {
            let talks_to = match node {
                Node::Service(key) => graph.talks_to(key).chain(graph.installed_by(key)).collect(),
                _ => Vec::new(),
            };
            talks_to
                .into_iter()
                .chain(graph.depends_on(node))
                .chain(graph.applied_by(node))
                .chain(graph.sourced_from(node))
        })
        .filter(|edge| exists(edge.to))
        .map(|edge| ends(&edge))
        .collect();
    let kinds = [
        EdgeKind::TalksTo,
        EdgeKind::InstalledBy,
        EdgeKind::DependsOn,
        EdgeKind::AppliedBy,
        EdgeKind::SourcedFrom,
    ];
    let led_to: BTreeSet<Ends<'_>> = graph
        .edges()
        .filter(|edge| kinds.contains(&edge.kind))
        .map(|edge| ends(&edge))
        .collect();
    assert_eq!(stated, led_to);
    for kind in kinds {
        assert!(led_to.iter().any(|(.., known)| *known == kind), "no {kind:?}");
    }
}

#[test]
fn a_search_finds_what_the_index_has() {
    let model = load(&data()).unwrap();
    let store = CatalogStore::open(&data(), None).unwrap();
    for facts in [&model as &dyn Facts, &store] {
        let all = Graph::new(facts);
        let mut count = 0;
        for node in all.nodes() {
            // A graph of which little was asked searches.
            let found = Graph::new(facts).to(node);
            assert_eq!(found, all.to(node), "{node:?}");
            count += found.len();
        }
        assert!(count > 50, "{count}");
    }
}
