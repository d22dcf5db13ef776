//! Serves the console on a listener of its own, with TLS or without, and ends it.
//!
//! A handshake is a task of its own: whoever connects and says nothing keeps nobody else waiting.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::serve::{Listener, ListenerExt};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::doorway::Doorway;
use crate::config::ConsoleConfig;
use crate::console::Door;
use crate::limits;
use crate::session::Stop;

/// Serves pages until the stop. Streams that pages hold open end with it.
pub(super) async fn serve(
    listener: TcpListener,
    config: ConsoleConfig,
    router: Router,
    door: Door,
    mut stop: Stop,
) {
    let ordered = async move {
        stop.ordered().await;
        door.close();
    };
    let served = match config.tls {
        None => {
            // Answers are small and awaited.
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            let listener = Doorway::new(listener, limits::CONSOLE_CONNECTIONS_MAX);
            axum::serve(listener, router).with_graceful_shutdown(ordered).await
        }
        Some(tls) => match Secured::new(listener, tls) {
            Ok(listener) => axum::serve(listener, router).with_graceful_shutdown(ordered).await,
            Err(error) => Err(error),
        },
    };
    if let Err(error) = served {
        tracing::error!(%error, "the console ended");
    }
}

/// A listener whose connections have shaken hands before they are served.
struct Secured {
    arrivals: mpsc::Receiver<(Guest, SocketAddr)>,
    address: SocketAddr,
    accepting: tokio::task::JoinHandle<()>,
}

/// A connection with TLS that holds its place until it is closed.
struct Guest {
    stream: Box<TlsStream<TcpStream>>,
    _place: OwnedSemaphorePermit,
}

impl Secured {
    fn new(listener: TcpListener, tls: Arc<ServerConfig>) -> io::Result<Secured> {
        let address = listener.local_addr()?;
        let (arrive, arrivals) = mpsc::channel(limits::CONSOLE_ARRIVALS_MAX);
        let accepting = tokio::spawn(accept(listener, TlsAcceptor::from(tls), arrive));
        Ok(Secured { arrivals, address, accepting })
    }
}

impl Drop for Secured {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    arrive: mpsc::Sender<(Guest, SocketAddr)>,
) {
    let places = Arc::new(Semaphore::new(limits::CONSOLE_CONNECTIONS_MAX));
    while let Ok(place) = Arc::clone(&places).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let (acceptor, arrive) = (acceptor.clone(), arrive.clone());
                tokio::spawn(async move {
                    let shaken = shake_hands(stream, &acceptor, place).await;
                    // Who speaks no TLS, or distrusts our certificate, is told by the browser.
                    if let Some(guest) = shaken {
                        let _stopping = arrive.send((guest, peer)).await;
                    }
                });
            }
            // Want of file descriptors and the like: what is open goes on.
            Err(_) => tokio::time::sleep(limits::ACCEPT_PAUSE).await,
        }
    }
}

async fn shake_hands(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    place: OwnedSemaphorePermit,
) -> Option<Guest> {
    stream.set_nodelay(true).ok()?;
    let shaking = Box::pin(acceptor.accept(stream));
    let shaken = tokio::time::timeout(limits::TLS_HANDSHAKE_WAIT, shaking).await;
    let stream = Box::new(shaken.ok()?.ok()?);
    Some(Guest { stream, _place: place })
}

impl Listener for Secured {
    type Io = Guest;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Guest, SocketAddr) {
        match self.arrivals.recv().await {
            Some(arrived) => arrived,
            // Nobody accepts any more: the daemon stops, and drops this future.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl AsyncRead for Guest {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Guest {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
