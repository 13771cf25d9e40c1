//! `outlay next`: which test to run, in money.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use outlay::{Data, Effort, Files, Format, NextAsk, NextFile, next, show};

use crate::arguments::{FrontierFormat, Next};
use crate::ask;
use crate::exit::Exit;
use crate::overwrite;
use crate::run::warnings;
use crate::solve::began;
use crate::terminal;

pub(crate) fn run(arguments: &Next) -> Exit {
    let Some(batch) = ask::one(&arguments.scenario, &arguments.ask) else { return Exit::WrongInput };
    let scenario = match batch.scenario(0) {
        Ok(scenario) => scenario,
        Err(rejected) => return terminal::wrong(rejected),
    };
    warnings(batch.path(), &scenario).iter().for_each(terminal::say);
    let read = [&arguments.tests, &arguments.panel].into_iter().flatten().cloned();
    let read = overwrite::read_by(std::slice::from_ref(&batch)).into_iter().chain(read).collect::<Vec<_>>();
    if let Err(reason) = overwrite::refuse(&arguments.written.paths(), &read) {
        return terminal::wrong(reason);
    }
    let end = arguments.time.map(|s| began() + Duration::from_secs_f64(s));
    let late = || end.is_some_and(|end| Instant::now() >= end);
    let effort = Effort::default().nodes(arguments.nodes.map(usize::from)).cancel(&late);
    let files = Files::disk();
    let read = |path: Option<&PathBuf>| {
        let data = path.map(|p| Data::read(&files, p).map_err(|e| format!("{}: {e}", p.display())));
        data.transpose()
    };
    let (tests, panel) = match (read(arguments.tests.as_ref()), read(arguments.panel.as_ref())) {
        (Ok(tests), Ok(panel)) => (tests, panel),
        (Err(message), _) | (_, Err(message)) => return terminal::wrong(message),
    };
    let asked = NextAsk { tests: tests.as_ref(), panel: panel.as_ref(), files: &files };
    let value = || next(&scenario, &asked, &effort);
    let jobs = rayon::ThreadPoolBuilder::new().num_threads(arguments.jobs.map_or(0, usize::from)).build();
    let valued = match jobs {
        Ok(pool) => pool.install(value),
        Err(_) => value(),
    };
    let file = match valued {
        Ok(file) => file,
        Err(error) => return terminal::wrong(format!("{}: {error:#}", arguments.scenario.display())),
    };
    let text = match shown(arguments, &file) {
        Ok(text) => text,
        Err(message) => return terminal::wrong(message),
    };
    if arguments.written.wanted()
        && let Err(message) = arguments.written.write(&[show::next_document(&file)])
    {
        return terminal::wrong(message);
    }
    let exit = if file.left_out > 0 { Exit::Unproven } else { Exit::Solved };
    terminal::answer(Ok::<_, String>((text, exit)))
}

fn shown(arguments: &Next, file: &NextFile) -> Result<String, outlay::Error> {
    let format = match arguments.format {
        FrontierFormat::Table => Format::Page(terminal::page(arguments.width)),
        FrontierFormat::Json => Format::Json,
        FrontierFormat::Csv => Format::Csv,
    };
    show::next(file, format)
}
