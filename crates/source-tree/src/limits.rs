//! Bounds that hostile input runs into: the one place that states them.

/// Bounds for reading one repository. The defaults are far above any real one.
///
/// What grows without end is bounded by counting, never by a clock: the same input meets the same bound everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest file that is read, in bytes.
    pub file_bytes: u64,
    /// Deepest nesting of a YAML document.
    pub depth: usize,
    /// Most YAML nodes of one file after aliases are expanded.
    pub nodes: usize,
    /// Most memory that the files of one cluster may take once they are read and parsed, in bytes, as estimated from their
    /// sizes.
    pub memory: u64,
    /// Most work of one build, in steps: a step is about one YAML node that is looked at, or a line of text that is made.
    pub build_steps: u64,
    /// Most work of all builds of one cluster, in steps.
    pub steps: u64,
    /// Most Flux Kustomizations of one cluster.
    pub kustomizations: usize,
    /// How often Kustomizations that make each other may come back to one folder.
    pub generations: usize,
    /// Most objects that one ResourceSet may make.
    pub generated_objects: usize,
    /// Most objects that all Kustomizations of one cluster apply.
    pub objects: usize,
    /// Most uses that objects of one cluster make of others, and as many workloads that its Services select.
    pub links: usize,
    /// Most clusters of one repository.
    pub clusters: usize,
    /// Bytes of all files of a chart, unpacked.
    pub chart_bytes: u64,
    /// Bytes of the largest file of a chart, unpacked.
    pub chart_file_bytes: u64,
    /// Most files of a chart.
    pub chart_files: usize,
    /// Most work of the templates of a chart, in steps.
    pub chart_steps: u64,
    /// Bytes of all texts, lists and maps that the templates of a chart make.
    pub chart_text_bytes: u64,
    /// Bytes of the documents that a chart makes.
    pub chart_output_bytes: usize,
    /// Most things of one cluster that are not applied and catalogued as such.
    pub not_applied: usize,
    /// Most diagnostics of one cluster.
    pub diagnostics: usize,
    /// Longest message of a diagnostic, in bytes.
    pub message_bytes: usize,
}

macro_rules! names {
    ($($name:literal $field:ident,)*) => {
        impl Limits {
            /// The names by which [`Limits::set`] knows the limits.
            pub const NAMES: &[&str] = &[$($name),*];

            /// Sets the limit of a name. False where there is none, or the number is too large for it.
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
    };
}

names! {
    "file-bytes" file_bytes,
    "depth" depth,
    "nodes" nodes,
    "memory" memory,
    "build-steps" build_steps,
    "steps" steps,
    "kustomizations" kustomizations,
    "generations" generations,
    "generated-objects" generated_objects,
    "objects" objects,
    "links" links,
    "clusters" clusters,
    "chart-bytes" chart_bytes,
    "chart-file-bytes" chart_file_bytes,
    "chart-files" chart_files,
    "chart-steps" chart_steps,
    "chart-text-bytes" chart_text_bytes,
    "chart-output-bytes" chart_output_bytes,
    "not-applied" not_applied,
    "diagnostics" diagnostics,
    "message-bytes" message_bytes,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            file_bytes: 32 << 20,
            depth: 192,
            nodes: 3_000_000,
            memory: 1 << 30,
            build_steps: 10_000_000,
            steps: 200_000_000,
            kustomizations: 20_000,
            generations: 6,
            generated_objects: 50_000,
            objects: 125_000,
            links: 100_000,
            clusters: 400,
            chart_bytes: 100 << 20,
            chart_file_bytes: 5 << 20,
            chart_files: 20_000,
            chart_steps: 20_000_000,
            chart_text_bytes: 512 << 20,
            chart_output_bytes: 64 << 20,
            not_applied: 10_000,
            diagnostics: 10_000,
            message_bytes: 4 << 10,
        }
    }
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
