//! One folder, and nothing outside it: where `mcp` and `serve` read and write.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};

use outlay::{Data, Files, Storage};

use crate::run::{SinkError, fresh};

/// Larger files are refused.
const MOST_BYTES: u64 = 64 << 20;

/// A folder with everything in it. Links that lead out of it lead nowhere.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    root: PathBuf,
    /// Files elsewhere that may be read as well.
    also: Vec<PathBuf>,
}

impl Folder {
    /// The folder at a path.
    pub(crate) fn open(path: &Path) -> Result<Folder, String> {
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let root = path.canonicalize().map_err(|e| named(&e))?;
        if root.is_dir() { Ok(Folder { root, also: Vec::new() }) } else { Err(named(&"is not a folder")) }
    }

    /// The folder, and files elsewhere that may be read as well.
    pub(crate) fn and(mut self, files: impl IntoIterator<Item = PathBuf>) -> Folder {
        self.also.extend(files.into_iter().filter_map(|file| file.canonicalize().ok()));
        self
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.root
    }

    /// Its files, by names relative to it.
    pub(crate) fn files(&self) -> Files {
        Files::of(self.clone())
    }

    /// The one path of something in the folder.
    fn inside(&self, path: &Path) -> io::Result<PathBuf> {
        let real = self.root.join(path).canonicalize()?;
        if real.starts_with(&self.root) || self.also.contains(&real) {
            Ok(real)
        } else {
            let why = "lies outside the folder that may be read; start with a folder that holds it, or copy it there";
            Err(io::Error::new(ErrorKind::PermissionDenied, why))
        }
    }

    /// A file to be read, by its name relative to the folder.
    pub(crate) fn existing(&self, name: &str) -> Result<PathBuf, String> {
        let size = self.size(Path::new(name)).map_err(|e| format!("{name}: {e}"))?;
        if size > MOST_BYTES {
            return Err(format!("{name}: is larger than {} MB; give a smaller file", MOST_BYTES >> 20));
        }
        self.inside(Path::new(name)).map_err(|e| format!("{name}: {e}"))
    }

    /// A table of the folder, by its name.
    pub(crate) fn data(&self, name: &str) -> Result<Data, String> {
        self.existing(name)?;
        outlay::data(&self.files(), name).map_err(|e| e.to_string())
    }

    /// Where a new file of this name would be; its folder is there already, and
    /// it is not.
    pub(crate) fn new_file(&self, name: &str, ending: &str) -> Result<PathBuf, String> {
        let path = Path::new(name);
        if path.extension().is_none_or(|e| !e.eq_ignore_ascii_case(ending)) {
            return Err(format!("{name}: give a name that ends in .{ending}"));
        }
        let (Some(Component::Normal(last)), Some(parent)) = (path.components().next_back(), path.parent())
        else {
            return Err(format!("{name}: is not the name of a file"));
        };
        let folder = self.inside(parent).map_err(|e| format!("{name}: {e}"))?;
        let place = folder.join(last);
        // A link counts as something that is there, wherever it leads.
        if place.symlink_metadata().is_ok() {
            return Err(format!("{name}: exists already and is left as it is; give another name"));
        }
        Ok(place)
    }

    /// Writes a new file, which must not be there yet.
    pub(crate) fn create(&self, name: &str, ending: &str, bytes: &[u8]) -> Result<(), String> {
        let place = self.new_file(name, ending)?;
        fresh(&place, bytes).map_err(|error| match error {
            SinkError::Write { error, .. } => format!("{name}: {error}"),
            SinkError::Render { error, .. } => format!("{name}: {error}"),
        })
    }
}

impl Storage for Folder {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let real = self.inside(path)?;
        let known = fs::metadata(&real)?;
        if !known.is_file() {
            return Err(io::Error::other("is not a file"));
        }
        if known.len() > MOST_BYTES {
            return Err(io::Error::new(ErrorKind::FileTooLarge, "the file is too large"));
        }
        fs::read(real)
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(self.inside(path)?)?.len())
    }

    fn is_file(&self, path: &Path) -> bool {
        self.inside(path).is_ok_and(|p| p.is_file())
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.inside(path).is_ok_and(|p| p.is_dir())
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(self.inside(folder)?)? {
            let path = folder.join(entry?.file_name());
            if self.is_file(&path) {
                files.push(path);
            }
        }
        Ok(files)
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.inside(path).unwrap_or_else(|_| self.root.join(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_is_read_or_written() {
        let outer = tempfile::tempdir().expect("a folder");
        let inner = outer.path().join("inner");
        fs::create_dir_all(inner.join("sub")).expect("made");
        fs::write(outer.path().join("out.txt"), "x").expect("written");
        fs::write(inner.join("in.txt"), "y").expect("written");
        let folder = Folder::open(&inner).expect("a folder");
        assert_eq!(folder.read(Path::new("sub/../in.txt")).expect("inside"), b"y");
        let out = outer.path().join("out.txt");
        for path in ["../out.txt", "sub/../../out.txt", out.to_str().expect("UTF-8")] {
            assert!(folder.read(Path::new(path)).is_err(), "{path}");
            assert!(!folder.is_file(Path::new(path)), "{path}");
            assert!(folder.existing(path).is_err(), "{path}");
        }
        for name in ["../new.json", "in.txt", "sub/..", "nowhere/new.json", ""] {
            assert!(folder.create(name, "json", b"z").is_err(), "{name}");
        }
        folder.create("sub/new.json", "json", b"z").expect("new");
        let again = folder.create("sub/new.json", "json", b"z").expect_err("exists");
        assert!(again.contains("exists already"), "{again}");
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_out_lead_nowhere() {
        use std::os::unix::fs::symlink;
        let outer = tempfile::tempdir().expect("a folder");
        let inner = outer.path().join("inner");
        fs::create_dir(&inner).expect("made");
        fs::write(outer.path().join("out.txt"), "x").expect("written");
        symlink(outer.path().join("out.txt"), inner.join("link.txt")).expect("linked");
        symlink(outer.path(), inner.join("up")).expect("linked");
        symlink(outer.path().join("absent.json"), inner.join("absent.json")).expect("linked");
        let folder = Folder::open(&inner).expect("a folder");
        assert!(folder.read(Path::new("link.txt")).is_err());
        assert!(folder.read(Path::new("up/out.txt")).is_err());
        assert!(folder.create("up/new.json", "json", b"z").is_err());
        assert!(folder.create("absent.json", "json", b"z").is_err());
        assert!(folder.list(Path::new("")).expect("listed").is_empty());
    }
}
