//! Charts of HelmReleases, and the releases that they wait for.

use super::material::{Material, label};
use crate::eval::question::{Catalog, Class, Draft, Fact, Question};
use crate::eval::rendering::{Object, or_own};
use crate::json::text_at;

static CHART: Class = Class {
    name: "chart",
    asks: "Which chart does HelmRelease X install, and which version?",
    catalog: Catalog::FluxResources,
};
static SOURCE: Class = Class {
    name: "chart source",
    asks: "From where does HelmRelease X take its chart?",
    catalog: Catalog::FluxResources,
};
static WAITS_FOR: Class = Class {
    name: "release depends on",
    asks: "Which HelmReleases does HelmRelease X wait for?",
    catalog: Catalog::FluxResources,
};

const SOURCE_GROUP: &str = "source.toolkit.fluxcd.io";

pub(super) fn questions<'r>(material: &Material<'r>) -> Vec<Question<'r>> {
    let releases = material.rendering.helm_releases();
    let all = || releases.iter().copied();
    let ask = |object: &'r Object, answer: Vec<Fact>, rests_on: Vec<&'r Object>| {
        Draft::new("flux", &label(object, &releases), answer, vec![object])
            .in_entry(object.namespace(), object.kind(), object.name())
            .resting_on(rests_on)
    };
    let charts = || all().filter_map(|object| Some((object, chart(material, object)?)));
    let mut questions = material.ask(&CHART, charts(), |(object, chart)| {
        ask(
            object,
            vec![Fact::new([chart.name, chart.version])],
            vec![chart.source],
        )
    });
    questions.extend(material.ask(&SOURCE, charts(), |(object, chart)| {
        let answer = Fact::new([chart.source.name(), chart.source.text("/spec/url")]);
        ask(object, vec![answer], vec![chart.source])
    }));
    let names: Vec<String> = all().map(|object| label(object, &releases)).collect();
    questions.extend(material.ask(&WAITS_FOR, all(), |object| {
        let waits_for = material.rendering.depends_on(object);
        let labels: Vec<String> = waits_for.iter().map(|other| label(other, &releases)).collect();
        ask(object, Fact::nonempty_set(&labels, &names), waits_for)
    }));
    questions
}

/// The chart of a HelmRelease as its source states it.
struct Chart<'r> {
    name: String,
    version: String,
    source: &'r Object,
}

/// The chart, if the rendering holds its source and its version.
fn chart<'r>(material: &Material<'r>, release: &'r Object) -> Option<Chart<'r>> {
    let find = |reference: &serde_json::Value| {
        let namespace = or_own(text_at(reference, "/namespace"), release);
        let [kind, name] = [text_at(reference, "/kind"), text_at(reference, "/name")];
        material.rendering.find(SOURCE_GROUP, kind, namespace, name)
    };
    let reference = &release.value["spec"]["chartRef"];
    let (name, version, source) = if reference["kind"] == "OCIRepository" {
        let source = find(reference)?;
        let name = source.text("/spec/url").rsplit('/').next()?.to_owned();
        let version = match source.text("/spec/ref/tag") {
            "" => source.text("/spec/ref/semver"),
            tag => tag,
        };
        (name, version.to_owned(), source)
    } else {
        let chart = release.value.pointer("/spec/chart/spec")?;
        let source = find(&chart["sourceRef"])?;
        (
            text_at(chart, "/chart").to_owned(),
            text_at(chart, "/version").to_owned(),
            source,
        )
    };
    (!name.is_empty() && !version.is_empty()).then_some(Chart {
        name,
        version,
        source,
    })
}
