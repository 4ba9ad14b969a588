//! Paths in a kustomization turn into files and directories of the tree, and files into resource documents.

pub(crate) mod documents;
