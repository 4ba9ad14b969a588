//! Head of a manifest: kind, name and annotations.

use yaml_node::Node;

use crate::chart::decode::{Decoder, Target, is_field, unmarshal};
use crate::values::node_count;

/// The fields of a manifest that Helm reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ManifestHead {
    /// `apiVersion`
    pub api_version: String,
    /// `kind`
    pub kind: String,
    /// `metadata.name`
    pub name: String,
    /// `metadata.annotations`, sorted by key.
    pub annotations: Vec<(String, String)>,
}

/// When Helm applies a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HookEvent {
    /// `pre-install`
    PreInstall,
    /// `post-install`
    PostInstall,
    /// `pre-delete`
    PreDelete,
    /// `post-delete`
    PostDelete,
    /// `pre-upgrade`
    PreUpgrade,
    /// `post-upgrade`
    PostUpgrade,
    /// `pre-rollback`
    PreRollback,
    /// `post-rollback`
    PostRollback,
    /// `test`, also written `test-success`
    Test,
}

/// Go's type of `metadata`.
const METADATA_TYPE: &str =
    r#"struct { Name string "json:\"name\""; Annotations map[string]string "json:\"annotations\"" }"#;

impl ManifestHead {
    /// Reads a whole document, so that all errors are found. Also returns its number of nodes if it may have aliases, which can
    /// expand to more nodes than the text has bytes.
    pub(super) fn read(text: &str) -> Result<(Self, usize), String> {
        let may_have_aliases = text.contains('*') && text.contains('&');
        unmarshal(text.as_bytes(), |decoder, node| {
            let mut head = ManifestHead::default();
            let Some(node) = node else { return (head, 0) };
            head.decode(decoder, node);
            (head, if may_have_aliases { node_count(node) } else { 0 })
        })
    }

    fn decode(&mut self, decoder: &mut Decoder, node: &Node) {
        for (key, value) in decoder.entries(node, Target::Value, "util.SimpleHead") {
            let texts = [("apiVersion", &mut self.api_version), ("kind", &mut self.kind)];
            if !decoder.string_field(key, value, "SimpleHead", texts) && is_field(key, "metadata") {
                self.decode_metadata(decoder, value);
            }
        }
    }

    fn decode_metadata(&mut self, decoder: &mut Decoder, node: &Node) {
        const PATH: &str = "SimpleHead.metadata";
        let target = Target::Field("SimpleHead", "metadata");
        for (key, value) in decoder.entries(node, target, METADATA_TYPE) {
            let is_name = decoder.string_field(key, value, PATH, [("name", &mut self.name)]);
            if !is_name && is_field(key, "annotations") {
                self.annotations = decoder.string_map(value, Target::Field(PATH, "annotations"));
            }
        }
    }

    /// The value of an annotation.
    pub fn annotation(&self, name: &str) -> Option<&str> {
        let found = self.annotations.iter().find(|(key, _)| key == name)?;
        Some(&found.1)
    }

    /// The events of a hook: `None` if it is not a hook, `Some(None)` if Helm does not know one of its events.
    #[allow(
        clippy::option_option,
        reason = "what is no hook is applied, what is an unknown one is not"
    )]
    pub(super) fn hook_events(&self) -> Option<Option<Vec<HookEvent>>> {
        let names = self.annotation("helm.sh/hook")?;
        Some(names.split(',').map(HookEvent::named).collect())
    }

    /// The weight of a hook; 0 if it has none.
    pub(super) fn hook_weight(&self) -> i64 {
        self.annotation("helm.sh/hook-weight")
            .and_then(|weight| weight.parse().ok())
            .unwrap_or(0)
    }
}

impl HookEvent {
    fn named(name: &str) -> Option<HookEvent> {
        Some(match name.trim().to_lowercase().as_str() {
            "pre-install" => HookEvent::PreInstall,
            "post-install" => HookEvent::PostInstall,
            "pre-delete" => HookEvent::PreDelete,
            "post-delete" => HookEvent::PostDelete,
            "pre-upgrade" => HookEvent::PreUpgrade,
            "post-upgrade" => HookEvent::PostUpgrade,
            "pre-rollback" => HookEvent::PreRollback,
            "post-rollback" => HookEvent::PostRollback,
            "test" | "test-success" => HookEvent::Test,
            _ => return None,
        })
    }
}
