//! A host that takes every connection, keeps every byte it heard, and stores every message once.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hemogate::clock;
use hemogate::link::{Answer, Event, Link};
use hemogate::simulator::{self, Faults, Instrument, Model, Opened, Progress, Setup, Tempo, Wire};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::player::{due, receiving};

/// What one connection brought.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    pub bytes: Vec<u8>,
    pub faults: usize,
    pub reset: bool,
    pub ended: bool,
}

/// What the host knows, over all connections.
#[derive(Clone, Debug, Default)]
pub struct Known {
    pub lines: Vec<Heard>,
    /// Distinct messages, in the order of arrival.
    pub stored: Vec<Vec<u8>>,
    pub deliveries: usize,
    seen: BTreeSet<Vec<u8>>,
}

#[derive(Clone)]
pub struct Host {
    pub address: SocketAddr,
    known: Arc<Mutex<Known>>,
}

impl Host {
    pub async fn of(wire: Wire) -> Host {
        Host::with(move || receiving(wire)).await
    }

    /// With this end of the line on every connection.
    pub async fn with(link: impl Fn() -> Box<dyn Link> + Send + 'static) -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let host = Host { address, known: Arc::default() };
        let taking = host.clone();
        tokio::spawn(async move {
            loop {
                let stream = listener.accept().await.unwrap().0;
                let line = {
                    let mut known = taking.known.lock().unwrap();
                    known.lines.push(Heard::default());
                    known.lines.len() - 1
                };
                tokio::spawn(taking.clone().serve(stream, link(), line));
            }
        });
        host
    }

    async fn serve(self, mut stream: TcpStream, mut link: Box<dyn Link>, line: usize) {
        stream.set_nodelay(true).unwrap();
        let mut buffer = [0; 1024];
        loop {
            while let Some(bytes) = link.transmit() {
                // Whether the analyser is still there is seen by the next read.
                let _gone = stream.write_all(&bytes).await;
            }
            if let Some(event) = link.event() {
                let mut known = self.known.lock().unwrap();
                match event {
                    Event::Message { token, bytes } => {
                        known.store(bytes);
                        link.answer(clock::moment(), token, Answer::Stored);
                    }
                    Event::Fault(_) => known.lines[line].faults += 1,
                    _ => {}
                }
                continue;
            }
            let read = tokio::select! {
                read = stream.read(&mut buffer) => read,
                () = due(link.deadline()) => {
                    link.expire(clock::moment());
                    continue;
                }
            };
            let mut known = self.known.lock().unwrap();
            match read {
                Ok(0) => return known.lines[line].ended = true,
                Err(_) => return known.lines[line].reset = true,
                Ok(length) => {
                    known.lines[line].bytes.extend_from_slice(&buffer[..length]);
                    link.receive(clock::moment(), &buffer[..length]);
                }
            }
        }
    }

    pub fn known<T>(&self, look: impl Fn(&Known) -> T) -> T {
        look(&self.known.lock().unwrap())
    }
}

impl Known {
    fn store(&mut self, message: Vec<u8>) {
        self.deliveries += 1;
        if self.seen.insert(message.clone()) {
            self.stored.push(message);
        }
    }

    /// Every byte of every connection.
    pub fn bytes(&self) -> Vec<u8> {
        self.lines.iter().flat_map(|line| line.bytes.clone()).collect()
    }
}

/// What came of playing messages towards a host.
pub struct Played {
    pub known: Known,
    pub injected: u64,
    pub failed: Vec<String>,
    pub progress: Vec<Progress>,
}

/// Plays these messages in a hurry.
pub async fn played(model: Model, messages: &[Vec<u8>], faults: Faults, seed: u64) -> Played {
    played_to(Host::of(model.wire()).await, model.into(), messages, faults, seed).await
}

/// The same towards this host.
pub async fn played_to(
    host: Host,
    model: simulator::Played,
    messages: &[Vec<u8>],
    faults: Faults,
    seed: u64,
) -> Played {
    let address = host.address;
    let fault = faults.switched_on().next();
    let tempo = Tempo::hasty(clock::moment, 50);
    let setup = Setup { model, tempo, faults, seed, baud: None, faults_change: false };
    let mut instrument = Instrument::new(setup, async || {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let socket = SockRef::from(&stream).try_clone()?;
        Ok(Opened { line: Box::new(stream), socket: Some(socket) })
    });
    let tally = instrument.tally();
    let mut progress = Vec::new();
    let failed = instrument.play(messages, &mut |said| progress.push(said)).await;
    instrument.hang_up().await;
    while host.known(|known| known.lines.iter().any(|line| !line.ended && !line.reset)) {
        tokio::task::yield_now().await;
    }
    let known = host.known(Known::clone);
    let injected = fault.map_or(0, |fault| tally.of(fault));
    let failed = failed.into_iter().map(|failed| failed.why).collect();
    Played { known, injected, failed, progress }
}
