//! What Flux applies before and after a change turns into a review.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use catalog_emit::Catalogs;
use catalog_emit::facts::{self, FactChange, FactChangeKind};
use flux_evaluate::{Evaluation, ReleaseChart};
use infra_model::Infrastructure;
use rayon::prelude::*;
use source_tree::{Diagnostic, ObjectRef, codes};
use yaml_node::Node;

use crate::causes::{attribute, place_danger};
use crate::danger::{Subject, dangers};
use crate::difference::fields;
use crate::fate::Fates;
use crate::held::Held;
use crate::objects::{Object, Pair, helm_releases, objects, pairs};
use crate::owner::Owner;
use crate::release::decided_by;
use crate::restarts::{restart, stale};
use crate::review::{Change, ClusterReview, FindingChanges, NotCompared, ObjectChange, Which};
use crate::side::Side;
use crate::unbuilt::Unbuilt;

/// Removes the uses of a variable from a fact: the values that objects get from it are compared themselves.
fn remove_uses(fact: &mut FactChange) {
    if let FactChangeKind::Changed { before, after, .. } = &mut fact.kind {
        for members in [before, after]
            .into_iter()
            .filter_map(|value| value.as_object_mut())
        {
            for repeated in ["readings", "uses", "moreUses"] {
                members.remove(repeated);
            }
        }
    }
}

/// Whether a change is in a field that repeats the content of objects, which are compared themselves.
fn is_shown_by_object(kind: &FactChangeKind) -> bool {
    const FIELDS: &[&str] = &[
        "autoscaler",
        "clusters",
        "comment",
        "containers",
        "copiedTo",
        "disruptionBudget",
        "env",
        "moreUses",
        "nodes",
        "overlays",
        "overrides",
        "places",
        "provides",
        "readings",
        "routes",
        "schedule",
        "servicePorts",
        "uses",
        "volumeClaims",
    ];
    matches!(kind, FactChangeKind::Changed { field, .. } if FIELDS.contains(&field.as_str()))
}

/// Whether a fact differs only in its order or in the files and lines that state it.
fn is_only_moved(kind: &FactChangeKind) -> bool {
    /// Fields that lead to the line that states an image.
    const LOCATIONS: &[&str] = &["document", "yqPath"];
    match kind {
        FactChangeKind::Changed { field, before, after } => {
            LOCATIONS.contains(&field.as_str()) || in_no_order(before) == in_no_order(after)
        }
        _ => false,
    }
}

/// A value without places, and with lists in the order of their texts.
fn in_no_order(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(in_no_order).collect();
            items.sort_by_cached_key(Value::to_string);
            items.into()
        }
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "file" | "line"))
            .map(|(name, member)| (name.clone(), in_no_order(member)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        other => other.clone(),
    }
}

/// Compares the two sides of a cluster.
///
/// What a side does not build is not compared: its objects are neither gone nor new. Values of Secrets, values copied from them
/// and credentials in any other text are withheld.
///
/// # Errors
/// Those of serde_json for the facts; no catalog has any.
pub fn review(cluster: &str, before: Side<'_>, after: Side<'_>) -> Result<ClusterReview, serde_json::Error> {
    let (facts, (shown_before, shown_after)) = rayon::join(
        || {
            facts::changes(
                &Catalogs::new(before.infrastructure, ""),
                &Catalogs::new(after.infrastructure, ""),
            )
        },
        || {
            rayon::join(
                || infra_link::withhold_secret_values(before.evaluation),
                || infra_link::withhold_secret_values(after.evaluation),
            )
        },
    );
    let mut facts = facts?;
    let (mut objects_before, mut objects_after) = rayon::join(
        || objects(before.evaluation, &shown_before),
        || objects(after.evaluation, &shown_after),
    );
    let fates = Fates::new(before, after, &objects_before, &objects_after);
    let unbuilt_before = Unbuilt::new(before.evaluation, &objects_before, Which::Before);
    let unbuilt_after = Unbuilt::new(after.evaluation, &objects_after, Which::After);
    let mut not_compared = unbuilt_after.withdraw(before.evaluation, &mut objects_before);
    not_compared.extend(unbuilt_before.withdraw(after.evaluation, &mut objects_after));
    not_compared.extend(unbuilt_after.on_both(&unbuilt_before));
    let differing: Vec<Pair<'_>> = pairs(&objects_before, &objects_after)
        .into_par_iter()
        .map(|pair| leaving(pair, &fates))
        .filter(differs)
        .collect();
    let mut findings = findings(before.infrastructure, after.infrastructure);
    // Objects that come and go are compared themselves, and findings have their own section.
    let is_shown_elsewhere = |section: &str| matches!(section, "diagnostics" | "notApplied");
    facts.iter_mut().for_each(remove_uses);
    facts.retain(|fact| {
        !is_shown_elsewhere(&fact.section)
            && !is_shown_by_object(&fact.kind)
            && !is_only_moved(&fact.kind)
            && !is_left_out(fact, &not_compared)
            && !is_failure(fact)
    });
    // Objects that stay as before are known, and none of them differs.
    not_compared.extend(unbuilt_after.as_before(&objects_before));
    if !not_compared.is_empty() {
        // A file looks like an orphan if what applies it is not built.
        for findings in [&mut findings.new, &mut findings.gone] {
            findings.retain(|finding| finding.code != codes::ORPHAN);
        }
    }
    let mut review = ClusterReview {
        cluster: cluster.to_owned(),
        not_compared,
        facts,
        ..ClusterReview::default()
    };
    let held = Held::new(
        before.evaluation,
        after.evaluation,
        &objects_before,
        &objects_after,
        &differing,
    );
    let mut owners = Vec::new();
    let mut touched = BTreeSet::new();
    let mut subjects = Vec::new();
    for pair in differing {
        let subject = subject(pair, &fates, &held);
        if let Some(change) = change(&subject) {
            // A move to another owner is no noise, though only labels may differ.
            let is_moved = change.previous_owner.is_some();
            if is_moved || change.fields.is_empty() || change.fields.iter().any(|field| !field.noise) {
                touched.extend(touches(&subject));
                if let Some((owner, object)) = &subject.previous {
                    // A name with another hash is another object.
                    let is_renamed = change.previous_name.is_some();
                    let renamed = || is_renamed.then(|| fates.fate(object, owner).deletion(object));
                    let gone = subject.subject.fate.as_ref().map(|fate| fate.deletion(object));
                    review.deletions.extend(gone.or_else(renamed));
                }
                review.objects.push(change);
                owners.push(subject.subject.owner.clone());
            } else {
                review.noise_only += 1;
            }
        }
        let subject = subject.subject;
        if let (Some(before), Some(after), None) = (&subject.before, &subject.after, subject.hold) {
            review.restarts.extend(restart(before, after));
        }
        subjects.push(subject);
    }
    let changed: BTreeSet<(&str, &str, &str)> = review
        .objects
        .iter()
        .filter(|object| object.change == Change::Changed && object.previous_name.is_none())
        .filter(|object| matches!(object.kind.as_str(), "ConfigMap" | "Secret"))
        .map(|object| (&*object.kind, &*object.namespace, &*object.name))
        .collect();
    let (stale, reloaded) = stale(&objects_after, &changed, &review.restarts);
    review.stale = stale;
    review.restarts.extend(reloaded);
    review.touched = touched.into_iter().collect();
    review.dangers = dangers(
        &subjects,
        &objects_after,
        before.evaluation,
        after.evaluation,
        &fates,
        &held,
        &findings,
    );
    let changed = subjects.iter().flat_map(Subject::identities).collect();
    let releases = helm_releases(&objects_after);
    let not_rendered = not_rendered(after, &releases, &changed, &review.not_compared);
    review.not_compared.extend(not_rendered);
    attribute(&mut review.objects, &owners, before, after, &releases);
    let mut generated: BTreeMap<String, &ObjectChange> = BTreeMap::new();
    for (change, owner) in review.objects.iter().zip(&owners) {
        if matches!(owner, Owner::Controller(_)) {
            generated.entry(change.object().to_string()).or_insert(change);
        }
    }
    for danger in &mut review.dangers {
        if let Some(change) = danger.object.as_ref().and_then(|object| generated.get(object)) {
            place_danger(danger, change);
        }
        danger.message = redaction::without_credentials(&danger.message).into_owned();
    }
    review.findings = findings;
    // Values shown are withheld already. Names, paths and messages come from trees that still have texts copied from Secrets.
    let copied = |side: Side<'_>, shown: &Cow<'_, Evaluation>| match shown {
        Cow::Owned(_) => infra_link::copied_texts(side.evaluation),
        Cow::Borrowed(_) => infra_link::CopiedTexts::default(),
    };
    let copied = copied(before, &shown_before).and(copied(after, &shown_after));
    if !copied.is_empty() {
        review.texts_mut().for_each(|text| copied.withheld(text));
    }
    Ok(review)
}

/// HelmReleases that change, or an object that decides them, and whose chart is not available.
fn not_rendered(
    after: Side<'_>,
    releases: &BTreeMap<ObjectRef, Object<'_>>,
    changed: &BTreeSet<ObjectRef>,
    reported: &[NotCompared],
) -> Vec<NotCompared> {
    let reported: BTreeSet<&str> = reported.iter().map(|part| part.owner.as_str()).collect();
    let mut found = Vec::new();
    for (id, release) in &after.evaluation.releases {
        let name = id.to_string();
        let is_changed = || {
            decided_by(id, releases)
                .iter()
                .any(|object| changed.contains(object))
        };
        if matches!(release.chart, ReleaseChart::Unavailable(_))
            && !reported.contains(name.as_str())
            && is_changed()
        {
            found.push(NotCompared {
                owner: name,
                side: Which::After,
                reason: "its chart is not available".to_owned(),
                objects: 0,
            });
        }
    }
    found
}

/// Whether a fact is the error of a Kustomization, which is reported as a danger.
fn is_failure(fact: &FactChange) -> bool {
    matches!(&fact.kind, FactChangeKind::Changed { field, before, .. } if field == "error" && before.is_null())
}

/// Whether a fact may come or go only because a side is not built.
fn is_left_out(fact: &FactChange, not_compared: &[NotCompared]) -> bool {
    let unbuilt = |side: Which| not_compared.iter().any(|part| part.side == side);
    match fact.kind {
        FactChangeKind::Added(_) => unbuilt(Which::Before),
        FactChangeKind::Removed(_) => unbuilt(Which::After),
        // Fields of a Kustomization may depend on what is not built.
        FactChangeKind::Changed { .. } => !not_compared.is_empty() && fact.section == "kustomizations",
    }
}

/// A pair without the side after the change, if only an owner that stays in the cluster still applies the object.
fn leaving<'a>(pair: Pair<'a>, fates: &Fates<'_>) -> Pair<'a> {
    let is_left = match (&pair.before, &pair.after) {
        (Some((old, _)), Some((new, _))) => old == new && fates.is_left(new) && !differs(&pair),
        _ => false,
    };
    Pair {
        after: pair.after.filter(|_| !is_left),
        ..pair
    }
}

/// Whether the sides of a pair differ.
fn differs(pair: &Pair<'_>) -> bool {
    match (&pair.before, &pair.after) {
        (Some((old_owner, before)), Some((new_owner, after))) => {
            old_owner != new_owner || !is_same_content(before, after)
        }
        _ => true,
    }
}

/// Whether two objects are the same, apart from the metadata of SOPS.
fn is_same_content(before: &Object<'_>, after: &Object<'_>) -> bool {
    let (old, new) = (before.node(), after.node());
    if old.same_value(new) {
        return true;
    }
    let is_encrypted = |node: &Node| node.get("sops").is_some_and(|sops| sops.as_mapping().is_some());
    let rest = |node: &Node| {
        let members = node.iter().filter(|(key, _)| *key != "sops");
        Node::mapping(members.map(|(key, value)| (key, value.clone())))
    };
    is_encrypted(old) && is_encrypted(new) && rest(old).same_value(&rest(new))
}

/// The subject of a pair, and the side before the change with its owner.
struct Compared<'a> {
    subject: Subject<'a>,
    previous: Option<(Owner, Object<'a>)>,
}

fn subject<'a>(pair: Pair<'a>, fates: &Fates<'_>, held: &Held<'_>) -> Compared<'a> {
    let (fate, moved) = match (&pair.before, &pair.after) {
        (Some((owner, object)), None) => (Some(fates.fate(object, owner)), None),
        (Some((from, object)), Some((to, _))) if from != to => (None, Some(fates.fate(object, from))),
        _ => (None, None),
    };
    let hold = pair.after.as_ref().and_then(|(owner, after)| {
        let before = pair.before.as_ref().map(|(_, object)| object);
        held.hold(owner, before, after)
    });
    let owner = pair.after.as_ref().or(pair.before.as_ref());
    Compared {
        subject: Subject {
            owner: owner.map_or(Owner::Entry, |(owner, _)| owner.clone()),
            before: pair.before.as_ref().map(|(_, object)| *object),
            after: pair.after.as_ref().map(|(_, object)| *object),
            fate,
            moved,
            hold,
        },
        previous: pair.before,
    }
}

/// The owners of an object on both sides, and the object itself if it is one of Flux.
fn touches(compared: &Compared<'_>) -> Vec<String> {
    let subject = &compared.subject;
    let previous = compared.previous.as_ref().map(|(owner, _)| owner);
    let owners = [Some(&subject.owner), previous].into_iter().flatten();
    let mut touched: Vec<String> = owners
        .filter(|owner| **owner != Owner::Entry)
        .map(ToString::to_string)
        .collect();
    const FLUX: [&str; 2] = ["kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io"];
    let objects = [&subject.before, &subject.after].into_iter().flatten();
    let flux = objects.filter(|object| FLUX.contains(&object.group()));
    touched.extend(flux.map(|object| object.identity().to_string()));
    touched
}

fn change(compared: &Compared<'_>) -> Option<ObjectChange> {
    let subject = &compared.subject;
    let object = subject.after.as_ref().or(subject.before.as_ref())?;
    let previous_owner = compared.previous.as_ref().map(|(owner, _)| owner);
    let previous_owner = previous_owner.filter(|owner| **owner != subject.owner);
    let (fields, more_fields) = match (&subject.before, &subject.after) {
        (Some(before), Some(after)) => fields(before, after),
        _ => (Vec::new(), 0),
    };
    let previous_name = subject.before.as_ref().map(Object::name);
    let previous_name = previous_name.filter(|name| *name != object.name());
    let api_version = object.node().text_at(&["apiVersion"]);
    Some(ObjectChange {
        change: match (&subject.before, &subject.after) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            _ if previous_owner.is_some() => Change::Moved,
            _ => Change::Changed,
        },
        kind: object.kind().to_owned(),
        api_version: api_version.unwrap_or_default().to_owned(),
        namespace: object.namespace().to_owned(),
        name: object.name().to_owned(),
        previous_name: previous_name.map(str::to_owned),
        owner: subject.owner.to_string(),
        previous_owner: previous_owner.map(ToString::to_string),
        place: object.place(),
        fields,
        more_fields,
    })
}

/// Findings that come and go. A finding that only moves to another line is neither.
pub(crate) fn findings(before: &Infrastructure, after: &Infrastructure) -> FindingChanges {
    let only = |ours: &[Diagnostic], theirs: &[Diagnostic]| -> Vec<Diagnostic> {
        let known: BTreeSet<_> = theirs.iter().map(finding_key).collect();
        let is_new = |finding: &&Diagnostic| !known.contains(&finding_key(finding));
        ours.iter().filter(is_new).cloned().collect()
    };
    FindingChanges {
        new: only(&after.diagnostics, &before.diagnostics),
        gone: only(&before.diagnostics, &after.diagnostics),
    }
}

/// Identifies a finding, whatever its place.
pub(crate) fn finding_key(finding: &Diagnostic) -> (&str, Option<&str>, &str) {
    (&finding.code, finding.object.as_deref(), &finding.message)
}
