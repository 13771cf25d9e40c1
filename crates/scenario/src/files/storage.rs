//! Where files are read from: the disk, or names with their bytes in memory.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Something that files can be read from. [`Files::disk`] and
/// [`Files::memory`] are two; an archive or a bucket can be another.
pub trait Storage: Debug + Send + Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// When there is no such file, or it cannot be read.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Size of a file in bytes; asked for before it is read.
    ///
    /// # Errors
    /// As [`Storage::read`].
    fn size(&self, path: &Path) -> io::Result<u64>;

    /// True if a file stands there.
    fn is_file(&self, path: &Path) -> bool;

    /// True if a folder stands there.
    fn is_folder(&self, path: &Path) -> bool;

    /// The files directly in a folder, in any order.
    ///
    /// # Errors
    /// When there is no such folder, or it cannot be read.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// The one path of a file or folder that several paths may lead to.
    fn real(&self, path: &Path) -> PathBuf;
}

/// A handle to where files are read from; cheap to clone and to send between
/// threads. Every path in a scenario is looked up in the same place as the
/// scenario itself.
///
/// ```
/// use outlay_scenario::{Files, load};
///
/// let files = Files::memory([("plan.toml", "lines = []\n")]);
/// let loaded = load(&files, &["plan.toml".into()]);
/// assert_eq!(loaded.rejected.len(), 1); // a plan needs a line
/// ```
#[derive(Debug, Clone)]
pub struct Files(Arc<dyn Storage>);

impl Files {
    /// Files in memory: names, such as `plans/summer.toml`, with their bytes.
    /// Of two files of one name the last counts.
    pub fn memory<N: AsRef<Path>, B: Into<Vec<u8>>>(files: impl IntoIterator<Item = (N, B)>) -> Files {
        let each = files.into_iter().map(|(name, bytes)| (plain(name.as_ref()), bytes.into()));
        Files(Arc::new(Memory { files: each.collect() }))
    }

    /// These files with others put in their place, or beside them: names with
    /// their bytes, looked up first.
    pub fn with<N: AsRef<Path>, B: Into<Vec<u8>>>(&self, files: impl IntoIterator<Item = (N, B)>) -> Files {
        let each = files.into_iter().map(|(name, bytes)| (plain(&self.real(name.as_ref())), bytes.into()));
        Files(Arc::new(Over { top: each.collect(), below: self.clone() }))
    }

    /// Files of a place of your own.
    pub fn of(storage: impl Storage + 'static) -> Files {
        Files(Arc::new(storage))
    }
}

impl std::ops::Deref for Files {
    type Target = dyn Storage;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

/// A file as text.
pub(crate) fn read_to_string(files: &Files, path: &Path) -> io::Result<String> {
    let bytes = files.read(path)?;
    let not_text = |_| io::Error::new(io::ErrorKind::InvalidData, "stream did not contain valid UTF-8");
    String::from_utf8(bytes).map_err(not_text)
}

/// Names with bytes.
#[derive(Debug)]
struct Memory {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl Memory {
    fn get(&self, path: &Path) -> io::Result<&Vec<u8>> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "no file of this name was given");
        self.files.get(&plain(path)).ok_or_else(missing)
    }
}

impl Storage for Memory {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.get(path).cloned()
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        self.get(path).map(|bytes| bytes.len() as u64)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.get(path).is_ok()
    }

    fn is_folder(&self, path: &Path) -> bool {
        let folder = plain(path);
        !self.is_file(path) && self.files.keys().any(|file| file.starts_with(&folder))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let folder = plain(folder);
        Ok(self.files.keys().filter(|file| file.parent() == Some(&folder)).cloned().collect())
    }

    fn real(&self, path: &Path) -> PathBuf {
        plain(path)
    }
}

/// Names with bytes over other files, by their one path.
#[derive(Debug)]
struct Over {
    top: BTreeMap<PathBuf, Vec<u8>>,
    below: Files,
}

impl Over {
    fn get(&self, path: &Path) -> Option<&Vec<u8>> {
        self.top.get(&plain(&self.below.real(path)))
    }
}

impl Storage for Over {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.get(path).map_or_else(|| self.below.read(path), |bytes| Ok(bytes.clone()))
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        self.get(path).map_or_else(|| self.below.size(path), |bytes| Ok(bytes.len() as u64))
    }

    fn is_file(&self, path: &Path) -> bool {
        self.get(path).is_some() || self.below.is_file(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        let folder = plain(&self.below.real(path));
        let own = || self.top.keys().any(|file| *file != folder && file.starts_with(&folder));
        self.below.is_folder(path) || (!self.is_file(path) && own())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let real = plain(&self.below.real(folder));
        let own = self.top.keys().filter(|file| file.parent() == Some(&real));
        let own: Vec<PathBuf> = own.filter_map(|file| Some(folder.join(file.file_name()?))).collect();
        let mut files = if self.below.is_folder(folder) { self.below.list(folder)? } else { Vec::new() };
        if own.is_empty() && files.is_empty() {
            return self.below.list(folder);
        }
        files.retain(|file| self.get(file).is_none());
        files.extend(own);
        Ok(files)
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.below.real(path)
    }
}

/// A path without `.`, and without `..` where a folder stands before it.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut parts: Vec<Component> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_over_others_are_looked_up_first() {
        let below = Files::memory([("plans/a.toml", "a"), ("plans/b.toml", "b")]);
        let files = below.with([("plans/./b.toml", "new"), ("plans/c.toml", "c"), ("more/d.toml", "d")]);
        let read = |name: &str| String::from_utf8(files.read(Path::new(name)).unwrap()).unwrap();
        assert_eq!([read("plans/a.toml"), read("plans/x/../b.toml"), read("more/d.toml")], ["a", "new", "d"]);
        assert_eq!(files.size(Path::new("plans/b.toml")).unwrap(), 3);
        assert!(files.is_folder(Path::new("more")) && files.is_file(Path::new("plans/c.toml")));
        let mut names = files.list(Path::new("plans")).unwrap();
        names.sort();
        assert_eq!(names, ["a", "b", "c"].map(|n| PathBuf::from(format!("plans/{n}.toml"))));
        assert_eq!(files.list(Path::new("more")).unwrap(), [PathBuf::from("more/d.toml")]);
        assert!(files.read(Path::new("e")).is_err() && files.list(Path::new("e")).unwrap().is_empty());
    }

    #[test]
    fn memory_answers_as_a_folder_does() {
        let files = Files::memory([("plans/a.toml", "a"), ("plans/./old/../b.toml", "bb"), ("c.toml", "")]);
        assert_eq!(files.read(Path::new("./plans/x/../a.toml")).unwrap(), b"a");
        assert_eq!(files.size(Path::new("plans/b.toml")).unwrap(), 2);
        assert!(files.is_folder(Path::new("plans")) && !files.is_folder(Path::new("plan")));
        assert!(files.is_folder(Path::new("")) && files.is_folder(Path::new(".")));
        assert!(!files.is_file(Path::new("plans")) && !files.is_file(Path::new("../c.toml")));
        let names = files.list(Path::new("plans")).unwrap();
        assert_eq!(names, [PathBuf::from("plans/a.toml"), PathBuf::from("plans/b.toml")]);
        assert_eq!(files.list(Path::new(".")).unwrap(), [PathBuf::from("c.toml")]);
        assert_eq!(files.read(Path::new("d")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
