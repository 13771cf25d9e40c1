//! What can be asked over HTTP, and the answers.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::middleware;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use outlay::report::html::desk::{SCRIPT, STYLE};
use serde::Deserialize;
use serde_json::{Value, json};

use super::asked::{Asked, Kept, MOST_KEPT, Set};
use super::controls::fitted;
use super::desk::Desk;
use super::{drawn, guard, opened};
use crate::stop::{Stop, Waiting};

/// A plan, a frontier and a fit take no longer.
const PLAN: Duration = Duration::from_secs(10);
const FRONTIER: Duration = Duration::from_secs(15);
const FIT: Duration = Duration::from_secs(90);
/// Questions and files are no larger.
const QUESTION: usize = 1 << 20;
const FILE: usize = 32 << 20;

type Held = State<Arc<Desk>>;

pub(super) fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/", get(page))
        .route(
            "/desk.js",
            get(|| async { ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], SCRIPT) }),
        )
        .route("/desk.css", get(|| async { ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE) }))
        .route("/plan", post(plan))
        .route("/frontier", post(frontier))
        .route("/save", post(save))
        .route("/scenario", get(scenario))
        .route("/workbook", get(workbook))
        .route("/report", get(report))
        .layer(DefaultBodyLimit::max(QUESTION))
        .route("/open", post(open).layer(DefaultBodyLimit::max(FILE)))
        .layer(middleware::from_fn_with_state(Arc::clone(&desk), guard::guard))
        .with_state(desk)
}

/// Works in a thread of its own, when it is its turn; ends when nobody waits
/// for it any more.
async fn work<T: Send + 'static>(
    desk: Arc<Desk>,
    time: Duration,
    job: impl FnOnce(&Desk, &Stop) -> T + Send + 'static,
) -> Result<T, Response> {
    let gone = |_| (StatusCode::INTERNAL_SERVER_ERROR, "this could not be worked out").into_response();
    let turns = Arc::clone(&desk.turns);
    let turn = turns.acquire_owned().await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE.into_response())?;
    let cancelled = Arc::new(AtomicBool::new(false));
    let _waiting = Waiting(Arc::clone(&cancelled));
    let worked = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        job(&desk, &Stop::after(time, cancelled))
    });
    worked.await.map_err(gone)
}

fn refused(faults: &[String]) -> Response {
    (StatusCode::BAD_REQUEST, faults.join("\n")).into_response()
}

async fn page(State(desk): Held, RawQuery(query): RawQuery) -> Result<Response, Response> {
    let query = query.unwrap_or_default();
    let asked = Asked::read(&query);
    let over =
        form_urlencoded::parse(query.as_bytes()).find(|(k, _)| k == "over").map(|(_, v)| v.into_owned());
    let (fine, html) =
        work(desk, PLAN, move |desk, stop| drawn::page(desk, asked, over.as_deref(), stop)).await?;
    let status = if fine { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, Html(html)).into_response())
}

/// A change of a page's state.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    file: String,
    set: Set,
    /// The state whose plan is "the plan before".
    before: Set,
    /// Fields with what was typed, slid or chosen.
    change: Set,
    keep: Vec<Kept>,
}

async fn plan(State(desk): Held, Json(asked): Json<Change>) -> Result<Response, Response> {
    let answer = work(desk, PLAN, move |desk, stop| changed(desk, asked, stop)).await?;
    Ok(match answer {
        Ok(answer) => Json(answer).into_response(),
        Err(faults) => (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "faults": faults }))).into_response(),
    })
}

/// The answer, or what is wrong with each field that was changed.
fn changed(desk: &Desk, asked: Change, stop: &Stop) -> Result<Value, Value> {
    let Change { file, mut set, before, change, mut keep } = asked;
    keep.truncate(MOST_KEPT);
    let mut faults = serde_json::Map::new();
    let mut typed = Set::new();
    for (path, value) in &change {
        match read(value) {
            Ok(value) => drop(typed.insert(path.clone(), value)),
            Err(fault) => drop(faults.insert(path.clone(), Value::from(fault))),
        }
    }
    if !faults.is_empty() {
        return Err(Value::Object(faults));
    }
    let known = desk.plan(&file, &set, stop).ok();
    let more: Vec<_> = typed.keys().filter_map(|path| fitted(known.as_ref()?, path)).collect();
    set.extend(typed);
    set.extend(more.into_iter().filter(|(path, _)| !change.contains_key(path)));
    let asked = Asked { file, set, keep };
    drawn::answer(desk, &asked, &before, stop).map_err(|wrong| {
        let paths = if change.is_empty() { vec![String::new()] } else { change.keys().cloned().collect() };
        paths.into_iter().map(|path| (path, Value::from(wrong.join("; ")))).collect()
    })
}

/// What is typed into a field: nothing takes the number out.
fn read(value: &Value) -> Result<Value, String> {
    let Value::String(text) = value else { return Ok(value.clone()) };
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    let number = outlay::scenario::amount(text);
    let shown: String = text.chars().take(40).collect();
    number.map(Value::from).ok_or_else(|| format!("`{shown}` is not a number like 10000, 2.1M or 15%"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Course {
    file: String,
    set: Set,
    over: String,
}

async fn frontier(State(desk): Held, Json(asked): Json<Course>) -> Result<Response, Response> {
    let Course { file, set, over } = asked;
    let drawn = work(desk, FRONTIER, move |desk, stop| drawn::course(desk, &file, &set, &over, stop)).await?;
    let course = drawn.map_err(|faults| refused(&faults))?;
    Ok(Json(json!({ "course": course })).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Save {
    file: String,
    set: Set,
    name: String,
}

/// A new scenario file in the folder; what is there is left as it is.
async fn save(State(desk): Held, Json(asked): Json<Save>) -> Result<Response, Response> {
    let Save { file, set, name } = asked;
    let saved = work(desk, PLAN, move |desk, _| {
        let beside = Path::new(&name).parent().unwrap_or(Path::new("")).to_owned();
        let bytes = drawn::scenario(desk, &file, &set, &beside)?;
        desk.folder.create(&name, "json", &bytes).map_err(|e| vec![e])?;
        Ok::<_, Vec<String>>(name)
    });
    match saved.await? {
        Ok(name) => Ok(Json(json!({ "said": format!("Saved as {name}.") })).into_response()),
        Err(faults) => Err(refused(&faults)),
    }
}

/// A file to keep, under the scenario's name.
fn download(file: &str, ending: &str, kind: &str, bytes: Vec<u8>) -> Response {
    let name = file.rsplit(['/', ':']).next().unwrap_or(file);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_ ".contains(c) { c } else { '_' };
    let stem: String = stem.chars().map(plain).take(80).collect();
    let disposition = format!("attachment; filename=\"{stem}.{ending}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes)
        .into_response()
}

async fn scenario(State(desk): Held, RawQuery(query): RawQuery) -> Result<Response, Response> {
    let asked = Asked::read(&query.unwrap_or_default());
    let file = asked.file.clone();
    let beside = Path::new(&file).parent().unwrap_or(Path::new("")).to_owned();
    let bytes =
        work(desk, PLAN, move |desk, _| drawn::scenario(desk, &asked.file, &asked.set, &beside)).await?;
    Ok(download(&file, "json", "application/json", bytes.map_err(|faults| refused(&faults))?))
}

async fn workbook(State(desk): Held, RawQuery(query): RawQuery) -> Result<Response, Response> {
    let asked = Asked::read(&query.unwrap_or_default());
    let file = asked.file.clone();
    let bytes = work(desk, PLAN, move |desk, stop| drawn::report(desk, &asked, true, stop)).await?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    Ok(download(&file, "xlsx", kind, bytes.map_err(|faults| refused(&faults))?))
}

async fn report(State(desk): Held, RawQuery(query): RawQuery) -> Result<Response, Response> {
    let asked = Asked::read(&query.unwrap_or_default());
    let file = asked.file.clone();
    let bytes = work(desk, PLAN, move |desk, stop| drawn::report(desk, &asked, false, stop)).await?;
    Ok(download(&file, "html", "text/html; charset=utf-8", bytes.map_err(|faults| refused(&faults))?))
}

/// A file dropped on the page.
async fn open(State(desk): Held, RawQuery(query): RawQuery, bytes: Bytes) -> Result<Response, Response> {
    let query = query.unwrap_or_default();
    let name = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "name");
    let name = name.map_or_else(|| "file".to_owned(), |(_, value)| value.into_owned());
    let opened = work(desk, FIT, move |desk, stop| {
        let (stem, batch, notes) = opened::opened(&name, &bytes, stop)?;
        let file = desk.shelf.keep(&stem, batch, notes);
        Ok::<_, Vec<String>>(Asked { file, ..Asked::default() }.href("/", &desk.token))
    });
    let href = opened.await?.map_err(|faults| refused(&faults))?;
    Ok(Json(json!({ "href": href })).into_response())
}
