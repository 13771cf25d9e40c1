//! Work in parallel, answers in order.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Items in hand at once: enough that threads seldom wait for the writer, and
/// independent of how many there are.
const AHEAD: u64 = 256;

/// Where the threads get their items.
struct Queue<I> {
    state: Mutex<State<I>>,
    room: Condvar,
}

struct State<I> {
    items: I,
    given: u64,
    taken: u64,
    stopped: bool,
}

/// An answer, with its place in the order.
type Answer<T, R> = (u64, T, R);

/// Does the work for every item on so many threads and hands over the answers
/// in the items' order, until `take` breaks or fails. The last argument of
/// `take` tells whether no further answer is ready yet.
pub(super) fn in_order<T: Send, R: Send, E: From<io::Error>>(
    threads: usize,
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(&mut T) -> R + Sync,
    mut take: impl FnMut(T, R, bool) -> Result<ControlFlow<()>, E>,
) -> Result<(), E> {
    if threads < 2 {
        for mut item in items {
            let answer = work(&mut item);
            if take(item, answer, true)?.is_break() {
                break;
            }
        }
        return Ok(());
    }
    let state = State { items, given: 0, taken: 0, stopped: false };
    let queue = Queue { state: Mutex::new(state), room: Condvar::new() };
    let (sender, receiver) = channel();
    thread::scope(|scope| {
        let mut started = 0;
        for _ in 0..threads {
            let (queue, work, sender) = (&queue, &work, sender.clone());
            match thread::Builder::new().spawn_scoped(scope, move || queue.serve(work, &sender)) {
                Ok(_) => started += 1,
                Err(error) if started == 0 => return Err(error.into()),
                Err(_) => break,
            }
        }
        drop(sender);
        let taken = queue.hand_over(&receiver, &mut take);
        queue.stop();
        taken
    })
}

impl<I> Queue<I> {
    fn lock(&self) -> MutexGuard<'_, State<I>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the threads end.
    fn stop(&self) {
        self.lock().stopped = true;
        self.room.notify_all();
    }

    /// Hands over answers in order.
    fn hand_over<T, R, E>(
        &self,
        receiver: &Receiver<Answer<T, R>>,
        take: &mut impl FnMut(T, R, bool) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let mut early = BTreeMap::new();
        let mut next = 0;
        let mut waiting = None;
        while let Some((place, item, answer)) = waiting.take().or_else(|| receiver.recv().ok()) {
            early.insert(place, (item, answer));
            while let Some((item, answer)) = early.remove(&next) {
                next += 1;
                if waiting.is_none() && !early.contains_key(&next) {
                    waiting = receiver.try_recv().ok();
                }
                let idle = waiting.is_none() && !early.contains_key(&next);
                if take(item, answer, idle)?.is_break() {
                    return Ok(());
                }
                self.lock().taken = next;
                self.room.notify_all();
            }
        }
        Ok(())
    }
}

impl<T, I: Iterator<Item = T>> Queue<I> {
    /// One thread's share of the work.
    fn serve<R>(&self, work: &impl Fn(&mut T) -> R, sender: &Sender<Answer<T, R>>) {
        let _end = Ending(self);
        while let Some((place, mut item)) = self.next() {
            let answer = work(&mut item);
            if sender.send((place, item, answer)).is_err() {
                return;
            }
        }
    }

    /// The next item, once there is room for its answer.
    fn next(&self) -> Option<(u64, T)> {
        let mut state = self.lock();
        while !state.stopped && state.given - state.taken >= AHEAD {
            state = self.room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.stopped {
            return None;
        }
        let item = state.items.next()?;
        state.given += 1;
        Some((state.given - 1, item))
    }
}

/// Stops the queue if its thread ends by a panic: the answer that will never
/// come must not keep the others waiting.
struct Ending<'a, I>(&'a Queue<I>);

impl<I> Drop for Ending<'_, I> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn squares(threads: usize, stop_at: u64) -> Vec<u64> {
        let mut seen = Vec::new();
        let take = |item: u64, square: u64, _| {
            assert_eq!(square, item * item);
            seen.push(item);
            Ok::<_, io::Error>(if item == stop_at {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            })
        };
        // Early items take longest.
        let work = |item: &mut u64| {
            (0..20_000 / (*item + 1)).for_each(|n| assert!(std::hint::black_box(n) < 20_000));
            *item * *item
        };
        in_order(threads, 0..2_000, work, take).expect("nothing fails");
        seen
    }

    #[test]
    fn answers_come_in_order() {
        for threads in [1, 2, 7] {
            assert_eq!(squares(threads, u64::MAX), (0..2_000).collect::<Vec<_>>());
            assert_eq!(squares(threads, 700), (0..=700).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_ends_it() {
        let take = |item: u64, (): (), _| match item {
            5 => Err(io::Error::other("full")),
            _ => Ok(ControlFlow::Continue(())),
        };
        assert!(in_order(3, 0..1_000, |_: &mut u64| (), take).is_err());
    }
}
