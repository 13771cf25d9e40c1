//! Curves of models that other programs hold, and of one's own draws.

use std::collections::BTreeMap;

use outlay::exchange::{Array, Arrays, Options, Posterior, Source, pymc_model};
use outlay::scenario::spec::{CurveSpec, Outcome};
use outlay::{Error, LibraryFile, show};
use pyo3::prelude::*;
use serde_json::{Map, Value};

use crate::error::{argument, exception, foreign, raised};
use crate::tables::data;
use crate::value::json;
use crate::work::wait;

/// Arrays by path: their shapes, and their numbers as the bytes of doubles.
type Numbers = BTreeMap<String, (Vec<usize>, Vec<u8>)>;

/// The library of a pymc-marketing model in memory, and what was found.
#[pyfunction]
#[pyo3(signature = (name, attributes, numbers, texts, currency, unit, revenue_per_outcome))]
#[allow(clippy::too_many_arguments, reason = "what the file of a model holds")]
pub(crate) fn from_pymc(
    py: Python<'_>,
    name: String,
    attributes: BTreeMap<String, String>,
    numbers: Numbers,
    texts: BTreeMap<String, Vec<String>>,
    currency: Option<String>,
    unit: Option<String>,
    revenue_per_outcome: Option<f64>,
) -> PyResult<(String, Vec<String>)> {
    let numbers = numbers.into_iter().map(|(path, (shape, bytes))| {
        let values = bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect();
        (path, Array { shape, values })
    });
    let arrays = Arrays { attributes, numbers: numbers.collect(), texts };
    let options = Options { currency, revenue_per_outcome, periods: None, unit, steady: false };
    let own = name.clone();
    let imported =
        wait(py, None, move |_| pymc_model(arrays, &Source { name: &own, bytes: &[], options: &options }))?;
    let imported = imported.map_err(|e| foreign(&name, &e))?;
    let text = show::library(&imported.library).map_err(|e| raised(&e))?;
    Ok((text, imported.notes))
}

/// The library of a model that another program saved, and what was found.
#[pyfunction]
#[pyo3(signature = (model, currency, unit, revenue_per_outcome, periods, steady))]
pub(crate) fn import_model(
    py: Python<'_>,
    model: Bound<'_, PyAny>,
    currency: Option<String>,
    unit: Option<String>,
    revenue_per_outcome: Option<f64>,
    periods: Option<u32>,
    steady: bool,
) -> PyResult<(String, Vec<String>)> {
    let options = Options { currency, revenue_per_outcome, periods, unit, steady };
    let model = data(&model, "model")?;
    let read = wait(py, None, move |_| {
        let imported = outlay::import(&model, &options)?;
        Ok::<_, Error>((show::library(&imported.library)?, imported.notes))
    })?;
    read.map_err(|e| raised(&e))
}

/// A library of curves given draw by draw: each channel has a name, an outcome,
/// a family with its parameters (a number, or one a draw), the spends of past
/// periods and the weights of its carry-over.
#[pyfunction]
#[pyo3(signature = (channels, currency, unit, source))]
pub(crate) fn of_draws(
    py: Python<'_>,
    channels: Vec<Bound<'_, PyAny>>,
    currency: Option<String>,
    unit: Option<String>,
    source: Option<String>,
) -> PyResult<String> {
    let channels: Vec<Posterior> = channels.iter().map(channel).collect::<PyResult<_>>()?;
    let curves = wait(py, None, move |_| {
        channels.into_iter().map(Posterior::curve).collect::<Result<Vec<_>, String>>()
    })?;
    let curves = curves.map_err(|e| exception("ModelError", &e, Vec::new()))?;
    let library = LibraryFile { outlay: 1, currency, unit, fitted_at: None, source, curves, meeting: None };
    show::library(&library).map_err(|e| raised(&e))
}

fn channel(given: &Bound<'_, PyAny>) -> PyResult<Posterior> {
    let name: String = given.get_item("name")?.extract()?;
    let outcome = match given.get_item("outcome")?.extract::<String>()?.as_str() {
        "revenue" => Outcome::Revenue,
        "customers" => Outcome::Customers,
        other => return Err(argument(&name, &format!("outcome `{other}` is neither revenue nor customers"))),
    };
    let curve = json(&given.get_item("curve")?, &name)?;
    let mut fields = curve.as_object().cloned().unwrap_or_default();
    let family = match fields.remove("family") {
        Some(Value::String(family)) => family,
        _ => return Err(argument(&name, "`family` is missing: give the family of its curve")),
    };
    let draws = expanded(&fields).map_err(|e| argument(&name, &e))?;
    // The reader takes the family for the variant.
    let draws = draws.into_iter().map(|fields| Value::Object(Map::from_iter([(family.clone(), fields)])));
    let draws: Result<Vec<CurveSpec>, _> = draws.map(serde_json::from_value).collect();
    let draws = draws.map_err(|e: serde_json::Error| argument(&name, &e.to_string()))?;
    let mut kernel: Vec<f64> = given.get_item("adstock")?.extract()?;
    let sum: f64 = kernel.iter().sum();
    if !(sum.is_finite() && sum > 0.0 && kernel.iter().all(|w| *w >= 0.0)) {
        return Err(argument(&name, "the weights of `adstock` are at least 0 and not all 0"));
    }
    kernel.iter_mut().for_each(|w| *w /= sum);
    Ok(Posterior { name, outcome, draws, kernel, spend: given.get_item("spend")?.extract()? })
}

/// A curve a draw; parameters that are one number are the same in all.
fn expanded(fields: &Map<String, Value>) -> Result<Vec<Value>, String> {
    let lengths = fields.iter().filter(|(name, _)| *name != "points");
    let lengths: Vec<(&String, usize)> =
        lengths.filter_map(|(name, v)| Some((name, v.as_array()?.len()))).collect();
    // Points of a table are a list themselves; draws of them a list of lists.
    let tables = fields.get("points").and_then(Value::as_array);
    let many = tables.filter(|t| t.first().and_then(|p| p.get(0)).is_some_and(Value::is_array));
    let count = many.map(Vec::len).or(lengths.first().map(|(_, n)| *n)).unwrap_or(1);
    if let Some((name, n)) = lengths.iter().find(|(_, n)| *n != count) {
        return Err(format!("`{name}` has {n} draws where others have {count}"));
    }
    if count == 0 {
        return Err("there are no draws".to_owned());
    }
    let at = |j: usize, name: &str, value: &Value| match (name, value) {
        ("points", _) if many.is_none() => value.clone(),
        (_, Value::Array(values)) => values[j].clone(),
        (_, value) => value.clone(),
    };
    let draw = |j| fields.iter().map(|(name, v)| (name.clone(), at(j, name, v))).collect();
    Ok((0..count).map(|j| Value::Object(draw(j))).collect())
}

/// The text of a curve library, read and checked.
#[pyfunction]
pub(crate) fn library(path: Option<std::path::PathBuf>, text: Option<String>) -> PyResult<String> {
    let read = || -> Result<String, Error> {
        match (path, text) {
            (Some(path), _) => show::library(&outlay::library(&outlay::Files::disk(), path)?),
            (None, text) => {
                let name = "curves.json";
                let files = outlay::Files::memory([(name, text.unwrap_or_default())]);
                show::library(&outlay::library(&files, name)?)
            }
        }
    };
    read().map_err(|e| raised(&e))
}
