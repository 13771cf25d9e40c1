//! `outlay import`: curves of another program's model.

use outlay::exchange::Options;
use outlay::{Files, show};

use crate::arguments::Import;
use crate::exit::Exit;
use crate::overwrite;
use crate::run::whole;
use crate::terminal::{self, told};

/// `outlay import`: curves of a model that another program fitted.
pub(crate) fn run(arguments: &Import) -> Exit {
    terminal::done(imported(arguments))
}

fn imported(arguments: &Import) -> Result<(), String> {
    let path = &arguments.file;
    overwrite::refuse(std::slice::from_ref(&arguments.out), std::slice::from_ref(path))?;
    let data = outlay::data(&Files::disk(), path).map_err(told)?;
    let options = Options {
        currency: arguments.currency.clone(),
        revenue_per_outcome: arguments.revenue_per_outcome,
        periods: arguments.periods,
        unit: arguments.unit.map(|u| u.name().to_owned()),
        steady: arguments.steady,
    };
    let found = outlay::import(&data, &options).map_err(told)?;
    let out = arguments.out.display();
    let text = show::library(&found.library).map_err(|e| format!("{out}: {e}"))?;
    whole(&arguments.out, text.as_bytes()).map_err(|e| e.to_string())?;
    found.notes.iter().for_each(|note| terminal::say(format_args!("note: {}", note)));
    terminal::say(format_args!("wrote {out}; next: outlay new plan --from {out}"));
    Ok(())
}
