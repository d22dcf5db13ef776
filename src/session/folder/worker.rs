//! The one thread of a folder, which makes every call that may block.
//!
//! Exists because a share that hangs blocks whoever calls it for as long as it likes: that must be
//! neither a thread that drives lines nor one of the few that read the store. Refuses a second
//! thread while the first one hangs, however long that is.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::limits;
use crate::session::stop::Stop;

type Job = Box<dyn FnOnce() + Send>;

/// The thread; it ends when this is dropped and its last call has returned.
pub(super) struct Worker {
    jobs: Sender<Job>,
    /// How long a call may take before somebody is told.
    patience: Duration,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// The daemon stops and waited long enough.
    Stopped,
    /// The thread is gone.
    Died,
}

impl Worker {
    pub(super) fn start(patience: Duration) -> io::Result<Worker> {
        let (jobs, work) = channel();
        let thread = std::thread::Builder::new().name("hemogate-folder".to_owned());
        // It ends by itself; nobody could wait for one that hangs.
        let _detached = thread.spawn(move || attend(&work))?;
        Ok(Worker { jobs, patience })
    }

    /// Has a call made. `on_slow` is called once where it takes long; it is waited for all the same
    /// until the daemon has stopped for so long.
    pub(super) async fn call<T, F>(
        &self,
        stop: &mut Stop,
        on_slow: impl FnOnce(),
        call: F,
    ) -> Result<T, NoAnswer>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let (tell, mut answer) = oneshot::channel();
        let job = Box::new(move || {
            // Nobody waits any more when the daemon has stopped.
            let _unheard = tell.send(call());
        });
        self.jobs.send(job).map_err(|_gone| NoAnswer::Died)?;
        tokio::select! {
            biased;
            answer = &mut answer => return answer.map_err(|_panicked| NoAnswer::Died),
            () = stopped_for(stop, limits::COMMIT_WAIT) => return Err(NoAnswer::Stopped),
            () = tokio::time::sleep(self.patience) => on_slow(),
        }
        tokio::select! {
            biased;
            answer = answer => answer.map_err(|_panicked| NoAnswer::Died),
            () = stopped_for(stop, limits::COMMIT_WAIT) => Err(NoAnswer::Stopped),
        }
    }
}

async fn stopped_for(stop: &mut Stop, grace: Duration) {
    stop.ordered().await;
    tokio::time::sleep(grace).await;
}

fn attend(work: &Receiver<Job>) {
    while let Ok(job) = work.recv() {
        job();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::mpsc;

    use super::*;
    use crate::session::stop_order;

    const SOON: Duration = Duration::from_millis(5);
    const NEVER: Duration = Duration::from_secs(600);

    #[tokio::test]
    async fn calls_are_made_in_order_on_the_same_thread() {
        let (_order, mut stop) = stop_order();
        let worker = Worker::start(NEVER).unwrap();
        let here = || std::thread::current().id();
        let first = worker.call(&mut stop, || panic!("slow"), here).await.unwrap();
        let second = worker.call(&mut stop, || panic!("slow"), here).await.unwrap();
        assert_eq!(first, second);
        assert_ne!(first, here());
    }

    #[tokio::test]
    async fn a_call_that_hangs_is_told_once_and_waited_for() {
        let (_order, mut stop) = stop_order();
        let (release, hanging) = mpsc::channel::<u32>();
        let worker = Worker::start(SOON).unwrap();
        let told = Cell::new(0);
        let on_slow = || {
            told.set(told.get() + 1);
            release.send(7).unwrap();
        };
        let answer = worker.call(&mut stop, on_slow, move || hanging.recv().unwrap()).await;
        assert_eq!((answer.unwrap(), told.get()), (7, 1));
    }

    #[tokio::test]
    async fn the_end_of_the_daemon_does_not_wait_for_a_call_that_hangs() {
        let (order, mut stop) = stop_order();
        let (release, hanging) = mpsc::channel::<u32>();
        let worker = Worker::start(SOON).unwrap();
        order.give();
        let answer = worker.call(&mut stop, || {}, move || hanging.recv()).await;
        assert!(matches!(answer, Err(NoAnswer::Stopped)), "{answer:?}");
        drop(release);
    }
}
