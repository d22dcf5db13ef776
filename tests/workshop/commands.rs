//! `hemogate profile new`: from files of the wire to a file that the checker takes.

use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

const RESULT: &str = "H|\\^&|||X|||||||P|1|20260105120000\rP|1||SECRET||Doe^Jane\r\
    O|1|G123498654321||^^^HBs|R||||||N||||||||||||||F\r\
    R|1|^^^HBs|阴性|S/CO||||F||||20260105120000\rL|1|N\r";

struct Bench(TempDir);

impl Bench {
    fn new() -> Bench {
        Bench(TempDir::new().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> &Bench {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
        self
    }

    fn new_from(&self, arguments: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_hemogate"))
            .current_dir(self.0.path())
            .args(["profile", "new", "--from"])
            .args(arguments)
            .output();
        Ran::of(output.unwrap())
    }
}

struct Ran {
    status: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Ran {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let status = output.status.code().unwrap();
        Ran { status, out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    fn is(self, status: i32) -> Ran {
        assert_eq!(self.status, status, "{}\n{}", self.out, self.err);
        self
    }
}

#[test]
fn a_draft_goes_to_standard_output_and_what_is_left_to_standard_error() {
    let ran = Bench::new().file("a", RESULT.as_bytes()).new_from(&["a"]).is(0);
    assert!(ran.out.contains("charset = \"utf-8\""), "{}", ran.out);
    assert!(ran.out.contains("\"阴性\" = \"nonreactive\""), "{}", ran.out);
    assert!(ran.out.contains("\"阳性\" = \"reactive\"   # not seen: confirm"), "{}", ran.out);
    assert!(ran.err.contains("the test code \"HBs\" has no assay yet"), "{}", ran.err);
    let parsed = hemogate::analyser::Profile::parse("draft.toml", &ran.out);
    assert!(parsed.is_ok(), "{parsed:?}");
    for person in ["SECRET", "Doe", "Jane"] {
        assert!(!ran.out.contains(person) && !ran.err.contains(person), "{person} is told");
    }
}

#[test]
fn frames_are_taken_apart_and_what_the_link_refused_is_said() {
    let session = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/analysers/abbott-architect/donor-reactive.session");
    let mut bytes = std::fs::read(session).unwrap();
    let bench = Bench::new();
    let ran = bench.file("good", &bytes).new_from(&["good"]).is(0);
    assert!(!ran.err.contains("left out"), "{}", ran.err);
    let more = bytes.clone();
    let text = bytes.iter().position(|byte| *byte == b'O').unwrap();
    bytes[text] = b'X';
    bytes.extend_from_slice(&more);
    let ran = bench.file("bad", &bytes).new_from(&["bad", "--charset", "iso-8859-1"]).is(0);
    let words = "left out: a frame whose checksum does not match";
    assert!(ran.err.contains("bad: byte ") && ran.err.contains(words), "{}", ran.err);
}

#[test]
fn a_file_that_is_there_is_never_written_over() {
    let bench = Bench::new();
    bench.file("a", RESULT.as_bytes()).file("mine.toml", b"mine");
    let ran = bench.new_from(&["a", "--out", "mine.toml"]).is(2);
    assert!(ran.err.contains("mine.toml is there already"), "{}", ran.err);
    assert_eq!(std::fs::read(bench.0.path().join("mine.toml")).unwrap(), b"mine");
    bench.new_from(&["a", "--out", "new.toml"]).is(0);
    let written = std::fs::read_to_string(bench.0.path().join("new.toml")).unwrap();
    assert!(written.contains("[fields]"), "{written}");
}

#[test]
fn what_cannot_be_drafted_is_refused_with_what_to_do() {
    let bench = Bench::new();
    let hl7 = b"\x0bMSH|^~\\&|A\r\x1c\r";
    bench.file("a", RESULT.as_bytes()).file("hl7", hl7).file("rows", b"Sample;Result\n1;NEG\n");
    bench.file("block", b"\x02D 01 0001\x03").file("gbk", b"H|\\^&|||\xd2\xf5\r");
    for (arguments, status, words) in [
        (&["rows"][..], 1, "extends = \"NAME\""),
        (&["block"], 1, "extends = \"NAME\""),
        (&["a", "hl7"], 1, "hl7: this one is hl7"),
        (&["hl7"], 1, "a draft needs at least one"),
        (&["gbk"], 1, "--charset gbk"),
        (&["nowhere"], 2, "nowhere: "),
        (&["a", "--charset", "ebcdic"], 2, "no such character set"),
        (&["a", "--dialect", "text"], 2, "lis02 or hl7"),
    ] {
        let ran = bench.new_from(arguments).is(status);
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
}

/// Site's own numbers are found where they are said.
#[test]
fn donation_numbers_of_the_site_tell_where_the_specimen_id_stands() {
    let bench = Bench::new();
    let own = RESULT.replace("|G123498654321||", "|7^D-2026-000017||");
    bench.file("a", own.as_bytes());
    let ran = bench.new_from(&["a", "--donation-number-pattern", "D-[0-9]{4}-[0-9]{6}"]).is(0);
    assert!(ran.out.contains("specimen_id = [\"O.3.2\"]"), "{}", ran.out);
    let ran = bench.new_from(&["a"]).is(0);
    assert!(ran.err.contains("--donation-number-pattern"), "{}", ran.err);
}
