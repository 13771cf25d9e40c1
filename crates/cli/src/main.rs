//! The `outlay` program.

mod arguments;
mod ask;
mod commands;
mod exit;
mod folder;
mod foreign;
mod hint;
mod kept;
mod made;
mod mcp;
mod overwrite;
mod periods;
mod reports;
mod run;
mod serve;
mod solve;
mod stop;
mod terminal;
mod within;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};

fn main() -> ExitCode {
    solve::began();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return exit::usage(&error),
    };
    let exit = match arguments.command {
        Command::Run(arguments) => commands::run::run(&arguments),
        Command::Check(arguments) => commands::check::run(&arguments),
        Command::Fit(arguments) => commands::fit::run(&arguments),
        Command::Lift(arguments) => commands::lift::run(&arguments),
        Command::Design(arguments) => commands::design::run(&arguments),
        Command::Next(arguments) => commands::next::run(&arguments),
        Command::Frontier(arguments) => commands::frontier::run(&arguments),
        Command::Compare(arguments) => commands::compare::run(&arguments),
        Command::Verify(arguments) => commands::verify::run(&arguments),
        Command::Replan(arguments) => commands::replan::run(&arguments),
        Command::Track(arguments) => commands::track::run(&arguments),
        Command::Schema(arguments) => commands::schema::run(&arguments),
        Command::Completions(arguments) => commands::documents::completions(&arguments),
        Command::Man(arguments) => commands::documents::man(&arguments),
        Command::Import(arguments) => commands::import::run(&arguments),
        Command::New(arguments) => commands::new::run(&arguments),
        Command::Serve(arguments) => commands::serve::run(&arguments),
        Command::Mcp(arguments) => commands::mcp::run(&arguments),
    };
    exit.into()
}
