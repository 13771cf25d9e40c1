//! `outlay design`: which markets to treat, how long, and what that would show.

use outlay::{DesignAsk, DesignFile, show};

use super::lift::{format, panel, wrong};
use crate::arguments::Design;
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
    let file = panel(&arguments.panel, None, true)?;
    let ask = DesignAsk {
        weeks: arguments.weeks.map(usize::from),
        change: arguments.change,
        cells: usize::from(arguments.cells),
        share: arguments.share,
        worth: arguments.worth,
        level: arguments.panel.level,
        power: arguments.power,
        seed: arguments.seed,
        ..DesignAsk::default()
    };
    outlay::design(&file, &arguments.treated, &ask).map_err(|e| e.to_string())
}

fn shown(arguments: &Design, file: &DesignFile) -> Result<String, String> {
    show::design(file, format(&arguments.panel)).map_err(|e| e.to_string())
}
