//! `source-invalid`: a URL that the definitions of sources let pass, and source-controller or image-reflector-controller refuses, so
//! that the source never becomes ready.

use go_std::url::Url;
use infra_model::codes;
use source_tree::{Diagnostic, Severity};

use super::source_missing::chart_source;
use crate::inventory::{Inventory, Object, SOURCE};
use crate::kinds::helm_release::Release;
use crate::linker::Linker;
use crate::view::View;

const IMAGE: &str = "image.toolkit.fluxcd.io";

/// Kinds with a URL, and the field that has it.
const KINDS: &[(&str, &str, &str)] = &[
    (SOURCE, "GitRepository", "url"),
    (SOURCE, "OCIRepository", "url"),
    (SOURCE, "HelmRepository", "url"),
    (SOURCE, "Bucket", "endpoint"),
    (IMAGE, "ImageRepository", "image"),
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let mut findings = Vec::new();
    for (group, kind, field) in KINDS {
        for object in inventory.of(group, kind) {
            findings.extend(of_object(inventory, object, field));
        }
    }
    findings.extend(
        linker
            .releases
            .iter()
            .filter_map(|release| named_twice(linker, release)),
    );
    findings
}

/// A chart whose name ends the URL of its registry already: Helm puts it behind that once more. An organization may be called as
/// its chart is, so it is a note, and only where there is more to the URL
/// (<https://fluxcd.io/flux/components/source/helmrepositories/#helm-oci-repository>).
fn named_twice(linker: &Linker<'_>, release: &Release<'_>) -> Option<Diagnostic> {
    let inventory = linker.inventory;
    let (source, mark) = chart_source(release)?;
    let chart = release.spec.chart.as_ref()?.chart.as_deref()?;
    let object = inventory.find(SOURCE, "HelmRepository", &source.namespace, &source.name)?;
    let is_chart_of = source.kind == "HelmRepository";
    let spec = inventory.view(object).get("spec")?;
    let url = spec
        .text_of("url")
        .filter(|_| is_chart_of && spec.text_of("type") == Some("oci"))?;
    let (_, path) = url
        .strip_prefix("oci://")?
        .trim_end_matches('/')
        .split_once('/')?;
    let (_, last) = path.rsplit_once('/')?;
    if last != chart || url.contains("${") || url.contains('@') {
        return None;
    }
    let id = release.object.object_name();
    let url = url.trim_end_matches('/');
    Some(
        Diagnostic::new(
            Severity::Info,
            codes::SOURCE_INVALID,
            format!(
                "{id} pulls {url}/{chart}, since the URL of {} ends in the name of the chart already",
                object.object_name()
            ),
        )
        .at(mark
            .and_then(|mark| inventory.place(mark))
            .or_else(|| inventory.source(release.object)))
        .on(id.to_string())
        .hint(format!(
            "end the URL before `/{chart}`, unless the chart is in a repository of its own name below it"
        )),
    )
}

fn of_object(inventory: &Inventory<'_>, object: &Object<'_>, field: &str) -> Option<Diagnostic> {
    let spec = inventory.view(object).get("spec")?;
    if spec.get("suspend").and_then(|view| view.node.as_bool()) == Some(true) {
        return None;
    }
    let url = spec.get(field)?;
    let text = url.text().filter(|text| !text.contains("${"))?;
    // Hints repeat what is right of a URL: one with a user, and so perhaps a password, is left alone.
    let (_, rest) = text.split_once("://").unwrap_or(("", text));
    let user = rest
        .split('/')
        .next()
        .and_then(|authority| authority.rsplit_once('@'));
    if user.is_some_and(|(user, _)| object.kind != "GitRepository" || user.contains(':')) {
        return None;
    }
    let (why, hint) = match object.kind {
        "GitRepository" => git(text).or_else(|| unreadable(text)),
        "OCIRepository" => artifact(text, text.strip_prefix("oci://")?, "`spec.ref`"),
        "HelmRepository" => charts(spec, text).or_else(|| unreadable(text)),
        "Bucket" => bucket(spec, text),
        _ => match text.split_once("://") {
            Some((scheme, rest)) => Some((
                format!("begins with `{scheme}://`"),
                format!("an image has no scheme: `{rest}`"),
            )),
            None => artifact(text, text, "an ImagePolicy, which chooses among the tags"),
        },
    }?;
    let id = object.object_name();
    let shown = redaction::without_credentials(text);
    Some(
        Diagnostic::error(
            codes::SOURCE_INVALID,
            format!("{id} is never ready: `spec.{field}` is `{shown}`, which {why}"),
        )
        .at(inventory.place(url.mark()).or_else(|| inventory.source(object)))
        .on(id.to_string())
        .hint(redaction::without_credentials(&hint)),
    )
}

type Refused = Option<(String, String)>;

/// An address that Go's `net/url` does not read: what follows the host and a colon is a port
/// (<https://fluxcd.io/flux/components/source/gitrepositories/#url>).
fn git(url: &str) -> Refused {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // An address of version 6 has colons of its own.
    let (name, port) = host.rsplit_once(':').filter(|_| !host.contains('['))?;
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    (!is_port).then(|| {
        let path = rest.get(authority.len()..).unwrap_or_default();
        let user = authority.strip_suffix(host).unwrap_or_default();
        (
            format!("has the port `{port}`"),
            format!("a path follows the host after a slash: `{scheme}://{user}{name}/{port}{path}`"),
        )
    })
}

/// A URL that Go does not read, for any other reason.
fn unreadable(url: &str) -> Refused {
    let error = Url::parse(url.as_bytes()).err()?;
    // Its words repeat the URL first.
    let why = error.rsplit_once("\": ").map_or(error.as_str(), |(_, why)| why);
    Some((
        format!("cannot be read: {why}"),
        "write it as `scheme://host:port/path`, and what may not stand in it as `%` and two digits"
            .to_owned(),
    ))
}

/// A repository of a registry; `name` is the URL without its scheme
/// (<https://fluxcd.io/flux/components/source/ocirepositories/#url>).
fn artifact(url: &str, name: &str, instead: &str) -> Refused {
    let (_, path) = name.split_once('/')?;
    if let Some((repository, digest)) = url.split_once('@') {
        return Some((
            format!("has the digest `{digest}`"),
            format!("remove it: `{repository}`, and state it in {instead}"),
        ));
    }
    if let Some((_, tag)) = path.split_once(':') {
        let repository = url.strip_suffix(tag).and_then(|url| url.strip_suffix(':'))?;
        return Some((
            format!("has the tag `{tag}`"),
            format!("remove it: `{repository}`, and state it in {instead}"),
        ));
    }
    path.bytes().any(|byte| byte.is_ascii_uppercase()).then(|| {
        (
            "has upper-case letters in the name of a repository".to_owned(),
            "registries have them in lower case".to_owned(),
        )
    })
}

/// `type` and scheme that do not fit (<https://fluxcd.io/flux/components/source/helmrepositories/#url>).
fn charts(spec: View<'_>, url: &str) -> Refused {
    let is_oci = spec.text_of("type") == Some("oci");
    match (is_oci, url.starts_with("oci://")) {
        (true, false) => Some((
            "is no `oci://` URL".to_owned(),
            "with `type: oci` the URL begins with `oci://`; remove `type` where it is a repository with an index".to_owned(),
        )),
        (false, true) => Some((
            "is the URL of a registry, which has no index".to_owned(),
            "add `type: oci`".to_owned(),
        )),
        _ => None,
    }
}

/// The endpoint of a bucket, to which the client adds the scheme itself
/// (<https://fluxcd.io/flux/components/source/buckets/#endpoint>).
fn bucket(spec: View<'_>, endpoint: &str) -> Refused {
    let provider = spec.text_of("provider").unwrap_or("generic");
    let (scheme, rest) = endpoint.split_once("://")?;
    matches!(provider, "generic" | "aws").then(|| {
        (
            format!("begins with `{scheme}://`"),
            format!("an endpoint has no scheme: `{}`", rest.trim_end_matches('/')),
        )
    })
}
