//! PersistentVolumes of claims.

use infra_model::object::OtherObject;

use crate::Facts;
use crate::facts::mentioning;
use crate::graph::links::object_named;
use crate::object::value;

use super::fact::{CLAIM, Told, fact};

/// The fields with the location of a volume, each with its words.
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

/// Attributes of a CSI volume with its location.
const ATTRIBUTES: &[&str] = &["server", "share", "subDir", "source", "rootPath"];

/// The volume of a claim, with its location.
pub(super) fn volume_of(facts: &dyn Facts, namespace: &str, claim: &str) -> Option<Told> {
    let volume = find(facts, namespace, claim)?;
    let text_of = |path: &str| value(volume, path).unwrap_or_default();
    let mut sources = SOURCES.iter();
    let (words, field) = sources.find_map(|(path, words)| Some((*words, volume.fields.get(path)?)))?;
    let before = match words {
        "NFS" => format!("{}:", text_of("spec.nfs.server")),
        "CSI" => format!("{} ", text_of("spec.csi.driver")),
        _ => String::new(),
    };
    let mut text = format!("{claim} is {}, {words} {before}{}", volume.name, field.value);
    for key in ATTRIBUTES.iter().filter(|_| words == "CSI") {
        if let Some(value) = value(volume, &format!("spec.csi.volumeAttributes.{key}")) {
            text.push_str(&format!(", {key} {value}"));
        }
    }
    Some(fact("volume", text, field.place(volume.source.as_ref())))
}

/// The volume that a claim names or that names it; else the only one of its class, if that class makes none
/// (<https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding>).
fn find<'a>(facts: &'a dyn Facts, namespace: &str, claim: &str) -> Option<&'a OtherObject> {
    const VOLUME: &str = "PersistentVolume";
    let is_volume = |object: &OtherObject| object.kind == VOLUME;
    let objects = |text: &str| mentioning(facts.objects(), text).map(|(_, object)| object);
    let stated = object_named(facts, CLAIM, namespace, claim).map(|(_, claim)| claim);
    if let Some(name) = stated.and_then(|claim| value(claim, "spec.volumeName")) {
        return objects(name).find(|it| is_volume(it) && it.name == name);
    }
    let named = objects(claim).find(|it| {
        is_volume(it)
            && value(it, "spec.claimRef.name") == Some(claim)
            && value(it, "spec.claimRef.namespace").is_none_or(|own| own == namespace)
    });
    if named.is_some() {
        return named;
    }
    let class = value(stated?, "spec.storageClassName").filter(|class| !class.is_empty())?;
    let makes_volumes = objects(class).any(|it| {
        it.kind == "StorageClass"
            && it.name == class
            && value(it, "provisioner") != Some("kubernetes.io/no-provisioner")
    });
    let of_class = objects(class).filter(|it| {
        is_volume(it)
            && value(it, "spec.storageClassName") == Some(class)
            && !it.fields.contains_key("spec.claimRef.name")
    });
    let of_class: Vec<&OtherObject> = of_class.collect();
    match (makes_volumes, of_class.as_slice()) {
        (false, [only]) => Some(only),
        _ => None,
    }
}
