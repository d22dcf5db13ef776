//! The signals that mean stop: SIGTERM of a service manager and Ctrl-C.
//!
//! Heard from the moment they are created, so that none is lost while something starts. Refuses
//! nothing: what a stop means is the caller's.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that mean stop.
pub(super) struct Orders {
    terminate: Signal,
    interrupt: Signal,
}

impl Orders {
    /// Listens from now on.
    ///
    /// # Errors
    /// The system's refusal.
    pub(super) fn new() -> io::Result<Orders> {
        let terminate = signal(SignalKind::terminate())?;
        Ok(Orders { terminate, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Returns when one of them has come.
    pub(super) async fn wait(&mut self) {
        tokio::select! {
            _received = self.terminate.recv() => {}
            _received = self.interrupt.recv() => {}
        }
    }
}
