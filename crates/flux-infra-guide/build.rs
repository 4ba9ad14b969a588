//! Link arguments for the target.
#![allow(clippy::print_stdout, reason = "this is how a build script answers")]

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |variable: &str, value: &str| env::var(variable).is_ok_and(|found| found == value);
    let static_libc =
        env::var("CARGO_CFG_TARGET_FEATURE").is_ok_and(|features| features.contains("crt-static"));
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") && !static_libc {
        // At a fixed address, as Go's programs are, the loader has no pages of addresses to correct. A `build` of one
        // directory takes a tenth less time.
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
