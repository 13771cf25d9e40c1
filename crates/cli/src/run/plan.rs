//! What a run solves, and what becomes of each scenario.

use std::path::PathBuf;
use std::sync::Arc;

use outlay::Data;
use outlay::report::Sheet;
use outlay::report::table::Page;
use outlay::scenario::buy::BuyRow;

use super::lots::Lots;
use crate::arguments::Format;
use crate::exit::Exit;
use crate::hint::Known;
use crate::solve::Effort;

/// What a run solves and how it shows it.
pub(crate) struct Plan<'a> {
    pub(crate) lots: &'a Lots,
    pub(crate) effort: Effort,
    /// Put what a result was made from within it.
    pub(crate) embed: bool,
    /// Scenarios at once; `None` means one per core.
    pub(crate) jobs: Option<usize>,
    pub(crate) format: Format,
    pub(crate) page: Page,
    /// Keep what reports over all scenarios need.
    pub(crate) sheets: bool,
    /// Make buy sheets, for this folder.
    pub(crate) buy: Option<PathBuf>,
    /// The media plan to write the plan into, and where its copy goes.
    pub(crate) media: Option<(Data, PathBuf)>,
}

/// What became of one scenario.
#[derive(Default)]
pub(super) struct Done {
    pub(super) exit: Exit,
    /// For standard output.
    pub(super) text: Arc<String>,
    /// For standard error.
    pub(super) error: Option<String>,
    /// For standard error: what the text does not say itself.
    pub(super) warnings: Vec<String>,
    /// For the results' file.
    pub(super) kept: Kept,
    pub(super) sheet: Option<Sheet>,
    /// The plan as it is to be bought.
    pub(super) buy: Option<Vec<BuyRow>>,
    /// A media plan with the plan in it.
    pub(super) media: Option<Vec<u8>>,
    /// Of a scenario without what-ifs.
    pub(super) known: Option<Known>,
}

/// What became of all of them.
pub(crate) struct Solved {
    /// The highest of their codes.
    pub(crate) exit: Exit,
    /// Of the last one, if it is without what-ifs.
    pub(crate) known: Option<Known>,
}

/// What of one scenario goes to its results' file.
#[derive(Default)]
pub(super) struct Kept {
    /// Its line, unless it is in the file already.
    pub(super) json: Option<Arc<String>>,
    /// With the last scenario of a file: the texts that all were made from, as
    /// JSON.
    pub(super) inputs: Option<Vec<u8>>,
}
