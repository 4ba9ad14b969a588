//! Conditions of a status.

use super::view::views;

views! {
    /// An entry of `status.conditions`.
    Condition {
        r#type: String,
        status: String,
        reason: String,
        message: String,
        last_transition_time: String,
        observed_generation: Option<i64>,
    }
}

/// Finds conditions by their types.
pub(crate) trait Conditions {
    /// The condition of a type.
    fn of_type(&self, name: &str) -> Option<&Condition>;

    /// The condition of a type, where it has this status.
    fn with_status(&self, name: &str, status: &str) -> Option<&Condition> {
        self.of_type(name).filter(|condition| condition.status == status)
    }
}

impl Conditions for [Condition] {
    fn of_type(&self, name: &str) -> Option<&Condition> {
        self.iter().find(|condition| condition.r#type == name)
    }
}
