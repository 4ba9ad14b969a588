//! PersistentVolumeClaims that the values of a HelmRelease name, if its chart is not available.

use crate::flux::HelmRelease;
use crate::object::ObjectField;

/// Keys, in lower case and without dashes, under which charts take the name of an existing claim.
const KEYS: &[&str] = &[
    "claimname",
    "existingclaim",
    "existingclaimname",
    "existingpersistentvolumeclaim",
    "existingpvc",
    "existingpvcname",
    "existingvolumeclaim",
    "persistentvolumeclaimname",
    "pvcname",
];

/// A claim that values name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedClaim<'a> {
    /// Its name, with the release's name inserted.
    pub name: String,
    /// The path among the values.
    pub path: &'a str,
    /// The value.
    pub field: &'a ObjectField,
}

impl HelmRelease {
    /// The claims that its values name, in the order of their paths, without those of disabled volumes.
    pub fn claims(&self) -> impl Iterator<Item = NamedClaim<'_>> {
        let named = self.values.iter().filter(|(path, _)| {
            // A loop over bytes: on such short texts a search takes longer to set up.
            let dot = path.bytes().rposition(|byte| byte == b'.');
            let key = dot.and_then(|at| path.get(at + 1..)).unwrap_or(path);
            is_of_claim(key) && !self.is_switched_off(path)
        });
        let named = named.map(|(path, field)| NamedClaim {
            name: self.named(&field.value),
            path,
            field,
        });
        named.filter(|claim| !claim.name.is_empty() && !claim.name.contains("{{"))
    }

    /// A value with the release's name inserted for its templates.
    pub fn named(&self, value: &str) -> String {
        let value = value.replace("{{ .Release.Name }}", &self.release_name);
        value.replace("{{.Release.Name}}", &self.release_name)
    }

    /// Whether the mapping of a value says `enabled: false`.
    pub fn is_switched_off(&self, path: &str) -> bool {
        let above = path.rsplit_once('.').map(|(above, _)| format!("{above}.enabled"));
        let enabled = above.and_then(|path| self.values.get(&path));
        enabled.is_some_and(|field| field.value == "false")
    }
}

/// Whether a key is one of [`KEYS`].
fn is_of_claim(key: &str) -> bool {
    const SHORTEST: usize = "pvcname".len();
    if key.len() < SHORTEST {
        return false;
    }
    let letters = key.bytes().filter(u8::is_ascii_alphanumeric);
    let letters = letters.map(|letter| letter.to_ascii_lowercase());
    KEYS.iter().any(|known| letters.clone().eq(known.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_of_values() {
        let value = |value: &str| ObjectField {
            value: value.to_owned(),
            ..ObjectField::default()
        };
        let release = HelmRelease {
            release_name: "web".to_owned(),
            values: [
                ("persistence.a.existingClaim", "shared"),
                ("persistence.b.enabled", "false"),
                ("persistence.b.existingClaim", "off"),
                ("persistence.c.existingClaim", "{{ .Release.Name }}-data"),
                ("persistence.d.existingClaim", "{{ include \"x\" . }}"),
                ("volumes[0].persistentVolumeClaim.claimName", "named"),
                ("claim", "of an employee"),
            ]
            .map(|(path, text)| (path.to_owned(), value(text)))
            .into_iter()
            .collect(),
            ..HelmRelease::default()
        };
        let names: Vec<String> = release.claims().map(|claim| claim.name).collect();
        assert_eq!(names, ["shared", "web-data", "named"]);
    }
}
