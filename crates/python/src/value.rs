//! Python values as JSON: what a scenario file could hold.

use pyo3::exceptions::PyImportError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyMapping, PyString, PyTuple};
use serde_json::{Map, Number, Value};

use crate::error::argument;
use crate::rows::{self, nested};

/// Deepest nesting that is read.
const DEEPEST: usize = 64;

/// A Python value as JSON: None, booleans, numbers, texts, mappings, sequences,
/// scalars of NumPy, dates, paths, and frames as a list of their rows.
pub(crate) fn json(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Value> {
    at(value, name, DEEPEST)
}

fn at(value: &Bound<'_, PyAny>, name: &str, depth: usize) -> PyResult<Value> {
    if depth == 0 {
        return Err(argument(name, "it is nested too deeply"));
    }
    if value.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(flag) = value.cast::<PyBool>() {
        return Ok(Value::Bool(flag.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        let whole = value.extract::<i64>().map(Value::from);
        return whole.or_else(|_| number(value.extract::<f64>()?, name));
    }
    if value.is_instance_of::<PyFloat>() {
        return number(value.extract()?, name);
    }
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Value::from(text.to_str()?));
    }
    if let Ok(dict) = value.cast::<PyDict>() {
        return object(dict.iter(), name, depth);
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        return array(value, name, depth);
    }
    if let Some(rows) = frame(value, name)? {
        let rows: Result<Vec<Value>, String> = rows.into_iter().map(nested).collect();
        let clash = |column: String| {
            argument(name, &format!("column `{column}` says again, or otherwise, what another column says"))
        };
        return rows.map(Value::Array).map_err(clash);
    }
    if let Ok(mapping) = value.cast::<PyMapping>() {
        let items = mapping.items()?;
        let pairs = items.iter().map(|pair| pair.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>());
        return object(pairs.collect::<PyResult<Vec<_>>>()?.into_iter(), name, depth);
    }
    // Arrays and scalars of NumPy, dates, paths.
    for method in ["tolist", "isoformat", "__fspath__"] {
        if value.hasattr(method)? {
            return at(&value.call_method0(method)?, name, depth - 1);
        }
    }
    if value.try_iter().is_ok() {
        return array(value, name, depth);
    }
    let kind = value.get_type().name()?;
    Err(argument(name, &format!("a value of type `{kind}` cannot stand in a scenario")))
}

fn number(value: f64, name: &str) -> PyResult<Value> {
    let number = Number::from_f64(value).map(Value::Number);
    number.ok_or_else(|| argument(name, &format!("{value} is not a finite number")))
}

fn object<'py>(
    pairs: impl Iterator<Item = (Bound<'py, PyAny>, Bound<'py, PyAny>)>,
    name: &str,
    depth: usize,
) -> PyResult<Value> {
    let mut fields = Map::new();
    for (key, value) in pairs {
        let key: String = key.extract().map_err(|_| argument(name, "the keys of a mapping are texts"))?;
        let own = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
        fields.insert(key, at(&value, &own, depth - 1)?);
    }
    Ok(Value::Object(fields))
}

fn array(values: &Bound<'_, PyAny>, name: &str, depth: usize) -> PyResult<Value> {
    let each = values.try_iter()?.enumerate();
    each.map(|(i, value)| at(&value?, &format!("{name}[{i}]"), depth - 1)).collect()
}

/// The rows of a frame, cells without a value left out; `None` for what is no
/// frame. Frames are read by the Arrow capsule interface; one that would need a
/// package for it that is not there is read column by column.
pub(crate) fn frame(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Option<Vec<Map<String, Value>>>> {
    if !value.hasattr("__arrow_c_stream__")? && !value.hasattr("__arrow_c_array__")? {
        return Ok(None);
    }
    match value.extract::<pyo3_arrow::input::AnyRecordBatch>() {
        Ok(batches) => {
            let (batches, _) = batches.into_table()?.into_inner();
            let rows = rows::of(&batches).map_err(|e| argument(name, &e.to_string()))?;
            Ok(Some(rows))
        }
        Err(error) if error.is_instance_of::<PyImportError>(value.py()) => columns(value, name).map(Some),
        Err(error) => Err(error),
    }
}

/// The rows of a data frame of pandas where Arrow is not installed.
fn columns(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Vec<Map<String, Value>>> {
    let mut rows: Vec<Map<String, Value>> = Vec::new();
    for (at, record) in value.call_method1("to_dict", ("records",))?.try_iter()?.enumerate() {
        let mut row = Map::new();
        for (key, cell) in record?.cast::<PyDict>()?.iter() {
            let key: String = key.str()?.extract()?;
            // Missing cells are not equal to themselves, or say that they are not.
            let missing = cell.is_none() || !cell.eq(&cell).unwrap_or(false);
            if !missing {
                let own = format!("{name}[{at}].{key}");
                row.insert(key, json(&cell, &own)?);
            }
        }
        rows.push(row);
    }
    Ok(rows)
}
