//! A listening analyser: every accepted connection gets a task and a link of its own. Turns away
//! the connection that would be one too many.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::socket;
use super::station::Station;
use super::stop::Stop;
use crate::config::TlsConfig;
use crate::limits;

/// Accepts connections until the stop; returns when the last one has ended.
pub(super) async fn serve(
    listener: TcpListener,
    tls: Option<TlsConfig>,
    station: Arc<Station>,
    mut stop: Stop,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            biased;
            () = stop.ordered() => break,
            // A connection that panicked took only itself down.
            Some(_ended) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    admit(&mut connections, (stream, tls.clone()), peer, &station, &stop);
                }
                Err(error) => pause(&station, &error, &mut stop).await,
            }
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// A fresh connection, and what is to be made of it.
type Accepted = (TcpStream, Option<TlsConfig>);

fn admit(
    connections: &mut JoinSet<()>,
    stream: Accepted,
    peer: SocketAddr,
    station: &Arc<Station>,
    stop: &Stop,
) {
    if connections.len() >= limits::CONNECTIONS_PER_ANALYSER {
        station.turned_away(peer, "too many connections are open");
    } else {
        connections.spawn(attend(stream, peer, Arc::clone(station), stop.clone()));
    }
}

/// Want of file descriptors and the like: the connections that are open go on.
async fn pause(station: &Station, error: &io::Error, stop: &mut Stop) {
    station.turned_away("a new connection", error);
    // Whichever comes first, the caller looks again.
    let _elapsed = tokio::time::timeout(limits::ACCEPT_PAUSE, stop.ordered()).await;
}

/// Serves one connection. A peer that fails the handshake of TLS is turned away.
async fn attend(accepted: Accepted, peer: SocketAddr, station: Arc<Station>, stop: Stop) {
    let (stream, tls) = accepted;
    if let Err(error) = socket::attend(stream, tls, peer.to_string(), &station, stop).await {
        station.turned_away(peer, error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task_size<A, B, C, D, F>(_task: fn(A, B, C, D) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn an_idle_connection_costs_little_memory() {
        // With its buffers in the future it would be more than limits::READ_CHUNK.
        assert!(task_size(attend) <= 2_048, "{} bytes", task_size(attend));
    }
}
