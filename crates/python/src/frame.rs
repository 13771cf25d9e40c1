//! Frames: tables that pandas, polars, Arrow and others take without a copy.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyList};
use pyo3_arrow::PyTable;
use serde_json::{Map, Value};

use crate::error::argument;
use crate::rows::cells;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Texts.
    Text,
    /// Numbers.
    Number,
    /// True or false.
    Flag,
}

/// A table with named columns. `pandas.DataFrame(frame.to_dict())`,
/// `polars.DataFrame(frame)` and `pyarrow.table(frame)` take it.
#[pyclass(frozen, module = "outlay._outlay")]
pub(crate) struct Frame {
    pub(crate) batch: RecordBatch,
}

impl Frame {
    /// Objects as rows, inner objects as columns named by path. Columns that are
    /// always there come first, with their kind; the kind of others is that of
    /// what stands in them.
    pub(crate) fn of(rows: &[Map<String, Value>], fixed: &[(&str, Kind)]) -> Result<Frame, ArrowError> {
        let mut columns: Vec<(String, Option<Kind>)> =
            fixed.iter().map(|(name, kind)| ((*name).to_owned(), Some(*kind))).collect();
        let mut places: std::collections::HashMap<String, usize> =
            columns.iter().enumerate().map(|(i, (name, _))| (name.clone(), i)).collect();
        for (name, value) in rows.iter().flatten() {
            let place = *places.entry(name.clone()).or_insert_with(|| {
                columns.push((name.clone(), None));
                columns.len() - 1
            });
            let kind = match value {
                Value::Null => None,
                Value::Bool(_) => Some(Kind::Flag),
                Value::Number(_) => Some(Kind::Number),
                _ => Some(Kind::Text),
            };
            let known = &mut columns[place].1;
            *known = match (*known, kind) {
                (Some(a), Some(b)) if a != b => Some(Kind::Text),
                (known, kind) => known.or(kind),
            };
        }
        let (mut fields, mut arrays): (Vec<Field>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
        for (name, kind) in &columns {
            let values = || rows.iter().map(|row| row.get(name).unwrap_or(&Value::Null));
            let array: ArrayRef = match kind.unwrap_or(Kind::Number) {
                Kind::Text => Arc::new(values().map(text).collect::<StringArray>()),
                Kind::Number => Arc::new(values().map(Value::as_f64).collect::<Float64Array>()),
                Kind::Flag => Arc::new(values().map(Value::as_bool).collect::<BooleanArray>()),
            };
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        Ok(Frame { batch: batch(fields, arrays, rows.len())? })
    }
}

/// Columns as a batch; there may be none.
pub(crate) fn batch(
    fields: Vec<Field>,
    arrays: Vec<ArrayRef>,
    rows: usize,
) -> Result<RecordBatch, ArrowError> {
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// An object with inner objects as fields named by path.
pub(crate) fn flat(value: &Value) -> Map<String, Value> {
    let mut fields = Map::new();
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            Value::Object(_) => {
                fields
                    .extend(flat(value).into_iter().map(|(inner, value)| (format!("{name}.{inner}"), value)));
            }
            value => drop(fields.insert(name.clone(), value.clone())),
        }
    }
    fields
}

fn python<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Bool(flag) => flag.into_pyobject(py)?.to_owned().into_any(),
        Value::Number(n) if n.is_i64() => n.as_i64().into_pyobject(py)?.into_any(),
        Value::Number(n) => n.as_f64().into_pyobject(py)?.into_any(),
        Value::String(text) => text.into_pyobject(py)?.into_any(),
        Value::Null => py.None().into_bound(py),
        other => other.to_string().into_pyobject(py)?.into_any(),
    })
}

fn wrong(error: &ArrowError) -> PyErr {
    argument("frame", &error.to_string())
}

#[pymethods]
impl Frame {
    /// The names of its columns.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.batch.schema().fields().iter().map(|f| f.name().clone()).collect()
    }

    fn __len__(&self) -> usize {
        self.batch.num_rows()
    }

    /// The values of a column.
    fn __getitem__<'py>(&self, py: Python<'py>, column: &str) -> PyResult<Bound<'py, PyList>> {
        let array = self.batch.column_by_name(column);
        let array = array.ok_or_else(|| pyo3::exceptions::PyKeyError::new_err(column.to_owned()))?;
        let cells = cells(array).map_err(|e| wrong(&e))?;
        PyList::new(py, cells.iter().map(|cell| python(py, cell)).collect::<PyResult<Vec<_>>>()?)
    }

    /// Columns by name, as lists.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        for name in self.columns() {
            dict.set_item(&name, self.__getitem__(py, &name)?)?;
        }
        Ok(dict)
    }

    /// Rows as dictionaries.
    fn rows<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let columns = self.columns();
        let cells = self.batch.columns().iter().map(cells).collect::<Result<Vec<_>, _>>();
        let cells = cells.map_err(|e| wrong(&e))?;
        let rows = PyList::empty(py);
        for at in 0..self.batch.num_rows() {
            let row = PyDict::new(py);
            for (name, column) in columns.iter().zip(&cells) {
                row.set_item(name, python(py, &column[at])?)?;
            }
            rows.append(row)?;
        }
        Ok(rows)
    }

    /// The table as a data frame of pandas.
    fn to_pandas<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        py.import("pandas")?.getattr("DataFrame")?.call1((self.to_dict(py)?,))
    }

    /// The table as a data frame of polars.
    fn to_polars<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("polars")?.getattr("DataFrame")?.call1((slf,))
    }

    /// The table as a table of Arrow.
    fn to_arrow<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("pyarrow")?.getattr("table")?.call1((slf,))
    }

    /// The table for any library that reads the Arrow capsule interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let table = PyTable::try_new(vec![self.batch.clone()], self.batch.schema())?;
        let table = Bound::new(py, table)?;
        table.call_method1("__arrow_c_stream__", (requested_schema,))
    }

    /// Its columns for any library that reads the Arrow capsule interface.
    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let table = PyTable::try_new(vec![self.batch.clone()], self.batch.schema())?;
        Bound::new(py, table)?.call_method0("__arrow_c_schema__")
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Frame>().is_ok_and(|other| other.get().batch == self.batch)
    }

    #[allow(clippy::type_complexity, reason = "the pieces that pickle keeps")]
    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, (Vec<(String, &'static str, Bound<'py, PyList>)>, usize))> {
        let schema = self.batch.schema();
        let kind = |field: &Field| match field.data_type() {
            DataType::Utf8 => "text",
            DataType::Boolean => "flag",
            _ => "number",
        };
        let columns =
            schema.fields().iter().map(|f| Ok((f.name().clone(), kind(f), self.__getitem__(py, f.name())?)));
        let make = py.import("outlay._outlay")?.getattr("frame")?;
        Ok((make, (columns.collect::<PyResult<_>>()?, self.batch.num_rows())))
    }

    fn __repr__(&self) -> String {
        format!("<outlay.Frame of {} rows: {}>", self.batch.num_rows(), self.columns().join(", "))
    }

    /// The table as a notebook shows it, without columns that are empty.
    fn _repr_html_(&self) -> PyResult<String> {
        const MOST: usize = 200;
        let cells = self.batch.columns().iter().map(cells).collect::<Result<Vec<_>, _>>();
        let cells = cells.map_err(|e| wrong(&e))?;
        let named = self.columns();
        let full: Vec<(&String, &Vec<Value>)> =
            named.iter().zip(&cells).filter(|(_, column)| column.iter().any(|v| !v.is_null())).collect();
        let mut html = String::from("<table><thead><tr>");
        full.iter().for_each(|(name, _)| html.push_str(&format!("<th>{}</th>", escaped(name))));
        html.push_str("</tr></thead><tbody>");
        for row in 0..self.batch.num_rows().min(MOST) {
            html.push_str("<tr>");
            for (_, column) in &full {
                match &column[row] {
                    Value::Number(n) => {
                        let figure = figure(n.as_f64().unwrap_or(f64::NAN));
                        html.push_str(&format!("<td style=\"text-align:right\">{figure}</td>"));
                    }
                    Value::Null => html.push_str("<td></td>"),
                    other => {
                        let text = escaped(&text(other).unwrap_or_default());
                        html.push_str(&format!("<td style=\"text-align:left\">{text}</td>"));
                    }
                }
            }
            html.push_str("</tr>");
        }
        html.push_str("</tbody></table>");
        let left = self.batch.num_rows().saturating_sub(MOST);
        if left > 0 {
            html.push_str(&format!("<p>and {left} more rows</p>"));
        }
        Ok(html)
    }
}

/// A number with what a reader needs of its digits.
fn figure(value: f64) -> String {
    if value == 0.0 || (1e-3..1e3).contains(&value.abs()) {
        let text = format!("{value:.4}");
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        return text.to_owned();
    }
    if value.abs() < 1e-3 {
        return format!("{value:.3e}");
    }
    let digits = format!("{:.0}", value.abs());
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{}{grouped}", if value < 0.0 { "-" } else { "" })
}

/// A text as HTML.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A frame of its columns: a name, `text`, `number` or `flag`, and values each.
#[pyfunction]
pub(crate) fn frame(columns: Vec<(String, String, Bound<'_, PyList>)>, rows: usize) -> PyResult<Frame> {
    let (mut fields, mut arrays): (Vec<Field>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
    for (name, kind, values) in columns {
        let array: ArrayRef = match kind.as_str() {
            "text" => Arc::new(StringArray::from(values.extract::<Vec<Option<String>>>()?)),
            "flag" => Arc::new(BooleanArray::from(values.extract::<Vec<Option<bool>>>()?)),
            _ => Arc::new(Float64Array::from(values.extract::<Vec<Option<f64>>>()?)),
        };
        fields.push(Field::new(name, array.data_type().clone(), true));
        arrays.push(array);
    }
    Ok(Frame { batch: batch(fields, arrays, rows).map_err(|e| wrong(&e))? })
}
