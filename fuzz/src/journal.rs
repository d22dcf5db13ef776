//! The wire journal, damaged anywhere.

use std::sync::OnceLock;
use std::{env, fs, process, thread};

use hemogate::journal::{Entry, Journal, Kind, Options, Record, read};
use hemogate::link::{At, Moment};

/// A good journal in which bytes were replaced: it is read to its end, only records that were
/// written come out, and one changed byte costs no more than one of them. The first two bytes say
/// where, the third how much is overwritten, the rest is put there.
pub fn journal(data: &[u8]) {
    let [first, second, over, with @ ..] = data else { return };
    let (good, records) = template();
    let at = usize::from(*first) << 8 | usize::from(*second);
    let from = at % good.len();
    let to = (from + usize::from(*over)).min(good.len());
    let mut bytes = good.clone();
    bytes.splice(from..to, with.iter().copied());
    let found = read_back(&bytes);
    for record in &found {
        assert!(records.contains(record), "{record:?} was never written");
    }
    if with.len() == 1 && to == from + 1 {
        assert!(found.len() + 1 >= records.len(), "{} of {}", found.len(), records.len());
    }
}

fn read_back(bytes: &[u8]) -> Vec<Record> {
    let name = format!("hemogate-fuzz-{}-{:?}.hgj", process::id(), thread::current().id());
    let path = env::temp_dir().join(name);
    fs::write(&path, bytes).expect("the temporary folder can be written to");
    let reader = read(&path).expect("it can be read");
    let found: Vec<_> = reader.take(bytes.len() + 16).collect();
    fs::remove_file(&path).expect("it can be removed");
    assert!(found.len() <= bytes.len() / 8 + 16, "there is an end");
    found.into_iter().filter_map(Result::ok).collect()
}

/// Some records of every kind, as bytes and as what is read from them.
fn template() -> &'static (Vec<u8>, Vec<Record>) {
    static TEMPLATE: OnceLock<(Vec<u8>, Vec<Record>)> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let folder = env::temp_dir().join(format!("hemogate-fuzz-{}", process::id()));
        let options =
            Options { folder: folder.clone(), file_bytes: 1 << 20, files: 1, started: now(), now };
        let journal = Journal::open(options).expect("the temporary folder can be written to");
        let kinds = [Kind::Opened, Kind::Received, Kind::Sent, Kind::Received, Kind::Closed];
        for (kind, bytes) in kinds.into_iter().zip([&b"peer"[..], b"\x05", b"\x06", b"", b"end"]) {
            let entry = Entry { kind, at: now(), analyser: "pk7400", connection: 1, bytes };
            journal.record(entry);
        }
        drop(journal);
        let file = fs::read_dir(&folder).expect("the folder is there").flatten();
        let is_file = |name: &std::path::PathBuf| name.extension().is_some_and(|end| end == "hgj");
        let path = file.map(|entry| entry.path()).find(is_file).expect("a file was written");
        let bytes = fs::read(path).expect("it can be read");
        fs::remove_dir_all(&folder).expect("it can be removed");
        let records = read_back(&bytes);
        assert!(records.len() > 5);
        (bytes, records)
    })
}

fn now() -> At {
    At { moment: Moment::default(), utc: "2026-01-01T12:00:00Z".parse().expect("it is a time") }
}
