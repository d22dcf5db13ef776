//! What the daemon writes for administrators holds nothing about a donor and no byte of a message,
//! whatever goes wrong and however much it is asked to say.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::bench::{PATIENCE, both_listening, config_text, registration};
use crate::wire::{ACK, ENQ, EOT, NAK, Wire, acknowledgement_code, block, bs_alt, frame, frames};

const SURNAME: &str = "OUYANG";
const GIVEN_NAME: &str = "Meihua";
const CHINESE_NAME: &str = "欧阳美华";
const DIN: &str = "D7315550101";
const OTHER_DIN: &str = "D7315550102";
const VALUE: &str = "0.731555";

/// `serve` at its most talkative; standard error goes to a file.
struct Talkative {
    child: Child,
    stdout: BufReader<ChildStdout>,
    said: String,
    folder: TempDir,
}

impl Talkative {
    fn start() -> Talkative {
        let folder = TempDir::new().unwrap();
        let config = folder.path().join("site.toml");
        fs::write(&config, config_text("127.0.0.1:0", &both_listening())).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_hemogate"))
            .args(["serve", "--config"])
            .arg(&config)
            .env("HEMOGATE_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.ends_with("ready\n") {
            assert_ne!(stdout.read_line(&mut said).unwrap(), 0, "it did not start: {said}");
        }
        Talkative { child, stdout, said, folder }
    }

    fn address(&self, what: &str) -> SocketAddr {
        let place = format!("{what} listening on ");
        let found = self.said.lines().find_map(|line| line.strip_prefix(&place));
        found.unwrap().parse().unwrap()
    }

    fn wire(&self, analyser: &str) -> Wire<TcpStream> {
        Wire::connect(self.address(&format!("analyser {analyser}")))
    }

    fn agent() -> ureq::Agent {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        config.timeout_global(Some(PATIENCE)).build().into()
    }

    fn get(&self, path: &str) -> u16 {
        let url = format!("http://{}{path}", self.address("http"));
        Talkative::agent().get(&url).call().unwrap().status().as_u16()
    }

    fn post(&self, body: &str) -> u16 {
        let url = format!("http://{}/api/v1/donations", self.address("http"));
        let request = Talkative::agent().post(&url).header("content-type", "application/json");
        request.send(body).unwrap().status().as_u16()
    }

    /// Ends it; everything it wrote on either stream.
    fn end(mut self) -> String {
        let id = self.child.id().to_string();
        Command::new("kill").args(["-TERM", &id]).status().unwrap();
        self.stdout.read_to_string(&mut self.said).unwrap();
        assert!(self.child.wait().unwrap().success());
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap();
        format!("{}{log}", self.said)
    }
}

impl Drop for Talkative {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _status = self.child.wait();
    }
}

#[test]
fn nothing_about_a_donor_and_no_byte_of_a_message_reaches_the_log() {
    let daemon = Talkative::start();
    registrations(&daemon);
    sessions(&daemon);
    blocks(&daemon);
    for path in [
        format!("/api/v1/donations/{DIN}"),
        format!("/api/v1/donations/{DIN}{SURNAME}"),
        "/api/v1/messages?state=unread".to_owned(),
        "/api/v1/verdicts?after=0".to_owned(),
        format!("/api/v1/verdicts?after={SURNAME}"),
        format!("/{DIN}"),
    ] {
        daemon.get(&path);
    }
    let log = daemon.end();
    // It did talk, and about all of it.
    for event in
        ["DEBUG", "connected", "checksum", "noise", "stored", "unread", "incomplete", "stopped"]
    {
        assert!(log.contains(event), "{event} is missing in\n{log}");
    }
    for secret in [SURNAME, GIVEN_NAME, CHINESE_NAME, DIN, OTHER_DIN, VALUE] {
        for form in forms(secret) {
            assert!(!log.contains(&form), "{secret} as {form}: {:?}", line_with(&log, &form));
        }
    }
    for bytes in ["R|1|", "OBX|", "cobas6000^1", "BS-480", r"H|\^&"] {
        assert!(!log.contains(bytes), "{bytes}: {:?}", line_with(&log, bytes));
    }
}

#[test]
fn a_warning_names_the_analyser_and_says_what_to_do() {
    let daemon = Talkative::start();
    sessions(&daemon);
    blocks(&daemon);
    let log = daemon.end();
    for (kind, advice) in [
        (r#"analyser="e601" kind="checksum""#, "check the cable"),
        (r#"analyser="e601" kind="noise""#, "check the cable"),
        (r#"analyser="e601" kind="frame_number""#, "restart the transmission at the analyser"),
        (r#"analyser="e601" outcome="incomplete""#, "have the analyser send it again"),
        (r#"analyser="bs" outcome="unread""#, "GET /api/v1/messages?state=unread"),
    ] {
        let line = line_with(&log, kind);
        assert!(line.is_some_and(|line| line.contains(advice)), "{kind}: {line:?}");
    }
}

/// As text, as the debug form of bytes, in hexadecimal.
fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let list = format!("{bytes:?}").trim_matches(['[', ']']).to_owned();
    let hexadecimal: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let escaped = bytes.escape_ascii().to_string();
    vec![secret.to_owned(), list, hexadecimal.to_uppercase(), hexadecimal, escaped]
}

fn line_with<'l>(log: &'l str, text: &str) -> Option<&'l str> {
    log.lines().find(|line| line.contains(text))
}

/// New, the same again, conflicting, for another, and not understood.
fn registrations(daemon: &Talkative) {
    let good = registration(DIN);
    let mut conflicting = good.clone();
    conflicting["site"] = json!("02");
    let mut wrong = good.clone();
    wrong["din"] = Value::String(format!("{DIN}{SURNAME}"));
    let mut strange = good.clone();
    strange["donor"]["name"] = json!(CHINESE_NAME);
    for (body, status) in [(&good, 201), (&good, 200), (&conflicting, 409), (&wrong, 422)] {
        assert_eq!(daemon.post(&body.to_string()), status, "{body}");
    }
    assert!(daemon.post(&strange.to_string()) >= 400);
    assert!(daemon.post(&format!("{{\"din\": \"{DIN}\", {SURNAME}")) >= 400);
}

/// Good, conflicting, damaged, not a donation's, cut short; with noise around them.
fn sessions(daemon: &Talkative) {
    let mut wire = daemon.wire("e601");
    wire.send_session(&frames(1, &records(DIN, VALUE)));
    wire.send_session(&frames(1, &records(DIN, VALUE)));
    wire.send_session(&frames(1, &records(DIN, "-0.731555")));
    wire.send_session(&frames(1, &records(&format!("{DIN}\\{OTHER_DIN}"), VALUE)));
    wire.send_session(&frames(1, &records(&format!("{DIN}?"), VALUE)));
    wire.send_session(&frames(1, &format!("X|{SURNAME}|{DIN}\rL|1|N\r")));
    wire.say(format!("noise {SURNAME} {DIN} {VALUE}").as_bytes());
    wire.say(&[ENQ]);
    assert_eq!(wire.hear(), ACK);
    let mut damaged = frame(1, &records(OTHER_DIN, VALUE), true);
    damaged[20] ^= 1;
    wire.say(&damaged);
    assert_eq!(wire.hear(), NAK);
    wire.say(&frame(5, &records(OTHER_DIN, VALUE), true));
    assert_eq!(wire.hear(), NAK);
    wire.say(&frame(1, &records(OTHER_DIN, VALUE), false));
    assert_eq!(wire.hear(), ACK);
    wire.say(&[EOT]);
    wire.send_frames(&[frame(1, &format!("H|\\^&\rP|1||||{SURNAME}^{GIVEN_NAME}\r"), false)]);
    wire.say(format!("\x022O|1|{DIN}").as_bytes());
}

/// Good, again, with other content, with the wrong character set, of no known kind, cut short.
fn blocks(daemon: &Talkative) {
    let mut wire = daemon.wire("bs");
    let named = |text: &str| text.replace("PID|1|101|||", &format!("PID|1|101|||{SURNAME}"));
    for (message, code) in [
        (named(&bs_alt("1", DIN, VALUE)), "AA"),
        (named(&bs_alt("2", DIN, VALUE)), "AA"),
        (named(&bs_alt("3", DIN, &format!("{SURNAME}{VALUE}"))), "AA"),
        (bs_alt("4", DIN, VALUE).replace("PID|1|101|||", &format!("PID|1|||{CHINESE_NAME}")), "AE"),
        (named(&bs_alt("5", DIN, VALUE)).replace("ASCII", "Unknown"), "AE"),
        (named(&bs_alt("6", DIN, VALUE)).replace("ORU^R01", "ADT^A01"), "AE"),
        (format!("{SURNAME} {GIVEN_NAME} {DIN}"), "AE"),
    ] {
        wire.say(&block(&message));
        assert_eq!(acknowledgement_code(&wire.hear_block()), code, "{message}");
    }
    wire.say(format!("{SURNAME} {DIN}").as_bytes());
    let half = bs_alt("8", DIN, VALUE);
    wire.say(format!("\x0b{}", half.split("OBX").next().unwrap()).as_bytes());
}

/// One HBsAg result of a person with a name.
fn records(specimen: &str, value: &str) -> String {
    format!(
        "H|\\^&|||cobas6000^1|||||host|RSUPL^BATCH|P|1\r\
         P|1||||{SURNAME}^{GIVEN_NAME}||U\r\
         O|1|{specimen}|0^5007^1^^S1^SC|^^^286^|R||||||N||||1|||||||20260101115400|||F\r\
         R|1|^^^286//not|-1^{value}|COI||N||F||OPER01|20260101115617||E11\rC|1|I|0|I\rL|1|N\r"
    )
}
