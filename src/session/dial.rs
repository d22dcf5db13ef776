//! An analyser that we dial; and what dialled and serial lines have in common: they are opened,
//! served, lost, and opened again after a pause.

use std::fmt::Display;
use std::future::Future;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::back_off::BackOff;
use super::line::{Closed, Ended};
use super::socket;
use super::station::Station;
use super::stop::Stop;
use crate::config::TlsConfig;
use crate::link::Moment;
use crate::{clock, limits};

/// Dials `peer` until the stop, again and again.
pub(super) async fn serve(peer: String, tls: Option<TlsConfig>, station: Arc<Station>, stop: Stop) {
    let visit = || visit(peer.clone(), tls.clone(), Arc::clone(&station), stop.clone());
    keep_open(&station, stop.clone(), visit).await;
}

/// Opens a line with `visit` whenever there is none, until the stop. A line that was good starts
/// the pauses anew.
pub(super) async fn keep_open<V, F>(station: &Station, mut stop: Stop, visit: V)
where
    V: Fn() -> F,
    F: Future<Output = io::Result<Closed>> + Send + 'static,
{
    let mut back_off = BackOff::new(Rng::new());
    while !stop.is_ordered() {
        let opened_at = clock::moment();
        // A task of its own: should it panic, the analyser is lost for a pause, not for ever.
        let why = match tokio::spawn(visit()).await {
            Ok(Ok(Closed { ended: Ended::Stopped, .. })) => return,
            Ok(Ok(closed)) => {
                if was_good(closed.received, opened_at, clock::moment()) {
                    back_off.reset();
                }
                closed.ended.to_string()
            }
            Ok(Err(error)) => error.to_string(),
            Err(_panicked) => "the daemon failed to serve it".to_owned(),
        };
        rest(station, back_off.pause(), why, &mut stop).await;
    }
}

/// A peer that accepts and hangs up at once must not be dialled without pause; one that is only
/// quiet must not wait long after a day.
fn was_good(received: u64, opened_at: Moment, now: Moment) -> bool {
    received > 0 || opened_at.plus(limits::REOPEN_MAX) <= now
}

async fn rest(station: &Station, pause: Duration, why: impl Display, stop: &mut Stop) {
    if !stop.is_ordered() {
        station.reconnecting(pause, why);
    }
    // Whichever comes first, the caller looks again.
    let _elapsed = tokio::time::timeout(pause, stop.ordered()).await;
}

async fn visit(
    peer: String,
    tls: Option<TlsConfig>,
    station: Arc<Station>,
    mut stop: Stop,
) -> io::Result<Closed> {
    let stream = tokio::select! {
        biased;
        () = stop.ordered() => return Ok(Closed { ended: Ended::Stopped, received: 0 }),
        dialled = tokio::time::timeout(limits::DIAL_WAIT, dial(peer.clone())) => {
            dialled.map_err(|_elapsed| io::ErrorKind::TimedOut)??
        }
    };
    socket::attend(stream, tls, peer, &station, stop).await
}

async fn dial(peer: String) -> io::Result<TcpStream> {
    match peer.parse::<SocketAddr>() {
        Ok(address) => TcpStream::connect(address).await,
        Err(_name) => TcpStream::connect(look_up(peer).await?.as_slice()).await,
    }
}

/// The system's look-up blocks a thread, perhaps for long after we have given up: its permit goes
/// with it, so that names of switched-off analysers cannot use up all threads.
async fn look_up(peer: String) -> io::Result<Vec<SocketAddr>> {
    static LOOKUPS: Semaphore = Semaphore::const_new(limits::LOOKUPS_AT_ONCE);
    let permit = LOOKUPS.acquire().await.map_err(io::Error::other)?;
    let looking = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        peer.to_socket_addrs().map(Iterator::collect)
    });
    looking.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_was_good_if_it_said_something_or_lasted() {
        let start = Moment::default();
        let almost = start.plus(limits::REOPEN_MAX.saturating_sub(Duration::from_nanos(1)));
        assert!(!was_good(0, start, almost));
        assert!(was_good(1, start, start));
        assert!(was_good(0, start, start.plus(limits::REOPEN_MAX)));
    }
}
