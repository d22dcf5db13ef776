//! `[analyser.tls]`: what an administrator is told of files and keys that cannot be.

use std::fs;

use hemogate::config::{Config, TlsConfig};
use hemogate::limits;
use tempfile::TempDir;

use crate::bench::{BS, LISTEN, config_text};
use crate::tls::Authority;

const DIAL: &str = "tcp_connect = \"au5800.lab:4000\"\n";
const SERIAL: &str = "serial = \"/dev/ttyUSB0\"\n";
const OURS: &str = "certificate = \"ours.pem\"\nkey = \"ours.key\"\n";
const CA: &str = "peer_ca = \"ca.pem\"\n";

/// A folder with good files and some bad ones.
fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    let (authority, other) = (Authority::new(), Authority::new());
    let (ours, foreign) = (authority.sign("localhost"), other.sign("localhost"));
    let encrypted = ours.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let damaged = ours.certificate.replace("\nMII", "\n%%%");
    assert_ne!(damaged, ours.certificate);
    let mut long = ours.certificate.clone();
    long.push_str(&" ".repeat(usize::try_from(limits::PEM_FILE_MAX).unwrap() - long.len()));
    for (name, text) in [
        ("ours.pem", ours.certificate.as_str()),
        ("ours.key", &ours.key),
        ("other.key", &foreign.key),
        ("encrypted.key", &encrypted),
        ("damaged.pem", &damaged),
        ("ca.pem", authority.pem()),
        ("empty.pem", ""),
        ("longest.pem", &long),
        ("too-long.pem", &format!("{long} ")),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn read(folder: &TempDir, line: &str, tls: &str) -> Result<Option<TlsConfig>, Vec<String>> {
    let text = config_text("127.0.0.1:0", &format!("{BS}{line}[analyser.tls]\n{tls}"));
    let config = Config::parse("site.toml", &text, folder.path());
    let told = |faults: Vec<_>| faults.iter().map(ToString::to_string).collect();
    config.map(|config| config.analysers[0].tls.clone()).map_err(told)
}

#[test]
fn a_line_says_in_its_words_whether_it_has_tls() {
    let folder = folder();
    let words = |line: &str, tls: &str| {
        let text = config_text("127.0.0.1:0", &format!("{BS}{line}{tls}"));
        Config::parse("site.toml", &text, folder.path()).unwrap().analysers[0].line()
    };
    let listening = "TCP, listening on 127.0.0.1:0";
    let tls = format!("[analyser.tls]\n{OURS}{CA}");
    assert_eq!(words(LISTEN, ""), format!("{listening}, without TLS"));
    assert_eq!(words(LISTEN, &tls), format!("{listening}, with TLS"));
    assert_eq!(words(DIAL, &tls), "TCP, dialling au5800.lab:4000, with TLS");
    assert_eq!(words(SERIAL, ""), "serial /dev/ttyUSB0 9600 8N1");
}

#[test]
fn good_files_are_ready_for_use() {
    let folder = folder();
    for (line, tls) in [
        (LISTEN, format!("{OURS}{CA}")),
        (LISTEN, format!("{OURS}{CA}client_certificate = \"required\"\n")),
        (LISTEN, format!("{OURS}client_certificate = \"none\"\n")),
        (LISTEN, format!("certificate = \"longest.pem\"\nkey = \"ours.key\"\n{CA}")),
        (DIAL, CA.to_owned()),
        (DIAL, format!("{OURS}{CA}server_name = \"10.0.0.7\"\n")),
    ] {
        let read = read(&folder, line, &tls).unwrap();
        let is_right = match read.unwrap() {
            TlsConfig::Accept(_) => line == LISTEN,
            TlsConfig::Connect(..) => line == DIAL,
        };
        assert!(is_right, "{tls}");
    }
    let text = config_text("127.0.0.1:0", &format!("{BS}{LISTEN}"));
    let plain = Config::parse("site.toml", &text, folder.path()).unwrap();
    assert!(plain.analysers[0].tls.is_none());
}

#[test]
fn every_fault_names_its_key_and_says_what_to_do() {
    let folder = folder();
    let with = |certificate: &str, key: &str, ca: &str| {
        format!("certificate = \"{certificate}\"\nkey = \"{key}\"\npeer_ca = \"{ca}\"\n")
    };
    for (line, tls, expected) in [
        (LISTEN, CA.to_owned(), "has no certificate and key"),
        (LISTEN, OURS.to_owned(), "has no peer_ca"),
        (DIAL, OURS.to_owned(), "has no peer_ca"),
        (SERIAL, format!("{OURS}{CA}"), "belongs to a TCP line"),
        (LISTEN, with("none.pem", "ours.key", "ca.pem"), "none.pem: cannot be read"),
        (LISTEN, with("empty.pem", "ours.key", "ca.pem"), "no certificate in it"),
        (LISTEN, with("damaged.pem", "ours.key", "ca.pem"), "is damaged"),
        (LISTEN, with("too-long.pem", "ours.key", "ca.pem"), "longer than 262144 bytes"),
        (LISTEN, with("ours.pem", "ours.pem", "ca.pem"), "no private key in it"),
        (LISTEN, with("ours.pem", "encrypted.key", "ca.pem"), "not encrypted"),
        (LISTEN, with("ours.pem", "other.key", "ca.pem"), "is not the key of this certificate"),
        (DIAL, with("ours.pem", "other.key", "ca.pem"), "is not the key of this certificate"),
        (LISTEN, with("ours.pem", "ours.key", "ours.key"), "no certificate in it"),
        (DIAL, format!("certificate = \"ours.pem\"\n{CA}"), "has no key beside it"),
        (DIAL, format!("key = \"ours.key\"\n{CA}"), "has no certificate beside it"),
        (LISTEN, format!("{OURS}{CA}server_name = \"x\"\n"), "belongs to a line that we dial"),
        (DIAL, format!("{CA}client_certificate = \"none\"\n"), "on which we listen"),
        (LISTEN, format!("{OURS}{CA}client_certificate = \"none\"\n"), "is of no use"),
        (LISTEN, format!("{OURS}{CA}client_certificate = \"maybe\"\n"), "nor \"none\""),
        (DIAL, format!("{CA}server_name = \"a b\"\n"), "neither a host's name nor"),
        (DIAL, format!("{CA}ca = \"x\"\n"), "is not a known key"),
        (DIAL, "peer_ca = 1\n".to_owned(), "peer_ca"),
    ] {
        let faults = read(&folder, line, &tls).unwrap_err();
        assert_eq!(faults.len(), 1, "{tls}: {faults:#?}");
        assert!(faults[0].contains(expected), "{tls}: {faults:#?}");
        assert!(faults[0].contains("analyser[1].tls"), "{faults:#?}");
    }
}

#[test]
fn all_faults_are_told_at_once_and_none_quotes_a_file() {
    let folder = folder();
    let tls = "certificate = \"empty.pem\"\nkey = \"encrypted.key\"\npeer_ca = \"none.pem\"\n\
               client_certificate = \"maybe\"\nserver_name = \"a b\"\n";
    let faults = read(&folder, LISTEN, tls).unwrap_err();
    assert_eq!(faults.len(), 5, "{faults:#?}");
    let key = fs::read_to_string(folder.path().join("encrypted.key")).unwrap();
    let secret = key.lines().nth(1).unwrap();
    assert!(faults.iter().all(|fault| !fault.contains(&secret[..8])), "{faults:#?}");
    let good = read(&folder, LISTEN, &format!("{OURS}{CA}")).unwrap().unwrap();
    assert_eq!(format!("{good:?}"), "TLS, accepting");
}

#[test]
fn an_analyser_whose_host_no_certificate_can_name_needs_a_server_name() {
    let folder = folder();
    let line = "tcp_connect = \"-bs-:4000\"\n";
    let faults = read(&folder, line, CA).unwrap_err();
    assert!(faults[0].contains("by server_name"), "{faults:#?}");
    assert!(read(&folder, line, &format!("{CA}server_name = \"bs.lab\"\n")).is_ok());
    assert!(read(&folder, "tcp_connect = \"[::1]:4000\"\n", CA).is_ok());
}
