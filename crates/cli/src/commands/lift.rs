//! `outlay lift`: a test in some of the markets, read.

use outlay::{Chosen, Files, Format, LiftAsk, LiftFile, PanelFile, show};

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
    let marked = arguments.treated_column.as_deref();
    let file = panel(&arguments.panel, marked, !arguments.treated.is_empty())?;
    let ask = LiftAsk {
        start: arguments.start,
        end: arguments.end,
        treated: &arguments.treated,
        channel: &arguments.channel,
        level: arguments.panel.level,
    };
    outlay::lift(&file, &ask).map_err(|e| e.to_string())
}

fn shown(arguments: &Lift, file: &LiftFile) -> Result<String, String> {
    let path = arguments.panel.panel.display();
    show::lift(file, format(&arguments.panel)).map_err(|e| format!("{path}: {e}"))
}

/// How an answer about a panel is printed.
pub(crate) fn format(columns: &PanelColumns) -> Format {
    match columns.format {
        ExperimentFormat::Table => Format::Page(terminal::page(columns.width)),
        ExperimentFormat::Json => Format::Json,
        ExperimentFormat::Csv => Format::Csv,
    }
}

pub(crate) fn wrong(message: &impl std::fmt::Display) -> Exit {
    terminal::error(message);
    Exit::WrongInput
}

/// Reads the panel, without the markets to leave out; what its columns were
/// taken for is said.
pub(crate) fn panel(columns: &PanelColumns, marked: Option<&str>, named: bool) -> Result<PanelFile, String> {
    let chosen = Chosen {
        sheet: columns.sheet.clone(),
        date: columns.date.clone(),
        market: columns.market.clone(),
        outcome: columns.outcome.clone(),
        customers: columns.outcome_is.map(|o| o == OutcomeName::Customers),
        spend: columns.spend.clone(),
        ..Chosen::default()
    };
    let told = |e: outlay::Error| e.to_string();
    let data = outlay::data(&Files::disk(), &columns.panel).map_err(told)?;
    let mut file = outlay::panel(&data, &chosen, marked).map_err(told)?;
    if named {
        file.treated.clear();
    }
    outlay::leave_out(&mut file, &columns.exclude).map_err(told)?;
    terminal::say(show::panel(&file).trim_end());
    Ok(file)
}
