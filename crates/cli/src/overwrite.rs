//! Refusing, before any work, to write over what a command reads.

use std::path::{Path, PathBuf};

use outlay::scenario::Batch;

/// Every file that scenarios are read from.
pub(crate) fn read_by(batches: &[Batch]) -> Vec<PathBuf> {
    let each = batches.iter().flat_map(|batch| {
        let source = batch.source();
        let others = source.inputs.iter().map(|input| PathBuf::from(&input.path));
        others.chain([batch.path().to_owned(), PathBuf::from(&source.path)]).collect::<Vec<_>>()
    });
    each.filter(|path| !path.as_os_str().is_empty()).collect()
}

/// Says why `written` cannot be written: one of them is read, or two are the
/// same.
pub(crate) fn refuse(written: &[PathBuf], read: &[PathBuf]) -> Result<(), String> {
    for (i, path) in written.iter().enumerate() {
        if path.is_dir() {
            return Err(format!("{}: is a folder; give the name of a file", path.display()));
        }
        if let Some(input) = read.iter().find(|input| same(path, input)) {
            return Err(format!(
                "{}: is read as {} and would be overwritten; nothing is written. Give another name or folder",
                path.display(),
                input.display()
            ));
        }
        if written[..i].iter().any(|other| same(path, other)) {
            return Err(format!("{}: would be written twice; give two names", path.display()));
        }
    }
    Ok(())
}

/// True if two paths lead to one file, whether it exists or not.
fn same(a: &Path, b: &Path) -> bool {
    match (place(a), place(b)) {
        (Some(a), Some(b)) if a == b => true,
        _ => one(a, b),
    }
}

/// Where a path leads: through links, and where nothing is there yet, in the
/// folder it would stand in.
fn place(path: &Path) -> Option<PathBuf> {
    if let Ok(real) = path.canonicalize() {
        return Some(real);
    }
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Some(folder.canonicalize().ok()?.join(path.file_name()?))
}

/// True for two names of one file.
#[cfg(unix)]
fn one(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (a.metadata(), b.metadata()) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn one(_: &Path, _: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_known_by_any_of_its_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at("a.csv"), "x").expect("written");
        std::fs::hard_link(at("a.csv"), at("b.csv")).expect("linked");
        std::fs::create_dir(at("sub")).expect("made");
        for other in [at("a.csv"), at("b.csv"), at("sub").join("..").join("a.csv")] {
            let refused = refuse(&[other], &[at("a.csv")]).expect_err("read");
            assert!(refused.contains("would be overwritten"), "{refused}");
        }
        assert_eq!(refuse(&[at("c.csv"), at("d.csv")], &[at("a.csv")]), Ok(()));
        let twice = refuse(&[at("c.csv"), at("sub").join("..").join("c.csv")], &[]).expect_err("twice");
        assert!(twice.contains("written twice"), "{twice}");
        assert!(refuse(&[at("sub")], &[]).expect_err("a folder").contains("is a folder"));
    }
}
