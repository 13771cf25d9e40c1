//! `outlay verify`: saved answers proven again.

use std::path::PathBuf;
use std::time::Duration;

use outlay::scenario::{RecordError, Verified};
use outlay::{Error, Files, show};

use crate::arguments::Verify;
use crate::exit::Exit;
use crate::terminal::{self, Output};
use crate::within;

/// `outlay verify`: every result is re-proved, whatever the others are.
pub(crate) fn run(arguments: &Verify) -> Exit {
    let mut output = Output::new();
    let mut exit = Exit::Solved;
    let mut broken = None;
    let (mut done, all) = (0, arguments.results.len());
    let (paths, gap) = (arguments.results.clone(), arguments.gap);
    let time = arguments.time.map(Duration::from_secs_f64);
    let whole = within::each(
        time,
        move |tell| prove(&paths, gap, tell),
        |step| match step {
            Step::File => done += 1,
            Step::Verdict(verdict) => match *verdict {
                Ok(verified) => {
                    if !verified.differences.is_empty() {
                        exit = exit.max(Exit::Refuted);
                    }
                    broken = broken.take().or(output.write(&show::verdict(&verified)).err());
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
            },
        },
    );
    if !whole {
        let path = arguments.results.get(done).map_or(String::new(), |p| format!(", at {}", p.display()));
        terminal::error(format_args!(
            "time was up before everything was re-proved: {done} of {all} files are done{path}; what is not said above neither stands nor falls"
        ));
        exit = exit.max(Exit::Unproven);
    }
    match broken.map_or_else(|| output.flush(), Err) {
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

/// What becomes known on the way.
enum Step {
    Verdict(Box<Result<Verified, Error>>),
    /// A file is done.
    File,
}

fn prove(paths: &[PathBuf], gap: Option<f64>, tell: &mut dyn FnMut(Step)) {
    for path in paths {
        outlay::verify_each(&Files::disk(), path, gap, |verdict| tell(Step::Verdict(Box::new(verdict))));
        tell(Step::File);
    }
}
