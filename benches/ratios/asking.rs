//! Analysers that ask what to do with a tube and acknowledge at once what they hear.
//!
//! A query over LIS01 is one frame, acknowledged when it and its orders are stored; then comes the
//! order, in a session of the host's. A query of IHE LAW is one block; the answer to it (RSP^K11)
//! and the order (OML^O33) come behind one another.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::bare_host::Turn;
use crate::support::wire::{block, frame};

const EOT: &[u8] = &[0x04];
const ENQ: &[u8] = &[0x05];
const ACK: &[u8] = &[0x06];
const END_OF_FRAME: &[u8] = b"\r\n";
const END_OF_BLOCK: &[u8] = &[0x1C, 0x0D];
const PATIENCE: Duration = Duration::from_secs(15);

/// How long one answer took, and how the dialogue went.
pub struct Answered {
    /// From the query (its frame or block) to the last byte of the order.
    pub whole: Duration,
    /// From the end of the query's session to the last byte of the order.
    pub after_session: Duration,
    pub turns: Vec<Turn>,
    /// The turns between which `whole` and `after_session` lie.
    pub spans: Spans,
}

#[derive(Clone, Copy)]
pub struct Spans {
    pub query: usize,
    pub session_end: usize,
    pub order: usize,
}

/// An analyser's end of a line, which keeps what is said on it.
pub struct Asker {
    stream: TcpStream,
    turns: Vec<Turn>,
    times: Vec<(Instant, Instant)>,
}

impl Asker {
    pub fn dial(address: SocketAddr) -> Asker {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Asker { stream, turns: Vec::new(), times: Vec::new() }
    }

    /// A Roche cobas e 601 asks about one tube, in a session of its own.
    pub fn ask_lis01(&mut self, din: &str) -> Answered {
        let query = format!(
            "H|\\^&|||cobas6000^1|||||host|TSREQ^REAL|P|1\r\
             Q|1|^^{din:>22}^40^5007^5^^S1^SC||ALL||||||||O\rL|1|N\r"
        );
        self.turn(ENQ, |heard| heard == ACK);
        self.turn(&frame(1, &query, true), |heard| heard == ACK);
        self.turn(EOT, |heard| heard == ENQ);
        while self.turn(ACK, |heard| heard == EOT || heard.ends_with(END_OF_FRAME)) != EOT {}
        let order = self.turns.len() - 2;
        self.answered(din, Spans { query: 1, session_end: 2, order })
    }

    /// A Roche cobas 6800 asks about one tube.
    pub fn ask_law(&mut self, din: &str) -> Answered {
        let query = format!(
            "MSH|^~\\&|X800 DM|||HOST|20260105120000+0800||QBP^Q11^QBP_Q11|Q-{din}|P|2.5.1|||NE|AL\
             ||UNICODE UTF-8|||LAB-27^IHE\r\
             QPD|WOS^Work Order Step^IHELAW|TAG0001|{din}\rRCP|I||R^^HL70394\r"
        );
        let heard = self.turn(&block(query.as_bytes()), |heard| blocks(heard) == 2);
        let heard = String::from_utf8(heard).unwrap();
        let order = heard.rsplit("MSH|").next().unwrap();
        assert!(order.contains("OML^O33"), "{heard:?}");
        let control_id = order.split('|').nth(8).unwrap();
        let reply = format!(
            "MSH|^~\\&|X800 DM|||HOST|20260105120000+0800||ORL^O34^ORL_O42|A-{din}|P|2.5.1|||||\
             |UNICODE UTF-8|||LAB-28^IHE\rMSA|AA|{control_id}\r"
        );
        self.turn(&block(reply.as_bytes()), <[u8]>::is_empty);
        self.answered(din, Spans { query: 0, session_end: 0, order: 0 })
    }

    /// Says something and hears until it is enough.
    fn turn(&mut self, said: &[u8], is_enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
        let start = Instant::now();
        self.stream.write_all(said).unwrap();
        let mut heard = Vec::new();
        while !is_enough(&heard) {
            let mut buffer = [0; 4096];
            let length = self.stream.read(&mut buffer).unwrap();
            assert!(length > 0, "hung up after {heard:?}");
            heard.extend_from_slice(&buffer[..length]);
            assert!(heard.len() != 1 || is_enough(&heard) || heard == [2], "{heard:?}");
        }
        self.times.push((start, Instant::now()));
        self.turns.push(Turn { said: said.to_vec(), heard: heard.clone() });
        heard
    }

    fn answered(&mut self, din: &str, spans: Spans) -> Answered {
        let times = std::mem::take(&mut self.times);
        let turns = std::mem::take(&mut self.turns);
        let order = String::from_utf8_lossy(&turns[spans.order].heard);
        assert!(order.contains(din), "not about {din}: {order:?}");
        let until = times[spans.order].1;
        Answered {
            whole: until - times[spans.query].0,
            after_session: until - times[spans.session_end].0,
            turns,
            spans,
        }
    }
}

fn blocks(heard: &[u8]) -> usize {
    heard.windows(2).filter(|pair| *pair == END_OF_BLOCK).count()
}
