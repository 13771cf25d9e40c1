//! Work that is done whole or not at all, within a time that began with the program.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::solve::began;

/// Takes what a piece of work finds, as it finds it, for at most so long; false
/// if time ran out before the work was done. What is then still at work ends
/// with the program.
pub(crate) fn each<T: Send + 'static>(
    time: Option<Duration>,
    work: impl FnOnce(&mut dyn FnMut(T)) + Send + 'static,
    mut take: impl FnMut(T),
) -> bool {
    let Some(time) = time else {
        work(&mut take);
        return true;
    };
    let deadline = began().checked_add(time);
    let (sender, receiver) = channel();
    let worker = thread::spawn(move || {
        work(&mut |found| {
            // Nobody listens any more once time is up.
            let _ = sender.send(found);
        });
    });
    loop {
        let left = deadline.map_or(Duration::MAX, |d| d.saturating_duration_since(Instant::now()));
        if left.is_zero() {
            return false;
        }
        match receiver.recv_timeout(left) {
            Ok(found) => take(found),
            Err(RecvTimeoutError::Timeout) => return false,
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
    true
}

/// The answer of a piece of work, if it comes within a time.
pub(crate) fn one<T: Send + 'static>(
    time: Option<Duration>,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let mut answer = None;
    each(time, move |tell: &mut dyn FnMut(T)| tell(work()), |found| answer = Some(found));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_in_time_is_taken() {
        let mut taken = Vec::new();
        let slow = |tell: &mut dyn FnMut(u32)| {
            tell(1);
            tell(2);
            thread::sleep(Duration::from_secs(600));
            tell(3);
        };
        assert!(!each(Some(Duration::from_millis(500)), slow, |found| taken.push(found)));
        assert_eq!(taken, [1, 2]);
        assert_eq!(one(Some(Duration::from_secs(600)), || 4), Some(4));
        assert_eq!(one(None, || 5), Some(5));
    }

    #[test]
    #[should_panic(expected = "not quiet")]
    fn what_goes_wrong_is_not_taken_for_an_end() {
        each(Some(Duration::from_secs(600)), |_: &mut dyn FnMut(())| panic!("not quiet"), |()| ());
    }
}
