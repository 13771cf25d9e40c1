//! What can be typed after `outlay completions` and `outlay man`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder for `outlay.1`, `outlay-run.1` and so on
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}
