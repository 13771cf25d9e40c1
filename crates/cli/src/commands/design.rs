//! `outlay design`: which markets to treat, how long, and what that would show.

use std::time::Duration;

use outlay::{DesignAsk, DesignFile, show};

use super::lift::{format, panel, told};
use crate::arguments::Design;
use crate::exit::Exit;
use crate::terminal;
use crate::within;

pub(crate) fn run(arguments: &Design) -> Exit {
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
    let (columns, treated) = (arguments.panel.clone(), arguments.treated.clone());
    let time = arguments.panel.time.map(Duration::from_secs_f64);
    let designed = move || {
        let file = panel(&columns, None, true)?;
        outlay::design(&file, &treated, &ask).map_err(terminal::told)
    };
    told(within::one(time, designed), |file| shown(arguments, file))
}

fn shown(arguments: &Design, file: &DesignFile) -> Result<String, String> {
    show::design(file, format(&arguments.panel)).map_err(|e| e.to_string())
}
