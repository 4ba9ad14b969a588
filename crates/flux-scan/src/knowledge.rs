//! `flux-infra-guide.yaml` turns into curated knowledge. Each invalid part is left out, with a diagnostic.

use std::collections::BTreeMap;

use infra_model::codes;
use infra_model::knowledge::{
    ComponentKnowledge, ExternalKnowledge, Knowledge, Noted, ProducedElsewhere, ServiceKnowledge, Tenants,
};
use plain_text::is_check_command;
use redaction::without_credentials;
use source_tree::{Diagnostic, FileTable, Limits, Mark, Place, RepoPath};
use yaml_node::Node;

/// The knowledge file at the top of a repository.
pub const KNOWLEDGE_FILE: &str = "flux-infra-guide.yaml";

const PARTS: &[&str] = &[
    "namespaces",
    "services",
    "externals",
    "components",
    "tenants",
    "notes",
    "producedElsewhere",
];
/// Sections of the skill that take notes.
const SECTIONS: &[&str] = &[
    "overview",
    "services",
    "flux",
    "secrets",
    "configmaps",
    "observability",
    "dependencies",
];
/// Kinds in `producedElsewhere`.
const KINDS: &[&str] = &[
    "ClusterSecretStore",
    "ConfigMap",
    "Secret",
    "SecretProviderClass",
    "SecretStore",
    "ServiceAccount",
];

/// Parses a knowledge file; `path` is its path in places. Unless its author is `trusted`, the file counts as text of the repository:
/// commands that do more than read are left out, and notes are quoted.
pub fn read_knowledge(
    text: &str,
    path: &RepoPath,
    limits: &Limits,
    trusted: bool,
) -> (Knowledge, Vec<Diagnostic>) {
    let files = FileTable::new();
    let mut reader = Reader {
        path,
        trusted,
        diagnostics: Vec::new(),
    };
    let knowledge = match yaml_node::read_documents(text, files.id(path), limits) {
        Ok(documents) => reader.file(&documents),
        Err(error) => {
            reader.refuse(
                error.mark,
                format!("the knowledge file is not valid YAML: {}", error.message),
            );
            Knowledge::default()
        }
    };
    (knowledge, reader.diagnostics)
}

struct Reader<'p> {
    path: &'p RepoPath,
    /// Whether the author is the user.
    trusted: bool,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn file(&mut self, documents: &[Node]) -> Knowledge {
        let mut knowledge = Knowledge {
            trusted: self.trusted,
            ..Knowledge::default()
        };
        if let Some(second) = documents.get(1) {
            self.refuse(
                second.mark,
                "the knowledge file is one document; this one is left out",
            );
        }
        let Some(node) = documents.first().filter(|node| !node.is_null()) else {
            return knowledge;
        };
        if !self.is_mapping(node, "the knowledge file") {
            return knowledge;
        }
        self.known_keys(node, PARTS, "the knowledge file");
        knowledge.namespaces = self.named(node, "namespaces", |reader, name, value| {
            reader.text(value, &format!("namespaces.{name}"))
        });
        knowledge.services = self.named(node, "services", Self::service);
        knowledge.externals = self.named(node, "externals", |reader, name, value| {
            let what = format!("externals.{name}");
            reader
                .is_usable(value, &what, &["description", "check"])
                .then(|| ExternalKnowledge {
                    description: reader.text_field(value, &what, "description"),
                    check: reader.check(value, &what, name),
                })
        });
        knowledge.components = self.named(node, "components", |reader, name, value| {
            let what = format!("components.{name}");
            reader
                .is_usable(value, &what, &["purpose", "storage", "consumers"])
                .then(|| ComponentKnowledge {
                    purpose: reader.text_field(value, &what, "purpose"),
                    storage: reader.text_field(value, &what, "storage"),
                    consumers: reader.text_field(value, &what, "consumers"),
                })
        });
        let tenants = node.get("tenants").filter(|value| !value.is_null());
        let tenants = tenants.filter(|value| self.is_usable(value, "tenants", &["header", "names"]));
        knowledge.tenants = tenants.map(|value| Tenants {
            header: self.text_field(value, "tenants", "header"),
            names: self.texts_field(value, "tenants", "names"),
        });
        knowledge.notes = self.notes(node);
        knowledge.produced_elsewhere = self.produced_elsewhere(node);
        knowledge
    }

    fn service(&mut self, name: &str, value: &Node) -> Option<ServiceKnowledge> {
        let what = format!("services.{name}");
        let fields = ["description", "failureImpact", "aliases", "dependsOn"];
        self.is_usable(value, &what, &fields).then(|| ServiceKnowledge {
            description: self.text_field(value, &what, "description"),
            failure_impact: self.text_field(value, &what, "failureImpact"),
            aliases: self.texts_field(value, &what, "aliases"),
            depends_on: self.texts_field(value, &what, "dependsOn"),
        })
    }

    /// The command that checks `external`, if the author may state it.
    fn check(&mut self, node: &Node, what: &str, external: &str) -> Option<String> {
        let check = self.text_field(node, what, "check");
        let check = check.filter(|check| !check.is_empty())?;
        if self.trusted || is_check_command(&check, external) {
            return Some(check);
        }
        let diagnostic = Diagnostic::warning(
            codes::KNOWLEDGE_INVALID,
            format!("{what}.check is not a command that only looks, and is left out"),
        )
        .at(self.place(node.get("check").map_or(node.mark, |check| check.mark)))
        .hint(
            "a command such as `kubectl get pods -n NAMESPACE`; --trust-knowledge takes the file as your own",
        );
        self.diagnostics.push(diagnostic);
        None
    }

    fn notes(&mut self, node: &Node) -> BTreeMap<String, Noted<String>> {
        self.named(node, "notes", |reader, section, value| {
            if !SECTIONS.contains(&section) {
                let sections = SECTIONS.join(", ");
                let message = format!("notes.{section} is not a section; the sections are {sections}");
                reader.refuse(value.mark, message);
                return None;
            }
            reader.text(value, &format!("notes.{section}"))
        })
    }

    fn produced_elsewhere(&mut self, node: &Node) -> Vec<ProducedElsewhere> {
        let mut found = Vec::new();
        let list = self.list(node, "producedElsewhere", "producedElsewhere");
        for (index, value) in list.iter().enumerate() {
            let what = format!("producedElsewhere[{index}]");
            if !self.is_usable(value, &what, &["kind", "namespace", "name"]) {
                continue;
            }
            let kind = self.text_field(value, &what, "kind");
            let name = self.text_field(value, &what, "name");
            let (Some(kind), Some(name)) = (kind, name) else {
                self.refuse(value.mark, format!("{what} needs kind and name"));
                continue;
            };
            if !KINDS.contains(&kind.as_str()) {
                self.refuse(value.mark, format!("{what}: the kinds are {}", KINDS.join(", ")));
                continue;
            }
            found.push(ProducedElsewhere {
                kind,
                namespace: self.text_field(value, &what, "namespace"),
                name,
                place: self.place(value.mark),
            });
        }
        found
    }

    /// The entries of a mapping by name.
    fn named<T>(
        &mut self,
        node: &Node,
        part: &str,
        mut read: impl FnMut(&mut Self, &str, &Node) -> Option<T>,
    ) -> BTreeMap<String, Noted<T>> {
        let mut entries = BTreeMap::new();
        let Some(mapping) = node.get(part).filter(|value| !value.is_null()) else {
            return entries;
        };
        if !self.is_mapping(mapping, part) {
            return entries;
        }
        for (key, value) in mapping.as_mapping().map_or(&[][..], yaml_node::Mapping::entries) {
            let Some(name) = key.text() else {
                self.refuse(key.mark, format!("a key of {part} is a {}", key.shape()));
                continue;
            };
            if entries.contains_key(name) {
                self.refuse(
                    key.mark,
                    format!("{part}.{name} is stated twice; the first counts"),
                );
                continue;
            }
            if let Some(found) = read(self, name, value) {
                let place = self.place(key.mark);
                entries.insert(name.to_owned(), Noted { value: found, place });
            }
        }
        entries
    }

    /// Whether a value is null or a mapping. Reports fields of the mapping that are not known.
    fn is_usable(&mut self, node: &Node, what: &str, known: &[&str]) -> bool {
        let is_usable = node.is_null() || self.is_mapping(node, what);
        self.known_keys(node, known, what);
        is_usable
    }

    fn known_keys(&mut self, node: &Node, known: &[&str], what: &str) {
        for (key, _) in node.as_mapping().map_or(&[][..], yaml_node::Mapping::entries) {
            let name = key.text().unwrap_or_default();
            if !known.contains(&name) {
                let fields = known.join(", ");
                self.refuse(
                    key.mark,
                    format!("{what} has no field `{name}`; the fields are {fields}"),
                );
            }
        }
    }

    fn text_field(&mut self, node: &Node, what: &str, field: &str) -> Option<String> {
        let value = node.get(field)?;
        self.text(value, &format!("{what}.{field}"))
    }

    fn texts_field(&mut self, node: &Node, what: &str, field: &str) -> Vec<String> {
        let what = format!("{what}.{field}");
        let items = self.list(node, field, &what).iter().enumerate();
        items
            .filter_map(|(index, item)| self.text(item, &format!("{what}[{index}]")))
            .collect()
    }

    /// The items of a list; none for a field that is missing, null, or not a list.
    fn list<'n>(&mut self, node: &'n Node, field: &str, what: &str) -> &'n [Node] {
        let Some(list) = node.get(field).filter(|value| !value.is_null()) else {
            return &[];
        };
        if list.as_sequence().is_none() {
            let message = format!("{what} must be a list, and is a {}", list.shape());
            self.refuse(list.mark, message);
        }
        list.items()
    }

    /// The text of a scalar; `None` for null.
    fn text(&mut self, node: &Node, what: &str) -> Option<String> {
        if node.is_null() {
            return None;
        }
        match node.text() {
            Some(text) => Some(self.without_credentials(node, text, what)),
            None => {
                let message = format!("{what} must be a text, and is a {}", node.shape());
                self.refuse(node.mark, message);
                None
            }
        }
    }

    /// A text without the credentials in it, which are reported.
    fn without_credentials(&mut self, node: &Node, text: &str, what: &str) -> String {
        let cleaned = without_credentials(text);
        if cleaned != text {
            let message = format!("{what} of the knowledge file holds a credential in plain text");
            let diagnostic = Diagnostic::warning(codes::REDACTED, message)
                .at(self.place(node.mark))
                .hint("take it out, and rotate it");
            self.diagnostics.push(diagnostic);
        }
        cleaned.into_owned()
    }

    fn is_mapping(&mut self, node: &Node, what: &str) -> bool {
        let is_mapping = node.as_mapping().is_some();
        if !is_mapping {
            let message = format!("{what} must be a mapping, and is a {}", node.shape());
            self.refuse(node.mark, message);
        }
        is_mapping
    }

    fn place(&self, mark: Mark) -> Option<Place> {
        Some(Place {
            file: self.path.clone(),
            line: mark.line,
        })
    }

    fn refuse(&mut self, mark: Mark, message: impl Into<String>) {
        let diagnostic = Diagnostic::warning(codes::KNOWLEDGE_INVALID, message)
            .at(self.place(mark))
            .hint("see docs/knowledge.md for what the file may hold");
        self.diagnostics.push(diagnostic);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Knowledge, Vec<(u32, String)>) {
        let (knowledge, diagnostics) =
            read_knowledge(text, &KNOWLEDGE_FILE.into(), &Limits::default(), false);
        let lines = diagnostics
            .into_iter()
            .map(|diagnostic| (diagnostic.place.map_or(0, |place| place.line), diagnostic.message))
            .collect();
        (knowledge, lines)
    }

    #[test]
    fn every_part_is_read_with_its_line() {
        let (knowledge, wrong) = read(
            "namespaces: {backend-services: Core platform services}\n\
             services:\n  papi: {description: API, failureImpact: down, aliases: [api], dependsOn: [postgresql]}\n\
             externals: {postgresql: {description: Primary database, check: kubectl get pods}}\n\
             components: {mimir: {purpose: Metrics, storage: \"GCS: ${project_id}-mimir\", consumers: SRE}}\n\
             tenants: {header: X-Scope-OrgID, names: [a]}\n\
             notes: {observability: Grafana}\n\
             producedElsewhere: [{kind: Secret, namespace: postgres, name: \"*-pguser-*\"}]\n",
        );
        assert_eq!(wrong, []);
        let papi = &knowledge.services["papi"];
        assert_eq!(papi.place.as_ref().map(|place| place.line), Some(3));
        assert_eq!(papi.value.aliases, ["api"]);
        assert_eq!(papi.value.depends_on, ["postgresql"]);
        assert_eq!(
            knowledge.components["mimir"].value.storage.as_deref(),
            Some("GCS: ${project_id}-mimir")
        );
        assert_eq!(knowledge.produced_elsewhere[0].name, "*-pguser-*");
        assert_eq!(knowledge.notes["observability"].value, "Grafana");
    }

    #[test]
    fn what_does_not_fit_is_left_out_alone() {
        let (knowledge, wrong) = read(
            "service: {}\nservices:\n  a: {descripton: x, failureImpact: y}\n  b: text\n  c: {aliases: one}\n\
             notes: {nowhere: z}\nproducedElsewhere:\n  - {kind: Pod, name: p}\n  - {kind: Secret}\n",
        );
        assert_eq!(
            wrong.iter().map(|(line, _)| *line).collect::<Vec<_>>(),
            [1, 3, 4, 5, 6, 8, 9]
        );
        assert!(wrong[1].1.contains("`descripton`"));
        assert_eq!(knowledge.services["a"].value.failure_impact.as_deref(), Some("y"));
        assert!(!knowledge.services.contains_key("b") && knowledge.services.contains_key("c"));
        assert!(knowledge.notes.is_empty() && knowledge.produced_elsewhere.is_empty());
    }

    #[test]
    fn no_yaml_and_no_content_are_no_end() {
        assert_eq!(read("").1, []);
        assert_eq!(read("# only a comment\n").1, []);
        assert_eq!(read("a: [\n").1.len(), 1);
        assert_eq!(read("- a\n").1.len(), 1);
    }
}
