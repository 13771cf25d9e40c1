use std::fs;

use outlay::exchange::{Options, Source, import};

use crate::arguments::Import;
use crate::exit::Exit;
use crate::overwrite;
use crate::run::whole;
use crate::terminal;

/// `outlay import`: curves of a model that another program fitted.
pub(crate) fn run(arguments: &Import) -> Exit {
    match imported(arguments) {
        Ok(()) => Exit::Solved,
        Err(message) => {
            terminal::error(message);
            Exit::WrongInput
        }
    }
}

fn imported(arguments: &Import) -> Result<(), String> {
    let path = &arguments.file;
    overwrite::refuse(std::slice::from_ref(&arguments.out), std::slice::from_ref(path))?;
    let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let name = path.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
    let options = Options {
        currency: arguments.currency.clone(),
        revenue_per_outcome: arguments.revenue_per_outcome,
        periods: arguments.periods,
        unit: arguments.unit.map(|u| u.name().to_owned()),
    };
    let source = Source { name: &name, bytes: &bytes, options: &options };
    let found = import(&source).map_err(|e| format!("{}: {e}", path.display()))?;
    let mut text = serde_json::to_string_pretty(&found.library).map_err(|e| e.to_string())?;
    text.push('\n');
    whole(&arguments.out, text.as_bytes()).map_err(|e| e.to_string())?;
    found.notes.iter().for_each(|note| terminal::say(format_args!("note: {}", outlay_report::visible(note))));
    let out = arguments.out.display();
    terminal::say(format_args!("wrote {out}; next: outlay new plan --from {out}"));
    Ok(())
}
