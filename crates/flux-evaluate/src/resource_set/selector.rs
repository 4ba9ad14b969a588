//! Label selectors:
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements>.

use std::collections::BTreeMap;

use yaml_node::Node;

use super::error::ResourceSetError;

/// `matchLabels` and `matchExpressions`, which must all match. An empty selector selects everything.
pub(super) struct Selector {
    requirements: Vec<Requirement>,
}

struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Selector {
    pub(super) fn new(
        labels: &BTreeMap<String, String>,
        expressions: &[Node],
    ) -> Result<Selector, ResourceSetError> {
        let labels = labels.iter().map(|(key, value)| {
            Ok(Requirement {
                key: key.clone(),
                operator: Operator::In,
                values: vec![value.clone()],
            })
        });
        let requirements = labels
            .chain(expressions.iter().map(Requirement::read))
            .collect::<Result<_, _>>()?;
        Ok(Selector { requirements })
    }

    pub(super) fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.requirements.iter().all(|requirement| {
            let value = labels.get(&requirement.key);
            match requirement.operator {
                Operator::In => value.is_some_and(|value| requirement.values.contains(value)),
                Operator::NotIn => !value.is_some_and(|value| requirement.values.contains(value)),
                Operator::Exists => value.is_some(),
                Operator::DoesNotExist => value.is_none(),
            }
        })
    }
}

impl Requirement {
    fn read(expression: &Node) -> Result<Requirement, ResourceSetError> {
        let operator = match expression.text_at(&["operator"]) {
            Some("In") => Operator::In,
            Some("NotIn") => Operator::NotIn,
            Some("Exists") => Operator::Exists,
            Some("DoesNotExist") => Operator::DoesNotExist,
            other => {
                let other = other.unwrap_or_default();
                let message = format!("{other:?} is not a valid label selector operator");
                return Err(ResourceSetError::new(message, expression.mark));
            }
        };
        let values = expression.get("values").map_or(&[][..], Node::items);
        if values.is_empty() == matches!(operator, Operator::In | Operator::NotIn) {
            let message = "In and NotIn need values, Exists and DoesNotExist have none";
            return Err(ResourceSetError::new(message, expression.mark));
        }
        let values = values.iter().filter_map(Node::text).map(str::to_owned);
        Ok(Requirement {
            key: expression.text_at(&["key"]).unwrap_or_default().to_owned(),
            operator,
            values: values.collect(),
        })
    }
}
