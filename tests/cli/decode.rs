//! `hemogate decode`: what an analyser's bytes mean, and what of them was not understood.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use hemogate::limits;
use serde_json::Value;
use tempfile::TempDir;

use crate::bench::{Ran, program, run, run_with};

const E601: [&str; 11] = [
    "decode",
    "--profile",
    "roche-cobas-e601",
    "--donation-number-pattern",
    "D[0-9]{10}",
    "--tests",
    "286=hbsag",
    "--tests",
    "111=anti-hcv",
    "--tests",
    "515=hiv",
];
const BS: [&str; 7] = [
    "decode",
    "--profile",
    "mindray-bs",
    "--donation-number-pattern",
    "D[0-9]{10}",
    "--tests",
    "13=alt",
];

/// The fields of one result, in the order that is promised.
const FIELDS: [&str; 19] = [
    "kind",
    "specimen_id",
    "din",
    "rack",
    "position",
    "test_code",
    "assay",
    "value",
    "number",
    "unit",
    "reading",
    "flags",
    "status",
    "completed_at",
    "reagent_lot",
    "replicate",
    "unaccounted",
    "concerns",
    "message",
];

fn records(specimen: &str) -> String {
    format!(
        "H|\\^&|||cobas6000^1|||||host|RSUPL^BATCH|P|1\r\
         P|1|||||||U||||||^\r\
         O|1|           {specimen}|0^5007^1^^S1^SC|^^^286^\\^^^111^|R||||||N\
         ||||1|||||||20230521115400|||F\r\
         C|1|I|                              ^^^^|G\r\
         R|1|^^^286//not|-1^0.035|COI||N||F||OPER01|20230521115617||E11\r\
         C|1|I|0|I\r\
         R|2|^^^111//not|-1^0.188|COI||N||F||OPER01|20230521115659||E11\r\
         C|1|I|0|I\r\
         L|1|N\r"
    )
}

fn segments(specimen: &str) -> String {
    format!(
        "MSH|^~\\&|Mindray|BS-480|||20260101141530||ORU^R01|17|P|2.3.1||||0||ASCII|||\r\
         PID|1|101|||||||\r\
         OBR|1|{specimen}|5|Mindray^BS-480|N||20260101141500||||||||serum\r\
         OBX|1|NM|13|ALT|32.400000|U/L|0-40|N|||F\r"
    )
}

fn frame(number: u8, text: &str, end: u8) -> Vec<u8> {
    let mut body = vec![b'0' + number % 8];
    body.extend_from_slice(text.as_bytes());
    body.push(end);
    let sum = body.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    let mut frame = vec![0x02];
    frame.extend_from_slice(&body);
    frame.extend_from_slice(format!("{sum:02X}\r\n").as_bytes());
    frame
}

/// The frames of a message at 240 bytes each.
fn frames(text: &str) -> Vec<Vec<u8>> {
    let pieces: Vec<_> = text.as_bytes().chunks(limits::FRAME_TEXT_SENT).collect();
    let last = pieces.len() - 1;
    let numbered = pieces.iter().enumerate().map(|(index, piece)| {
        let end = if index == last { 0x03 } else { 0x17 };
        let number = u8::try_from((index + 1) % 8).unwrap();
        frame(number, std::str::from_utf8(piece).unwrap(), end)
    });
    numbered.collect()
}

fn session(frames: &[Vec<u8>]) -> Vec<u8> {
    [&[0x05][..], &frames.concat(), &[0x04]].concat()
}

fn block(text: &str) -> Vec<u8> {
    [&[0x0b][..], text.as_bytes(), &[0x1c, 0x0d]].concat()
}

fn e601(input: &[u8]) -> Ran {
    run_with(input, &E601)
}

fn bs(input: &[u8]) -> Ran {
    run_with(input, &BS)
}

fn of(objects: &[Value], field: &str) -> Vec<Value> {
    objects.iter().map(|object| object[field].clone()).collect()
}

#[test]
fn a_framed_session_becomes_one_object_for_each_result() {
    let ran = e601(&session(&frames(&records("D0000000001")))).is(0);
    assert!(ran.err.is_empty(), "{}", ran.err);
    let objects = ran.objects();
    assert_eq!(of(&objects, "test_code"), ["286", "111"]);
    assert_eq!(of(&objects, "assay"), ["hbsag", "anti-hcv"]);
    assert_eq!(of(&objects, "din"), ["D0000000001", "D0000000001"]);
    assert_eq!(of(&objects, "reading"), ["nonreactive", "nonreactive"]);
    assert_eq!(of(&objects, "number"), [0.035, 0.188]);
    assert_eq!(of(&objects, "message"), [1, 1]);
    assert_eq!(of(&objects, "unaccounted"), [Value::Array(vec![]), Value::Array(vec![])]);
}

#[test]
fn every_object_has_every_field_in_the_promised_order() {
    let ran = bs(segments("D0000000001").as_bytes()).is(0);
    let mut rest = ran.out.as_str();
    for field in FIELDS {
        let name = format!("\"{field}\":");
        let at = rest.find(&name).unwrap_or_else(|| panic!("{name} is not where due: {}", ran.out));
        rest = &rest[at + name.len()..];
    }
}

#[test]
fn the_input_is_a_file_or_standard_input() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("capture.bin");
    let input = session(&frames(&records("D0000000001")));
    std::fs::write(&path, &input).unwrap();
    let from_file = run(&[&E601[..], &[path.to_str().unwrap()]].concat()).is(0).out;
    let from_dash = run_with(&input, &[&E601[..], &["-"]].concat()).is(0).out;
    assert_eq!(from_file, from_dash);
    assert_eq!(from_file, e601(&input).is(0).out);
    let absent = folder.path().join("absent.bin");
    let ran = run(&[&E601[..], &[absent.to_str().unwrap()]].concat()).is(2);
    assert!(ran.err.contains("absent.bin"), "{}", ran.err);
}

#[test]
fn bare_records_mean_the_same_as_framed_ones() {
    let framed = e601(&session(&frames(&records("D0000000001")))).is(0).out;
    let bare = records("D0000000001");
    assert_eq!(e601(bare.as_bytes()).is(0).out, framed);
    assert_eq!(e601(bare.replace('\r', "\n").as_bytes()).is(0).out, framed);
    assert_eq!(e601(bare.replace('\r', "\r\n").as_bytes()).is(0).out, framed);
}

#[test]
fn bare_messages_are_told_apart_by_their_headers() {
    let two = records("D0000000001") + &records("D0000000002");
    let objects = e601(two.as_bytes()).is(0).objects();
    assert_eq!(of(&objects, "message"), [1, 1, 2, 2]);
    let two = segments("D0000000001") + &segments("D0000000002");
    let objects = bs(two.as_bytes()).is(0).objects();
    assert_eq!(of(&objects, "message"), [1, 2]);
    assert_eq!(of(&objects, "din"), ["D0000000001", "D0000000002"]);
}

#[test]
fn mllp_blocks_are_recognised() {
    let input = [block(&segments("D0000000001")), block(&segments("D0000000002"))].concat();
    let objects = bs(&input).is(0).objects();
    assert_eq!(of(&objects, "message"), [1, 2]);
    assert_eq!(of(&objects, "assay"), ["alt", "alt"]);
    assert_eq!(of(&objects, "value"), ["32.400000", "32.400000"]);
    assert_eq!(of(&objects, "reading"), [Value::Null, Value::Null]);
}

#[test]
fn a_capture_that_begins_inside_a_session_is_read_with_offsets_of_the_input() {
    let frames = frames(&records("D0000000001"));
    let whole = session(&frames);
    let objects = e601(&whole[1..]).is(0).objects();
    assert_eq!(objects.len(), 2);
    let mut noisy = whole[1..].to_vec();
    let between = frames[0].len();
    noisy.splice(between..between, *b"??");
    let ran = e601(&noisy).is(1);
    assert_eq!(ran.objects().len(), 2);
    assert!(ran.err.contains(&format!("input byte {between}: ")), "{}", ran.err);
}

#[test]
fn a_refused_frame_is_a_fault_even_if_it_came_again_well() {
    let mut frames = frames(&records("D0000000001"));
    let mut broken = frames[0].clone();
    broken[10] ^= 1;
    frames.insert(0, broken);
    let ran = e601(&session(&frames)).is(1);
    assert_eq!(ran.objects().len(), 2);
    assert!(ran.err.contains("input byte 1: a frame whose checksum does not match"), "{}", ran.err);
}

#[test]
fn a_frame_sent_again_is_harmless() {
    let mut frames = frames(&records("D0000000001"));
    frames.insert(1, frames[0].clone());
    assert_eq!(e601(&session(&frames)).is(0).objects().len(), 2);
}

#[test]
fn an_incomplete_message_is_a_fault() {
    let frames = frames(&records("D0000000001"));
    let ran = e601(&session(&frames[..frames.len() - 1])).is(1);
    assert!(ran.err.contains("a message is incomplete"), "{}", ran.err);
    let whole = session(&frames);
    let ran = e601(&whole[..whole.len() - 20]).is(1);
    assert!(ran.err.contains("a message is incomplete"), "{}", ran.err);
    let input = block(&segments("D0000000001"));
    let ran = bs(&input[..input.len() - 2]).is(1);
    assert!(ran.err.contains("a message is incomplete"), "{}", ran.err);
}

#[test]
fn what_the_profile_does_not_know_is_told_with_its_place_in_the_message() {
    let bare = records("D0000000001").replace("||E11\r", "||E11|what is this?\r");
    let at = bare.find("what is this?").unwrap();
    let ran = e601(bare.as_bytes()).is(1);
    assert!(ran.err.contains(&format!("message 1 byte {at}: ")), "{at}: {}", ran.err);
    let unaccounted = &ran.objects()[0]["unaccounted"][0];
    assert_eq!(unaccounted["text"], "what is this?");
    assert_eq!(unaccounted["offset"], at);
}

#[test]
fn bytes_before_the_first_header_are_told() {
    let ran = e601(format!("hello\r{}", records("D0000000001")).as_bytes()).is(1);
    assert!(ran.err.contains("message 1 byte 0: "), "{}", ran.err);
    assert_eq!(of(&ran.objects(), "message"), [2, 2]);
}

#[test]
fn the_wrong_envelope_for_the_profile_is_told() {
    let ran = e601(&block(&segments("D0000000001"))).is(1);
    assert!(ran.err.contains("the profile speaks LIS02"), "{}", ran.err);
    let ran = bs(&session(&frames(&records("D0000000001")))).is(1);
    assert!(ran.err.contains("the profile speaks HL7"), "{}", ran.err);
}

#[test]
fn an_empty_input_leaves_nothing_unaccounted() {
    assert!(e601(b"").is(0).out.is_empty());
    assert!(bs(b"\r\n").is(0).out.is_empty());
}

#[test]
fn a_code_that_nobody_mapped_has_no_assay() {
    let bare = records("D0000000001").replace("^^^111", "^^^999");
    let ran = e601(bare.as_bytes());
    assert_eq!(of(&ran.objects(), "assay"), [Value::from("hbsag"), Value::Null]);
}

#[test]
fn a_profile_is_one_that_we_ship_or_a_file_that_holds() {
    let folder = TempDir::new().unwrap();
    let own = folder.path().join("own.toml");
    std::fs::write(&own, hemogate::analyser::shipped("mindray-bs").unwrap()).unwrap();
    let own = own.to_str().unwrap();
    let input = segments("D0000000001");
    let mut arguments = BS;
    arguments[2] = own;
    let ran = run_with(input.as_bytes(), &arguments).is(0);
    assert_eq!(ran.out, bs(input.as_bytes()).out);
    std::fs::write(own, "nonsense = 1\n").unwrap();
    let ran = run_with(input.as_bytes(), &arguments).is(1);
    assert!(ran.err.contains("own.toml:1:1: nonsense: is not a known key"), "{}", ran.err);
}

#[test]
fn a_name_of_nothing_is_wrong_usage_and_not_a_fault_of_the_bytes() {
    let folder = TempDir::new().unwrap();
    let nothing = folder.path().join("nothing.toml");
    let nothing = nothing.to_str().unwrap();
    let ran = run(&["decode", "--profile", "mindray-cs"]).is(2);
    assert!(ran.err.contains("mindray-bs") && !ran.err.contains("1:1"), "{}", ran.err);
    let ran = run(&["decode", "--profile", nothing]).is(2);
    assert!(ran.err.contains("nothing.toml: there is no such file"), "{}", ran.err);
    for input in [nothing, folder.path().to_str().unwrap()] {
        let ran = run(&["decode", "--profile", "mindray-bs", input]).is(2);
        assert!(ran.err.contains(input), "{}", ran.err);
    }
    let twice = ["--tests", "600=hiv", "--tests", "601=hiv"];
    let ran = run(&[&["decode", "--profile", "roche-cobas-e601"][..], &twice].concat()).is(2);
    assert!(ran.err.contains("600") && ran.err.contains("601"), "{}", ran.err);
}

#[test]
fn results_are_printed_as_their_messages_arrive() {
    let mut child = program()
        .args(E601)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for specimen in ["D0000000001", "D0000000002"] {
        stdin.write_all(&session(&frames(&records(specimen)))).unwrap();
        for _ in 0..2 {
            let object: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
            assert_eq!(object["din"], specimen);
        }
    }
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("long.txt");
    // More than any pipe holds.
    std::fs::write(&path, records("D0000000001").repeat(2_000)).unwrap();
    let mut child = program()
        .args(E601)
        .arg(&path)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_bare_message_is_as_long_as_the_bound_and_not_one_byte_longer() {
    let message = |length: usize| {
        let (head, tail) = ("H|\\^&\rC|1|I|", "|G\rL|1|N\r");
        head.to_owned() + &"x".repeat(length - head.len() - tail.len()) + tail
    };
    let too_long = format!("a message longer than {} bytes", limits::MESSAGE_MAX);
    let good = records("D0000000001");
    let at_bound = message(limits::MESSAGE_MAX) + &good;
    let ran = e601(at_bound.as_bytes());
    assert!(!ran.err.contains(&too_long));
    assert_eq!(ran.objects().len(), 2);
    let over = message(limits::MESSAGE_MAX + 1) + &good;
    let ran = e601(over.as_bytes()).is(1);
    assert!(ran.err.contains(&format!("input byte 0: {too_long}")), "{:.200}", ran.err);
    assert_eq!(of(&ran.objects(), "message"), [1, 1]);
}

/// Every transcript that we ship: (profile, path).
fn transcripts() -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/analysers");
    let entries = |folder: &Path| {
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<_> = paths.collect();
        paths.sort();
        paths
    };
    let folders = entries(&folder).into_iter().filter(|path| path.is_dir());
    folders
        .flat_map(|folder| {
            let profile = folder.file_name().unwrap().to_str().unwrap().to_owned();
            entries(&folder).into_iter().map(move |path| (profile.clone(), path))
        })
        .collect()
}

fn decode(profile: &str, path: &Path) -> Ran {
    run(&["decode", "--profile", profile, path.to_str().unwrap()])
}

#[test]
fn every_transcript_is_decoded_with_its_profile() {
    let mut understood = BTreeSet::new();
    for (profile, path) in transcripts() {
        let ran = decode(&profile, &path);
        let pieces = |object: &Value| object["unaccounted"].as_array().map_or(0, Vec::len);
        let unaccounted = ran.objects().iter().any(|object| pieces(object) > 0);
        assert!(!(unaccounted && ran.status == 0), "{path:?}: {}", ran.out);
        assert_eq!(ran.status == 1, !ran.err.is_empty(), "{path:?}: {}", ran.err);
        if ran.status == 0 && ran.objects().iter().any(|object| object["assay"].is_string()) {
            understood.insert(profile);
        }
    }
    let shipped: Vec<_> = hemogate::analyser::shipped_names().collect();
    assert_eq!(Vec::from_iter(&understood), shipped);
}

#[test]
fn a_session_and_its_records_alone_mean_the_same() {
    let mut compared = 0;
    for (profile, framed) in transcripts() {
        let bare = framed.with_extension("astm");
        if framed.extension().is_some_and(|end| end == "session") && bare.exists() {
            let (framed, bare) = (decode(&profile, &framed), decode(&profile, &bare));
            assert_eq!((framed.status, framed.out, framed.err), (bare.status, bare.out, bare.err));
            compared += 1;
        }
    }
    assert!(compared > 10, "{compared}");
}

/// The fields of a query and of one of its specimens, in the order that is promised.
const QUERY_FIELDS: [&str; 8] =
    ["kind", "ask", "specimens", "from", "to", "codes", "echo", "message"];
const ASKED_FIELDS: [&str; 6] = ["id_kind", "id", "din", "rack", "position", "echo"];

fn fixture(profile: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/analysers").join(profile).join(name)
}

/// The objects of a transcript, all of it understood.
fn understood(profile: &str, name: &str) -> Vec<Value> {
    decode(profile, &fixture(profile, name)).is(0).objects()
}

#[test]
fn a_query_is_printed_with_every_field_in_its_order() {
    let path = fixture("roche-cobas-e411", "query.astm");
    let ran = decode("roche-cobas-e411", &path).is(0);
    let mut last = 0;
    for field in QUERY_FIELDS.into_iter().filter(|field| *field != "echo") {
        let at = ran.out.find(&format!("\"{field}\":")).unwrap();
        assert!(at >= last, "{field}: {}", ran.out);
        last = at;
    }
    let objects = ran.objects();
    let [query] = objects.as_slice() else { panic!("{objects:?}") };
    assert_eq!(query.as_object().unwrap().len(), QUERY_FIELDS.len());
    let head = (&query["kind"], &query["ask"], &query["message"]);
    assert_eq!(head, (&"query".into(), &"specimens".into(), &1.into()));
    let asked = &query["specimens"][0];
    assert!(ASKED_FIELDS.iter().all(|field| asked.get(field).is_some()), "{asked}");
    assert_eq!(asked.as_object().unwrap().len(), ASKED_FIELDS.len());
    assert_eq!((&asked["id_kind"], &asked["din"]), (&"donation".into(), &"G123498654321".into()));
    assert!(asked["echo"]["sequence"].is_string(), "{asked}");
}

/// Each transcript of a query, what it asks, and for its specimens the kinds of their ids.
const QUERIES: &[(&str, &str, &str, &[&str])] = &[
    ("abbott-alinity-i", "query.mllp", "specimens", &["donation"]),
    ("abbott-alinity-i", "query-all.mllp", "all", &[]),
    ("abbott-alinity-i", "query-by-rack.mllp", "specimens", &["blank"]),
    ("abbott-architect", "query.session", "specimens", &["donation"]),
    ("diasorin-liaison-xl", "query.session", "specimens", &["donation"]),
    ("mindray-bs", "query.mllp", "specimens", &["donation"]),
    ("mindray-cl", "query.astm", "specimens", &["donation"]),
    ("ortho-vision", "query.session", "specimens", &["donation"]),
    ("roche-cobas-4800", "query.mllp", "specimens", &["donation"]),
    ("roche-cobas-5800", "query.mllp", "specimens", &["donation"]),
    ("roche-cobas-6800-v25", "query.mllp", "specimens", &["donation"]),
    ("roche-cobas-6800", "query.mllp", "specimens", &["donation"]),
    ("roche-cobas-c501", "query.session", "specimens", &["donation"]),
    ("roche-cobas-e411", "query-unread-barcode.session", "specimens", &["unread"]),
    ("roche-cobas-e411", "query-withdrawn.astm", "cancel", &[]),
    ("roche-cobas-e601", "query.session", "specimens", &["donation"]),
    ("roche-cobas-e601", "query-blank-id.session", "specimens", &["blank"]),
    ("roche-cobas-e601", "query-control.session", "specimens", &["unknown"]),
    ("roche-cobas-pro", "query.mllp", "specimens", &["donation"]),
    ("roche-cobas-pro", "query-by-sequence.mllp", "specimens", &["unknown"]),
    ("roche-modular", "query.session", "specimens", &["donation"]),
    ("roche-modular", "query-withdrawn.session", "cancel", &[]),
    ("siemens-advia-centaur", "query.astm", "specimens", &["donation"]),
    ("siemens-advia-centaur", "query-range.session", "range", &[]),
    (
        "siemens-advia-centaur",
        "query-several.astm",
        "specimens",
        &["donation", "donation", "donation"],
    ),
    ("snibe-maglumi", "query.astm", "specimens", &["donation"]),
];

#[test]
fn every_transcript_of_a_query_says_what_it_asks() {
    for (profile, name, ask, kinds) in QUERIES {
        let objects = understood(profile, name);
        let [query] = objects.as_slice() else { panic!("{profile} {name}: {objects:?}") };
        assert_eq!((&query["kind"], &query["ask"]), (&"query".into(), &(*ask).into()), "{name}");
        let asked = query["specimens"].as_array().unwrap();
        assert_eq!(of(asked, "id_kind"), *kinds, "{profile} {name}");
        let numbered = asked.iter().all(|a| a["din"].is_string() == (a["id_kind"] == "donation"));
        assert!(numbered, "{profile} {name}: only a donation has a number: {query}");
    }
    let range = understood("siemens-advia-centaur", "query-range.astm").remove(0);
    let ends = (&range["from"], &range["to"]);
    assert_eq!(ends, (&"G123498654321".into(), &"G123498654329".into()));
}

#[test]
fn a_query_that_is_not_understood_is_shown_as_doubtful_and_ends_with_1() {
    let text = std::fs::read_to_string(fixture("snibe-maglumi", "query.astm")).unwrap();
    let text = text.replace("L|1|N", "Z|1|what is this?\rL|1|N");
    let ran = run_with(text.as_bytes(), &["decode", "--profile", "snibe-maglumi"]).is(1);
    let objects = ran.objects();
    assert_eq!(objects[0]["specimens"][0]["id_kind"], "ambiguous", "{objects:?}");
    assert_eq!(objects[0]["specimens"][0]["din"], Value::Null);
}

#[test]
fn what_is_said_about_orders_is_printed() {
    let replies = understood("abbott-alinity-i", "order-replies.mllp");
    assert!(replies.iter().all(|reply| reply["kind"] == "order_reply"), "{replies:?}");
    assert!(replies.iter().all(|reply| reply.as_object().unwrap().len() == 5));
    assert_eq!(of(&replies, "order_id"), ["A-1".into(), "A-2".into(), Value::Null, Value::Null]);
    let said = ["accepted", "refused", "unknown_specimen", "delivered"];
    assert_eq!(of(&replies, "standing"), said);
    assert_eq!(of(&replies, "message"), [1, 1, 2, 3]);
    assert!(replies[2]["text"].as_str().unwrap().contains("ERR-3 204"), "{replies:?}");
    let reply = understood("mindray-bs", "order-reply.mllp").remove(0);
    let said = (&reply["kind"], &reply["standing"]);
    assert_eq!(said, (&"order_reply".into(), &"delivered".into()));
}

/// The analyser's side of a dialogue: its bytes, C-escaped in the file.
fn analysers_side(profile: &str) -> Vec<u8> {
    let text = std::fs::read_to_string(fixture(profile, "sample-query.dlg")).unwrap();
    let mut bytes = Vec::new();
    for said in text.lines().filter_map(|line| line.strip_prefix("A: ")) {
        let mut rest = said.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'\\' => match rest.next().unwrap() {
                    b'x' => {
                        let digits: Vec<u8> = rest.by_ref().take(2).collect();
                        u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                    }
                    b'r' => b'\r',
                    b'n' => b'\n',
                    other => other,
                },
                other => other,
            });
        }
    }
    // The acknowledgements of the host's answer would be noise to a host.
    bytes.retain(|byte| *byte != 0x06);
    bytes
}

#[test]
fn the_analysers_side_of_each_dialogue_is_decoded() {
    let sample = |profile: &str, bytes: &[u8]| {
        let numbers = ["--donation-number-pattern", "D[0-9]{10}|[0-9]{6}"];
        let arguments = [&["decode", "--profile", profile][..], &numbers].concat();
        run_with(bytes, &arguments).is(0).objects()
    };
    let kinds = |objects: &[Value]| -> Vec<String> {
        of(objects, "kind").iter().map(|kind| kind.as_str().unwrap().to_owned()).collect()
    };
    for (profile, id) in [
        ("mindray-cl", "D0000000001"),
        ("roche-cobas-e411", "000004"),
        ("siemens-advia-centaur", "D0000000001"),
    ] {
        let objects = sample(profile, &analysers_side(profile));
        assert_eq!(kinds(&objects), ["query"], "{profile}");
        assert_eq!(objects[0]["specimens"][0]["din"], id, "{profile}");
    }
    let law = sample("abbott-alinity-i", &analysers_side("abbott-alinity-i"));
    assert_eq!(kinds(&law), ["query", "order_reply", "order_reply", "donor"]);
    assert_eq!(of(&law, "message"), [1, 2, 2, 3]);
    let path = fixture("diasorin-liaison-xl", "sample-query.bin");
    let objects = sample("diasorin-liaison-xl", &std::fs::read(path).unwrap());
    assert_eq!(kinds(&objects), ["query"]);
}

#[test]
fn damaged_transcripts_never_end_it_otherwise_than_with_0_or_1() {
    let seed = 20_260_131;
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for (profile, path) in transcripts() {
        let mut bytes = std::fs::read(&path).unwrap();
        for _ in 0..8 {
            let at = random.usize(..bytes.len());
            match random.u8(..4) {
                0 => bytes[at] = random.u8(..),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, random.u8(..)),
                _ => bytes.truncate(bytes.len() - random.usize(..bytes.len().min(8))),
            }
        }
        let ran = run_with(&bytes, &["decode", "--profile", &profile]);
        assert!(matches!(ran.status, 0 | 1), "{path:?}: {}", ran.err);
        ran.objects();
    }
}
