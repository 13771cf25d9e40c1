//! Tables to read: files, bytes and frames.

use std::path::{Path, PathBuf};

use outlay::{Column, Data, Files};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3_arrow::input::AnyRecordBatch;
use serde_json::{Map, Value};

use crate::error::{argument, raised};
use crate::rows::cells;
use crate::value::frame;

/// A table of a path, of the bytes of a file, or of a frame.
pub(crate) fn data(value: &Bound<'_, PyAny>, name: &str) -> PyResult<Data> {
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Data::bytes(name, bytes.as_bytes()));
    }
    if let Ok(path) = value.extract::<PathBuf>() {
        return outlay::data(&Files::disk(), Path::new(&path)).map_err(|e| raised(&e));
    }
    if value.hasattr("__arrow_c_stream__")?
        && let Ok(batches) = value.extract::<AnyRecordBatch>()
    {
        let (batches, schema) = batches.into_table()?.into_inner();
        let mut columns: Vec<(String, Vec<Value>)> =
            schema.fields().iter().map(|f| (f.name().clone(), Vec::new())).collect();
        for batch in &batches {
            for (column, array) in columns.iter_mut().zip(batch.columns()) {
                column.1.extend(cells(array).map_err(|e| argument(name, &e.to_string()))?);
            }
        }
        return Ok(of_columns(name, columns));
    }
    // A frame whose library lacks what the capsule interface needs.
    let Some(mut rows) = frame(value, name)? else {
        let kind = value.get_type().name()?;
        return Err(argument(name, &format!("a `{kind}` is no path, no bytes and no frame")));
    };
    let names: Vec<String> = match value.getattr("columns").and_then(|c| c.try_iter()) {
        Ok(names) => names.map(|n| n?.str()?.extract()).collect::<PyResult<_>>()?,
        Err(_) => rows.iter().flat_map(Map::keys).cloned().collect(),
    };
    let column = |n: &String| rows.iter_mut().map(|row| row.remove(n).unwrap_or(Value::Null)).collect();
    let mut column = column;
    let columns = names.iter().map(|n| (n.clone(), column(n))).collect();
    Ok(of_columns(name, columns))
}

/// Columns of cells: numbers where all of them are, texts otherwise.
fn of_columns(name: &str, columns: Vec<(String, Vec<Value>)>) -> Data {
    let typed = |cells: Vec<Value>| {
        if cells.iter().all(|c| c.is_number() || c.is_null()) {
            return Column::Numbers(cells.iter().map(|c| c.as_f64().unwrap_or(f64::NAN)).collect());
        }
        let text = |cell: Value| match cell {
            Value::Null => String::new(),
            Value::String(text) => text,
            other => other.to_string(),
        };
        Column::Texts(cells.into_iter().map(text).collect())
    };
    Data::columns(name, columns.into_iter().map(|(name, cells)| (name, typed(cells))))
}
