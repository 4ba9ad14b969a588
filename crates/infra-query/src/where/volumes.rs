//! The PersistentVolume behind a claim, where the repository states it.

use infra_model::object::OtherObject;

use crate::Facts;
use crate::facts::{entries, mentioning};
use crate::graph::links::object_named;

use super::told::{CLAIM, Told, told};

/// The fields that say where the data of a volume is, each with its words. Of a pair the first names the machine.
const SOURCES: &[(&str, &str)] = &[
    ("spec.nfs.path", "NFS"),
    ("spec.hostPath.path", "the node's"),
    ("spec.local.path", "the node's"),
    ("spec.csi.volumeHandle", "CSI"),
    ("spec.iscsi.iqn", "iSCSI"),
    ("spec.cephfs.path", "CephFS"),
    ("spec.rbd.image", "RBD"),
    ("spec.azureDisk.diskName", "Azure disk"),
    ("spec.azureFile.shareName", "Azure file share"),
    ("spec.awsElasticBlockStore.volumeID", "EBS"),
    ("spec.gcePersistentDisk.pdName", "GCE disk"),
];

/// Attributes of a CSI volume that say where it is.
const ATTRIBUTES: &[&str] = &["server", "share", "subDir", "source", "rootPath"];

/// What is told of the volume of a claim.
pub(super) fn volume_of(facts: &dyn Facts, namespace: &str, claim: &str) -> Option<Told> {
    let volume = find(facts, namespace, claim)?;
    let text_of = |path: &str| volume.fields.get(path).map(|field| field.value.as_str());
    let (path, words) = SOURCES
        .iter()
        .find(|(path, _)| volume.fields.contains_key(*path))?;
    let field = volume.fields.get(*path)?;
    let mut text = format!("{claim} is {}, {words} ", volume.name);
    match *words {
        "NFS" => text.push_str(&format!(
            "{}:{}",
            text_of("spec.nfs.server").unwrap_or_default(),
            field.value
        )),
        "CSI" => {
            text.push_str(&format!(
                "{} {}",
                text_of("spec.csi.driver").unwrap_or_default(),
                field.value
            ));
            for key in ATTRIBUTES {
                if let Some(value) = text_of(&format!("spec.csi.volumeAttributes.{key}")) {
                    text.push_str(&format!(", {key} {value}"));
                }
            }
        }
        _ => text.push_str(&field.value),
    }
    Some(told("volume", text, field.place(volume.source.as_ref())))
}

/// The volume that a claim names or that names it; else the only one of its class, where that class makes none
/// (<https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding>).
fn find<'a>(facts: &'a dyn Facts, namespace: &str, claim: &str) -> Option<&'a OtherObject> {
    const VOLUME: &str = "PersistentVolume";
    let is_volume = |object: &OtherObject| object.kind == VOLUME;
    let text_of =
        |object: &'a OtherObject, path: &str| object.fields.get(path).map(|field| field.value.as_str());
    let stated = object_named(facts, CLAIM, namespace, claim).map(|(_, claim)| claim);
    if let Some(name) = stated.and_then(|claim| text_of(claim, "spec.volumeName")) {
        let mut named = mentioning(facts.objects(), name);
        return named
            .find(|(_, it)| is_volume(it) && it.name == name)
            .map(|(_, it)| it);
    }
    let mut naming = mentioning(facts.objects(), claim).filter(|(_, it)| is_volume(it));
    let named = naming.find(|(_, it)| {
        text_of(it, "spec.claimRef.name") == Some(claim)
            && text_of(it, "spec.claimRef.namespace").is_none_or(|own| own == namespace)
    });
    if let Some((_, volume)) = named {
        return Some(volume);
    }
    let class = text_of(stated?, "spec.storageClassName").filter(|class| !class.is_empty())?;
    let is_class = |object: &OtherObject| object.kind == "StorageClass" && object.name == class;
    let makes_volumes = entries(facts.objects(), &[class]).any(|(_, object)| {
        is_class(object)
            && object
                .fields
                .get("provisioner")
                .is_none_or(|field| field.value != "kubernetes.io/no-provisioner")
    });
    let of_class = entries(facts.objects(), &[class])
        .filter(|(_, it)| is_volume(it) && text_of(it, "spec.storageClassName") == Some(class));
    let of_class: Vec<&OtherObject> = of_class
        .map(|(_, it)| it)
        .filter(|it| !it.fields.contains_key("spec.claimRef.name"))
        .collect();
    match (makes_volumes, of_class.as_slice()) {
        (false, [only]) => Some(only),
        _ => None,
    }
}
