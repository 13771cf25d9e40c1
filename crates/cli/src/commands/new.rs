use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::arguments::New;
use crate::exit::Exit;
use crate::terminal;

const STARTER: &str = include_str!("../../starter/scenario.toml");
const NAME: &str = "scenario.toml";

/// `outlay new`: never overwrites what is there.
pub(crate) fn run(arguments: &New) -> Exit {
    let path = arguments.folder.join(NAME);
    match write(&arguments.folder, &path) {
        Ok(()) => {
            let shown = path.display();
            terminal::say(format_args!("wrote {shown}; next: outlay run {shown}"));
            Exit::Solved
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            terminal::error(format_args!("{}: exists already and is left as it is", path.display()));
            Exit::WrongInput
        }
        Err(error) => {
            terminal::error(format_args!("{}: {error}", path.display()));
            Exit::WrongInput
        }
    }
}

fn write(folder: &Path, path: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    OpenOptions::new().write(true).create_new(true).open(path)?.write_all(STARTER.as_bytes())
}
