//! Answers for several clusters as one text: equal ones once, others side by side.

use infra_query::QueryError;
use serde_json::{Value, json};

/// The answer for one of several clusters.
#[derive(Clone)]
pub(crate) struct OfCluster {
    /// The title of the cluster.
    pub(crate) cluster: String,
    pub(crate) text: String,
    /// The answer as JSON, if that is the requested format.
    pub(crate) json: Option<serde_json::Value>,
}

/// Answers with the titles of their clusters, in the order of the first cluster of each.
pub(crate) type Groups = Vec<(Vec<String>, OfCluster)>;

/// Groups clusters with equal answers: with equal text, and with equal JSON if that is requested.
pub(crate) fn grouped(answers: Vec<OfCluster>) -> Groups {
    let mut groups = Groups::new();
    for answer in answers {
        let is_same = |(clusters, known): &&mut (Vec<String>, OfCluster)| {
            let own = || without_cluster(&answer.text, &answer.cluster);
            let other = || clusters.first().map(|first| without_cluster(&known.text, first));
            known.json == answer.json
                && (known.text == answer.text || answer.json.is_none() && other().as_ref() == Some(&own()))
        };
        match groups.iter_mut().find(is_same) {
            Some((clusters, known)) => {
                if known.text != answer.text {
                    known.text = without_cluster(&answer.text, &answer.cluster);
                }
                clusters.push(answer.cluster);
            }
            None => groups.push((vec![answer.cluster.clone()], answer)),
        }
    }
    groups
}

/// A text without the cluster's name in paths, so that the same file in the folder of each cluster is not a difference.
fn without_cluster(text: &str, cluster: &str) -> String {
    match cluster.is_empty() {
        true => text.to_owned(),
        false => text.replace(&format!("/{cluster}/"), "/NAME/"),
    }
}

/// `[{"clusters", "answer"}]`, with `null` as the answer of clusters that have none.
pub(crate) fn json(groups: Groups, absent: &[String]) -> Value {
    let values = groups.into_iter();
    let mut values: Vec<Value> = values
        .map(|(clusters, answer)| json!({"clusters": clusters, "answer": answer.json}))
        .collect();
    if !absent.is_empty() {
        values.push(json!({"clusters": absent, "answer": null}));
    }
    Value::Array(values)
}

/// Most bytes of answers that people would read.
pub(crate) const MOST_TEXT: usize = 6_000;

/// An answer, with the facts that decide whether it is printed in full.
pub(crate) struct Candidate {
    pub(crate) answer: OfCluster,
    /// Whether the name is that of an object in the cluster, not a value or a part of a name.
    pub(crate) is_exact: bool,
    /// Whether the name is only a part of names in the cluster.
    pub(crate) is_part: bool,
    /// Number of services in the cluster.
    pub(crate) services: usize,
    /// The meaning of the name in the cluster, and its place, in one line.
    pub(crate) about: Option<String>,
}

/// Which of several answers are printed in full.
#[derive(Clone, Copy)]
pub(crate) struct Folding {
    /// If all answers together are longer, and have little in common, only one cluster's is printed in full.
    most: usize,
    /// Whether clusters with an object of this name come before clusters where it is a value or a part of a name.
    pub(crate) exact_first: bool,
}

impl Folding {
    /// For questions about an object, which most clusters answer alike.
    pub(crate) const OF_OBJECT: Folding = Folding {
        most: 900,
        exact_first: true,
    };

    /// For questions that each cluster answers differently, such as what fails there.
    pub(crate) const OF_EACH: Folding = Folding {
        most: 1_500,
        exact_first: false,
    };
}

/// The answers to print in full, and lines for the others. If a cluster has an object of this name, clusters where the name is
/// something else get a line. Of long answers, only that of the cluster with most services is printed in full.
pub(crate) fn folded(mut all: Vec<Candidate>, folding: Folding) -> (Vec<OfCluster>, Vec<String>) {
    let Folding { most, exact_first } = folding;
    let has_exact = exact_first && all.iter().any(|candidate| candidate.is_exact);
    let mut lines = Vec::new();
    if has_exact {
        let others = all.iter().filter(|candidate| !candidate.is_exact);
        let (values, parts): (Vec<&Candidate>, Vec<&Candidate>) =
            others.partition(|candidate| !candidate.is_part);
        let values: Vec<(&Candidate, String)> = values.into_iter().map(|it| (it, String::new())).collect();
        lines.extend(lines_for("named in a value of another object in", &values));
        if !parts.is_empty() {
            let names = parts.iter().map(|candidate| candidate.answer.cluster.clone());
            let names: Vec<String> = names.collect();
            lines.push(format!("as a part of other names in {}\n", cluster_names(&names)));
        }
        all.retain(|candidate| candidate.is_exact);
    }
    let length: usize = all.iter().map(|candidate| candidate.answer.text.len()).sum();
    let main = (0..all.len())
        .rev()
        .max_by_key(|at| all.get(*at).map(|candidate| candidate.services));
    let is_long = all.len() > 1 && length > most && all.iter().all(|candidate| candidate.about.is_some());
    if let (true, Some(main)) = (is_long, main) {
        let answers = all.iter().map(|candidate| candidate.answer.clone());
        let groups = grouped(answers.collect());
        // Side by side they may be hardly longer than one.
        let alone = all.get(main).map_or(0, |candidate| candidate.answer.text.len());
        let is_short = |text: &String| text.len() <= most.max(alone + alone / 4);
        if groups.len() > 1 && !merged(&groups).is_some_and(|text| is_short(&text)) {
            let text = all.get(main).map(|candidate| candidate.answer.text.clone());
            let is_main = |candidate: &Candidate| Some(&candidate.answer.text) == text.as_ref();
            let others = all.iter().filter(|candidate| !is_main(candidate));
            let others = others.map(|candidate| (candidate, differences(candidate, text.as_deref())));
            let others: Vec<(&Candidate, String)> = others.collect();
            lines.splice(0..0, lines_for("also in", &others));
            all.retain(is_main);
        }
    }
    let answers = all.into_iter().map(|candidate| candidate.answer);
    (answers.collect(), lines)
}

/// A line for each cluster, or one for several with equal texts, followed by the differences.
fn lines_for(word: &str, others: &[(&Candidate, String)]) -> Vec<String> {
    let mut groups: Vec<(Vec<String>, [String; 2])> = Vec::new();
    for (candidate, differences) in others {
        let cluster = candidate.answer.cluster.clone();
        let about = candidate.about.as_deref().unwrap_or_default();
        let own = [about, differences.as_str()].map(|text| without_cluster(text, &cluster));
        match groups.iter_mut().find(|(_, known)| *known == own) {
            Some((clusters, _)) => clusters.push(cluster),
            None => groups.push((vec![cluster], own)),
        }
    }
    let lines = groups.into_iter().map(|(clusters, texts)| {
        let [about, differences] = match clusters.as_slice() {
            [only] => texts.map(|text| text.replace("/NAME/", &format!("/{only}/"))),
            _ => texts,
        };
        let about = match about.as_str() {
            "" => String::new(),
            about => format!(" {about}"),
        };
        let shown = match clusters.as_slice() {
            [only] => plain_text::printable_name(argument(only)).into_owned(),
            _ => "NAME".to_owned(),
        };
        let names = cluster_names(&clusters);
        format!("{word} {names}:{about}; --cluster {shown} shows it\n{differences}")
    });
    lines.collect()
}

/// A line for a cluster in which the name is ambiguous.
pub(crate) fn ambiguous(title: &str, error: &QueryError) -> String {
    let cluster = cluster_names(&[argument(title).to_owned()]);
    format!("in {cluster} {error}\n")
}

/// The argument of `--cluster` for the title of a cluster: its name, without the kubeConfig that reaches it.
fn argument(title: &str) -> &str {
    title.split(" (by ").next().unwrap_or(title)
}

/// The lines of an answer that differ from the main one, of those that people compare clusters by.
fn differences(candidate: &Candidate, main: Option<&str>) -> String {
    const COMPARED: [&str; 9] = [
        "path: ",
        "not available: ",
        "image: ",
        "chart: ",
        "runs: ",
        "needs it (",
        "applied through it (",
        "waits for it (",
        "named by (",
    ];
    // Short answers are compared as a whole.
    const SHORT: usize = 8;
    let main: Vec<&str> = main.unwrap_or_default().lines().collect();
    let own = candidate
        .answer
        .text
        .split("\nnext:\n")
        .next()
        .unwrap_or_default();
    let is_short = own.lines().count() <= SHORT;
    let other = own.lines().filter(|line| {
        let is_compared = is_short || COMPARED.iter().any(|start| line.starts_with(start));
        is_compared && !main.contains(line)
    });
    other.map(|line| format!("  {line}\n")).collect()
}

/// The text of all answers, until there are `most` bytes, with lines for others and the names of clusters without an answer.
pub(crate) fn text(groups: &Groups, others: &[String], absent: &[String], most: usize) -> String {
    let mut text = merged(groups).unwrap_or_else(|| {
        let mut text = String::new();
        let mut rest = groups.iter();
        for (clusters, answer) in rest.by_ref() {
            text.push_str(&format!("{}:\n{}", cluster_names(clusters), answer.text));
            if text.len() > most {
                break;
            }
        }
        let left: Vec<String> = rest.flat_map(|(clusters, _)| clusters.iter().cloned()).collect();
        if !left.is_empty() {
            let verb = if left.len() == 1 { "answers" } else { "answer" };
            text.push_str(&format!(
                "{} {verb} otherwise: --cluster NAME shows one\n",
                cluster_names(&left)
            ));
        }
        text
    });
    text.extend(others.iter().map(String::as_str));
    if !absent.is_empty() {
        // The kubeConfig of a remote cluster does not matter here.
        let absent: Vec<String> = absent.iter().map(|name| argument(name).to_owned()).collect();
        text.push_str(&format!("not in {}\n", cluster_names(&absent)));
    }
    text
}

/// Answers of a few groups of clusters side by side: common lines once, the others after the names of their clusters. `None` if
/// they have little in common, or end with different commands.
fn merged(groups: &[(Vec<String>, OfCluster)]) -> Option<String> {
    const MOST_GROUPS: usize = 4;
    const MOST_LINES: usize = 200;
    if !(2..=MOST_GROUPS).contains(&groups.len()) {
        return None;
    }
    let split = |text: &'_ str| match text.split_once("next:\n") {
        Some((lines, next)) => (lines.to_owned(), next.to_owned()),
        None => (text.to_owned(), String::new()),
    };
    let parts: Vec<(String, String)> = groups.iter().map(|(_, answer)| split(&answer.text)).collect();
    let (_, next) = parts.first()?;
    let is_mergeable = parts
        .iter()
        .all(|(lines, own)| own == next && lines.lines().count() <= MOST_LINES);
    if !is_mergeable {
        return None;
    }
    // Lines with the groups that have them, in the order of each answer.
    let mut lines: Vec<(&str, Vec<usize>)> = Vec::new();
    for (group, (text, _)) in parts.iter().enumerate() {
        let mut at = 0;
        for line in text.lines() {
            let rest = lines.get(at..).unwrap_or_default();
            match rest.iter().position(|(known, _)| *known == line) {
                Some(offset) => {
                    at += offset;
                    if let Some((_, having)) = lines.get_mut(at) {
                        having.push(group);
                    }
                    at += 1;
                }
                None => {
                    // After the lines that other answers have in its place.
                    let label = line.split(':').next();
                    while lines
                        .get(at)
                        .is_some_and(|(known, _)| known.split(':').next() == label)
                    {
                        at += 1;
                    }
                    lines.insert(at, (line, vec![group]));
                    at += 1;
                }
            }
        }
    }
    let common = lines
        .iter()
        .filter(|(_, having)| having.len() == groups.len())
        .count();
    if common * 3 < lines.len() {
        return None;
    }
    let all: Vec<String> = groups
        .iter()
        .flat_map(|(clusters, _)| clusters.iter().cloned())
        .collect();
    let mut text = format!("{}:\n", cluster_names(&all));
    for (line, having) in lines {
        if having.len() < groups.len() {
            let names = having.iter().filter_map(|group| groups.get(*group));
            let names: Vec<_> = names
                .flat_map(|(clusters, _)| clusters)
                .map(|name| plain_text::printable_name(name))
                .collect();
            text.push_str(&format!("[{}] ", names.join(", ")));
        }
        text.push_str(line);
        text.push('\n');
    }
    if !next.is_empty() {
        text.push_str("next:\n");
        text.push_str(next);
    }
    Some(text)
}

/// `cluster prod`, or `clusters prod, stage and 3 more`.
fn cluster_names(names: &[String]) -> String {
    const MOST: usize = 12;
    let shown: Vec<_> = names
        .iter()
        .take(MOST)
        .map(|name| plain_text::printable_name(name))
        .collect();
    let more = match names.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    match names.len() {
        1 => format!("cluster {}", shown.join(", ")),
        _ => format!("clusters {}{more}", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_reads_is_left_out_and_said() {
        let answers = ["a", "b", "c", "d"].map(|cluster| OfCluster {
            cluster: cluster.to_owned(),
            text: format!("one of {cluster}\ntwo of {cluster}\n"),
            json: None,
        });
        let groups = grouped(answers.into());
        assert_eq!(
            text(&groups, &[], &[], 50),
            "cluster a:\none of a\ntwo of a\ncluster b:\none of b\ntwo of b\nclusters c, d answer otherwise: --cluster NAME shows one\n"
        );
        assert_eq!(text(&groups, &[], &[], usize::MAX).lines().count(), 12);
    }

    fn candidate(cluster: &str, text: &str, is_exact: bool, services: usize) -> Candidate {
        Candidate {
            answer: OfCluster {
                cluster: cluster.to_owned(),
                text: text.to_owned(),
                json: None,
            },
            is_exact,
            is_part: false,
            services,
            about: Some(format!("Deployment web, {cluster}/web.yaml:1")),
        }
    }

    #[test]
    fn the_very_name_says_more_than_a_value() {
        let all = vec![
            candidate("a", "a value\n", false, 9),
            candidate("b", "the thing\n", true, 1),
        ];
        let (answers, lines) = folded(all, Folding::OF_OBJECT);
        assert_eq!(
            answers.iter().map(|it| it.cluster.as_str()).collect::<Vec<_>>(),
            ["b"]
        );
        let line = "named in a value of another object in cluster a: Deployment web, a/web.yaml:1; --cluster a shows it\n";
        assert_eq!(lines, [line]);
    }

    #[test]
    fn of_long_answers_that_differ_one_is_told_in_full() {
        let long = |word: &str| {
            (0..60)
                .map(|line| format!("{word} {line} of it\n"))
                .collect::<String>()
        };
        let all = || {
            vec![
                candidate("a", &long("one"), true, 1),
                candidate("b", &long("two"), true, 5),
            ]
        };
        let (answers, lines) = folded(all(), Folding::OF_OBJECT);
        assert_eq!(
            answers.iter().map(|it| it.cluster.as_str()).collect::<Vec<_>>(),
            ["b"]
        );
        assert_eq!(
            lines,
            ["also in cluster a: Deployment web, a/web.yaml:1; --cluster a shows it\n"]
        );
        let short = vec![candidate("a", "one\n", true, 1), candidate("b", "two\n", true, 5)];
        assert!(
            folded(short, Folding::OF_OBJECT).1.is_empty(),
            "short ones stand side by side"
        );
    }
}
