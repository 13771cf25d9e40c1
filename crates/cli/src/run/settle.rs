//! Files that are whole, on their way to their names.
//!
//! A file gets its name once its bytes are safe on the disk, so that not even a
//! lost power supply leaves a name that stands for half a file. Asking the disk
//! takes milliseconds however little was written, so it is asked once for many
//! files. Until then they stand under their partial names, where a run that was
//! ended finds them again.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Most files that wait for the disk.
const MOST: usize = 512;
/// Longest that one waits while others are written.
const LONGEST: Duration = Duration::from_millis(1_000);
/// So many are asked for one by one: the disk may have much to do for others.
const FEW: usize = 8;

/// Whole files without their names, in the order in which they get them.
pub(super) struct Settling {
    waiting: Vec<(PathBuf, PathBuf)>,
    since: Instant,
}

impl Settling {
    pub(super) fn new() -> Self {
        Settling { waiting: Vec::new(), since: Instant::now() }
    }

    /// Takes a file that is written to its end.
    pub(super) fn add(&mut self, partial: PathBuf, name: PathBuf) {
        if self.waiting.is_empty() {
            self.since = Instant::now();
        }
        self.waiting.push((partial, name));
    }

    /// True once the disk should be asked.
    pub(super) fn is_due(&self) -> bool {
        self.waiting.len() >= MOST || self.since.elapsed() >= LONGEST
    }

    /// Gives all files their names.
    pub(super) fn settle(&mut self, folder: &Path) -> io::Result<()> {
        if self.waiting.len() <= FEW || !all_at_once(folder)? {
            for (partial, _) in &self.waiting {
                OpenOptions::new().write(true).open(partial)?.sync_all()?;
            }
        }
        for (partial, name) in self.waiting.drain(..) {
            fs::rename(partial, name)?;
        }
        Ok(())
    }
}

/// Makes everything safe that was written where a folder is; false where the
/// system has no such call.
#[cfg(target_os = "linux")]
fn all_at_once(folder: &Path) -> io::Result<bool> {
    rustix::fs::syncfs(fs::File::open(folder)?)?;
    Ok(true)
}

#[cfg(not(target_os = "linux"))]
fn all_at_once(_: &Path) -> io::Result<bool> {
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_get_their_names_together() {
        let here = tempfile::tempdir().expect("a folder");
        for count in [1, FEW + 1] {
            let mut settling = Settling::new();
            for k in 0..count {
                let (partial, name) = (here.path().join(format!(".{k}")), here.path().join(k.to_string()));
                fs::write(&partial, k.to_string()).expect("written");
                settling.add(partial, name.clone());
                assert!(!name.exists() && !settling.is_due());
            }
            settling.settle(here.path()).expect("settled");
            for k in 0..count {
                assert_eq!(
                    fs::read_to_string(here.path().join(k.to_string())).expect("there"),
                    k.to_string()
                );
                assert!(!here.path().join(format!(".{k}")).exists());
                fs::remove_file(here.path().join(k.to_string())).expect("removed");
            }
        }
    }
}
