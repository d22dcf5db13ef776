//! The reference of an answer: a loopback host that says the same bytes at once.
//!
//! What is fair about it: the same turns as a dialogue with the daemon had, the same bytes both
//! ways, a socket like the daemon's. What makes it bare: it reads as many bytes as it knows will
//! come and looks at none, and nothing is stored, decided or ordered.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Instant;

/// What one side says, and what it hears before it says anything more.
#[derive(Clone, Debug)]
pub struct Turn {
    /// Said by the analyser.
    pub said: Vec<u8>,
    /// Heard by it.
    pub heard: Vec<u8>,
}

/// A host that repeats its part of one dialogue, and the analyser's end of its line.
pub struct BareHost {
    stream: TcpStream,
    turns: Vec<Turn>,
    thread: JoinHandle<()>,
}

impl BareHost {
    /// A host that answers as in this dialogue.
    pub fn of(turns: Vec<Turn>) -> BareHost {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        stream.set_nodelay(true).unwrap();
        let parts = turns.clone();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_nodelay(true).unwrap();
            for Turn { said, heard } in parts.iter().cycle() {
                if stream.read_exact(&mut vec![0; said.len()]).is_err() {
                    return;
                }
                stream.write_all(heard).unwrap();
            }
        });
        BareHost { stream, turns, thread }
    }

    /// The whole dialogue once; when it was the analyser's turn, and when each turn was heard out.
    pub fn converse(&mut self) -> Vec<(Instant, Instant)> {
        let mut times = Vec::with_capacity(self.turns.len());
        for Turn { said, heard } in &self.turns {
            let start = Instant::now();
            self.stream.write_all(said).unwrap();
            self.stream.read_exact(&mut vec![0; heard.len()]).unwrap();
            times.push((start, Instant::now()));
        }
        times
    }

    pub fn stop(self) {
        drop(self.stream);
        self.thread.join().unwrap();
    }
}
