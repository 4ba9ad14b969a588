//! Certificates of hosts: the Certificate objects, and the Secrets of Ingresses.

use infra_model::fields::Fields;
use infra_model::object::{ObjectField, OtherObject};

use crate::Facts;
use crate::facts::{entries, mentioning};
use crate::object::value;

use super::fact::{Told, fact};

/// Maximum number of certificates of a host.
const MOST: usize = 2;

/// The certificates of a host, which is in lower case: those with exactly its name, else those with its wildcard.
pub(super) fn of_host(facts: &dyn Facts, host: &str) -> Vec<Told> {
    let certificates = || entries(facts.objects(), &["Certificate"]).filter(|(_, it)| is_certificate(it));
    let named = |is_name: &dyn Fn(&str) -> bool| -> Vec<Told> {
        let found = certificates().filter_map(|(_, it)| Some((it, name_field(it, is_name)?)));
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
    // An Ingress serves the certificate that it names.
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
fn name_field<'a>(certificate: &'a OtherObject, is_name: &dyn Fn(&str) -> bool) -> Option<&'a ObjectField> {
    let is_names = |path: &str| path.starts_with("spec.dnsNames[") || path == "spec.commonName";
    let mut fields = certificate.fields.iter();
    let (_, field) = fields.find(|(path, field)| is_names(path) && is_name(&field.value))?;
    Some(field)
}

fn of_certificate(certificate: &OtherObject, name: &ObjectField) -> Told {
    let mut text = format!("Certificate {} in {}", certificate.name, certificate.namespace);
    if name.value.starts_with('*') {
        text.push_str(&format!(" for {}", name.value));
    }
    for (path, before, behind) in [
        ("spec.secretName", "Secret ", ""),
        ("spec.issuerRef.name", "issuer ", ""),
        ("spec.duration", "lasts ", ""),
        ("spec.renewBefore", "renewed ", " before its end"),
        ("spec.renewBeforePercentage", "renewed ", "% before its end"),
    ] {
        if let Some(value) = value(certificate, path) {
            text.push_str(&format!(", {before}{value}{behind}"));
        }
    }
    fact("certificate", text, name.place(certificate.source.as_ref()))
}

/// The Secrets of a host in Ingresses, which are objects or values of HelmReleases.
fn of_ingresses(facts: &dyn Facts, host: &str) -> Vec<Told> {
    let mut found: Vec<Told> = Vec::new();
    let mut add = |fields: &Fields, namespace: &str, source| {
        for (root, secret) in secrets(fields, host) {
            if found.len() < MOST && !found.iter().any(|known| known.text.contains(&secret.value)) {
                let issuer = ["cluster-issuer", "issuer"]
                    .iter()
                    .find_map(|key| fields.get(&format!("{root}annotations.[cert-manager.io/{key}]")));
                let mut text = format!("Secret {} in {namespace}", secret.value);
                if let Some(issuer) = issuer {
                    text.push_str(&format!(", made by cert-manager, issuer {}", issuer.value));
                }
                found.push(fact("certificate", text, secret.place(source)));
            }
        }
    };
    for (_, object) in mentioning(facts.objects(), host).filter(|(_, object)| object.kind == "Ingress") {
        add(&object.fields, &object.namespace, object.source.as_ref());
    }
    for (_, release) in mentioning(facts.helm_releases(), host) {
        let namespace = &release.release_namespace;
        add(&release.values, namespace, release.source.as_ref());
    }
    found
}

/// The fields `tls[0].secretName` beside a host of `tls[0].hosts`, each with the path above `annotations`.
fn secrets<'a>(fields: &'a Fields, host: &str) -> Vec<(String, &'a ObjectField)> {
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
