//! Answers: what the door gave, in every form that people want it in.

use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;
use outlay::report::{Document, View, sentence};
use outlay::scenario::result::ResultFile;
use outlay::{
    Batch, CheckFile, ComparisonFile, Data, DesignFile, Effort, Error, Format, FrontierFile, JudgedFile,
    LiftFile, NextFile, Page, Replanned, Scenario as Meant, TrackFile, show,
};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::{Map, Value};

use crate::error::{argument, raised};
use crate::frame::{Frame, Kind, flat};
use crate::replanned::{self, replanned as again};
use crate::scene::{of_inputs, parsed, text};
use crate::tables::data;

/// What was asked, with its answer.
pub(crate) enum What {
    Plan(Box<ResultFile>),
    Check(Box<CheckFile>),
    Judgement(Box<JudgedFile>),
    Frontier(Box<FrontierFile>),
    Comparison(Box<ComparisonFile>),
    Track(Box<TrackFile>),
    Replan(Box<Replanned>),
    Lift(Box<LiftFile>),
    Design(Box<DesignFile>),
    Next(Box<NextFile>),
}

impl What {
    fn kind(&self) -> &'static str {
        match self {
            What::Plan(_) => "plan",
            What::Check(_) => "check",
            What::Judgement(_) => "judgement",
            What::Frontier(_) => "frontier",
            What::Comparison(_) => "comparison",
            What::Track(_) => "track",
            What::Replan(_) => "replan",
            What::Lift(_) => "lift",
            What::Design(_) => "design",
            What::Next(_) => "next",
        }
    }
}

/// Status, value, proven gap and bound.
type Head = (String, Option<f64>, Option<f64>, Option<f64>);

/// An answer of the door.
#[pyclass(frozen, module = "outlay._outlay")]
pub(crate) struct Answer {
    what: What,
    /// The scenario it is an answer about, where it is about one.
    about: Option<(Arc<Batch>, Arc<Meant>)>,
    /// The answer as the command line prints it.
    line: OnceLock<String>,
}

impl Answer {
    pub(crate) fn new(what: What, about: Option<(Arc<Batch>, Meant)>) -> Answer {
        let about = about.map(|(batch, scenario)| (batch, Arc::new(scenario)));
        Answer { what, about, line: OnceLock::new() }
    }

    /// The account of a plan that was planned again.
    pub(crate) fn again(done: Replanned, batch: Arc<Batch>) -> Answer {
        let scenario = done.scenario.clone();
        Answer::new(What::Replan(Box::new(done)), Some((batch, scenario)))
    }

    fn line(&self) -> Result<&str, Error> {
        if let Some(line) = self.line.get() {
            return Ok(line);
        }
        let line = match &self.what {
            What::Plan(file) => serde_json::to_string(file)?,
            What::Check(file) => serde_json::to_string(file)?,
            What::Judgement(file) => serde_json::to_string(file)?,
            What::Frontier(file) => serde_json::to_string(file)?,
            What::Comparison(file) => serde_json::to_string(file)?,
            What::Track(file) => serde_json::to_string(file)?,
            What::Replan(done) => serde_json::to_string(&done.file)?,
            What::Lift(file) => serde_json::to_string(file)?,
            What::Design(file) => serde_json::to_string(file)?,
            What::Next(file) => serde_json::to_string(file)?,
        };
        Ok(self.line.get_or_init(|| line))
    }

    fn value(&self) -> Result<Value, Error> {
        Ok(serde_json::from_str(self.line()?)?)
    }

    fn scenario(&self) -> Result<&Meant, Error> {
        let about = self.about.as_ref().map(|(_, scenario)| scenario.as_ref());
        about.ok_or_else(|| Error::Unsupported("this answer is not of one scenario".to_owned()))
    }

    fn plan(&self) -> Result<(&ResultFile, &Meant), Error> {
        match &self.what {
            What::Plan(file) => Ok((file, self.scenario()?)),
            _ => Err(Error::Unsupported("this is written for plans only".to_owned())),
        }
    }

    /// What stands on the page of an answer other than a plan.
    fn report(&self) -> Result<Document, Error> {
        match &self.what {
            What::Check(file) => {
                let closest = match (&self.about, file.feasible) {
                    (Some((batch, scenario)), Some(false)) => {
                        outlay::closest(batch, scenario, file, &Effort::default())?
                    }
                    _ => None,
                };
                Ok(show::check_document(file, self.scenario()?, closest.as_ref()))
            }
            What::Judgement(file) => Ok(show::judgement_document(file, self.scenario()?)),
            What::Track(file) => Ok(show::tracking_document(file)),
            What::Next(file) => Ok(show::next_document(file)),
            What::Replan(done) => Ok(show::replanned_document(done, &Effort::default())),
            other => Err(Error::Unsupported(format!(
                "a {} has no page and no workbook: use to_text(), to_json() or its frames",
                other.kind()
            ))),
        }
    }

    fn shown(&self, format: Format) -> Result<String, Error> {
        match &self.what {
            What::Plan(file) => show::plan(file, self.scenario()?, format),
            What::Check(file) => show::check(file, self.scenario()?, format),
            What::Judgement(file) => show::judgement(file, self.scenario()?, format),
            What::Frontier(file) => show::frontier(file, format),
            What::Comparison(file) => show::comparison(file, format),
            What::Track(file) => show::tracking(file, format),
            What::Replan(done) => show::replanned(done, format),
            What::Lift(file) => show::lift(file, format),
            What::Design(file) => show::design(file, format),
            What::Next(file) => show::next(file, format),
        }
    }
}

const fn text_column(name: &str) -> (&str, Kind) {
    (name, Kind::Text)
}

const fn number_column(name: &str) -> (&str, Kind) {
    (name, Kind::Number)
}

const fn flag_column(name: &str) -> (&str, Kind) {
    (name, Kind::Flag)
}

/// The columns that a frame always has.
fn columns(name: &str) -> &'static [(&'static str, Kind)] {
    const LINES: &[(&str, Kind)] = &[
        text_column("name"),
        number_column("current"),
        number_column("spend"),
        number_column("revenue"),
        number_column("customers"),
        number_column("cac"),
        number_column("marginal_cac"),
        number_column("iroas"),
        number_column("mroas"),
        number_column("change"),
        text_column("at"),
        flag_column("extrapolated"),
        text_column("judgement"),
        number_column("shadow_price"),
    ];
    const LIMITS: &[(&str, Kind)] = &[
        text_column("name"),
        text_column("owner"),
        text_column("metric"),
        number_column("value"),
        number_column("min"),
        number_column("max"),
        flag_column("binding"),
        number_column("shadow_price"),
        flag_column("local"),
        number_column("reference"),
    ];
    const FLIGHTS: &[(&str, Kind)] = &[
        text_column("line"),
        text_column("period"),
        number_column("spend"),
        number_column("stock"),
        number_column("revenue"),
        number_column("customers"),
    ];
    const MEMBERS: &[(&str, Kind)] =
        &[text_column("kind"), text_column("name"), text_column("field"), text_column("owner")];
    const REPAIRS: &[(&str, Kind)] = &[
        text_column("kind"),
        text_column("name"),
        text_column("field"),
        text_column("owner"),
        number_column("from"),
        number_column("to"),
    ];
    match name {
        "lines" => LINES,
        "limits" => LIMITS,
        "flights" => FLIGHTS,
        "conflict" | "broken" | "undetermined" => MEMBERS,
        "repairs" | "cheapest_repair" | "fewest_changes" => REPAIRS,
        _ => &[],
    }
}

/// The rows of a table of an answer; tags are columns under their own names.
fn rows(answer: &Value, name: &str) -> Vec<Map<String, Value>> {
    let list = |name: &str| answer.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    if name != "flights" {
        return list(name).into_iter().map(|row| plain(row, name)).collect();
    }
    let mut all = Vec::new();
    for line in list("lines") {
        let periods = line.pointer("/flight/periods").and_then(Value::as_array).cloned();
        for mut period in periods.unwrap_or_default() {
            let Some(fields) = period.as_object_mut() else { continue };
            let named = fields.remove("name").unwrap_or_default();
            fields.insert("period".to_owned(), named);
            fields.insert("line".to_owned(), line["name"].clone());
            all.push(flat(&period));
        }
    }
    all
}

fn plain(mut row: Value, name: &str) -> Map<String, Value> {
    let mut tags = Value::Null;
    if let Some(fields) = row.as_object_mut() {
        fields.remove("flight");
        tags = fields.remove("tags").unwrap_or_default();
    }
    let mut fields = flat(&row);
    for (tag, value) in tags.as_object().into_iter().flatten() {
        let taken = fields.contains_key(tag) || columns(name).iter().any(|(column, _)| column == tag);
        let column = if taken { format!("tags.{tag}") } else { tag.clone() };
        fields.insert(column, value.clone());
    }
    fields
}

#[pymethods]
impl Answer {
    /// What kind of answer: `plan`, `check`, `replan` ...
    #[getter]
    fn kind(&self) -> &'static str {
        self.what.kind()
    }

    /// What [`restore`] makes the answer of again.
    fn state(&self) -> PyResult<String> {
        match &self.what {
            What::Replan(done) => replanned::state(done).map_err(|e| raised(&e)),
            _ => self.json(),
        }
    }

    /// The scenario file that a re-plan writes; None for other answers.
    fn scenario_text(&self) -> Option<&str> {
        match &self.what {
            What::Replan(done) => Some(&done.text),
            _ => None,
        }
    }

    /// The answer as the command line prints it with `--format json`.
    fn json(&self) -> PyResult<String> {
        Ok(self.line().map_err(|e| raised(&e))?.to_owned() + "\n")
    }

    /// Status, value, proven gap and bound of a plan.
    fn head(&self) -> PyResult<Head> {
        let (file, _) = self.plan().map_err(|e| raised(&e))?;
        let status = serde_json::to_value(file.status).map_err(|e| raised(&e.into()))?;
        let proof = file.certificate.as_ref();
        let status = status.as_str().unwrap_or_default().to_owned();
        Ok((status, file.value, proof.and_then(|c| c.gap), proof.and_then(|c| c.bound)))
    }

    /// The answer as text: `table`, `markdown`, `csv` or `json`.
    #[pyo3(signature = (format, width=None))]
    fn text(&self, format: &str, width: Option<usize>) -> PyResult<String> {
        let format = match format {
            "table" => match width {
                Some(width) => Format::Page(Page { width: width.clamp(40, 1000), ..Page::default() }),
                None => Format::Table,
            },
            "markdown" => Format::Markdown,
            "csv" => Format::Csv,
            "json" => Format::Json,
            other => {
                let message = format!("`{other}` is none of table, markdown, csv, json");
                return Err(argument("format", &message));
            }
        };
        self.shown(format).map_err(|e| raised(&e))
    }

    /// What a plan says in a sentence or two, and what is proven.
    fn sentences(&self) -> PyResult<(String, String)> {
        let (file, scenario) = self.plan().map_err(|e| raised(&e))?;
        let view = View::new(file, Some(scenario));
        Ok((sentence::headline(&view), sentence::certificate(&view)))
    }

    /// The answer as a page to open in a browser.
    fn html(&self, py: Python<'_>) -> PyResult<String> {
        let page = py.detach(|| match &self.what {
            What::Plan(file) => {
                let scenario = self.scenario()?;
                show::html(&scenario.name, &[(file.as_ref().clone(), scenario.clone())])
            }
            _ => self.report().and_then(|report| show::page(report.name(), std::slice::from_ref(&report))),
        });
        page.map_err(|e| raised(&e))
    }

    /// The answer as a workbook; that of a plan has live formulas.
    fn workbook<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let book = py.detach(|| match &self.what {
            What::Plan(file) => show::workbook(&[(file.as_ref().clone(), self.scenario()?.clone())]),
            _ => show::book(&[self.report()?]),
        });
        Ok(PyBytes::new(py, &book.map_err(|e| raised(&e))?))
    }

    /// The buy sheet of a plan, as CSV and as a workbook, with what people wrote
    /// into earlier sheets; None without a plan.
    fn buy<'py>(
        &self,
        py: Python<'py>,
        kept: Vec<Bound<'py, PyAny>>,
    ) -> PyResult<Option<(String, Bound<'py, PyBytes>)>> {
        let (file, scenario) = self.plan().map_err(|e| raised(&e))?;
        let kept: Vec<Data> = kept.iter().map(|sheet| data(sheet, "kept")).collect::<PyResult<_>>()?;
        let Some(rows) = outlay::buy(file, scenario, &kept).map_err(|e| raised(&e))? else { return Ok(None) };
        let book = show::buy_rows_workbook(&rows).map_err(|e| raised(&e))?;
        Ok(Some((show::buy_rows_csv(&rows), PyBytes::new(py, &book))))
    }

    /// A table of the answer: `lines`, `limits`, `flights`, `points`, `repairs` ...
    fn frame(&self, name: &str) -> PyResult<Frame> {
        let value = self.value().map_err(|e| raised(&e))?;
        Frame::of(&rows(&value, name), columns(name)).map_err(|e| argument(name, &e.to_string()))
    }

    /// The scenario of the answer and the files it reads, as text; None for a
    /// comparison.
    fn inputs(&self) -> PyResult<Option<String>> {
        self.about.as_ref().map(|(batch, _)| text(&batch.inputs())).transpose()
    }

    /// Stem of the scenario file's name.
    fn stem(&self) -> String {
        self.about.as_ref().map_or_else(|| self.what.kind().to_owned(), |(batch, _)| batch.stem().to_owned())
    }
}

/// An answer of what [`Answer::state`] and [`Answer::inputs`] gave.
#[pyfunction]
pub(crate) fn restore(kind: &str, json: &str, inputs: Option<&str>) -> PyResult<Answer> {
    let (what, set) = match kind {
        "plan" => {
            let file: ResultFile = parsed(json)?;
            let set = file.source.set.clone();
            (What::Plan(Box::new(file)), set)
        }
        "check" => {
            let file: CheckFile = parsed(json)?;
            let set = file.source.clone().unwrap_or_default().set;
            (What::Check(Box::new(file)), set)
        }
        "judgement" => {
            let file: JudgedFile = parsed(json)?;
            let set = file.source.set.clone();
            (What::Judgement(Box::new(file)), set)
        }
        "frontier" => {
            let file: FrontierFile = parsed(json)?;
            let set = file.source.set.clone();
            (What::Frontier(Box::new(file)), set)
        }
        "replan" => {
            let (done, batch) = again(json, parsed(inputs.unwrap_or_default())?).map_err(|e| raised(&e))?;
            return Ok(Answer::again(done, batch));
        }
        "track" => (What::Track(parsed(json)?), IndexMap::new()),
        "lift" => (What::Lift(parsed(json)?), IndexMap::new()),
        "design" => (What::Design(parsed(json)?), IndexMap::new()),
        "next" => (What::Next(parsed(json)?), IndexMap::new()),
        _ => (What::Comparison(parsed(json)?), IndexMap::new()),
    };
    let about = match inputs {
        None => None,
        Some(inputs) => {
            let batch = of_inputs(inputs)?;
            let scenario = batch.with(&set).map_err(|e| raised(&e.into()))?;
            Some((Arc::new(batch), scenario))
        }
    };
    let answer = Answer::new(what, about);
    let _ = answer.line.set(json.trim_end_matches('\n').to_owned());
    Ok(answer)
}
