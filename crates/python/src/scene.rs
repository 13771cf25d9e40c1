//! A scenario as it was handed over, read once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use outlay::scenario::InputsFile;
use outlay::{Batch, Error, Files, question};
use pyo3::prelude::*;
use pyo3::types::PyString;
use serde_json::Value;

use crate::error::{argument, raised};
use crate::value;

/// A scenario file as read, with the what-ifs it asks for.
#[pyclass(frozen, module = "outlay._outlay")]
pub(crate) struct Scenario {
    pub(crate) batch: Arc<Batch>,
}

/// What is asked of a scenario besides what it says.
pub(crate) type Set = IndexMap<String, Value>;

#[pymethods]
impl Scenario {
    /// A scenario of a file (`text` is None) or of a text that stands where
    /// `path` says; `files` are found before those of the disk.
    #[new]
    #[pyo3(signature = (path, text, files, goal, limit, set))]
    fn new(
        py: Python<'_>,
        path: PathBuf,
        text: Option<String>,
        files: Vec<(PathBuf, Vec<u8>)>,
        goal: Option<Bound<'_, PyAny>>,
        limit: Vec<Bound<'_, PyAny>>,
        set: Vec<(String, Bound<'_, PyAny>)>,
    ) -> PyResult<Scenario> {
        let asked = asked(goal.as_ref(), &limit, &set)?;
        let batch = py.detach(|| {
            let files = Files::disk().with(files);
            let batch = match text {
                Some(text) => Batch::of_text(&files, &path, text)?,
                None => outlay::read(&files, &path)?,
            };
            Ok::<Batch, Error>(if asked.is_empty() { batch } else { batch.asked(&asked)? })
        });
        Ok(Scenario { batch: Arc::new(batch.map_err(|e| raised(&e))?) })
    }

    /// Its name.
    #[getter]
    fn name(&self) -> &str {
        self.batch.name()
    }

    /// The file it came from.
    #[getter]
    fn path(&self) -> String {
        self.batch.path().to_string_lossy().into_owned()
    }

    /// Whether it has `vary`.
    #[getter]
    fn varies(&self) -> bool {
        self.batch.varies()
    }

    /// Scenarios it asks for; 1 without `vary`.
    fn __len__(&self) -> usize {
        usize::try_from(self.batch.len()).unwrap_or(usize::MAX)
    }

    fn __bool__(&self) -> bool {
        true
    }

    fn __repr__(&self) -> String {
        format!("<outlay.Scenario {:?} of {}>", self.batch.name(), self.batch.path().display())
    }

    /// The question asked again, with more fields set.
    fn asked(
        &self,
        goal: Option<Bound<'_, PyAny>>,
        limit: Vec<Bound<'_, PyAny>>,
        set: Vec<(String, Bound<'_, PyAny>)>,
    ) -> PyResult<Scenario> {
        let mut all = self.fixed();
        all.extend(asked(goal.as_ref(), &limit, &set)?);
        let batch = self.batch.asked(&all).map_err(|e| raised(&e.into()))?;
        Ok(Scenario { batch: Arc::new(batch) })
    }

    /// The files it was read from and what was asked of it, as texts.
    fn state(&self) -> PyResult<(String, String)> {
        let mut set = self.batch.source().set.clone();
        set.extend(self.fixed());
        Ok((text(&self.batch.inputs())?, text(&set)?))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String, String))> {
        Ok((py.get_type::<Scenario>().getattr("of_state")?, self.state()?))
    }

    /// The scenario of a [`Scenario::state`].
    #[staticmethod]
    fn of_state(inputs: &str, set: &str) -> PyResult<Scenario> {
        let batch = of_inputs(inputs)?;
        let set: Set = parsed(set)?;
        let batch = if set.is_empty() { batch } else { batch.asked(&set).map_err(|e| raised(&e.into()))? };
        Ok(Scenario { batch: Arc::new(batch) })
    }
}

impl Scenario {
    /// The fields set for all its what-ifs.
    fn fixed(&self) -> Set {
        serde_json::from_str(&self.batch.fixed()).unwrap_or_default()
    }

    /// Refuses a file of several scenarios where one is needed.
    pub(crate) fn one(&self) -> PyResult<Arc<Batch>> {
        if self.batch.varies() {
            let message = format!(
                "{}: asks for {} what-ifs by `vary`; outlay.what_ifs(...) solves them all",
                self.batch.path().display(),
                self.batch.len()
            );
            return Err(raised(&Error::Unsupported(message)));
        }
        Ok(Arc::clone(&self.batch))
    }
}

/// A question as typed at the command line, or as values.
pub(crate) fn asked(
    goal: Option<&Bound<'_, PyAny>>,
    limits: &[Bound<'_, PyAny>],
    set: &[(String, Bound<'_, PyAny>)],
) -> PyResult<Set> {
    let mut all = Set::new();
    if let Some(goal) = goal {
        let goal = match typed(goal) {
            Some(text) => question::goal(&text).map_err(|e| argument("goal", &e))?,
            None => value::json(goal, "goal")?,
        };
        all.insert("goal".to_owned(), goal);
    }
    for limit in limits {
        let Some(text) = typed(limit) else {
            return Err(argument("limit", "expected a text like `cac<=60`"));
        };
        let (path, limit) = question::limit(&text).map_err(|e| argument("limit", &e))?;
        all.insert(path, limit);
    }
    for (path, to) in set {
        let (path, to) = match typed(to) {
            Some(text) => question::setting(&format!("{path}={text}")).map_err(|e| argument("set", &e))?,
            None => (path.clone(), value::json(to, path)?),
        };
        all.insert(path, to);
    }
    Ok(all)
}

fn typed(value: &Bound<'_, PyAny>) -> Option<String> {
    value.cast::<PyString>().ok()?.extract().ok()
}

/// The scenario whose files stand in a text, and nowhere else.
pub(crate) fn of_inputs(inputs: &str) -> PyResult<Batch> {
    of_inputs_file(parsed(inputs)?).map_err(|e| raised(&e))
}

pub(crate) fn of_inputs_file(inputs: InputsFile) -> Result<Batch, Error> {
    let own = inputs.files.first().map(|f| f.path.clone()).unwrap_or_default();
    let files = Files::memory(inputs.files.into_iter().map(|f| (f.path, f.text.into_bytes())));
    outlay::read(&files, Path::new(&own))
}

pub(crate) fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> PyResult<T> {
    serde_json::from_str(text).map_err(|e| argument("state", &e.to_string()))
}

pub(crate) fn text(value: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|e| raised(&e.into()))
}

/// A Python value as the JSON text of a scenario.
#[pyfunction]
pub(crate) fn to_json(value: &Bound<'_, PyAny>) -> PyResult<String> {
    serde_json::to_string_pretty(&value::json(value, "")?).map_err(|e| raised(&e.into()))
}

/// A goal as typed (`maximize revenue`) as the JSON text of a scenario.
#[pyfunction]
pub(crate) fn typed_goal(goal: &str) -> PyResult<String> {
    let goal = question::goal(goal).map_err(|e| argument("goal", &e))?;
    text(&goal)
}
