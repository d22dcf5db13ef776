//! A bound on HTTP connections: whoever opens too many of them waits, and cannot use up the file
//! descriptors that the analysers need.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A listener with a limited number of places.
pub(super) struct Doorway<L> {
    listener: L,
    places: Arc<Semaphore>,
}

/// A connection that holds its place until it is closed.
pub(super) struct Admitted<S> {
    stream: S,
    _place: Option<OwnedSemaphorePermit>,
}

impl<L> Doorway<L> {
    pub(super) fn new(listener: L, places: usize) -> Doorway<L> {
        Doorway { listener, places: Arc::new(Semaphore::new(places)) }
    }
}

impl<L: Listener> Listener for Doorway<L> {
    type Io = Admitted<L::Io>;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        // Never closed, so there always is a place in the end.
        let place = Arc::clone(&self.places).acquire_owned().await.ok();
        let (stream, peer) = self.listener.accept().await;
        (Admitted { stream, _place: place }, peer)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Admitted<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Admitted<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;

    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    #[tokio::test]
    async fn one_connection_more_than_there_are_places_waits_until_another_closes() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut doorway = Doorway::new(listener, 2);
        let mut callers = Vec::new();
        for _ in 0..3 {
            callers.push(TcpStream::connect(address).await.unwrap());
        }
        let (first, _) = doorway.accept().await;
        let (_second, _) = doorway.accept().await;

        let mut third = pin!(doorway.accept());
        let waits = poll_fn(|context| Poll::Ready(third.as_mut().poll(context).is_pending())).await;
        assert!(waits);
        drop(first);
        third.await;
    }
}
