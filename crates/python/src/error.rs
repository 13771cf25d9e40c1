//! Errors of the door as exceptions, with their places as data.

use outlay::scenario::{Diagnostic, Issue};
use outlay::{Error, exchange::ImportError};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// Name of the exception in `outlay.errors` for an error.
fn class(error: &Error) -> &'static str {
    match error {
        Error::Rejected(_) => "ScenarioError",
        Error::Record(_) => "RecordError",
        Error::History { .. } => "HistoryError",
        Error::Fit { .. } => "FitError",
        Error::Plan { .. } => "HandPlanError",
        Error::Actuals { .. } => "ActualsError",
        Error::Experiment { .. } => "ExperimentError",
        Error::Compare(_) => "ComparisonError",
        Error::Frontier(_) => "FrontierError",
        Error::Replan(_) => "ReplanError",
        Error::Problem(_) => "ProblemError",
        Error::Unreadable { .. } => "FileError",
        Error::Unsupported(_) => "UnsupportedError",
        Error::Import { .. } => "ModelError",
        _ => "OutlayError",
    }
}

/// An exception of `outlay.errors`, by its name.
pub(crate) fn exception(class: &str, message: &str, places: Vec<Place>) -> PyErr {
    Python::attach(|py| {
        let made = || -> PyResult<PyErr> {
            let module = py.import("outlay.errors")?;
            let diagnostics: Vec<Bound<'_, PyAny>> =
                places.iter().map(|place| place.object(&module)).collect::<PyResult<_>>()?;
            let raised = module.getattr(class)?.call1((message, diagnostics))?;
            Ok(PyErr::from_value(raised))
        };
        made().unwrap_or_else(|error| error)
    })
}

/// One thing wrong, and where.
#[derive(Default)]
pub(crate) struct Place {
    file: String,
    line: usize,
    column: usize,
    field: String,
    message: String,
    remedy: Option<String>,
}

impl Place {
    fn of(fault: &Diagnostic) -> Place {
        Place {
            file: fault.path.to_string_lossy().into_owned(),
            line: fault.line,
            column: fault.column,
            field: fault.field.clone(),
            message: fault.issue.to_string(),
            remedy: remedy(&fault.issue),
        }
    }

    fn object<'py>(&self, module: &Bound<'py, PyModule>) -> PyResult<Bound<'py, PyAny>> {
        let py = module.py();
        let given = PyDict::new(py);
        given.set_item("file", &self.file)?;
        given.set_item("line", (self.line > 0).then_some(self.line))?;
        given.set_item("column", (self.column > 0).then_some(self.column))?;
        given.set_item("field", &self.field)?;
        given.set_item("message", &self.message)?;
        given.set_item("remedy", self.remedy.as_deref())?;
        module.getattr("Diagnostic")?.call((), Some(&given))
    }
}

/// What to write instead, where that can be told.
fn remedy(issue: &Issue) -> Option<String> {
    match issue {
        Issue::UnknownField { nearest, allowed, .. } | Issue::UnknownName { nearest, allowed, .. } => nearest
            .clone()
            .or_else(|| (!allowed.is_empty()).then(|| format!("one of {}", allowed.join(", ")))),
        Issue::WrongType { remedy, expected, .. } => remedy.clone().or_else(|| Some(expected.clone())),
        Issue::OutOfRange { allowed, .. } => Some(allowed.clone()),
        Issue::Missing { field, .. } => Some(format!("give `{field}`")),
        Issue::Choice { fields, allowed, .. } => Some(format!("give {allowed} of {}", fields.join(", "))),
        _ => None,
    }
}

/// An error of the door as its exception.
pub(crate) fn raised(error: &Error) -> PyErr {
    let rejected = match error {
        Error::Rejected(rejected) => Some(rejected),
        Error::Record(outlay::scenario::RecordError::Scenario(rejected)) => Some(rejected),
        _ => None,
    };
    let places = rejected.map_or_else(Vec::new, |r| r.diagnostics.iter().map(Place::of).collect());
    exception(class(error), &error.to_string(), places)
}

/// An argument that cannot be used.
pub(crate) fn argument(name: &str, message: &str) -> PyErr {
    let place = Place { field: name.to_owned(), message: message.to_owned(), ..Place::default() };
    exception("ArgumentError", &format!("{name}: {message}"), vec![place])
}

/// A model of another program that cannot be read.
pub(crate) fn foreign(name: &str, error: &ImportError) -> PyErr {
    exception("ModelError", &format!("{name}: {error}"), Vec::new())
}
