//! Checks before skills are written: that the folder is the intended one, has no skills by others, and no other run writes to it.
//! Also the replacement of single files.

use std::fs::File;
use std::io;

use camino::{Utf8Component, Utf8Path};
use catalog_emit::{EmitError, EmitErrorKind, OutputLock, ScanRecord};
use source_tree::regular_file;

use crate::exit::Failure;
use crate::regenerate::{DATA, SKILLS};

/// Largest SKILL.md that is read, in bytes.
const LARGEST: u64 = 16 << 20;

/// Replaces a file in one step, so that nobody reads half of it. Only its owner may read the new file.
///
/// # Errors
/// [`Failure`] if the file cannot be written.
pub(crate) fn replace(
    file: &Utf8Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), Failure> {
    let folder = file.parent().filter(|folder| !folder.as_str().is_empty());
    let temporary = tempfile::NamedTempFile::new_in(folder.unwrap_or(Utf8Path::new(".")));
    let written = temporary.and_then(|mut temporary| {
        write(temporary.as_file_mut())?;
        temporary.persist(file)?;
        Ok(())
    });
    written.map_err(|error| Failure::output(format!("cannot write {file}: {error}")))
}

/// Checks that skills may be written to `out`, and locks it.
///
/// # Errors
/// [`Failure`] if `out` is not the name of a folder, leads out of the repository by a link, or has a skill of the same name
/// that somebody else wrote, unless `force` is given.
pub(crate) fn prepare(out: &Utf8Path, repository: &Utf8Path, force: bool) -> Result<OutputLock, Failure> {
    if out.as_str().is_empty() {
        return Err(Failure::usage("--out names no folder").hint("omit --out for .claude/skills"));
    }
    let here = Utf8Path::new(".").canonicalize_utf8().map_err(Failure::input)?;
    for around in [&here, repository] {
        refuse_link_out(&here.join(out), around)?;
    }
    let lock = OutputLock::take(out).map_err(emit_failure)?;
    if !force {
        for skill in SKILLS {
            refuse_foreign(out, skill)?;
        }
    }
    Ok(lock)
}

/// Refuses an output folder that a link in the repository leads out of it; people may name the target itself.
fn refuse_link_out(out: &Utf8Path, around: &Utf8Path) -> Result<(), Failure> {
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

/// Refuses to overwrite a skill that people wrote.
fn refuse_foreign(out: &Utf8Path, skill: &str) -> Result<(), Failure> {
    let file = out.join(skill).join("SKILL.md");
    let text = match regular_file::read(&file, LARGEST) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Failure::output(format!("cannot read {file}: {error}"))),
    };
    // Generated skills quote their name, which people seldom do; edited ones still have the record of the scan beside them.
    let own_name = format!("\nname: \"{skill}\"\n");
    if String::from_utf8_lossy(&text).contains(&own_name) || has_record(&out.join(DATA)) {
        return Ok(());
    }
    Err(
        Failure::output(format!("{file} is a skill that flux-infra-guide did not write"))
            .hint("move it away, name another folder with --out, or give --force to replace it"),
    )
}

/// An error of writing as a failure.
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
            assert_eq!(refuse_link_out(&around.join(out), &around).is_ok(), fine, "{out}");
        };
        check(".claude/skills", true);
        symlink("tools", around.join(".claude")).unwrap();
        check(".claude/skills", true);
        symlink("../home", around.join(".codex")).unwrap();
        check(".codex/skills", false);
        check("tools/../../home", true);
        symlink("../gone", around.join(".gone")).unwrap();
        check(".gone/skills", false);
        // Folders outside of the repository are the caller's choice.
        assert!(refuse_link_out(&root.join("home"), &around).is_ok());
    }
}
