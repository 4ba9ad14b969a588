//! The certificate of a host: the Certificate that asks for it, and the Secret that holds it.

use std::collections::BTreeMap;

use infra_model::Key;
use infra_model::object::{ObjectField, OtherObject};

use crate::Facts;
use crate::facts::{entries, mentioning};

use super::told::{Told, told};

/// So many certificates of one host are told.
const MOST: usize = 2;

/// What is told of the certificates of a host, in lower case: those of its very name, else those of its wildcard.
pub(super) fn of_host(facts: &dyn Facts, host: &str) -> Vec<Told> {
    let certificates = || entries(facts.objects(), &["Certificate"]).filter(|(_, it)| is_certificate(it));
    let named = |is_name: &dyn Fn(&str) -> bool| -> Vec<Told> {
        let found = certificates().filter_map(|(_, it)| Some((it, names(it, is_name)?)));
        found
            .take(MOST)
            .map(|(it, field)| of_certificate(it, field))
            .collect()
    };
    let exact = named(&|name| name.eq_ignore_ascii_case(host));
    if !exact.is_empty() {
        return exact;
    }
    let above = host.split_once('.').map(|(_, above)| format!("*.{above}"));
    let above = above.unwrap_or_default();
    let wild = named(&|name| name.eq_ignore_ascii_case(&above));
    // What an Ingress names is what it serves.
    let stated = of_ingresses(facts, host);
    match wild.is_empty() || !stated.is_empty() {
        true => stated,
        false => wild,
    }
}

fn is_certificate(object: &OtherObject) -> bool {
    object.kind == "Certificate" && object.api_version.starts_with("cert-manager.io/")
}

/// The field with the name of a host.
fn names<'a>(certificate: &'a OtherObject, is_name: &dyn Fn(&str) -> bool) -> Option<&'a ObjectField> {
    let fields = certificate.fields.iter();
    let mut names =
        fields.filter(|(path, _)| path.starts_with("spec.dnsNames[") || path.as_str() == "spec.commonName");
    names
        .find(|(_, field)| is_name(&field.value))
        .map(|(_, field)| field)
}

fn of_certificate(certificate: &OtherObject, name: &ObjectField) -> Told {
    let text_of = |path: &str| certificate.fields.get(path).map(|field| field.value.as_str());
    let mut text = format!("Certificate {} in {}", certificate.name, certificate.namespace);
    if name.value.starts_with('*') {
        text.push_str(&format!(" for {}", name.value));
    }
    for (path, words) in [
        ("spec.secretName", "Secret "),
        ("spec.issuerRef.name", "issuer "),
        ("spec.duration", "lasts "),
    ] {
        if let Some(value) = text_of(path) {
            text.push_str(&format!(", {words}{value}"));
        }
    }
    if let Some(before) = text_of("spec.renewBefore") {
        text.push_str(&format!(", renewed {before} before its end"));
    }
    if let Some(percent) = text_of("spec.renewBeforePercentage") {
        text.push_str(&format!(", renewed {percent}% before its end"));
    }
    told("certificate", text, name.place(certificate.source.as_ref()))
}

/// The Secrets that Ingresses name for a host, those of the repository and those that values of releases state.
fn of_ingresses(facts: &dyn Facts, host: &str) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    let mut add = |fields: &BTreeMap<Key, ObjectField>, namespace: &str, source| {
        for (root, secret) in secrets(fields, host) {
            if found.len() < MOST && !found.iter().any(|known| known.text.contains(&secret.value)) {
                let issuer = ["cluster-issuer", "issuer"]
                    .iter()
                    .find_map(|key| fields.get(&format!("{root}annotations.[cert-manager.io/{key}]")));
                let issuer = issuer.map(|issuer| format!(", made by cert-manager, issuer {}", issuer.value));
                let text = format!(
                    "Secret {} in {namespace}{}",
                    secret.value,
                    issuer.unwrap_or_default()
                );
                found.push(told("certificate", text, secret.place(source)));
            }
        }
    };
    for (_, object) in mentioning(facts.objects(), host).filter(|(_, object)| object.kind == "Ingress") {
        add(&object.fields, &object.namespace, object.source.as_ref());
    }
    for (_, release) in mentioning(facts.helm_releases(), host) {
        add(
            &release.values,
            &release.release_namespace,
            release.source.as_ref(),
        );
    }
    found
}

/// The fields `tls[0].secretName` beside a host of `tls[0].hosts`, each with the path of its annotations' mapping.
fn secrets<'a>(fields: &'a BTreeMap<Key, ObjectField>, host: &str) -> Vec<(String, &'a ObjectField)> {
    let hosts = fields
        .iter()
        .filter(|(path, field)| path.contains(".hosts[") && field.value.eq_ignore_ascii_case(host));
    let found = hosts.filter_map(|(path, _)| {
        let (item, _) = path.rsplit_once(".hosts[")?;
        let secret = fields.get(&format!("{item}.secretName"))?;
        let (root, _) = item.rsplit_once("tls[")?;
        let root = match root {
            "spec." => "metadata.",
            root => root,
        };
        Some((root.to_owned(), secret))
    });
    found.collect()
}
