//! Threads that do the work: one that has nothing to do is kept for the next
//! call, since starting a thread costs more than a small plan.

use std::io;
use std::process;
use std::sync::mpsc::{SendError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// Work that owns all it uses and does not panic; what it gives back hands over
/// the answer.
pub(crate) type Job = Box<dyn FnOnce() -> Deliver + Send>;
pub(crate) type Deliver = Box<dyn FnOnce()>;

/// Threads that wait for work, with the process they belong to: after a fork
/// there are none of them in the child.
static IDLE: Mutex<Vec<(u32, Sender<Job>)>> = Mutex::new(Vec::new());

/// Does work on a thread that waits for some, or on a new one.
pub(crate) fn run(mut job: Job) -> io::Result<()> {
    let own = process::id();
    while let Some((at, idle)) = take() {
        if at != own {
            continue;
        }
        match idle.send(job) {
            Ok(()) => return Ok(()),
            Err(SendError(back)) => job = back,
        }
    }
    let (sender, jobs) = channel::<Job>();
    let serve = move || {
        let mut next = Some(job);
        while let Some(job) = next {
            let deliver = job();
            // Before the answer is there, so that the next call finds this thread.
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).push((own, sender.clone()));
            deliver();
            next = jobs.recv().ok();
        }
    };
    thread::Builder::new().name("outlay".to_owned()).spawn(serve).map(drop)
}

fn take() -> Option<(u32, Sender<Job>)> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner).pop()
}
