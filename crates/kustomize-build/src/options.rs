//! Options of a build, as set by the flags of the command line or by Flux.

/// The order in which resources are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reorder {
    /// By kind, then by id, with Namespaces first and webhook configurations last.
    Legacy,
    /// In the order in which they were read and generated.
    None,
}

/// Which files a kustomization may name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LoadRestrictions {
    /// Files in or below the kustomization's own directory. Bases may be anywhere.
    #[default]
    RootOnly,
    /// Any file of the tree.
    None,
}

/// The options of `kustomize build`. The default is the command line without flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// `--reorder`; `None` is the command line's default, legacy. `sortOptions` in the kustomization file wins.
    pub reorder: Option<Reorder>,
    /// `--load-restrictor`.
    pub load_restrictions: LoadRestrictions,
    /// `--enable-managedby-label`.
    pub managed_by_label: bool,
    /// Whether a path with a leading `/` starts at the root of the tree, which then must be the machine's root.
    /// Otherwise such a path leaves the tree and is refused.
    pub absolute_paths: bool,
    /// Whether the build continues without parts that cannot be known offline, and lists them in
    /// [`crate::Build::left_out`].
    pub partial: bool,
}

impl BuildOptions {
    /// As in kustomize-controller: the result is not sorted and files are not restricted.
    /// (<https://github.com/fluxcd/pkg/blob/main/kustomize/kustomize_generator.go>).
    pub fn flux() -> Self {
        BuildOptions {
            reorder: Some(Reorder::None),
            load_restrictions: LoadRestrictions::None,
            managed_by_label: false,
            absolute_paths: false,
            partial: false,
        }
    }
}
