//! An analyser's side of the wire, byte by byte, and the messages it sends.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::bench::PATIENCE;

pub const ENQ: u8 = 0x05;
pub const ACK: u8 = 0x06;
pub const NAK: u8 = 0x15;
pub const EOT: u8 = 0x04;

pub struct Wire<S>(pub S);

impl Wire<TcpStream> {
    pub fn connect(address: SocketAddr) -> Wire<TcpStream> {
        Wire::accepted(TcpStream::connect(address).unwrap())
    }

    pub fn accepted(stream: TcpStream) -> Wire<TcpStream> {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Wire(stream)
    }

    pub fn say_no_more(&self) {
        self.0.shutdown(Shutdown::Write).unwrap();
    }

    /// Whether the daemon ended the connection.
    pub fn is_ended(&mut self) -> bool {
        let mut rest = Vec::new();
        match self.0.read_to_end(&mut rest) {
            Ok(_) => true,
            Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

impl<S: Read + Write> Wire<S> {
    pub fn say(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).unwrap();
    }

    /// The next byte of the daemon.
    pub fn hear(&mut self) -> u8 {
        let mut byte = [0];
        self.0.read_exact(&mut byte).unwrap();
        byte[0]
    }

    /// The next MLLP block of the daemon, without its envelope.
    pub fn hear_block(&mut self) -> String {
        assert_eq!(self.hear(), 0x0b);
        let mut block = Vec::new();
        loop {
            match self.hear() {
                0x1c => break,
                byte => block.push(byte),
            }
        }
        assert_eq!(self.hear(), 0x0d);
        String::from_utf8(block).unwrap()
    }

    /// ENQ and all frames, each acknowledged; not yet EOT.
    pub fn send_frames(&mut self, frames: &[Vec<u8>]) {
        self.say(&[ENQ]);
        assert_eq!(self.hear(), ACK, "reply to ENQ");
        for frame in frames {
            self.say(frame);
            assert_eq!(self.hear(), ACK, "reply to {}", String::from_utf8_lossy(frame));
        }
    }

    /// A whole LIS01 transfer.
    pub fn send_session(&mut self, frames: &[Vec<u8>]) {
        self.send_frames(frames);
        self.say(&[EOT]);
    }

    /// The next frame of the daemon, up to its LF.
    pub fn hear_frame(&mut self) -> Vec<u8> {
        let mut frame = Vec::new();
        loop {
            frame.push(self.hear());
            if frame.ends_with(b"\n") {
                return frame;
            }
        }
    }

    /// A whole session of the daemon after its ENQ, each frame acknowledged.
    pub fn hear_granted(&mut self) -> Vec<u8> {
        self.say(&[ACK]);
        let mut frames = Vec::new();
        loop {
            match self.hear() {
                EOT => return frames,
                first => {
                    frames.push(first);
                    frames.extend(self.hear_frame());
                    self.say(&[ACK]);
                }
            }
        }
    }

    /// A whole session of the daemon, each frame acknowledged.
    pub fn hear_session(&mut self) -> Vec<u8> {
        assert_eq!(self.hear(), ENQ, "its bid");
        self.hear_granted()
    }

    /// One HL7 message; the code of its acknowledgement.
    pub fn send_block(&mut self, message: &str) -> String {
        self.say(&block(message));
        acknowledgement_code(&self.hear_block())
    }
}

/// MSA-1.
pub fn acknowledgement_code(reply: &str) -> String {
    let msa = reply.split('\r').find(|segment| segment.starts_with("MSA|")).unwrap();
    msa.split('|').nth(1).unwrap().to_owned()
}

/// MSA-2.
pub fn acknowledged_id(reply: &str) -> String {
    let msa = reply.split('\r').find(|segment| segment.starts_with("MSA|")).unwrap();
    msa.split('|').nth(2).unwrap().to_owned()
}

pub fn block(message: &str) -> Vec<u8> {
    [b"\x0b", message.as_bytes(), b"\x1c\x0d"].concat()
}

/// One LIS01 frame; `last` ends it with ETX, else ETB.
pub fn frame(number: usize, text: &str, last: bool) -> Vec<u8> {
    let mut body = format!("{}{text}", number % 8).into_bytes();
    body.push(if last { 0x03 } else { 0x17 });
    let sum = body.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    [b"\x02".as_slice(), &body, format!("{sum:02X}\r\n").as_bytes()].concat()
}

/// A message in frames of at most 240 characters, counted on from `first`.
pub fn frames(first: usize, message: &str) -> Vec<Vec<u8>> {
    let texts: Vec<_> = message.as_bytes().chunks(240).collect();
    let count = texts.len();
    let numbered = texts.into_iter().enumerate();
    numbered
        .map(|(index, text)| {
            frame(first + index, std::str::from_utf8(text).unwrap(), index + 1 == count)
        })
        .collect()
}

/// Non-reactive HBsAg, anti-HCV, HIV and TP of one donation, as a cobas e 601 sends them.
pub fn e601_panel(din: &str) -> String {
    let results: String = [("286", "0.035"), ("111", "0.188"), ("515", "0.493"), ("149", "0.054")]
        .into_iter()
        .enumerate()
        .map(|(index, (code, index_value))| {
            format!(
                "R|{}|^^^{code}//not|-1^{index_value}|COI||N||F||OPER01|20260101115617||E11\r\
                 C|1|I|0|I\r",
                index + 1
            )
        })
        .collect();
    format!(
        "H|\\^&|||cobas6000^1|||||host|RSUPL^BATCH|P|1\rP|1|||||||U||||||^\r\
         O|1|{din:>22}|0^5007^1^^S1^SC|^^^286^\\^^^111^\\^^^515^\\^^^149^|R||||||N||||1|||||||\
         20260101115400|||F\rC|1|I|                              ^^^^|G\r{results}L|1|N\r"
    )
}

/// One ALT result, as a Mindray BS sends it.
pub fn bs_alt(control_id: &str, din: &str, value: &str) -> String {
    format!(
        "MSH|^~\\&|Mindray|BS-480|||20260101141530||ORU^R01|{control_id}|P|2.3.1||||0||ASCII|||\r\
         PID|1|101|||||||\r\
         OBR|1|{din}|5|Mindray^BS-480|N||20260101141500||||||||serum\r\
         OBX|1|NM|13|ALT|{value}|U/L|0-40|N|||F\r"
    )
}
