//! Files in memory before files on the disk: what a caller hands over is found
//! under the name that a scenario gives it.

use std::io;
use std::path::{Path, PathBuf};

use outlay::{Files, Storage};

/// Memory first, then the disk.
#[derive(Debug)]
struct Both {
    memory: Files,
    disk: Files,
}

/// The disk, with files of these names in front of it.
pub(crate) fn files(given: Vec<(PathBuf, Vec<u8>)>) -> Files {
    if given.is_empty() {
        return Files::disk();
    }
    Files::of(Both { memory: Files::memory(given), disk: Files::disk() })
}

impl Both {
    fn place(&self, path: &Path) -> &Files {
        if self.memory.is_file(path) { &self.memory } else { &self.disk }
    }
}

impl Storage for Both {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.place(path).read(path)
    }

    fn size(&self, path: &Path) -> io::Result<u64> {
        self.place(path).size(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.place(path).is_file(path)
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.disk.is_folder(path)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>> {
        self.disk.list(folder)
    }

    fn real(&self, path: &Path) -> PathBuf {
        self.place(path).real(path)
    }
}
