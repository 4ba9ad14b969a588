//! Semantic versions and constraints by the rules of <https://github.com/Masterminds/semver> 3.5, which Helm and Flux use.
//!
//! ```
//! use masterminds_semver::{Constraints, Version};
//!
//! let constraints: Constraints = ">=1.19-0 <1.25-0 || ^2".parse()?;
//! let version: Version = "v1.24.17-eks-1".parse()?;
//! assert!(constraints.check(&version));
//! assert_eq!(version.to_string(), "1.24.17-eks-1");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod constraint;
mod constraints;
mod scan;
mod version;

pub use constraints::{ConstraintError, Constraints};
pub use version::{Version, VersionError};
