//! A small host that is asked, with the real link in the host's role: it orders what it was told
//! to order, once for each donation, in the words of each make.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hemogate::clock;
use hemogate::link::{Answer, Event, Moment, Sending, Token, lis01, mllp};
use hemogate::simulator::{Model, Wire};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the host does with a question.
pub type Reply = Arc<dyn Fn(&Question, &[String]) -> Answers + Send + Sync>;

/// A question, by its parts.
#[derive(Clone, Debug)]
pub struct Question {
    pub id: String,
    /// Sequence, rack, position of a Roche analyser.
    pub place: [String; 3],
    /// MSH-10 and what else a dialect wants back.
    pub control_id: String,
}

/// In place of the acknowledgement, and afterwards.
pub struct Answers {
    pub reply: Option<String>,
    pub messages: Vec<String>,
    /// Thought about so long.
    pub thinking: Duration,
}

#[derive(Default)]
pub struct Seen {
    pub questions: Vec<Question>,
    pub withdrawn: usize,
    pub results: Vec<String>,
    pub replies: Vec<String>,
    pub open: usize,
    pub given_up: usize,
}

/// Orders these codes for each donation once, each code as often as it stands there.
pub struct Host {
    pub address: SocketAddr,
    pub seen: Arc<Mutex<Seen>>,
}

impl Host {
    pub async fn of(model: Model, work: BTreeMap<String, Vec<String>>, reply: Reply) -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let work = Arc::new(Mutex::new(work));
        let host = Host { address, seen: seen.clone() };
        tokio::spawn(async move {
            loop {
                let stream = listener.accept().await.unwrap().0;
                seen.lock().unwrap().open += 1;
                let (seen, work, reply) = (seen.clone(), work.clone(), reply.clone());
                tokio::spawn(async move {
                    let open = seen.clone();
                    let link = link(model.wire());
                    let waiting = VecDeque::new();
                    let serving = Serving { model, link, work, seen, reply, waiting, next: 0 };
                    serving.serve(stream).await;
                    open.lock().unwrap().open -= 1;
                });
            }
        });
        host
    }
}

/// One connection of the host.
struct Serving {
    model: Model,
    link: Box<dyn Sending>,
    work: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
    seen: Arc<Mutex<Seen>>,
    reply: Reply,
    waiting: VecDeque<(Moment, String)>,
    next: u64,
}

fn link(wire: Wire) -> Box<dyn Sending> {
    match wire {
        Wire::Lis01 => Box::new(lis01::Duplex::new(lis01::Settings::host())),
        Wire::Mllp => {
            let time = || "20260302120000".to_owned();
            Box::new(mllp::Duplex::new(mllp::Settings::new(time, Duration::from_secs(10))))
        }
        Wire::Records | Wire::Blocks(_) | Wire::Files => {
            panic!("analysers with block protocols do not ask")
        }
    }
}

impl Serving {
    async fn serve(mut self, mut stream: TcpStream) {
        let mut buffer = [0; 4096];
        loop {
            let now = clock::moment();
            while let Some((_, message)) = self.waiting.pop_front_if(|(at, _)| *at <= now) {
                self.next += 1;
                self.link.send(now, Token(self.next), message.into_bytes());
            }
            while let Some(bytes) = self.link.transmit() {
                let _gone = stream.write_all(&bytes).await;
            }
            if let Some(event) = self.link.event() {
                self.hear(now, event);
                continue;
            }
            let deadline = self.link.deadline().map(|deadline| deadline.at);
            let due = self.waiting.front().map(|(at, _)| *at);
            let until = [deadline, due].into_iter().flatten().min();
            let wait = until.map(|at| at.since_start().saturating_sub(now.since_start()));
            tokio::select! {
                read = stream.read(&mut buffer) => match read {
                    Ok(0) | Err(_) => return,
                    Ok(length) => self.link.receive(clock::moment(), &buffer[..length]),
                },
                () = tokio::time::sleep(wait.unwrap_or_default()), if wait.is_some() => {
                    self.link.expire(clock::moment());
                }
            }
        }
    }

    fn hear(&mut self, now: Moment, event: Event) {
        let mut seen = self.seen.lock().unwrap();
        match event {
            Event::Message { token, bytes } => {
                drop(seen);
                self.message(now, token, &String::from_utf8(bytes).unwrap());
            }
            Event::Accepted { reply, .. } => seen.replies.push(String::from_utf8(reply).unwrap()),
            Event::GaveUp { .. } => seen.given_up += 1,
            _ => {}
        }
    }

    fn message(&mut self, now: Moment, token: Token, text: &str) {
        let mut seen = self.seen.lock().unwrap();
        let mut answer = Answer::Stored;
        match question(self.model, text) {
            Some(_) if text.contains("||||||||A\r") => seen.withdrawn += 1,
            Some(question) => {
                let codes = self.work.lock().unwrap().remove(&question.id).unwrap_or_default();
                let answers = (self.reply)(&question, &codes);
                seen.questions.push(question);
                if let Some(reply) = answers.reply {
                    answer = Answer::StoredReply(reply.into_bytes());
                }
                let at = now.plus(answers.thinking);
                let messages = answers.messages.into_iter();
                self.waiting.extend(messages.map(|message| (at, message)));
            }
            None => seen.results.push(text.to_owned()),
        }
        self.link.answer(now, token, answer);
    }
}

fn line<'t>(text: &'t str, name: &str) -> Option<Vec<&'t str>> {
    let line = text.split('\r').find(|line| line.starts_with(name))?;
    Some(line.split('|').collect())
}

fn question(model: Model, text: &str) -> Option<Question> {
    let control_id = || line(text, "MSH").map_or(String::new(), |msh| msh[9].to_owned());
    let (id, place) = match model {
        Model::Cobas6800 => (line(text, "QPD")?[3].to_owned(), None),
        Model::MindrayBs => (line(text, "QRD")?[8].to_owned(), None),
        Model::CobasE601 => {
            let parts: Vec<&str> = line(text, "Q")?[2].split('^').collect();
            let place = [parts[3], parts[4], parts[5]].map(str::to_owned);
            (parts[2].trim().to_owned(), Some(place))
        }
        _ => {
            let id = line(text, "Q")?[2].split('^').nth(1)?;
            let bare = id.trim_start_matches('=');
            let bare = if id.starts_with('=') { &bare[..bare.len() - 2] } else { bare };
            (bare.to_owned(), None)
        }
    };
    Some(Question { id, place: place.unwrap_or_default(), control_id: control_id() })
}

/// What the host of this make answers when it does everything right.
pub fn right(model: Model) -> Reply {
    let serial = Arc::new(Mutex::new(0));
    Arc::new(move |question, codes| match model.wire() {
        Wire::Lis01 => Answers { messages: vec![lis02(model, question, codes)], ..no_answer() },
        Wire::Mllp if model == Model::MindrayBs => mindray(question, codes),
        Wire::Mllp => law(question, codes, &mut serial.lock().unwrap()),
        Wire::Records | Wire::Blocks(_) | Wire::Files => panic!("{model:?} does not ask"),
    })
}

pub fn no_answer() -> Answers {
    Answers { reply: None, messages: Vec::new(), thinking: Duration::ZERO }
}

fn lis02(model: Model, question: &Question, codes: &[String]) -> String {
    let Question { id, place, .. } = question;
    let joined = |before: &str, after: &str| {
        let codes: Vec<_> = codes.iter().map(|code| format!("{before}{code}{after}")).collect();
        codes.join("\\")
    };
    let order = |order: &str| format!("H|\\^&|||HOST\rP|1\r{order}L|1|N\r");
    let nothing = codes.is_empty();
    match model {
        Model::CobasE601 => {
            let (place, codes) = (place.join("^"), joined("^^^", "^"));
            format!(
                "H|\\^&|||host^1|||||cobas6000|TSDWN^REPLY|P|1\rP|1\r\
                 O|1|{id:>22}|{place}^^S1^SC|{codes}|R||||||A||||1||||||||||O\rL|1|N\r"
            )
        }
        Model::Architect if nothing => {
            format!("H|\\^&|||HOST\rQ|1|^{id}||^^^ALL||||||||X\rL|1|N\r")
        }
        _ if nothing => "H|\\^&|||HOST\rL|1|I\r".to_owned(),
        Model::Vision => order(&format!("O|1|={id}00||{}|R||||||N\r", joined("", ""))),
        Model::Maglumi => {
            let numbered = (1..).zip(codes);
            let each = numbered.map(|(n, code)| format!("O|{n}|{id}||^^^{code}|R\r"));
            order(&each.collect::<String>())
        }
        _ => order(&format!("O|1|{id}||{}|R||||||N\r", joined("^^^", ""))),
    }
}

fn mindray(question: &Question, codes: &[String]) -> Answers {
    let Question { id, control_id, .. } = question;
    let found = if codes.is_empty() { "NF" } else { "OK" };
    let head = |kind: &str| {
        format!(
            "MSH|^~\\&|||Mindray|BS-480|20260302||{kind}|{kind}{control_id}|P|2.3.1||||0||ASCII\r\
             MSA|AA|{control_id}|Message accepted|||0|\rERR|0|\rQAK|SR|{found}|\r"
        )
    };
    let numbered = (29..).zip(codes);
    let tests: String = numbered.map(|(n, code)| format!("DSP|{n}||{code}^^^|||\r")).collect();
    let shown = format!("{}DSP|21||{id}|||\r{tests}DSC||\r", head("DSR^Q03"));
    let messages = if codes.is_empty() { vec![] } else { vec![shown] };
    Answers { reply: Some(head("QCK^Q02")), messages, ..no_answer() }
}

fn law(question: &Question, codes: &[String], serial: &mut u32) -> Answers {
    let Question { id, control_id, .. } = question;
    let found = if codes.is_empty() { "NF" } else { "OK" };
    let head = |kind: &str, asks: &str| {
        let id = format!("{}-{control_id}", &kind[..3]);
        format!("MSH|^~\\&|HOST||ANALYSER||20260302||{kind}|{id}|P|2.5.1{asks}\r")
    };
    let query = head("RSP^K11^RSP_K11", "");
    let reply = format!("{query}MSA|AA|{control_id}\rQAK|T|{found}|WOS\r");
    let mut tests: String = codes
        .iter()
        .map(|code| {
            *serial += 1;
            format!("ORC|NW\rOBR||AWOS-{serial}||{code}^x^LN\r")
        })
        .collect();
    if tests.is_empty() {
        tests.push_str("ORC|DC\r");
    }
    let order = head("OML^O33^OML_O33", "|||NE|AL");
    let order = format!("{order}SPM|1|{id}\rSAC|||{id}\r{tests}");
    Answers { reply: Some(reply), messages: vec![order], ..no_answer() }
}
