//! Standard output and standard error.

use std::fmt::Display;
use std::io::{self, ErrorKind, IsTerminal, Write};

use outlay::report::table::Page;

use crate::arguments::Width;
use crate::exit::Exit;

/// Columns of a page that is not a terminal.
const COLUMNS: u16 = 80;

/// The page tables are laid out for: the terminal's width and its taste in
/// colour, or 80 plain columns.
pub(crate) fn page(width: Width) -> Page {
    let terminal = io::stdout().is_terminal();
    let own = || console::Term::stdout().size_checked().map(|(_, columns)| columns);
    let width = width.width.or_else(|| if terminal { own() } else { None }).unwrap_or(COLUMNS);
    Page { width: usize::from(width), color: terminal && wants_color() }
}

/// <https://no-color.org>
fn wants_color() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|t| t != "dumb")
}

/// Standard output that remembers whether anyone still listens.
pub(crate) struct Output {
    stdout: io::BufWriter<io::Stdout>,
    closed: bool,
}

impl Output {
    pub(crate) fn new() -> Self {
        let closed = outlay_streams::stdout_was_closed();
        Output { stdout: io::BufWriter::with_capacity(1 << 16, io::stdout()), closed }
    }

    /// Writes text; a closed pipe is remembered and is no error.
    pub(crate) fn write(&mut self, text: &str) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let written = self.stdout.write_all(text.as_bytes());
        self.heed(written)
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let flushed = self.stdout.flush();
        self.heed(flushed)
    }

    /// True once the reader has gone.
    pub(crate) fn closed(&self) -> bool {
        self.closed
    }

    fn heed(&mut self, result: io::Result<()>) -> io::Result<()> {
        match result {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other,
        }
    }
}

/// Prints a complete text to standard output.
pub(crate) fn print(text: &str) -> io::Result<()> {
    let mut output = Output::new();
    output.write(text)?;
    output.flush()?;
    if output.closed() { Err(lost()) } else { Ok(()) }
}

/// Prints what a command answers, or says why there is no answer.
pub(crate) fn answer(answered: Result<(String, Exit), impl Display>) -> Exit {
    match answered {
        Ok((text, exit)) => match print(&text) {
            Ok(()) => exit,
            Err(error) => wrong(error),
        },
        Err(message) => wrong(message),
    }
}

/// Says what went wrong, if anything did.
pub(crate) fn done(done: Result<(), impl Display>) -> Exit {
    match done {
        Ok(()) => Exit::Solved,
        Err(message) => wrong(message),
    }
}

/// Says what went wrong with the input or the output.
pub(crate) fn wrong(message: impl Display) -> Exit {
    error(message);
    Exit::WrongInput
}

/// Nobody reads what is printed, and it stands nowhere else.
pub(crate) fn lost() -> io::Error {
    io::Error::new(ErrorKind::BrokenPipe, "standard output was closed before everything was written")
}

/// A message of one line for the person at the terminal; never fails. What moves
/// the cursor, changes colours, turns the direction of writing or begins a line of
/// its own is shown as `U+FFFD`: names may hold anything.
pub(crate) fn say(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{}", outlay::report::visible(&short(&text.to_string())));
}

/// A report of several lines, whose names have been made visible.
pub(crate) fn tell(text: &str) {
    text.lines().for_each(say);
}

/// A line that nobody would read to its end: its beginning and its end.
fn short(line: &str) -> String {
    const LONG: usize = 4000;
    const END: usize = 300;
    let count = line.chars().count();
    if count <= LONG {
        return line.to_owned();
    }
    let (begin, end): (String, String) =
        (line.chars().take(LONG / 2).collect(), line.chars().skip(count - END).collect());
    format!("{begin} ... ({} characters left out) ... {end}", count - LONG / 2 - END)
}

/// Most faults of one file that are told one by one.
const FAULTS: usize = 50;

/// Most faults that are told with their line of the file.
const DRAWN: usize = 10;

/// Faults of one file after which a reader looks for no more.
const LOOKED_FOR: usize = 1000;

/// An error in words, with the lines of the file that it is in.
pub(crate) fn told(error: outlay::Error) -> String {
    format!("{error:#}")
}

/// What went wrong, one `error:` for each fault, and below it the line of the
/// file where there is one; a fault that a program made in thousands of places
/// is told by the first ones and their number.
pub(crate) fn error(text: impl Display) {
    let text = format!("{text:#}");
    let mut count = 0;
    for line in text.lines() {
        let goes_on = line.starts_with("  ");
        count += usize::from(!goes_on);
        match goes_on {
            true if count <= DRAWN => say(line),
            false if count <= FAULTS => say(format_args!("error: {line}")),
            _ => {}
        }
    }
    let more = count.saturating_sub(FAULTS);
    if more > 0 {
        let least = if count >= LOOKED_FOR { "at least " } else { "" };
        say(format_args!("error: and {least}{more} more"));
    }
}
