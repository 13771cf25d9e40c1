//! A saved plan's scenario with the curves believed in now.

use std::path::Path;

use serde_json::{Map, Value};

use crate::files::diagnostic::{Diagnostic, Issue, Rejected};
use crate::files::library::read_library;
use crate::files::storage::Files;
use crate::model::scenario::Scenario;
use crate::read::load::Batch;
use crate::read::record::Record;
use crate::read::written::relative;

impl Record {
    /// The plan's scenario with the curves of another library: of every line
    /// that names a curve in its own, and of those whose curve stands in the
    /// scenario and whose name the other library has.
    ///
    /// # Errors
    /// What is wrong with the library, or which curve it lacks.
    pub fn refitted(&self, library: &Path) -> Result<Scenario, Rejected> {
        let beside = Path::new("");
        let mut file = self.batch.written(&self.file.source.set, beside)?;
        take_curves(self.files(), &mut file, library, beside)?;
        let text = Value::Object(file).to_string();
        Batch::of_text(self.files(), &beside.join("refitted.json"), text)?.scenario(0)
    }
}

/// Makes the lines of a scenario take their curves from a library.
pub(crate) fn take_curves(
    files: &Files,
    file: &mut Map<String, Value>,
    path: &Path,
    beside: &Path,
) -> Result<(), Rejected> {
    let library = read_library(files, path)?;
    let reject =
        |issue| Rejected { path: path.to_owned(), diagnostics: vec![Diagnostic::whole(path, issue)] };
    let known = |name: &str| library.curves.iter().any(|c| c.name == name);
    let names = || library.curves.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
    let mut taken = 0;
    let mut own = Vec::new();
    for line in lines(file) {
        let name = line.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let in_place = line.get("curve").is_some_and(Value::is_object);
        if in_place {
            own.push(name.clone());
            if known(&name) {
                line.remove("curve");
                taken += 1;
            }
            continue;
        }
        let wanted = line.get("curve").and_then(Value::as_str).unwrap_or(&name);
        if !known(wanted) {
            return Err(reject(Issue::unknown_name(format!("curve of line {name}"), wanted, names())));
        }
        taken += 1;
    }
    if taken == 0 {
        let first = own.into_iter().next().unwrap_or_default();
        return Err(reject(Issue::unknown_name("curve of any line, such as", &first, names())));
    }
    file.insert("curves".to_owned(), Value::String(relative(files, path, beside)));
    Ok(())
}

/// The lines of a scenario file.
pub(crate) fn lines(file: &mut Map<String, Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    let lines = file.get_mut("lines").and_then(Value::as_array_mut);
    lines.into_iter().flatten().filter_map(Value::as_object_mut)
}
