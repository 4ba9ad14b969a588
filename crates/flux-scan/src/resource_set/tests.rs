//! ResourceSets held to what flux-operator builds of them.
