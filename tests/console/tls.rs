//! The console over TLS, and its end: what a browser has open holds up nobody.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use hemogate::clock;
use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::bench::{Bench, PASSWORD, PATIENCE};
use crate::support::since;

const TLS: &str = "[console.tls]\ncertificate = \"console.pem\"\nkey = \"console.key\"\n";

/// A console with a certificate, and a client that believes it.
fn secured() -> (Bench, Arc<ClientConfig>) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    let files = [("console.pem", pem.as_str()), ("console.key", &key.serialize_pem())];
    let bench = Bench::configured(TLS, &files);
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (bench, Arc::new(config))
}

fn connected(bench: &Bench) -> TcpStream {
    let stream = TcpStream::connect(bench.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// What is answered to these bytes.
fn asked(bench: &Bench, config: &Arc<ClientConfig>, request: &str) -> String {
    let name = ServerName::try_from("localhost").unwrap();
    let connection = ClientConnection::new(Arc::clone(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, connected(bench));
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    let _ended = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

#[test]
fn over_tls_the_cookie_is_bound_to_this_host_and_to_tls() {
    let (bench, config) = secured();
    let body = format!("name=tina&password={}", PASSWORD.replace(' ', "+"));
    let request = format!(
        "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nOrigin: https://localhost\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = asked(&bench, &config, &request);
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let cookie = answer.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    assert!(cookie.starts_with("__Host-hemogate="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
}

#[test]
fn whoever_connects_and_says_nothing_keeps_nobody_waiting() {
    let (bench, config) = secured();
    let silent: Vec<_> = (0..8).map(|_| connected(&bench)).collect();
    let request = "GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let begun = clock::moment();
    assert!(asked(&bench, &config, request).starts_with("HTTP/1.1 200"));
    assert!(since(begun) < hemogate::limits::TLS_HANDSHAKE_WAIT, "it waited for them");
    drop(silent);
}

/// A stream as a page opens it; what came so far.
fn live(bench: &Bench, cookie: &str) -> TcpStream {
    let mut stream = connected(bench);
    write!(
        stream,
        "GET /live?regions=today-verdicts HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n"
    )
    .unwrap();
    let mut head = [0; 15];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    stream
}

fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    let _ended = stream.read_to_string(&mut text);
    text
}

#[test]
fn a_page_that_stays_live_is_told_that_its_session_is_over_and_gets_nothing_more() {
    let bench = Bench::new();
    let tina = bench.signed_in("tina");
    let cookie = tina.cookie.borrow().clone().unwrap();
    let stream = live(&bench, &cookie);
    let adam = bench.signed_in("adam");
    let begun = clock::moment();
    let closed = adam.post("/accounts/tina/close", &[("password", PASSWORD)]);
    assert_eq!(closed.status, 303);
    // The end of the answer is its last, empty piece.
    let mut told = String::new();
    let mut bytes = [0; 256];
    let mut stream = stream;
    while !told.ends_with("0\r\n\r\n") {
        let read = stream.read(&mut bytes).unwrap();
        assert_ne!(read, 0, "{told}");
        told.push_str(std::str::from_utf8(&bytes[..read]).unwrap());
    }
    assert!(told.contains("event: over"), "{told}");
    assert!(since(begun) < hemogate::limits::SESSION_LOOK_EVERY, "not at once");
}

#[test]
fn pages_that_stay_live_do_not_hold_up_the_end_of_the_daemon() {
    let mut bench = Bench::new();
    let tina = bench.signed_in("tina");
    let cookie = tina.cookie.borrow().clone().unwrap();
    let streams: Vec<_> = (0..3).map(|_| live(&bench, &cookie)).collect();
    let begun = clock::moment();
    bench.stop();
    assert!(since(begun) < hemogate::limits::HTTP_FAREWELL_WAIT, "{:?}", since(begun));
    for stream in streams {
        assert!(!rest(stream).contains("event: over"), "the session was not over");
    }
}
