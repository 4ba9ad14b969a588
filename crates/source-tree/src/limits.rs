//! Bounds against hostile input, with their names and defaults.

macro_rules! limits {
    ($($(#[$doc:meta])* $name:literal $field:ident: $type:ty = $default:expr;)*) => {
        /// Bounds for reading one repository. The defaults are far above any real one.
        ///
        /// All bounds count, none is a timeout: the same input meets the same bound everywhere.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Limits {
            $($(#[$doc])* pub $field: $type,)*
        }

        impl Limits {
            /// The names by which [`Limits::set`] knows the limits.
            pub const NAMES: &[&str] = &[$($name),*];

            /// Sets the limit of a name. False for an unknown name and for a number that is too large for its limit.
            pub fn set(&mut self, name: &str, number: u64) -> bool {
                match name {
                    $($name => number.try_into().map(|number| self.$field = number).is_ok(),)*
                    _ => false,
                }
            }

            /// The limit of a name.
            pub fn get(&self, name: &str) -> Option<u64> {
                match name {
                    $($name => u64::try_from(self.$field).ok(),)*
                    _ => None,
                }
            }
        }

        impl Default for Limits {
            fn default() -> Self {
                Limits { $($field: $default,)* }
            }
        }
    };
}

limits! {
    /// Largest file that is read, in bytes.
    "file-bytes" file_bytes: u64 = 32 << 20;
    /// Deepest nesting of a YAML document.
    "depth" depth: usize = 192;
    /// Most YAML nodes of one file after aliases are expanded.
    "nodes" nodes: usize = 3_000_000;
    /// Most memory that the files of one cluster may take once they are read and parsed, in bytes, as estimated from their
    /// sizes.
    "memory" memory: u64 = 1 << 30;
    /// Most work of one build, in steps: a step is about one YAML node visited, or one line of text produced.
    "build-steps" build_steps: u64 = 10_000_000;
    /// Most work of all builds of one cluster, in steps.
    "steps" steps: u64 = 200_000_000;
    /// Most Flux Kustomizations of one cluster.
    "kustomizations" kustomizations: usize = 20_000;
    /// How often Kustomizations that create each other may come back to one folder.
    "generations" generations: usize = 6;
    /// Most objects that one ResourceSet may generate.
    "generated-objects" generated_objects: usize = 50_000;
    /// Most objects that all Kustomizations of one cluster apply.
    "objects" objects: usize = 125_000;
    /// Most references between objects of one cluster; also the most workloads that its Services select.
    "links" links: usize = 100_000;
    /// Most clusters of one repository.
    "clusters" clusters: usize = 400;
    /// Bytes of all files of a chart, unpacked.
    "chart-bytes" chart_bytes: u64 = 100 << 20;
    /// Bytes of the largest file of a chart, unpacked.
    "chart-file-bytes" chart_file_bytes: u64 = 5 << 20;
    /// Most files of a chart.
    "chart-files" chart_files: usize = 20_000;
    /// Most work of the templates of a chart, in steps.
    "chart-steps" chart_steps: u64 = 20_000_000;
    /// Bytes of all texts, lists and maps that the templates of a chart create.
    "chart-text-bytes" chart_text_bytes: u64 = 512 << 20;
    /// Bytes of the documents that a chart renders.
    "chart-output-bytes" chart_output_bytes: usize = 64 << 20;
    /// Most entries of one cluster that the catalog lists as not applied.
    "not-applied" not_applied: usize = 10_000;
    /// Most diagnostics of one cluster.
    "diagnostics" diagnostics: usize = 10_000;
    /// Longest message of a diagnostic, in bytes.
    "message-bytes" message_bytes: usize = 4 << 10;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_found_by_its_name() {
        let mut limits = Limits::default();
        for (index, name) in Limits::NAMES.iter().enumerate() {
            assert!(limits.set(name, index as u64));
        }
        let found: Vec<_> = Limits::NAMES.iter().map(|name| limits.get(name)).collect();
        assert_eq!(
            found,
            (0..Limits::NAMES.len() as u64).map(Some).collect::<Vec<_>>()
        );
        assert!(!limits.set("depths", 1));
    }
}
