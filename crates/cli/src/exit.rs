//! How the program ends.

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::arguments::Arguments;

/// Exit codes; where several apply, the highest wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Exit {
    /// Everything solved and certified.
    #[default]
    Solved,
    /// Infeasible, or a proof that fails.
    Refuted,
    /// Wrong input, or output that cannot be written.
    WrongInput,
    /// Stopped before the proof closed.
    Unproven,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(match exit {
            Exit::Solved => 0,
            Exit::Refuted => 1,
            Exit::WrongInput => 2,
            Exit::Unproven => 3,
        })
    }
}

/// Shows help, the version, or what is wrong with the arguments.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    // What was typed is told without what a terminal would run; a closed pipe is
    // no reason to fail.
    let typed = std::env::args_os().map(|typed| outlay::report::visible(&typed.to_string_lossy()));
    let _ = Arguments::try_parse_from(typed).err().as_ref().unwrap_or(error).print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Solved.into(),
        _ => Exit::WrongInput.into(),
    }
}
