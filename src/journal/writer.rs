//! The writing thread.
//!
//! ```text
//!             write fails: all of it counts as left out
//!   Writing -------------------------------------------> Failing
//!      ^                                                    |
//!      +----------------------------------------------------+
//!             a new file can be begun, with a gap first
//! ```
//!
//! | state | event | next |
//! |---|---|---|
//! | writing | a batch is written | writing |
//! | writing | a write fails | failing; the file is left as it is and never touched again |
//! | failing | [`limits::JOURNAL_RETRY_EVERY`] passed, a new file takes header and gap | writing |
//! | failing | the same, it does not | failing |
//! | failing | records come | failing; they are counted |

use std::io;
use std::sync::Arc;
use std::thread;

use super::files::{Current, Files};
use super::format::Weight;
use super::queue::{Batch, LeftOut, Queue, gap};
use super::{OpenError, Options, format};
use crate::limits;
use crate::link::Moment;

/// The thread's handle; dropping it ends the thread.
pub(super) struct Thread {
    queue: Arc<Queue>,
}

impl Thread {
    pub(super) fn start(options: Options) -> Result<Thread, OpenError> {
        let folder = options.folder.display().to_string();
        let mut files = Files::claim(&options.folder, options.files)?;
        let run = options.started.utc.as_microsecond();
        let unusable =
            |error, advice| OpenError::Unusable { folder: folder.clone(), error, advice };
        let current = files
            .next(run, (options.now)())
            .map_err(|error| unusable(error, "free space, or make it writable for this user"))?;
        let queue = Arc::new(Queue::default());
        let writer = Writer::new(Arc::clone(&queue), files, current, options);
        thread::Builder::new()
            .name("hemogate-journal".to_owned())
            .stack_size(limits::STACK_SIZE)
            .spawn(move || writer.run())
            .map_err(|error| unusable(error, "the system refused a thread"))?;
        Ok(Thread { queue })
    }

    pub(super) fn queue(&self) -> &Queue {
        &self.queue
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.queue.close();
    }
}

struct Writer {
    queue: Arc<Queue>,
    files: Files,
    /// `None` while failing.
    current: Option<Current>,
    /// While failing: when to try again.
    retry_at: Moment,
    options: Options,
    run: i64,
    /// Number of the last record.
    number: u64,
    /// Records on their way to the file.
    sealed: Vec<u8>,
    on_their_way: Load,
    /// To be told in a gap.
    left_out: LeftOut,
}

impl Writer {
    fn new(queue: Arc<Queue>, files: Files, current: Current, options: Options) -> Writer {
        let run = options.started.utc.as_microsecond();
        Writer {
            queue,
            files,
            current: Some(current),
            retry_at: Moment::default(),
            options,
            run,
            number: 0,
            sealed: Vec::new(),
            on_their_way: Load::default(),
            left_out: LeftOut::default(),
        }
    }

    fn run(mut self) {
        let mut spare = Vec::new();
        loop {
            let batch = self.queue.take(limits::JOURNAL_RETRY_EVERY, spare);
            if let Err(error) = self.write(&batch) {
                self.fail(&error);
            }
            let Batch { mut contents, last, .. } = batch;
            if last {
                // Whoever waits for the end may open the folder again at once.
                let queue = Arc::clone(&self.queue);
                drop(self);
                return queue.end();
            }
            contents.clear();
            contents.shrink_to(limits::READ_CHUNK);
            spare = contents;
        }
    }

    fn write(&mut self, batch: &Batch) -> io::Result<()> {
        if self.current.is_none() {
            let began = self.begin_again();
            if !matches!(began, Ok(true)) {
                self.leave_out(&batch.contents);
                self.left_out = self.left_out.and(batch.left_out);
                return began.map(drop);
            }
        }
        let written = self.write_contents(&batch.contents);
        self.left_out = self.left_out.and(batch.left_out);
        written.and_then(|()| self.write_gap())
    }

    /// Whether the journal is written again; not tried too often.
    fn begin_again(&mut self) -> io::Result<bool> {
        let now = (self.options.now)();
        if now.moment < self.retry_at {
            return Ok(false);
        }
        self.retry_at = now.moment.plus(limits::JOURNAL_RETRY_EVERY);
        let Ok(current) = self.files.next(self.run, now) else { return Ok(false) };
        self.current = Some(current);
        self.write_gap()?;
        self.queue.set_health(None);
        Ok(true)
    }

    fn fail(&mut self, error: &io::Error) {
        self.current = None;
        self.retry_at = (self.options.now)().moment.plus(limits::JOURNAL_RETRY_EVERY);
        let folder = self.options.folder.display();
        self.queue.set_health(Some(format!(
            "the wire journal is not written to {folder}: {error}: free space or make it writable; \
             it begins again by itself, results are not affected"
        )));
    }

    /// Writes contents, over several files where one is full.
    fn write_contents(&mut self, contents: &[u8]) -> io::Result<()> {
        let mut rest = contents;
        let mut here = rest;
        while let Some(content) = format::take_content(&mut rest) {
            if self.is_full(content.len())
                && let Err(error) = self.rotate()
            {
                self.leave_out(here);
                return Err(error);
            }
            self.seal(content);
            here = rest;
        }
        self.flush()
    }

    fn is_full(&self, content: usize) -> bool {
        let there = self.current.as_ref().map_or(0, |current| current.length);
        let there = there + self.sealed.len() as u64;
        let after = there + format::record_length(content) as u64;
        after > self.options.file_bytes && there > format::HEADER as u64
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.flush()?;
        self.current = Some(self.files.next(self.run, (self.options.now)())?);
        Ok(())
    }

    /// Says what is missing here, if anything is.
    fn write_gap(&mut self) -> io::Result<()> {
        if self.left_out == LeftOut::default() {
            return Ok(());
        }
        let mut contents = Vec::new();
        format::put_content(&mut contents, &gap(self.left_out, (self.options.now)()), &[]);
        self.left_out = LeftOut::default();
        self.write_contents(&contents)
    }

    fn seal(&mut self, content: &[u8]) {
        self.number += 1;
        self.on_their_way = self.on_their_way.and(Load::of(content));
        format::put_record(&mut self.sealed, self.run, self.number, content);
    }

    fn flush(&mut self) -> io::Result<()> {
        let load = std::mem::take(&mut self.on_their_way);
        let written = match &mut self.current {
            Some(current) => current.write(&self.sealed),
            None => Err(io::Error::other("no file is open")),
        };
        match written {
            Ok(()) => self.queue.count_written(load.lines.records, self.sealed.len() as u64),
            Err(_) => self.lose(load),
        }
        self.sealed.clear();
        self.sealed.shrink_to(limits::READ_CHUNK);
        written
    }

    fn leave_out(&mut self, contents: &[u8]) {
        let mut rest = contents;
        while let Some(content) = format::take_content(&mut rest) {
            self.lose(Load::of(content));
        }
    }

    fn lose(&mut self, load: Load) {
        self.queue.count_lost(load.lines);
        self.left_out = self.left_out.and(load.lines).and(load.gaps);
    }
}

/// What some contents stand for.
#[derive(Clone, Copy, Debug, Default)]
struct Load {
    /// What happened on lines.
    lines: LeftOut,
    /// What gaps say is missing: counted already, but to be told again where they are lost.
    gaps: LeftOut,
}

impl Load {
    fn of(content: &[u8]) -> Load {
        match format::weigh(content) {
            Weight::Gap { records, bytes } => {
                Load { gaps: LeftOut { records, bytes }, ..Load::default() }
            }
            Weight::Line { bytes } => {
                Load { lines: LeftOut { records: 1, bytes }, ..Load::default() }
            }
        }
    }

    const fn and(self, other: Load) -> Load {
        Load { lines: self.lines.and(other.lines), gaps: self.gaps.and(other.gaps) }
    }
}
