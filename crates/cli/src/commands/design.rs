//! `outlay design`: which markets to treat, how long, and what that would show.

use outlay_experiments::Ask;
use outlay_report::design as show;
use outlay_scenario::designed::{DesignFile, designs};
use outlay_scenario::lifted;

use super::lift::{json, panel, wrong};
use crate::arguments::{Design, ExperimentFormat};
use crate::exit::Exit;
use crate::terminal;

pub(crate) fn run(arguments: &Design) -> Exit {
    match designed(arguments).and_then(|file| shown(arguments, &file)) {
        Ok(text) => match terminal::print(&text) {
            Ok(()) => Exit::Solved,
            Err(error) => wrong(&error),
        },
        Err(message) => wrong(&message),
    }
}

fn designed(arguments: &Design) -> Result<DesignFile, String> {
    let path = arguments.panel.panel.display();
    let file = panel(&arguments.panel, None, true)?;
    let forced = lifted::markets(&file, &arguments.treated).map_err(|e| format!("{path}: {e}"))?;
    let ask = Ask {
        weeks: arguments.weeks.map(usize::from),
        change: arguments.change,
        cells: usize::from(arguments.cells),
        share: arguments.share,
        forced,
        excluded: Vec::new(),
        worth: arguments.worth,
        level: arguments.panel.level,
        power: arguments.power,
        seed: arguments.seed,
    };
    designs(&file, &ask).map_err(|error| format!("{path}: {error}"))
}

fn shown(arguments: &Design, file: &DesignFile) -> Result<String, String> {
    match arguments.panel.format {
        ExperimentFormat::Table => Ok(show::table(file, terminal::page(arguments.panel.width))),
        ExperimentFormat::Json => json(file),
        ExperimentFormat::Csv => Ok(show::csv(file)),
    }
}
