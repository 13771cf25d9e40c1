//! Refusing, before any work, to write over what a command reads.

use std::collections::HashMap;
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
    let (mut inputs, mut earlier) = (Known::default(), Known::default());
    for (k, path) in read.iter().enumerate() {
        inputs.add(k, &identities(path));
    }
    for (k, path) in written.iter().enumerate() {
        if path.is_dir() {
            return Err(format!("{}: is a folder; give the name of a file", path.display()));
        }
        if path.metadata().is_ok_and(|there| !there.is_file()) {
            return Err(format!("{}: is a device or a pipe, not a file; give another name", path.display()));
        }
        let own = identities(path);
        if let Some(input) = inputs.first(&own) {
            return Err(format!(
                "{}: is read as {} and would be overwritten; nothing is written. Give another name or folder",
                path.display(),
                read[input].display()
            ));
        }
        if earlier.first(&own).is_some() {
            return Err(format!("{}: would be written twice; give two names", path.display()));
        }
        earlier.add(k, &own);
    }
    Ok(())
}

/// What tells a file from others: two paths that share one of these lead to one
/// file, whether it exists or not.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Identity {
    /// Where a path leads.
    Place(PathBuf),
    /// What the file system knows a file by, whatever its name.
    Node(u64, u64),
}

/// The first of many files that has each identity.
#[derive(Default)]
struct Known(HashMap<Identity, usize>);

impl Known {
    fn add(&mut self, k: usize, identities: &[Identity]) {
        for identity in identities {
            self.0.entry(identity.clone()).or_insert(k);
        }
    }

    fn first(&self, identities: &[Identity]) -> Option<usize> {
        identities.iter().filter_map(|identity| self.0.get(identity)).min().copied()
    }
}

fn identities(path: &Path) -> Vec<Identity> {
    place(path).map(Identity::Place).into_iter().chain(node(path)).collect()
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

#[cfg(unix)]
fn node(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = path.metadata().ok()?;
    Some(Identity::Node(found.dev(), found.ino()))
}

#[cfg(not(unix))]
fn node(_: &Path) -> Option<Identity> {
    None
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
        #[cfg(unix)]
        assert!(refuse(&["/dev/null".into()], &[]).expect_err("a device").contains("not a file"));
    }
}
