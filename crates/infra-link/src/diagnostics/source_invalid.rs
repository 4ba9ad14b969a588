//! `source-invalid`: a URL that the API server accepts, but source-controller or image-reflector-controller refuses, so that the source
//! never becomes ready.

use go_std::url::Url;
use infra_model::codes;
use source_tree::{Diagnostic, Severity};

use super::image_automation::IMAGE;
use super::source_missing::chart_source;
use crate::inventory::{Inventory, Object, SOURCE};
use crate::kinds::helm_release::Release;
use crate::linker::Linker;
use crate::view::View;

/// Kinds with a URL, and the field that holds it.
const KINDS: &[(&str, &str, &str)] = &[
    (SOURCE, "GitRepository", "url"),
    (SOURCE, "OCIRepository", "url"),
    (SOURCE, "HelmRepository", "url"),
    (SOURCE, "Bucket", "endpoint"),
    (IMAGE, "ImageRepository", "image"),
];

pub(super) fn find(linker: &Linker<'_>) -> Vec<Diagnostic> {
    let inventory = linker.inventory;
    let sources = KINDS.iter().flat_map(|(group, kind, field)| {
        let objects = inventory.of(group, kind);
        objects.filter_map(|object| of_object(inventory, object, field))
    });
    let releases = linker.releases.iter();
    let charts = releases.filter_map(|release| named_twice(linker, release));
    sources.chain(charts).collect()
}

/// A chart whose name already ends the URL of its registry, behind which Helm puts it once more. It is a note, since an organization
/// may have the name of its chart, and only for a URL with a longer path
/// (<https://fluxcd.io/flux/components/source/helmrepositories/#helm-oci-repository>).
fn named_twice(linker: &Linker<'_>, release: &Release<'_>) -> Option<Diagnostic> {
    let inventory = linker.inventory;
    let chart = release.spec.chart.as_ref()?.chart.as_deref()?;
    let (source, mark) = chart_source(release)?;
    let object = inventory.find(SOURCE, "HelmRepository", &source.namespace, &source.name)?;
    let spec = inventory.view(object).get("spec")?;
    let is_oci = source.kind == "HelmRepository" && spec.text_of("type") == Some("oci");
    let url = spec.text_of("url").filter(|_| is_oci)?.trim_end_matches('/');
    let (_, path) = url.strip_prefix("oci://")?.split_once('/')?;
    let (_, last) = path.rsplit_once('/')?;
    if last != chart || url.contains("${") || url.contains('@') {
        return None;
    }
    let id = release.object.object_name();
    let message = format!(
        "{id} pulls {url}/{chart}, since the URL of {} ends in the name of the chart already",
        object.object_name()
    );
    let place = mark.and_then(|mark| inventory.place(mark));
    Some(
        Diagnostic::new(Severity::Info, codes::SOURCE_INVALID, message)
            .at(place.or_else(|| inventory.source(release.object)))
            .on(id.to_string())
            .hint(format!(
                "end the URL before `/{chart}`, unless the chart is in a repository of its own name below it"
            )),
    )
}

fn of_object(inventory: &Inventory<'_>, object: &Object<'_>, field: &str) -> Option<Diagnostic> {
    let spec = inventory.view(object).get("spec")?;
    if spec.is_true("suspend") {
        return None;
    }
    let url = spec.get(field)?;
    let text = url.text().filter(|text| !text.contains("${"))?;
    // Hints repeat parts of the URL, so one that may hold a password is skipped.
    let (_, rest) = text.split_once("://").unwrap_or(("", text));
    let authority = rest.split('/').next();
    let user = authority.and_then(|authority| authority.rsplit_once('@'));
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

/// Why a URL is refused, and the hint.
type Refused = Option<(String, String)>;

/// An address that Go's `net/url` does not parse, since it takes the text behind the host and a colon for a port
/// (<https://fluxcd.io/flux/components/source/gitrepositories/#url>).
fn git(url: &str) -> Refused {
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    // Not an IPv6 address, which contains colons.
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

/// A URL that Go does not parse, for any other reason.
fn unreadable(url: &str) -> Refused {
    let error = Url::parse(url.as_bytes()).err()?;
    // Go's message begins with the URL.
    let why = error.rsplit_once("\": ").map_or(error.as_str(), |(_, why)| why);
    Some((
        format!("cannot be read: {why}"),
        "write it as `scheme://host:port/path`, and percent-encode other characters".to_owned(),
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

/// `type` and scheme that do not match (<https://fluxcd.io/flux/components/source/helmrepositories/#url>).
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
