//! TCP options of every line to an analyser, and its polite end.
//!
//! A half-open connection goes unnoticed for ever without keep-alive (FM-47): the analyser's
//! cable is pulled, and nobody is told.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::line::{Closed, Ended, Line};
use super::station::Station;
use super::stop::Stop;
use super::tap::Presence;
use super::tls;
use crate::config::TlsConfig;
use crate::limits;

/// Serves a connected socket to its end.
///
/// # Errors
/// What the system says where the options of [`prepare`] cannot be set; what was wrong with the
/// handshake of TLS.
pub(super) async fn attend(
    stream: TcpStream,
    tls: Option<TlsConfig>,
    peer: String,
    station: &Arc<Station>,
    mut stop: Stop,
) -> io::Result<Closed> {
    prepare(&stream)?;
    let mut stream = tokio::select! {
        biased;
        () = stop.ordered() => return Ok(Closed { ended: Ended::Stopped, received: 0 }),
        secured = tls::secure(stream, tls) => secured?,
    };
    let presence = Presence::new(Arc::clone(station), peer);
    let closed = Line::new(&mut stream, presence.tap(), stop).run().await;
    presence.end(&closed.ended);
    match closed.ended {
        Ended::Stopped | Ended::Unread | Ended::Distrusted => farewell(&mut stream).await,
        Ended::ByPeer | Ended::Failed(_) => {}
    }
    Ok(closed)
}

/// Sets keep-alive and the same bound for unacknowledged data, bounds the replies that wait for
/// the peer, and sends each at once.
///
/// # Errors
/// What the system says; the connection is then not used.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    let keepalive = TcpKeepalive::new()
        .with_time(limits::KEEPALIVE_IDLE)
        .with_interval(limits::KEEPALIVE_INTERVAL)
        .with_retries(limits::KEEPALIVE_PROBES);
    stream.set_nodelay(true)?;
    let socket = SockRef::from(stream);
    // Left to itself the system would hold megabytes for each peer that does not read.
    socket.set_send_buffer_size(limits::UNREAD_REPLIES_MAX)?;
    socket.set_tcp_keepalive(&keepalive)?;
    // Keep-alive rests while a reply is unacknowledged; without this, for a quarter of an hour.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(unanswered_wait()))?;
    Ok(())
}

/// How long a dead peer stays unnoticed at most.
fn unanswered_wait() -> Duration {
    limits::KEEPALIVE_IDLE + limits::KEEPALIVE_INTERVAL * limits::KEEPALIVE_PROBES
}

/// Ends a connection so that the peer can still read our last reply: closing with bytes unread
/// would reset the connection and may destroy that reply.
async fn farewell<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) {
    let reading = async {
        stream.shutdown().await?;
        let mut discarded = [0; 512];
        while stream.read(&mut discarded).await? > 0 {}
        io::Result::Ok(())
    };
    // Both a timeout and an error mean the same: the peer had its chance.
    let _peer_had_its_chance = tokio::time::timeout(limits::FAREWELL_WAIT, reading).await;
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn fm_47_keep_alive_is_on_for_accepted_and_dialled_connections() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let dialled = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (accepted, _) = listener.accept().await.unwrap();
        for stream in [&dialled, &accepted] {
            assert!(!SockRef::from(stream).keepalive().unwrap(), "off unless we ask");
            prepare(stream).unwrap();
            let socket = SockRef::from(stream);
            assert!(socket.keepalive().unwrap());
            assert_eq!(socket.tcp_keepalive_time().unwrap(), limits::KEEPALIVE_IDLE);
            assert_eq!(socket.tcp_keepalive_interval().unwrap(), limits::KEEPALIVE_INTERVAL);
            assert_eq!(socket.tcp_keepalive_retries().unwrap(), limits::KEEPALIVE_PROBES);
            assert!(stream.nodelay().unwrap());
            #[cfg(target_os = "linux")]
            assert_eq!(socket.tcp_user_timeout().unwrap(), Some(unanswered_wait()));
        }
    }

    #[tokio::test]
    async fn the_last_reply_arrives_although_bytes_were_left_unread() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut ours, _) = listener.accept().await.unwrap();
        peer.write_all(b"never read by the daemon").await.unwrap();
        ours.write_all(b"\x06").await.unwrap();
        let ours = tokio::spawn(async move { farewell(&mut ours).await });
        let mut reply = Vec::new();
        peer.read_to_end(&mut reply).await.unwrap();
        assert_eq!(reply, b"\x06");
        drop(peer);
        ours.await.unwrap();
    }
}
