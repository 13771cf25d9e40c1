//! Arrow tables as rows of JSON, and rows as what a scenario file holds.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_cast::cast;
use arrow_schema::{ArrowError, DataType};
use serde_json::{Map, Number, Value};

/// Rows of a table, cells without a value (null or NaN) left out.
pub(crate) fn of(batches: &[RecordBatch]) -> Result<Vec<Map<String, Value>>, ArrowError> {
    let mut rows = Vec::new();
    for batch in batches {
        let names: Vec<String> = batch.schema().fields().iter().map(|f| f.name().clone()).collect();
        let columns: Vec<Vec<Value>> = batch.columns().iter().map(cells).collect::<Result<_, _>>()?;
        let mut columns: Vec<_> = columns.into_iter().map(Vec::into_iter).collect();
        for _ in 0..batch.num_rows() {
            let row = names.iter().zip(&mut columns);
            let row = row.filter_map(|(name, column)| Some((name.clone(), column.next()?)));
            rows.push(row.filter(|(_, value)| !value.is_null()).collect());
        }
    }
    Ok(rows)
}

/// The cells of a column; null where there is no value.
pub(crate) fn cells(column: &ArrayRef) -> Result<Vec<Value>, ArrowError> {
    use DataType as T;
    let count = column.len();
    Ok(match column.data_type() {
        T::Null => vec![Value::Null; count],
        T::Boolean => column.as_boolean().iter().map(|v| v.map_or(Value::Null, Value::Bool)).collect(),
        T::Int8 | T::Int16 | T::Int32 | T::Int64 | T::UInt8 | T::UInt16 | T::UInt32 => {
            let whole = cast(column, &T::Int64)?;
            whole.as_primitive::<Int64Type>().iter().map(|v| v.map_or(Value::Null, Value::from)).collect()
        }
        T::Float16 | T::Float32 | T::Float64 | T::UInt64 | T::Decimal128(..) | T::Decimal256(..) => {
            let real = cast(column, &T::Float64)?;
            let number = |v: f64| Number::from_f64(v).map_or(Value::Null, Value::Number);
            let cells = real.as_primitive::<Float64Type>().iter().map(|v| v.map_or(Value::Null, number));
            cells.collect()
        }
        T::Timestamp(..) => dates(column)?,
        T::Struct(_) => records(column.as_struct())?,
        T::List(_) | T::LargeList(_) | T::FixedSizeList(..) => lists(column)?,
        T::Dictionary(_, values) => cells(&cast(column, values)?)?,
        // Texts of every kind, dates.
        _ => {
            let text = cast(column, &T::Utf8)?;
            text.as_string::<i32>().iter().map(|v| v.map_or(Value::Null, Value::from)).collect()
        }
    })
}

/// Points in time as days.
fn dates(column: &ArrayRef) -> Result<Vec<Value>, ArrowError> {
    let days = cast(column, &DataType::Date32)?;
    let text = |v: Option<i32>| match v.and_then(Date32Type::to_naive_date_opt) {
        Some(date) => Value::from(date.to_string()),
        None => Value::Null,
    };
    Ok(days.as_primitive::<Date32Type>().iter().map(text).collect())
}

fn records(column: &StructArray) -> Result<Vec<Value>, ArrowError> {
    let names = column.column_names();
    let columns: Vec<Vec<Value>> = column.columns().iter().map(cells).collect::<Result<_, _>>()?;
    let record = |row: usize| {
        if column.is_null(row) {
            return Value::Null;
        }
        let fields = names.iter().zip(&columns).map(|(name, cells)| ((*name).to_owned(), cells[row].clone()));
        Value::Object(fields.filter(|(_, value)| !value.is_null()).collect())
    };
    Ok((0..column.len()).map(record).collect())
}

fn lists(column: &ArrayRef) -> Result<Vec<Value>, ArrowError> {
    let (DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _)) =
        column.data_type()
    else {
        return Ok(vec![Value::Null; column.len()]);
    };
    let lists = cast(column, &DataType::LargeList(field.clone()))?;
    let each = lists.as_list::<i64>().iter();
    each.map(|list| list.map_or(Ok(Value::Null), |list| Ok(Value::Array(cells(&list)?)))).collect()
}

/// A row with its columns named by path (`spend.current`) as what a file holds;
/// the column that cannot stand beside another one where there is one.
pub(crate) fn nested(row: Map<String, Value>) -> Result<Value, String> {
    let mut whole = Map::new();
    for (path, value) in row {
        let mut place = &mut whole;
        let mut parts = path.split('.').peekable();
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                if place.contains_key(part) {
                    return Err(path);
                }
                place.insert(part.to_owned(), value);
                break;
            }
            let inner = place.entry(part).or_insert_with(|| Value::Object(Map::new()));
            let Some(object) = inner.as_object_mut() else { return Err(path) };
            place = object;
        }
    }
    Ok(Value::Object(whole))
}
