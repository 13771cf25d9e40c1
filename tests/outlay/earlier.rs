//! Files that earlier builds wrote: read and proven, or refused by name.

use std::fs;
use std::path::{Path, PathBuf};

use outlay::scenario::RecordError;
use outlay::{Error, Files, verify};

/// Files saved by two builds of version 0.1.0, beside the scenarios they are of.
fn saved() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/outlay/earlier");
    let builds = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = builds.flat_map(|build| fs::read_dir(build).unwrap().map(|entry| entry.unwrap().path()));
    let mut saved: Vec<PathBuf> = all.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    saved.sort();
    saved
}

/// True if a file's proofs hold; false if it is refused as what another build
/// wrote, with the version named.
fn holds(path: &Path) -> bool {
    match verify(&Files::disk(), path, None).remove(0) {
        Ok(verified) => {
            assert_eq!(verified.differences, [], "{}", path.display());
            true
        }
        Err(error) => {
            let text = error.to_string();
            assert!(matches!(error, Error::Record(RecordError::Earlier { .. })), "{text}");
            assert!(
                text.contains("written by version 0.1.0") && text.contains("older than format 1"),
                "{text}"
            );
            false
        }
    }
}

#[test]
fn files_of_earlier_builds_are_proven_or_refused_by_name() {
    let all = saved();
    assert_eq!(all.len(), 8);
    let proven: Vec<&PathBuf> = all.iter().filter(|path| holds(path)).collect();
    // Plans of one search are proven whoever wrote them; the oldest carry no seal.
    let plans: Vec<bool> = proven.iter().map(|path| path.ends_with("6d49566/two.json")).collect();
    assert!(plans.contains(&true), "{proven:?}");
    assert!(proven.iter().all(|path| !path.to_string_lossy().contains("ea9fb21")), "{proven:?}");
}

/// Whoever edits what another build wrote gets no further by saying so.
#[test]
fn an_edit_of_an_earlier_file_is_refused() {
    let path = saved().into_iter().find(|path| path.ends_with("6d49566/two.json")).unwrap();
    let text = fs::read_to_string(&path).unwrap().replace("\"value\":335.8", "\"value\":336.8");
    let scenario = fs::read(path.with_file_name("two.toml")).unwrap();
    let held = [("two.toml", scenario), ("two.json", text.into_bytes())];
    let files = Files::memory(held.map(|(name, bytes)| (PathBuf::from(name), bytes)));
    let error = verify(&files, Path::new("two.json"), None).remove(0).unwrap_err();
    assert!(matches!(error, Error::Record(RecordError::Earlier { .. })), "{error}");
}
