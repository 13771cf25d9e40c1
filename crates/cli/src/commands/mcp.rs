//! `outlay mcp`: tools for assistants.

use crate::arguments::Mcp;
use crate::exit::Exit;
use crate::folder::Folder;
use crate::{mcp, terminal};

/// `outlay mcp`: tools for assistants, until standard input ends.
pub(crate) fn run(arguments: &Mcp) -> Exit {
    terminal::done(Folder::open(&arguments.folder).and_then(mcp::serve))
}
