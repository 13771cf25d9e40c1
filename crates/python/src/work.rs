//! Long work without the interpreter lock: interrupts, progress, time, panics.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use outlay::{Effort, Error};
use pyo3::prelude::*;

use crate::error::{argument, exception, raised};
use crate::worker;

/// How often an interrupt is looked for.
const POLL: Duration = Duration::from_millis(20);
/// How often progress is told.
const TOLD: Duration = Duration::from_millis(100);
/// How long work may take to stop once it is told to; after that it is left to
/// end by itself.
const GRACE: Duration = Duration::from_millis(40);

/// How hard to try, as given by the caller.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked {
    gap: Option<f64>,
    nodes: Option<usize>,
    round: Option<f64>,
    time: Option<f64>,
}

impl Asked {
    /// Refuses what the command line refuses.
    pub(crate) fn new(
        gap: Option<f64>,
        nodes: Option<i64>,
        round: Option<f64>,
        time: Option<f64>,
    ) -> PyResult<Asked> {
        let within =
            |value: Option<f64>, name: &str, allowed: &dyn Fn(f64) -> bool, expected: &str| match value {
                Some(v) if !allowed(v) => Err(argument(name, &format!("{v} is not {expected}"))),
                value => Ok(value),
            };
        let nodes = match nodes {
            Some(n) if n < 1 => return Err(argument("nodes", &format!("{n} is not a number of at least 1"))),
            nodes => nodes.map(|n| usize::try_from(n).unwrap_or(usize::MAX)),
        };
        Ok(Asked {
            gap: within(
                gap,
                "gap",
                &|g| (1e-12..1.0).contains(&g),
                "a gap of at least 1e-12 and below 1, such as 1e-6",
            )?,
            nodes,
            round: within(round, "round", &|u| u.is_finite() && u > 0.0, "an amount above 0, such as 1000")?,
            time: within(time, "time", &|s| s > 0.0 && s <= 1e6, "seconds above 0 and at most 1000000")?,
        })
    }

    /// The effort of one search that begins now.
    pub(crate) fn effort<'a>(
        &self,
        cancel: &'a (dyn Fn() -> bool + Sync),
        progress: &'a (dyn Fn(u64) + Sync),
    ) -> Effort<'a> {
        Effort::default().gap(self.gap).nodes(self.nodes).round(self.round).cancel(cancel).progress(progress)
    }

    /// When a search that begins now has to end.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.time.and_then(|s| Instant::now().checked_add(Duration::from_secs_f64(s)))
    }
}

/// What work and the thread that waits for it tell each other.
#[derive(Debug, Default)]
pub(crate) struct Wire {
    stop: AtomicBool,
    done: AtomicU64,
}

impl Wire {
    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// How far the work has come.
    pub(crate) fn at(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }

    pub(crate) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// Runs work on a thread of its own while this one listens for Ctrl-C and tells
/// how far it has come. Work that does not stop in time is left behind: it owns
/// all it uses and knows nothing of Python.
pub(crate) fn wait<T: Send + 'static>(
    py: Python<'_>,
    progress: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce(&Wire) -> T + Send + 'static,
) -> PyResult<T> {
    let wire = Arc::new(Wire::default());
    let (sender, receiver) = channel();
    let own = Arc::clone(&wire);
    let run = move || {
        let answer = catch_unwind(AssertUnwindSafe(|| work(&own)));
        let answer = answer.map_err(|panic| told(panic.as_ref()));
        let deliver = move || drop(sender.send(answer));
        Box::new(deliver) as worker::Deliver
    };
    let started = worker::run(Box::new(run));
    started.map_err(|e| exception("InternalError", &format!("no thread can be started: {e}"), Vec::new()))?;
    let receiver = Mutex::new(receiver);
    let next = |time: Duration| {
        py.detach(|| match receiver.lock() {
            Ok(receiver) => receiver.recv_timeout(time),
            Err(_) => Err(RecvTimeoutError::Disconnected),
        })
    };
    let mut last = Instant::now();
    loop {
        match next(POLL) {
            Ok(Ok(answer)) => {
                if let Some(progress) = progress {
                    progress.call1((wire.done.load(Ordering::Relaxed),))?;
                }
                return Ok(answer);
            }
            Ok(Err(panic)) => return Err(fault(&panic)),
            Err(RecvTimeoutError::Disconnected) => return Err(fault("the work ended without an answer")),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let mut heard = py.check_signals();
        if let (Ok(()), Some(progress), true) = (&heard, progress, last.elapsed() >= TOLD) {
            last = Instant::now();
            heard = progress.call1((wire.done.load(Ordering::Relaxed),)).map(drop);
        }
        if let Err(error) = heard {
            wire.stop.store(true, Ordering::Relaxed);
            let _ = next(GRACE);
            return Err(error);
        }
    }
}

/// Runs one search of the door.
pub(crate) fn search<T: Send + 'static>(
    py: Python<'_>,
    asked: Asked,
    progress: Option<&Bound<'_, PyAny>>,
    ask: impl FnOnce(&Effort<'_>) -> Result<T, Error> + Send + 'static,
) -> PyResult<T> {
    let answer = wait(py, progress, move |wire| {
        let deadline = asked.deadline();
        let cancel = || wire.stopped() || deadline.is_some_and(|d| Instant::now() >= d);
        ask(&asked.effort(&cancel, &|n| wire.at(n)))
    })?;
    answer.map_err(|error| raised(&error))
}

/// Runs one search on this thread, where it is soon over: to hand it to another
/// takes longer than a small plan. Whenever the search asks whether to stop, it
/// is time to look for Ctrl-C.
pub(crate) fn search_here<T: Send>(
    py: Python<'_>,
    asked: Asked,
    ask: impl FnOnce(&Effort<'_>) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let deadline = asked.deadline();
    let heard: Mutex<(Instant, Option<PyErr>)> = Mutex::new((Instant::now(), None));
    let cancel = || {
        let now = Instant::now();
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        if heard.1.is_none() && now.duration_since(heard.0) >= POLL {
            heard.1 = Python::attach(|py| py.check_signals()).err();
            heard.0 = now;
        }
        heard.1.is_some() || deadline.is_some_and(|d| now >= d)
    };
    let answer = caught(py, || ask(&asked.effort(&cancel, &|_| ())))?;
    match heard.into_inner().unwrap_or_else(PoisonError::into_inner).1 {
        Some(error) => Err(error),
        None => answer.map_err(|error| raised(&error)),
    }
}

/// Runs work on this thread without the interpreter lock; a panic is an exception.
pub(crate) fn caught<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> PyResult<T> {
    let answer = py.detach(|| catch_unwind(AssertUnwindSafe(work)));
    answer.map_err(|panic| fault(&told(panic.as_ref())))
}

/// What a panic says.
pub(crate) fn told(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason given".to_owned())
}

/// What is raised where the library itself is wrong.
pub(crate) fn fault(what: &str) -> PyErr {
    let message = format!("a fault in Outlay itself, please report it with the scenario: {what}");
    exception("InternalError", &message, Vec::new())
}

/// Panics inside the work, so that the tests can see what becomes of it.
#[pyfunction]
pub(crate) fn fail_inside(py: Python<'_>) -> PyResult<()> {
    wait(py, None, |wire| assert!(wire.stopped(), "asked to"))
}
