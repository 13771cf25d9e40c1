//! `outlay completions` and `outlay man`: made from the same arguments that are
//! read.

use clap::CommandFactory;

use crate::arguments::{Arguments, Completions, Man};
use crate::exit::Exit;
use crate::made;
use crate::run::whole;
use crate::terminal;

/// `outlay completions`
pub(crate) fn completions(arguments: &Completions) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "outlay", &mut script);
    terminal::done(terminal::print(&String::from_utf8_lossy(&script)))
}

/// `outlay man`: pages that are there already are replaced.
pub(crate) fn man(arguments: &Man) -> Exit {
    terminal::done(pages(arguments).map(|written| {
        terminal::say(format_args!("wrote {written} pages; man -l {}/outlay.1", arguments.folder.display()));
    }))
}

fn pages(arguments: &Man) -> Result<usize, String> {
    let folder = &arguments.folder;
    made::folder(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    let commands = command.get_subcommands().cloned().collect::<Vec<_>>();
    for page in std::iter::once(&command).chain(&commands) {
        // `outlay run` is the page outlay-run.
        let name = page.get_bin_name().unwrap_or_else(|| page.get_name()).replace(' ', "-");
        let path = folder.join(format!("{name}.1"));
        let mut text = Vec::new();
        let made = clap_mangen::Man::new(page.clone()).title(name).render(&mut text);
        made.map_err(|e| format!("{}: {e}", path.display()))?;
        whole(&path, &text).map_err(|e| e.to_string())?;
    }
    Ok(commands.len() + 1)
}
