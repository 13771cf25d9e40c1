//! Many questions at once: what-ifs over threads, and rows of frames.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt64Array};
use arrow_schema::{ArrowError, DataType, Field};
use outlay::scenario::ResultFile;
use outlay::{Batch, Error};
use pyo3::prelude::*;
use pyo3_arrow::input::AnyRecordBatch;
use serde_json::Value;

use crate::answer::{Answer, What};
use crate::error::{argument, raised};
use crate::frame::{Frame, batch as table};
use crate::rows::cells;
use crate::scene::{Scenario, Set, asked as question};
use crate::work::{Asked, Wire, fault, told, wait};

/// Fields to set, by path.
type Given<'py> = Vec<(String, Bound<'py, PyAny>)>;

/// What is asked of a batch.
enum Question {
    /// One of the what-ifs that its file asks for.
    Index(u64),
    /// Fields set.
    Set(Set),
}

/// Why a question has no answer.
enum Failure {
    Wrong(Error),
    Fault(String),
}

type Solved = Result<(Box<ResultFile>, outlay::Scenario), Failure>;

fn one(batch: &Batch, question: &Question, asked: Asked, wire: &Wire) -> Solved {
    let solve = || {
        let meant = match question {
            Question::Index(index) => batch.scenario(*index)?,
            Question::Set(set) => batch.with(set)?,
        };
        let deadline = asked.deadline();
        let cancel = || wire.stopped() || deadline.is_some_and(|d| Instant::now() >= d);
        let solved = outlay::solve(&meant, &asked.effort(&cancel, &|_| ()))?;
        Ok((Box::new(solved.result), meant))
    };
    match catch_unwind(AssertUnwindSafe(solve)) {
        Ok(answer) => answer.map_err(Failure::Wrong),
        Err(panic) => Err(Failure::Fault(told(panic.as_ref()))),
    }
}

/// Does work for each of so many items on some threads, answers in order.
fn each<R: Send>(count: usize, jobs: usize, wire: &Wire, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::with_capacity(count));
    let serve = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count || wire.stopped() {
                return;
            }
            let answer = work(at);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, answer));
            wire.step();
        }
    };
    if jobs < 2 || count < 2 {
        serve();
    } else {
        thread::scope(|scope| {
            for _ in 0..jobs.min(count) {
                scope.spawn(serve);
            }
        });
    }
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, answer)| answer).collect()
}

/// Solves what-ifs of a scenario: `count` of those its file asks for from the
/// index `start`, or those of `sets`. An answer or an exception each, in order.
#[pyfunction]
#[pyo3(signature = (scenario, start, count, sets, jobs, gap, nodes, round, time))]
#[allow(clippy::too_many_arguments, reason = "as many as the command has options")]
pub(crate) fn solve_many(
    py: Python<'_>,
    scenario: &Scenario,
    start: u64,
    count: u64,
    sets: Option<Vec<Given<'_>>>,
    jobs: usize,
    gap: Option<f64>,
    nodes: Option<i64>,
    round: Option<f64>,
    time: Option<f64>,
) -> PyResult<Vec<Py<PyAny>>> {
    let asked = Asked::new(gap, nodes, round, time)?;
    let questions: Vec<Question> = match sets {
        Some(sets) => {
            let sets = sets.iter().map(|set| question(None, &[], set).map(Question::Set));
            sets.collect::<PyResult<_>>()?
        }
        None => (start..start.saturating_add(count)).map(Question::Index).collect(),
    };
    let batch = Arc::clone(&scenario.batch);
    let answers = wait(py, None, move |wire| {
        let work = |at: usize| one(&batch, &questions[at], asked, wire);
        let answers = each(questions.len(), jobs, wire, work);
        answers
            .into_iter()
            .map(|a| a.map(|(file, meant)| (Arc::clone(&batch), file, meant)))
            .collect::<Vec<_>>()
    })?;
    let objects = answers.into_iter().map(|answer| match answer {
        Ok((batch, file, meant)) => {
            let answer = Answer::new(What::Plan(file), Some((batch, meant)));
            Ok(Py::new(py, answer)?.into_any())
        }
        Err(Failure::Wrong(error)) => Ok(raised(&error).into_value(py).into_any()),
        Err(Failure::Fault(what)) => Ok(fault(&what).into_value(py).into_any()),
    });
    objects.collect()
}

/// What a row says: the fields it sets, or a scenario of its own.
enum Row {
    Set(Set),
    Text(Option<String>),
}

/// Solves a frame of scenarios: `set` names the columns whose values replace
/// fields of `scenario`, or `text` the column that holds whole scenarios, as
/// JSON or TOML. A row that cannot be solved says why in `error`. `kept` columns
/// come back first; `per` is `scenario` or `line`.
#[pyfunction]
#[pyo3(signature = (frame, scenario, set, text, kept, per, certificate, gap, nodes, round, time))]
#[allow(clippy::too_many_arguments, reason = "as many as the command has options")]
pub(crate) fn solve_rows(
    py: Python<'_>,
    frame: AnyRecordBatch,
    scenario: Option<&Scenario>,
    set: Vec<(String, String)>,
    text: Option<String>,
    kept: Vec<String>,
    per: &str,
    certificate: bool,
    gap: Option<f64>,
    nodes: Option<i64>,
    round: Option<f64>,
    time: Option<f64>,
) -> PyResult<Vec<Frame>> {
    let asked = Asked::new(gap, nodes, round, time)?;
    let by_line = per == "line";
    let (batches, _) = frame.into_table()?.into_inner();
    let base = scenario.map(|s| Arc::clone(&s.batch));
    let answer = wait(py, None, move |wire| {
        let solve = |batch: &RecordBatch| {
            let rows = match (&base, &text) {
                (Some(_), _) => settings(batch, &set)?,
                (None, Some(column)) => texts(batch, column)?,
                (None, None) => return Err(ArrowError::InvalidArgumentError("no scenario".to_owned())),
            };
            let answers: Vec<Told> =
                rows.iter().map(|row| answer(base.as_deref(), row, asked, wire, certificate)).collect();
            written(batch, &kept, &answers, by_line, certificate)
        };
        batches.iter().map(solve).collect::<Result<Vec<_>, ArrowError>>()
    })?;
    let batches = answer.map_err(|e| argument("frame", &e.to_string()))?;
    Ok(batches.into_iter().map(|batch| Frame { batch }).collect())
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, ArrowError> {
    let missing = || {
        let names: Vec<String> = batch.schema().fields().iter().map(|f| format!("`{}`", f.name())).collect();
        ArrowError::SchemaError(format!("no column `{name}`; the columns are {}", names.join(", ")))
    };
    batch.column_by_name(name).ok_or_else(missing)
}

/// What each row sets; a cell without a value sets nothing.
fn settings(batch: &RecordBatch, set: &[(String, String)]) -> Result<Vec<Row>, ArrowError> {
    let mut rows = vec![Set::new(); batch.num_rows()];
    for (path, name) in set {
        for (row, value) in rows.iter_mut().zip(cells(column(batch, name)?)?) {
            if !value.is_null() {
                row.insert(path.clone(), value);
            }
        }
    }
    Ok(rows.into_iter().map(Row::Set).collect())
}

fn texts(batch: &RecordBatch, name: &str) -> Result<Vec<Row>, ArrowError> {
    let cells = cells(column(batch, name)?)?;
    let text = |cell: Value| match cell {
        Value::String(text) => Some(text),
        Value::Null => None,
        other => Some(other.to_string()),
    };
    Ok(cells.into_iter().map(|cell| Row::Text(text(cell))).collect())
}

/// What became of a row.
struct Told {
    status: Option<String>,
    value: Option<f64>,
    gap: Option<f64>,
    certificate: Option<String>,
    error: Option<String>,
    lines: Vec<(String, f64, Option<f64>, Option<f64>)>,
}

impl Told {
    fn wrong(error: String) -> Told {
        Told {
            status: None,
            value: None,
            gap: None,
            certificate: None,
            error: Some(error),
            lines: Vec::new(),
        }
    }
}

fn answer(base: Option<&Batch>, row: &Row, asked: Asked, wire: &Wire, certificate: bool) -> Told {
    let own;
    let (batch, question) = match (base, row) {
        (Some(base), Row::Set(set)) => (base, Question::Set(set.clone())),
        (_, Row::Text(Some(text))) => match outlay::parse(text) {
            Ok(batch) => {
                own = batch;
                (&own, Question::Index(0))
            }
            Err(error) => return Told::wrong(error.to_string()),
        },
        _ => return Told::wrong("the row holds no scenario".to_owned()),
    };
    if batch.varies() && matches!(question, Question::Index(_)) {
        return Told::wrong(format!("it asks for {} what-ifs by `vary`; give a row for each", batch.len()));
    }
    let file = match one(batch, &question, asked, wire) {
        Ok((file, _)) => file,
        Err(Failure::Wrong(error)) => return Told::wrong(error.to_string()),
        Err(Failure::Fault(what)) => return Told::wrong(format!("a fault in Outlay itself: {what}")),
    };
    let status = serde_json::to_value(file.status).ok().and_then(|s| s.as_str().map(str::to_owned));
    let proof = file.certificate.as_ref();
    let written = certificate.then(|| serde_json::to_string(&file.certificate).ok()).flatten();
    let lines = file.lines.iter().flatten();
    Told {
        status,
        value: file.value,
        gap: proof.and_then(|c| c.gap),
        certificate: written,
        error: None,
        lines: lines.map(|l| (l.name.clone(), l.spend, l.revenue, l.customers)).collect(),
    }
}

/// The answers beside the columns that are kept.
fn written(
    batch: &RecordBatch,
    kept: &[String],
    answers: &[Told],
    by_line: bool,
    certificate: bool,
) -> Result<RecordBatch, ArrowError> {
    // Which answer, and which of its lines, a row of the table is about.
    let places: Vec<(usize, Option<usize>)> = if by_line {
        let lines = |(at, told): (usize, &Told)| match told.lines.len() {
            0 => vec![(at, None)],
            count => (0..count).map(|line| (at, Some(line))).collect(),
        };
        answers.iter().enumerate().flat_map(lines).collect()
    } else {
        (0..answers.len()).map(|at| (at, None)).collect()
    };
    let taken: UInt64Array = places.iter().map(|(at, _)| *at as u64).collect();
    let (mut fields, mut arrays): (Vec<Field>, Vec<ArrayRef>) = (Vec::new(), Vec::new());
    for name in kept {
        let own = column(batch, name)?;
        fields.push(Field::new(name, own.data_type().clone(), true));
        arrays.push(arrow_select::take::take(own, &taken, None)?);
    }
    let told = || places.iter().map(|(at, line)| (&answers[*at], *line));
    let mut text = |name: &str, values: StringArray| {
        fields.push(Field::new(name, DataType::Utf8, true));
        arrays.push(Arc::new(values) as ArrayRef);
    };
    text("status", told().map(|(t, _)| t.status.as_deref()).collect());
    text("error", told().map(|(t, _)| t.error.as_deref()).collect());
    if certificate && !by_line {
        text("certificate", told().map(|(t, _)| t.certificate.as_deref()).collect());
    }
    let line = |(t, line): (&Told, Option<usize>)| line.and_then(|l| t.lines.get(l).cloned());
    if by_line {
        text("line", told().map(|at| line(at).map(|l| l.0)).collect());
    }
    let mut number = |name: &str, values: Float64Array| {
        fields.push(Field::new(name, DataType::Float64, true));
        arrays.push(Arc::new(values) as ArrayRef);
    };
    number("value", told().map(|(t, _)| t.value).collect());
    number("gap", told().map(|(t, _)| t.gap).collect());
    if by_line {
        number("spend", told().map(|at| line(at).map(|l| l.1)).collect());
        number("revenue", told().map(|at| line(at).and_then(|l| l.2)).collect());
        number("customers", told().map(|at| line(at).and_then(|l| l.3)).collect());
    }
    table(fields, arrays, places.len())
}
