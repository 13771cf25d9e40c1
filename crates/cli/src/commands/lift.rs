//! `outlay lift`: a test in some of the markets, read.

use outlay_report::lift as show;
use outlay_scenario::history::{Chosen, PanelFile, read_panel};
use outlay_scenario::lifted::{self, LiftFile};

use crate::arguments::{ExperimentFormat, Lift, OutcomeName, PanelColumns};
use crate::exit::Exit;
use crate::terminal;

pub(crate) fn run(arguments: &Lift) -> Exit {
    match read(arguments).and_then(|file| shown(arguments, &file)) {
        Ok(text) => match terminal::print(&text) {
            Ok(()) => Exit::Solved,
            Err(error) => wrong(&error),
        },
        Err(message) => wrong(&message),
    }
}

fn read(arguments: &Lift) -> Result<LiftFile, String> {
    let path = arguments.panel.panel.display();
    let marked = arguments.treated_column.as_deref();
    let file = panel(&arguments.panel, marked, !arguments.treated.is_empty())?;
    let Lift { start, end, treated, channel, .. } = arguments;
    lifted::lift(&file, *start, *end, treated, channel, arguments.panel.level)
        .map_err(|error| format!("{path}: {error}"))
}

fn shown(arguments: &Lift, file: &LiftFile) -> Result<String, String> {
    match arguments.panel.format {
        ExperimentFormat::Table => Ok(show::table(file, terminal::page(arguments.panel.width))),
        ExperimentFormat::Json => json(file),
        ExperimentFormat::Csv => match &file.row {
            Some(row) => Ok(show::csv(row)),
            None => Err(format!(
                "{}: no row for a fit: spend by market is not known, or it did not move in the test; name its column with --spend",
                arguments.panel.panel.display()
            )),
        },
    }
}

/// One object on one line.
pub(crate) fn json(file: &impl serde::Serialize) -> Result<String, String> {
    let mut text = serde_json::to_string(file).map_err(|e| e.to_string())?;
    text.push('\n');
    Ok(text)
}

pub(crate) fn wrong(message: &impl std::fmt::Display) -> Exit {
    terminal::error(message);
    Exit::WrongInput
}

/// Reads the panel, without the markets to leave out; what its columns were
/// taken for is said.
pub(crate) fn panel(columns: &PanelColumns, marked: Option<&str>, named: bool) -> Result<PanelFile, String> {
    let path = columns.panel.display();
    let chosen = Chosen {
        sheet: columns.sheet.clone(),
        date: columns.date.clone(),
        market: columns.market.clone(),
        outcome: columns.outcome.clone(),
        customers: columns.outcome_is.map(|o| o == OutcomeName::Customers),
        spend: columns.spend.clone(),
        ..Chosen::default()
    };
    let mut file = read_panel(&columns.panel, &chosen, marked).map_err(|e| format!("{path}: {e}"))?;
    if named {
        file.treated.clear();
    }
    let out = lifted::markets(&file, &columns.exclude).map_err(|e| format!("{path}: {e}"))?;
    file.leave_out(&out);
    outlay_report::source(&file.source).iter().for_each(terminal::say);
    terminal::say(show::columns(&file).trim_end());
    Ok(file)
}
