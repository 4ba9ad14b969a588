//! `impact`: everything that fails with a service or object, in every cluster of the repository.

use infra_query::impact::{Elsewhere, InOther, impact_among, reached_elsewhere};
use infra_query::{Matched, Subject};

use super::{about, dead_end};
use crate::exit::{Exit, Failure};
use crate::several_clusters::Folding;
use crate::terminal::Terminal;

/// Answers the question for all clusters, since a host that one cluster names may be a service that another one runs.
pub(crate) fn run(arguments: &about::Arguments, terminal: &Terminal) -> Result<Exit, Failure> {
    let source = arguments.model.open(terminal)?;
    let name = arguments.name.as_str();
    let mut reached: Vec<Elsewhere> = Vec::new();
    let mut clusters = 0;
    source.each_cluster(|cluster, facts| {
        clusters += 1;
        reached.extend(reached_elsewhere(cluster, facts, name));
    });
    let others_of = |cluster: &str| -> Vec<Elsewhere> {
        let others = reached.iter().filter(|other| other.cluster != cluster);
        others.cloned().collect()
    };
    let mut in_others = Vec::new();
    source.each_closed_cluster(|cluster, facts| {
        // An object with this name in the cluster itself is a different one. If the cluster reaches none elsewhere, so is
        // an object with the name as a part of its own or as its namespace.
        let others = others_of(cluster);
        let is_other = |hit: &infra_query::Hit<'_>| {
            (hit.matched <= Matched::Alias || others.is_empty() && hit.matched != Matched::Field)
                && !matches!(hit.subject, Subject::External(_) | Subject::Variable(..))
        };
        let has_own = infra_query::find(facts, name).is_ok_and(|hits| hits.iter().any(is_other));
        let is_own = has_own || reached.iter().any(|other| other.cluster == cluster);
        let impact = impact_among(facts, name, &others).ok();
        if let Some(impact) = impact.filter(|_| !is_own) {
            let effects = impact.effects.iter().map(|effect| effect.node.key().to_owned());
            let named = impact.named_by.iter().map(|by| by.object.to_string());
            in_others.push(InOther {
                cluster: cluster.to_owned(),
                keys: effects.chain(named).collect(),
            });
        }
    });
    in_others.retain(|other| !other.keys.is_empty());
    let answered = source.ask_named(name, Folding::OF_EACH, |cluster, facts, name| {
        let mut impact = impact_among(facts, name, &others_of(cluster))?;
        impact.is_of_several = clusters > 1;
        impact.in_others = in_others.clone();
        Ok(impact)
    });
    dead_end::or_lines(answered, &arguments.model, terminal)
}
