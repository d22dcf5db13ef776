//! The way to the writer's thread: a bounded queue, and an end that waits for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};

use super::shared::Shared;
use super::task::{self, Task};
use super::writer::Writer;
use super::{OpenError, StoreError};
use crate::limits;

/// The writer's thread. Dropping it lets the writer finish what waits, then waits for its end.
pub(super) struct Thread {
    queue: Option<SyncSender<Task>>,
    running: Option<JoinHandle<()>>,
}

impl Thread {
    /// Starts it.
    pub(super) fn start(writer: Writer) -> Result<Thread, OpenError> {
        let (queue, tasks) = mpsc::sync_channel(limits::WRITER_QUEUE_MAX);
        let path = writer.path.display().to_string();
        let shared = Arc::clone(&writer.shared);
        let work = move || {
            // Whoever asks from now on is told; what waited loses its reply, which is no yes.
            if catch_unwind(AssertUnwindSafe(|| writer.run(&tasks))).is_err() {
                shared.fails_with(&StoreError::Closed);
                tracing::error!("the store's writer ended with a panic: start the daemon again");
            }
        };
        let running = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(work)
            .map_err(|error| OpenError::Unusable { path, why: error.to_string() })?;
        Ok(Thread { queue: Some(queue), running: Some(running) })
    }

    /// Hands a task over, or answers it at once where the queue is full or the writer has ended.
    pub(super) fn ask(&self, task: Task, shared: &Shared) {
        let Some(queue) = &self.queue else { return task::refuse(task, &StoreError::Closed) };
        let bytes = task.bytes();
        if let Err(waiting) = shared.one_more_waits(bytes) {
            return task::refuse(task, &StoreError::Overloaded(waiting));
        }
        let (task, error) = match queue.try_send(task) {
            Ok(()) => return,
            Err(TrySendError::Full(task)) => {
                (task, StoreError::Overloaded(limits::WRITER_QUEUE_MAX))
            }
            Err(TrySendError::Disconnected(task)) => (task, StoreError::Closed),
        };
        shared.one_less_waits(bytes);
        task::refuse(task, &error);
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        drop(self.queue.take());
        let Some(running) = self.running.take() else { return };
        // The last handle may go with a reply, on the writer's own thread.
        if running.thread().id() != thread::current().id() {
            // A panic was reported on the thread itself.
            let _ = running.join();
        }
    }
}
