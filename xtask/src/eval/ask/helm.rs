//! Charts of HelmReleases, and what they wait for.

use super::material::{Asked, Material, label, words};
use crate::eval::question::{Catalog, Class, Fact, Question, entry};
use crate::eval::rendering::{Object, list, text};

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
        let subject = label(object, &releases);
        let mut objects = vec![object];
        objects.extend(rests_on);
        Asked {
            command: words(["flux", &subject]),
            entry: Some(entry(object.namespace(), object.kind(), object.name())),
            answer,
            objects,
            files: Vec::new(),
            subject,
        }
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
        let waited: Vec<&'r Object> = list(&object.value["spec"]["dependsOn"])
            .filter_map(|other| {
                let namespace = match text(other, "/namespace") {
                    "" => object.namespace(),
                    namespace => namespace,
                };
                material.rendering.find(
                    "helm.toolkit.fluxcd.io",
                    "HelmRelease",
                    namespace,
                    text(other, "/name"),
                )
            })
            .collect();
        let labels: Vec<String> = waited.iter().map(|other| label(other, &releases)).collect();
        let answer = match labels.is_empty() {
            true => Vec::new(),
            false => vec![Fact::set(&labels, &names)],
        };
        ask(object, answer, waited)
    }));
    questions
}

/// The chart of a HelmRelease as its source states it.
struct Chart<'r> {
    name: String,
    version: String,
    source: &'r Object,
}

/// The chart, where the rendering holds its source and its version.
fn chart<'r>(material: &Material<'r>, release: &'r Object) -> Option<Chart<'r>> {
    let find = |kind: &str, namespace: &str, name: &str| {
        let namespace = if namespace.is_empty() {
            release.namespace()
        } else {
            namespace
        };
        material.rendering.find(SOURCE_GROUP, kind, namespace, name)
    };
    let reference = &release.value["spec"]["chartRef"];
    let (name, version, source) = if reference["kind"] == "OCIRepository" {
        let source = find(
            "OCIRepository",
            text(reference, "/namespace"),
            text(reference, "/name"),
        )?;
        let name = source.text("/spec/url").rsplit('/').next()?.to_owned();
        let version = match source.text("/spec/ref/tag") {
            "" => source.text("/spec/ref/semver"),
            tag => tag,
        };
        (name, version.to_owned(), source)
    } else {
        let chart = release.value.pointer("/spec/chart/spec")?;
        let source = find(
            text(chart, "/sourceRef/kind"),
            text(chart, "/sourceRef/namespace"),
            text(chart, "/sourceRef/name"),
        )?;
        (
            text(chart, "/chart").to_owned(),
            text(chart, "/version").to_owned(),
            source,
        )
    };
    (!name.is_empty() && !version.is_empty()).then_some(Chart {
        name,
        version,
        source,
    })
}
