//! Folders that are written into.

use std::path::Path;
use std::{fs, io};

/// Makes a folder, with those it is in; a file in its place is named.
pub(crate) fn folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path).map_err(|error| match path.ancestors().find(|p| p.is_file()) {
        Some(file) => {
            let said = format!("{} is a file; give the name of a folder", file.display());
            io::Error::new(error.kind(), said)
        }
        None => error,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_the_place_of_a_folder_is_named() {
        let here = tempfile::tempdir().expect("a folder");
        let file = here.path().join("plan.toml");
        fs::write(&file, "").expect("written");
        for path in [file.clone(), file.join("results")] {
            let said = folder(&path).expect_err("a file").to_string();
            assert_eq!(said, format!("{} is a file; give the name of a folder", file.display()));
        }
        folder(&here.path().join("a/b")).expect("made");
        assert!(here.path().join("a/b").is_dir());
    }
}
