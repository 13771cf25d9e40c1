use outlay_allocator::Options;
use outlay_report::compare as report;
use outlay_scenario::RecordError;
use outlay_scenario::comparison::{CompareError, comparison};

use crate::arguments::{Compare, FrontierFormat};
use crate::exit::Exit;
use crate::terminal;

/// `outlay compare`: saved results side by side, and why they differ.
pub(crate) fn run(arguments: &Compare) -> Exit {
    let file = match comparison(&arguments.results, &Options::default()) {
        Ok(file) => file,
        Err(error) => {
            terminal::error(&error);
            return match error {
                CompareError::Result(RecordError::Changed { .. }) => Exit::Refuted,
                _ => Exit::WrongInput,
            };
        }
    };
    let text = match arguments.format {
        FrontierFormat::Table => report::table(&file, terminal::page(arguments.width)),
        FrontierFormat::Csv => report::csv(&file),
        FrontierFormat::Json => match serde_json::to_string(&file) {
            Ok(json) => json + "\n",
            Err(error) => {
                terminal::error(error);
                return Exit::WrongInput;
            }
        },
    };
    match terminal::print(&text) {
        Ok(()) => Exit::Solved,
        Err(error) => {
            terminal::error(error);
            Exit::WrongInput
        }
    }
}
