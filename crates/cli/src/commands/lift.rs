//! `outlay lift`: a test in some of the markets, read.

use std::time::Duration;

use outlay::{Files, Format, LiftAsk, LiftFile, PanelFile, show};

use crate::arguments::{ExperimentFormat, Lift, PanelColumns};
use crate::exit::Exit;
use crate::terminal;
use crate::within;

pub(crate) fn run(arguments: &Lift) -> Exit {
    let (columns, marked) = (arguments.panel.clone(), arguments.treated_column.clone());
    let (treated, channel) = (arguments.treated.clone(), arguments.channel.clone());
    let (start, end, level) = (arguments.start, arguments.end, arguments.panel.level);
    let read = move || {
        let file = panel(&columns, marked.as_deref(), !treated.is_empty())?;
        let ask = LiftAsk { start, end, treated: &treated, channel: &channel, level };
        outlay::lift(&file, &ask).map_err(terminal::told)
    };
    let found = within::one(arguments.panel.time.map(Duration::from_secs_f64), read);
    told(found, |file| shown(arguments, file))
}

/// Prints what an answer says, if there is one.
pub(crate) fn told<T>(
    answer: Option<Result<T, String>>,
    shown: impl FnOnce(&T) -> Result<String, String>,
) -> Exit {
    let Some(answer) = answer else {
        terminal::error("time was up before there was an answer; give more seconds, or leave out --time");
        return Exit::Unproven;
    };
    let text = answer.and_then(|file| shown(&file));
    terminal::answer(text.map(|text| (text, Exit::Solved)))
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

/// Reads the panel, without the markets to leave out; what its columns were
/// taken for is said.
pub(crate) fn panel(columns: &PanelColumns, marked: Option<&str>, named: bool) -> Result<PanelFile, String> {
    let data = outlay::data(&Files::disk(), &columns.panel).map_err(terminal::told)?;
    let mut file = outlay::panel(&data, &columns.columns.chosen(), marked).map_err(terminal::told)?;
    if named {
        file.treated.clear();
    }
    outlay::leave_out(&mut file, &columns.exclude).map_err(terminal::told)?;
    terminal::tell(show::panel(&file).trim_end());
    Ok(file)
}
