//! What is made sure of before skills are written: the folder is the one that was meant, nobody's work is lost, and no other
//! run writes there.

use std::io;

use camino::{Utf8Component, Utf8Path};
use catalog_emit::{EmitError, EmitErrorKind, OutputLock, ScanRecord};
use source_tree::regular_file;

use crate::exit::Failure;
use crate::regenerate::{DATA, SKILLS};

/// Largest SKILL.md that is looked at, in bytes.
const LARGEST: u64 = 16 << 20;

/// Makes sure that skills may be written to `out`, and takes the right to.
///
/// # Errors
/// [`Failure`] where `out` is no folder's name, leads out of the repository by a link, or holds a skill of the same name that
/// somebody else wrote, unless `force` is given.
pub(crate) fn prepare(out: &Utf8Path, repository: &Utf8Path, force: bool) -> Result<OutputLock, Failure> {
    if out.as_str().is_empty() {
        return Err(Failure::usage("--out names no folder").hint("leave --out away for .claude/skills"));
    }
    let here = Utf8Path::new(".").canonicalize_utf8().map_err(Failure::input)?;
    for around in [&here, repository] {
        refuse_way_out(&here.join(out), around)?;
    }
    let lock = OutputLock::take(out).map_err(emit_failure)?;
    if !force {
        for skill in SKILLS {
            refuse_foreign(out, skill)?;
        }
    }
    Ok(lock)
}

/// A repository may hold links, and its default output folder may be one. Whoever means what it leads to says so.
fn refuse_way_out(out: &Utf8Path, around: &Utf8Path) -> Result<(), Failure> {
    let Ok(below) = out.strip_prefix(around) else {
        return Ok(());
    };
    let mut place = around.to_owned();
    for part in below.components() {
        if !matches!(part, Utf8Component::Normal(_)) {
            return Ok(());
        }
        place.push(part);
        let real = match place.canonicalize() {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound && place.symlink_metadata().is_err() => {
                return Ok(());
            }
            Err(error) => return Err(Failure::output(format!("cannot write {place}: {error}"))),
        };
        if !real.starts_with(around) {
            return Err(Failure::output(format!(
                "will not write through the symbolic link {place}, which leads out of {around}"
            ))
            .hint(format!("name the folder itself: --out {}", real.display())));
        }
    }
    Ok(())
}

/// Whoever wrote a skill by hand keeps it.
fn refuse_foreign(out: &Utf8Path, skill: &str) -> Result<(), Failure> {
    let file = out.join(skill).join("SKILL.md");
    let text = match regular_file::read(&file, LARGEST) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::output(format!("cannot read {file}: {error}"))),
    };
    // The name is quoted as people seldom do; and who has edited what was generated has its record beside it.
    let own_name = format!("\nname: \"{skill}\"\n");
    let is_own = String::from_utf8_lossy(&text).contains(&own_name) || has_record(&out.join(DATA));
    if is_own {
        return Ok(());
    }
    Err(
        Failure::output(format!("{file} is a skill that flux-infra-guide did not write"))
            .hint("move it away, name another folder with --out, or give --force to replace it"),
    )
}

/// The failure that an error of writing is.
pub(crate) fn emit_failure(error: EmitError) -> Failure {
    let hint = error.hint;
    match error.kind {
        EmitErrorKind::ClusterName => Failure::usage(&error),
        _ => Failure::output(&error),
    }
    .hint(hint)
}

fn has_record(data: &Utf8Path) -> bool {
    ScanRecord::read(data).is_ok_and(|record| record.generator.starts_with("flux-infra-guide "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_link_may_lead_anywhere_inside() {
        let temporary = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(temporary.path())
            .unwrap()
            .canonicalize_utf8()
            .unwrap();
        let around = root.join("repository");
        fs::create_dir_all(around.join("tools/skills")).unwrap();
        fs::create_dir(root.join("home")).unwrap();
        let check = |out: &str, fine: bool| {
            assert_eq!(refuse_way_out(&around.join(out), &around).is_ok(), fine, "{out}");
        };
        check(".claude/skills", true);
        symlink("tools", around.join(".claude")).unwrap();
        check(".claude/skills", true);
        symlink("../home", around.join(".codex")).unwrap();
        check(".codex/skills", false);
        check("tools/../../home", true);
        symlink("../gone", around.join(".gone")).unwrap();
        check(".gone/skills", false);
        // What is not in the repository is the caller's choice.
        assert!(refuse_way_out(&root.join("home"), &around).is_ok());
    }
}
