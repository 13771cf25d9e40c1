use outlay::scenario::RecordError;
use outlay::{Error, Files, show};

use crate::arguments::Verify;
use crate::exit::Exit;
use crate::terminal::{self, Output};

/// `outlay verify`: every result is re-proved, whatever the others are.
pub(crate) fn run(arguments: &Verify) -> Exit {
    let mut output = Output::new();
    let mut exit = Exit::Solved;
    for path in &arguments.results {
        for verdict in outlay::verify(&Files::disk(), path, arguments.gap) {
            match verdict {
                Ok(verified) => {
                    if !verified.differences.is_empty() {
                        exit = exit.max(Exit::Refuted);
                    }
                    if let Err(error) = output.write(&show::verdict(&verified)) {
                        terminal::error(error);
                        return Exit::WrongInput;
                    }
                }
                // What cannot be compared with its scenario proves nothing either.
                Err(error) => {
                    let code = match error {
                        Error::Record(RecordError::Changed { .. }) => Exit::Refuted,
                        _ => Exit::WrongInput,
                    };
                    terminal::error(error);
                    exit = exit.max(code);
                }
            }
        }
    }
    match output.flush() {
        Ok(()) if output.closed() => {
            terminal::error(terminal::lost());
            exit.max(Exit::WrongInput)
        }
        Ok(()) => exit,
        Err(error) => {
            terminal::error(error);
            Exit::WrongInput
        }
    }
}
