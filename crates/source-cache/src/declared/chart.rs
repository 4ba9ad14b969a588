//! The source that a HelmRelease, a HelmChart or a chart's dependency declares.

use flux_evaluate::ChartRequest;
use yaml_node::Node;

use super::{Declared, Protocol, check_text, public_url, stated};

impl Declared {
    /// The source of a release's chart; `None` for a chart in the files of another source.
    ///
    /// # Errors
    /// Why it cannot be fetched: a missing address, or a variable in it.
    pub fn chart(request: &ChartRequest<'_>) -> Option<Result<Declared, String>> {
        let object = request.helm_chart.unwrap_or(request.release).to_string();
        let version = match request.version.map(str::trim) {
            None | Some("") => "*",
            Some(version) => version,
        };
        if let Some(repository) = request.repository {
            let is_oci = repository.starts_with("oci://");
            let is_address =
                is_oci || repository.starts_with("http://") || repository.starts_with("https://");
            // An alias such as `@stable` is known only to the machine that packs the chart.
            return is_address.then(|| chart(object, repository, is_oci, request.name, version, None));
        }
        let source = request.source.filter(|source| source.kind == "HelmRepository")?;
        let Some(spec) = request.spec else {
            return Some(Err(format!("nothing in the repository states {source}")));
        };
        let url = stated(spec, &["url"]).unwrap_or_default();
        if url.is_empty() {
            return Some(Err(format!("{source} states no spec.url")));
        }
        let is_oci = spec.text_at(&["type"]) == Some("oci") || url.starts_with("oci://");
        Some(chart(object, url, is_oci, request.stated, version, Some(spec)))
    }
}

fn chart(
    object: String,
    url: &str,
    is_oci: bool,
    name: &str,
    version: &str,
    spec: Option<&Node>,
) -> Result<Declared, String> {
    check_text("the address", url)?;
    check_text("the chart's name", name)?;
    check_text("the version", version)?;
    if name.is_empty() {
        return Err("it names no chart".to_owned());
    }
    let flag = |field| spec.and_then(|spec| spec.get(field)).and_then(Node::as_bool);
    let url = public_url(url);
    let url = url.trim_end_matches('/');
    let version = version.to_owned();
    let (url, requested, protocol) = if is_oci {
        let requested = version.clone();
        let insecure = flag("insecure").unwrap_or_default();
        let protocol = Protocol::OciChart { version, insecure };
        (format!("{url}/{}", name.trim_matches('/')), requested, protocol)
    } else {
        let protocol = Protocol::HelmRepository {
            chart: name.to_owned(),
            version: version.clone(),
            pass_credentials: flag("passCredentials").unwrap_or_default(),
        };
        (url.to_owned(), format!("{name} {version}"), protocol)
    };
    Ok(Declared {
        object,
        url,
        requested,
        protocol,
        states_verify: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use source_tree::{FileId, Limits, ObjectRef};

    #[track_caller]
    fn check(spec: Option<&str>, stated: &str, version: Option<&str>, expected: Result<(&str, &str), &str>) {
        let read = |text| yaml_node::read_documents(text, FileId::NONE, &Limits::default());
        let spec = spec.map(|text| read(text).unwrap().remove(0));
        let declared = Declared::chart(&ChartRequest {
            release: &ObjectRef::new("HelmRelease", "a", "b"),
            helm_chart: None,
            source: Some(&ObjectRef::new("HelmRepository", "a", "r")),
            spec: spec.as_ref(),
            name: stated,
            stated,
            repository: None,
            version,
            is_at_hand: flux_evaluate::AtHand::default(),
        });
        let declared = declared.unwrap();
        let found = declared.as_ref().map(|d| (d.url.as_str(), d.requested.as_str()));
        assert_eq!(found.map_err(String::as_str), expected);
    }

    #[test]
    fn charts_of_repositories_and_registries() {
        check(
            Some("{url: 'https://example.org/charts/'}"),
            "web",
            Some("1.x"),
            Ok(("https://example.org/charts", "web 1.x")),
        );
        check(
            Some("{url: 'https://example.org/charts/'}"),
            "web",
            None,
            Ok(("https://example.org/charts", "web *")),
        );
        check(
            Some("{url: 'oci://example.org/charts/', type: oci}"),
            "group/web",
            Some("1.0.0"),
            Ok(("oci://example.org/charts/group/web", "1.0.0")),
        );
        check(
            None,
            "web",
            None,
            Err("nothing in the repository states HelmRepository/a/r"),
        );
        check(
            Some("{url: 'https://example.org'}"),
            "web",
            Some("${VERSION}"),
            Err("the version `${VERSION}` holds a variable whose value is not known"),
        );
    }
}
