//! The disk: the one place where the library touches files.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::files::storage::{Files, Storage, plain};

impl Files {
    /// The disk. Relative paths start from the current folder.
    pub fn disk() -> Files {
        Files::of(Disk)
    }
}

/// Most bytes of a file.
const LARGEST: u64 = 1 << 30;

/// The file system, relative paths from the current folder.
#[derive(Debug)]
struct Disk;

/// A path through a folder that is not made yet, `new/../curves.json`, leads
/// where it will once the folder is there.
fn found(path: &Path) -> Cow<'_, Path> {
    let up = path.components().any(|part| part == Component::ParentDir);
    if up && !path.exists() { plain(path).into() } else { path.into() }
}

impl Storage for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let path = found(path);
        let known = fs::metadata(&path)?;
        if !known.is_file() && !known.is_dir() {
            return Err(io::Error::other(
                "is a device or a pipe, not a file; save what it gives in a file and name that",
            ));
        }
        if known.len() > LARGEST {
            return Err(io::Error::other("is larger than 1 GiB, which is more than any file read here"));
        }
        fs::read(path)
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(found(path))?.len())
    }

    fn is_file(&self, path: &Path) -> bool {
        found(path).is_file()
    }

    fn is_folder(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_file() {
                files.push(path);
            }
        }
        Ok(files)
    }

    fn real(&self, path: &Path) -> PathBuf {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        absolute.canonicalize().unwrap_or(absolute)
    }
}
