//! Analysers' ends of the wire, written plainly: what is on the line is what the test says.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

const STX: u8 = 0x02;
const ETX: u8 = 0x03;
const EOT: u8 = 0x04;
const ENQ: u8 = 0x05;
const ACK: u8 = 0x06;
const NAK: u8 = 0x15;
const ETB: u8 = 0x17;

/// How long an analyser of these tests waits for an answer (T4 is 15 s).
const PATIENCE: Duration = Duration::from_secs(15);

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Acknowledged.
    Acknowledged,
    /// Refused with NAK, AE or AR.
    Refused,
    /// No answer: the line went away or stayed silent.
    Unanswered,
}

/// One frame with its checksum.
pub fn frame(number: usize, text: &str, last: bool) -> Vec<u8> {
    let mut body = vec![b'0' + (number % 8) as u8];
    body.extend_from_slice(text.as_bytes());
    body.push(if last { ETX } else { ETB });
    let sum = body.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    let mut frame = vec![STX];
    frame.extend_from_slice(&body);
    frame.extend_from_slice(format!("{sum:02X}\r\n").as_bytes());
    frame
}

/// The frames of a message, one record a frame, numbers from `first`.
pub fn frames(message: &str, first: usize) -> Vec<Vec<u8>> {
    let records = message.split_inclusive('\r');
    records.enumerate().map(|(at, record)| frame(first + at, record, true)).collect()
}

/// A whole session as one run of bytes, as a recording of the analyser's side.
pub fn session(messages: &[&str]) -> Vec<u8> {
    let mut bytes = vec![ENQ];
    let mut number = 1;
    for message in messages {
        for frame in frames(message, number) {
            bytes.extend_from_slice(&frame);
            number += 1;
        }
    }
    bytes.push(EOT);
    bytes
}

/// An analyser that speaks LIS01 over TCP.
pub struct Lis01 {
    stream: TcpStream,
}

impl Lis01 {
    /// Dials.
    pub fn dial(address: SocketAddr) -> io::Result<Lis01> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Lis01 { stream })
    }

    /// A line that the daemon dialled.
    pub fn accept(listener: &TcpListener) -> io::Result<Lis01> {
        let (stream, _peer) = listener.accept()?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Lis01 { stream })
    }

    /// Takes one message of the daemon, every frame acknowledged; its text.
    pub fn take(&mut self) -> io::Result<String> {
        assert_eq!(self.reply()?, ENQ, "the daemon begins");
        self.stream.write_all(&[ACK])?;
        let mut text = String::new();
        loop {
            match self.reply()? {
                EOT => return Ok(text),
                STX => text += &self.take_frame()?,
                other => panic!("{other:#04x} is no frame and no end"),
            }
            self.stream.write_all(&[ACK])?;
        }
    }

    /// The rest of a frame, without its number and its end.
    pub fn take_frame(&mut self) -> io::Result<String> {
        let mut frame = Vec::new();
        while frame.last() != Some(&b'\n') {
            frame.push(self.reply()?);
        }
        let end = frame.iter().position(|byte| [ETX, ETB].contains(byte)).expect("an end");
        Ok(String::from_utf8_lossy(&frame[1..end]).into_owned())
    }

    /// The socket, for what a well-behaved analyser would not do.
    pub fn stream(&mut self) -> &mut TcpStream {
        &mut self.stream
    }

    /// One message in one session, each frame sent up to six times.
    pub fn send(&mut self, message: &str) -> Sent {
        self.try_send(message).unwrap_or(Sent::Unanswered)
    }

    fn try_send(&mut self, message: &str) -> io::Result<Sent> {
        self.stream.write_all(&[ENQ])?;
        if self.reply()? != ACK {
            return Ok(Sent::Refused);
        }
        for frame in frames(message, 1) {
            if !self.send_frame(&frame)? {
                self.stream.write_all(&[EOT])?;
                return Ok(Sent::Refused);
            }
        }
        self.stream.write_all(&[EOT])?;
        Ok(Sent::Acknowledged)
    }

    fn send_frame(&mut self, frame: &[u8]) -> io::Result<bool> {
        for _ in 0..6 {
            self.stream.write_all(frame)?;
            if self.reply()? == ACK {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// One byte of reply.
    pub fn reply(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.stream.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    /// Writes bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }
}

/// Whether a byte is an acknowledgement of LIS01.
pub fn is_ack(byte: u8) -> bool {
    byte == ACK
}

/// Whether a byte is a negative acknowledgement of LIS01.
pub fn is_nak(byte: u8) -> bool {
    byte == NAK
}

/// An analyser that speaks MLLP over TCP.
pub struct Mllp {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Mllp {
    /// Dials.
    pub fn dial(address: SocketAddr) -> io::Result<Mllp> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Mllp { stream, received: Vec::new() })
    }

    /// Writes bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// One message, and what the acknowledgement with its control id says.
    pub fn send(&mut self, message: &str, control_id: &str) -> Sent {
        self.try_send(message, control_id).unwrap_or(Sent::Unanswered)
    }

    fn try_send(&mut self, message: &str, control_id: &str) -> io::Result<Sent> {
        self.stream.write_all(&block(message.as_bytes()))?;
        let ack = self.acknowledgement()?;
        assert!(ack.contains(&format!("|{control_id}")), "{ack:?} is not for {control_id}");
        Ok(if ack.contains("MSA|AA|") { Sent::Acknowledged } else { Sent::Refused })
    }

    /// The next message of the daemon, without its envelope, and its control id (MSH-10).
    pub fn take(&mut self) -> io::Result<(String, String)> {
        let message = self.acknowledgement()?;
        let header = message.split('\r').next().unwrap_or_default();
        let control_id = header.split('|').nth(9).unwrap_or_default().to_owned();
        Ok((message, control_id))
    }

    /// The next acknowledgement, without its envelope.
    pub fn acknowledgement(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.received.windows(2).position(|pair| pair == [0x1C, 0x0D]) {
                let block: Vec<u8> = self.received.drain(..end + 2).collect();
                return Ok(String::from_utf8_lossy(&block[1..end]).into_owned());
            }
            let mut buffer = [0; 1024];
            let read = self.stream.read(&mut buffer)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.received.extend_from_slice(&buffer[..read]);
        }
    }
}

/// An MLLP block.
pub fn block(message: &[u8]) -> Vec<u8> {
    [&[0x0B], message, &[0x1C, 0x0D]].concat()
}
