//! Reports besides what is printed: `--html`, `--xlsx`.

use std::path::PathBuf;

use outlay::report::Document;
use outlay::show;

use crate::arguments::Written;
use crate::run::whole;

impl Written {
    /// The files that will be written.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        self.html.iter().chain(&self.xlsx).cloned().collect()
    }

    /// True if any is asked for.
    pub(crate) fn wanted(&self) -> bool {
        self.html.is_some() || self.xlsx.is_some()
    }

    /// Writes the reports.
    pub(crate) fn write(&self, reports: &[Document]) -> Result<(), String> {
        if reports.is_empty() {
            return Ok(());
        }
        let title = match reports {
            [one] => one.name().to_owned(),
            all => format!("{} scenarios", all.len()),
        };
        if let Some(path) = &self.html {
            let page = show::page(&title, reports).map_err(|e| format!("{}: {e}", path.display()))?;
            whole(path, page.as_bytes()).map_err(|e| e.to_string())?;
        }
        if let Some(path) = &self.xlsx {
            let book = show::book(reports).map_err(|e| format!("{}: {e}", path.display()))?;
            whole(path, &book).map_err(|e| e.to_string())?;
        }
        Ok(())
    }
}
