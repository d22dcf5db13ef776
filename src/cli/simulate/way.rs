//! How the analyser's end of the line is opened.

use std::io;
use std::path::PathBuf;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio_serial::SerialStream;

use crate::simulator::{Line, Opened};

/// Where the line is, as written on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Tcp(String),
    Serial(String),
    Folder(PathBuf),
}

/// A way to the daemon, or for it.
pub(super) enum Way {
    /// The analyser dials.
    Dial(String),
    /// The daemon dials.
    Listen(TcpListener),
    /// A serial line, at this many bits a second.
    Serial(String, u32),
}

impl Way {
    /// Opens the line; one that is waited for is open when the daemon has called.
    pub async fn open(&mut self) -> io::Result<Opened> {
        match self {
            Way::Dial(peer) => opened(TcpStream::connect(peer.as_str()).await?),
            Way::Listen(listener) => opened(listener.accept().await?.0),
            Way::Serial(path, baud) => {
                let stream = SerialStream::open(&tokio_serial::new(path.as_str(), *baud))?;
                Ok(Opened::plain(Box::new(stream)))
            }
        }
    }
}

/// The analyser's replies are small and awaited: each leaves at once.
fn opened(stream: TcpStream) -> io::Result<Opened> {
    stream.set_nodelay(true)?;
    let socket = SockRef::from(&stream).try_clone()?;
    Ok(Opened { line: Box::new(stream), socket: Some(socket) })
}

/// The analyser's end of a TCP line.
pub(in crate::cli) async fn dial(peer: impl ToSocketAddrs) -> io::Result<Line> {
    Ok(opened(TcpStream::connect(peer).await?)?.line)
}

/// Reads `tcp:HOST:PORT`, `serial:PATH` or `folder:PATH`.
pub(super) fn place(text: &str) -> Result<Place, String> {
    match text.split_once(':') {
        Some(("tcp", peer)) if peer.contains(':') => Ok(Place::Tcp(peer.to_owned())),
        Some(("serial", path)) if !path.is_empty() => Ok(Place::Serial(path.to_owned())),
        Some(("folder", path)) if !path.is_empty() => Ok(Place::Folder(PathBuf::from(path))),
        Some(_) | None => Err("write tcp:HOST:PORT, serial:PATH or folder:PATH".to_owned()),
    }
}

/// Reads `tcp:HOST:PORT`.
pub(super) fn listening_place(text: &str) -> Result<String, String> {
    match place(text) {
        Ok(Place::Tcp(address)) => Ok(address),
        Ok(Place::Serial(_) | Place::Folder(_)) | Err(_) => Err("write tcp:HOST:PORT".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_named_by_kind() {
        assert_eq!(place("tcp:lab:4001"), Ok(Place::Tcp("lab:4001".to_owned())));
        assert_eq!(place("tcp:[::1]:4001"), Ok(Place::Tcp("[::1]:4001".to_owned())));
        let serial = Place::Serial("/dev/ttyUSB0".to_owned());
        assert_eq!(place("serial:/dev/ttyUSB0"), Ok(serial));
        let folder = Place::Folder(PathBuf::from("/srv/drop:1"));
        assert_eq!(place("folder:/srv/drop:1"), Ok(folder));
        for wrong in ["", "tcp:lab", "serial:", "folder:", "udp:lab:1", "lab:4001"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_the_network_can_be_listened_to() {
        assert_eq!(listening_place("tcp:0.0.0.0:4001"), Ok("0.0.0.0:4001".to_owned()));
        assert!(listening_place("serial:/dev/ttyUSB0").is_err());
    }
}
