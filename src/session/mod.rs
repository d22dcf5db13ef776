//! One task for each analyser: serial or TCP, listening or dialling, one loop that drives a link;
//! or a folder of files.
//!
//! Exists so that a message's way is the same on every kind of line: bytes to the link, messages
//! to the intake, the outcome back to the link, its reply to the line. A line that is lost is
//! opened again by itself, for ever. Refuses: more than
//! [`limits::CONNECTIONS_PER_ANALYSER`](crate::limits::CONNECTIONS_PER_ANALYSER) connections at
//! one analyser, peers that do not read our replies, and acknowledging anything that is not
//! committed. A connection has its own link and its own task, so none can disturb another.

mod announcing;
mod back_off;
mod dial;
mod errands;
mod folder;
mod line;
mod links;
mod listen;
mod port;
mod socket;
mod station;
mod stop;
mod tap;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::{FolderLine, SerialLine, TlsConfig, Transport};
use crate::intake::Intake;
use crate::journal::Journal;
use crate::telemetry::Telemetry;
use crate::traffic::Post;
use station::Station;
pub use stop::{Stop, StopOrder, stop_order};

/// The place of one analyser's line, claimed before anything runs: an address that is already
/// bound, or a peer or device to be opened later.
#[derive(Debug)]
pub enum Claim {
    /// We listen here.
    Listening(TcpListener, Option<TlsConfig>),
    /// We will dial `host:port`.
    Dialling(String, Option<TlsConfig>),
    /// We will open this device.
    Serial(SerialLine),
    /// We look into this folder.
    Folder(FolderLine),
}

/// What every session needs of the house; cheap to clone.
#[derive(Clone)]
pub struct Surroundings {
    /// Logs and metrics.
    pub telemetry: Telemetry,
    /// Moves when there may be new work to be ordered.
    pub news: watch::Receiver<i64>,
    /// Whether the store takes entries. While it does not, analysers are told that we are busy.
    pub ready: watch::Receiver<bool>,
    /// The wire journal, where one is kept.
    pub journal: Option<Journal>,
}

/// A running session with one analyser.
#[derive(Debug)]
pub struct Session {
    task: JoinHandle<()>,
}

impl Claim {
    /// Claims the place. Peers and devices may be away now; only a listening address and a folder
    /// can be refused.
    ///
    /// # Errors
    /// What the system says about the address; of a folder, what to do as well.
    pub async fn new(transport: &Transport) -> io::Result<Claim> {
        match transport {
            Transport::TcpListen(address) => {
                Ok(Claim::Listening(TcpListener::bind(address).await?, None))
            }
            Transport::TcpConnect(peer) => Ok(Claim::Dialling(peer.clone(), None)),
            Transport::Serial(serial) => Ok(Claim::Serial(serial.clone())),
            Transport::Folder(line) => {
                folder::claim(line).await.map(|()| Claim::Folder(line.clone()))
            }
        }
    }

    /// The same with TLS, where there is any. A serial line and a folder have none.
    #[must_use]
    pub fn secured(self, tls: Option<TlsConfig>) -> Claim {
        match self {
            Claim::Listening(listener, _) => Claim::Listening(listener, tls),
            Claim::Dialling(peer, _) => Claim::Dialling(peer, tls),
            Claim::Serial(_) | Claim::Folder(_) => self,
        }
    }

    /// The bound address of a listening line.
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Claim::Listening(listener, _) => listener.local_addr().ok(),
            Claim::Dialling(..) | Claim::Serial(_) | Claim::Folder(_) => None,
        }
    }

    /// Starts the session; where it `announces`, work is ordered without being asked for. What
    /// happens is told at `post`. It runs until `stop` is ordered.
    pub fn start(
        self,
        intake: Intake,
        announces: bool,
        post: Arc<Post>,
        surroundings: Surroundings,
        stop: Stop,
    ) -> Session {
        let station = Arc::new(Station::new(intake, announces, post, surroundings));
        let task = match self {
            Claim::Listening(listener, tls) => {
                tokio::spawn(listen::serve(listener, tls, station, stop))
            }
            Claim::Dialling(peer, tls) => tokio::spawn(dial::serve(peer, tls, station, stop)),
            Claim::Serial(serial) => tokio::spawn(port::serve(serial, station, stop)),
            Claim::Folder(line) => tokio::spawn(folder::serve(line, station, stop)),
        };
        Session { task }
    }
}

impl Session {
    /// Waits until the session has ended: messages handed over before the stop are committed and
    /// acknowledged, or refused. Takes a few seconds at most.
    pub async fn ended(self) {
        // A panic in the task was logged where it happened; there is nothing left to wait for.
        let _panicked = self.task.await;
    }
}
