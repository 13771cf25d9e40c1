//! `outlay serve`: a page on this machine.

use std::path::{Path, PathBuf};

use outlay::Files;

use crate::arguments::Serve;
use crate::exit::Exit;
use crate::folder::Folder;
use crate::serve;
use crate::terminal::{self, told};

/// `outlay serve`: a page on this machine, until the program is stopped.
pub(crate) fn run(arguments: &Serve) -> Exit {
    let served = place(&arguments.path).and_then(|(folder, file)| serve::serve(folder, file, arguments.port));
    terminal::done(served)
}

/// The folder to serve, and the file in it to begin with.
fn place(path: &Path) -> Result<(Folder, Option<String>), String> {
    if path.is_dir() {
        return Ok((Folder::open(path)?, None));
    }
    let batch = outlay::read(&Files::disk(), path).map_err(told)?;
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
    // What the file itself names may be read wherever it is.
    let named = batch.source().inputs.iter().map(|input| PathBuf::from(&input.path));
    Ok((Folder::open(parent)?.and(named), name))
}
