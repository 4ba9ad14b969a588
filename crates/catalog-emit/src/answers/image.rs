//! `image`: `{"imageGroups": [{"key", "entry", "command"}], "undecided": [{"image", "services"}], "next"}`.

use infra_query::Subject;
use infra_query::image::ImageAnswer;
use serde_json::{Value, json};

use super::{ToJson, next_steps, object, subject, unless_empty};

impl ToJson for ImageAnswer<'_> {
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        let mut groups = Vec::new();
        for group in &self.groups {
            groups.push(object([
                ("key", group.key.into()),
                (
                    "entry",
                    subject::entry(Subject::ImageGroup(group.key, group.group))?,
                ),
                ("command", group.command.as_deref().into()),
            ]));
        }
        let undecided = self
            .undecided
            .iter()
            .map(|(image, services)| json!({"image": image, "services": services}));
        Ok(object([
            ("imageGroups", Value::Array(groups)),
            ("undecided", unless_empty(undecided)),
            ("next", next_steps::steps(&self.next)),
        ]))
    }
}
