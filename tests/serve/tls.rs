//! TLS on analysers' lines, with real certificates on real sockets.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned,
};

use crate::bench::{BS, Bench, E601, LISTEN, PATIENCE};
use crate::wire::{Wire, bs_alt, e601_panel, frames};

const TURNED_AWAY: &str = r#"hemogate_turned_away_total{analyser="bs"}"#;
const RECONNECTS: &str = r#"hemogate_reconnects_total{analyser="bs"}"#;

/// An authority that signs certificates.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

/// A certificate and its key, as PEM.
pub struct Identity {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new() -> Authority {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }

    pub fn sign(&self, name: &str) -> Identity {
        self.sign_until(name, 2_999)
    }

    fn sign_until(&self, name: &str, year: i32) -> Identity {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) =
            (date_time_ymd(2_001, 1, 1), date_time_ymd(year, 1, 1));
        let certificate = params.signed_by(&key, &self.issuer).unwrap().pem();
        Identity { certificate, key: key.serialize_pem() }
    }

    pub fn pem(&self) -> &str {
        &self.pem
    }

    fn store(&self) -> RootCertStore {
        let mut store = RootCertStore::empty();
        store.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
        store
    }
}

impl Identity {
    fn der(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let certificates = CertificateDer::pem_slice_iter(self.certificate.as_bytes());
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        (certificates.map(Result::unwrap).collect(), key)
    }
}

fn write(folder: &Path, name: &str, text: &str) {
    fs::write(folder.join(name), text).unwrap();
}

/// A daemon whose analysers listen with TLS and without, and the authority of the laboratory.
fn bench(more: &str) -> (Bench, Authority) {
    let authority = Authority::new();
    let mut bench = Bench::stopped();
    let ours = authority.sign("localhost");
    write(&bench.path(""), "ours.pem", &ours.certificate);
    write(&bench.path(""), "ours.key", &ours.key);
    write(&bench.path(""), "ca.pem", &authority.pem);
    let tls = "[analyser.tls]\ncertificate = \"ours.pem\"\nkey = \"ours.key\"\n";
    bench.start(&format!("{E601}{LISTEN}{BS}{LISTEN}{tls}{more}")).unwrap();
    (bench, authority)
}

const MUTUAL: &str = "peer_ca = \"ca.pem\"\n";

type Secured = Wire<StreamOwned<ClientConnection, TcpStream>>;

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// An analyser that dials us with this identity and believes this authority.
fn dial(address: SocketAddr, believed: &Authority, identity: Option<&Identity>) -> Secured {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(believed.store());
    let config = match identity.map(Identity::der) {
        Some((certificates, key)) => builder.with_client_auth_cert(certificates, key).unwrap(),
        None => builder.with_no_client_auth(),
    };
    connect(address, config)
}

fn connect(address: SocketAddr, config: ClientConfig) -> Secured {
    let name = ServerName::try_from("localhost").unwrap();
    let client = ClientConnection::new(Arc::new(config), name).unwrap();
    Wire(StreamOwned::new(client, Wire::connect(address).0))
}

/// Whether one message gets its AA.
fn is_served(wire: &mut Secured, din: &str) -> bool {
    let message = crate::wire::block(&bs_alt("1", din, "20"));
    let mut reply = [0; 1];
    wire.0.write_all(&message).and_then(|()| wire.0.flush()).is_ok()
        && wire.0.read_exact(&mut reply).is_ok()
}

#[test]
fn an_analyser_with_a_good_certificate_is_served_end_to_end() {
    let (bench, authority) = bench(MUTUAL);
    let mut wire = dial(bench.addr("bs"), &authority, Some(&authority.sign("bs")));
    for number in 1..=3 {
        let din = format!("D{number:010}");
        assert_eq!(wire.send_block(&bs_alt(&number.to_string(), &din, "20")), "AA");
        assert_eq!(bench.observations(&din).len(), 1);
    }
    assert_eq!(bench.metric(TURNED_AWAY), 0);
}

#[test]
fn replies_to_a_long_run_of_messages_all_arrive() {
    let (bench, authority) = bench(MUTUAL);
    let mut wire = dial(bench.addr("bs"), &authority, Some(&authority.sign("bs")));
    let run = (0..200).map(|number| bs_alt(&format!("m{number}"), "D0000000001", "20"));
    let run: Vec<u8> = run.flat_map(|message| crate::wire::block(&message)).collect();
    wire.say(&run);
    for number in 0..200 {
        assert_eq!(crate::wire::acknowledged_id(&wire.hear_block()), format!("m{number}"));
    }
}

#[test]
fn whoever_cannot_prove_who_it_is_is_turned_away_and_the_others_are_served() {
    let (bench, authority) = bench(MUTUAL);
    let address = bench.addr("bs");
    let stranger = Authority::new();
    let mut refused = [
        dial(address, &authority, None),
        dial(address, &authority, Some(&stranger.sign("bs"))),
        dial(address, &authority, Some(&authority.sign_until("bs", 2_020))),
    ];
    for (number, wire) in refused.iter_mut().enumerate() {
        assert!(!is_served(wire, "D0000000009"), "{number}");
        let counted = number as u64 + 1;
        bench.until("it was turned away", |bench| bench.metric(TURNED_AWAY) == counted);
    }
    assert!(bench.observations("D0000000009").is_empty() && bench.unread().is_empty());
    bench.wire("e601").send_session(&frames(1, &e601_panel("D0000000001")));
    let mut good = dial(address, &authority, Some(&authority.sign("bs")));
    assert_eq!(good.send_block(&bs_alt("1", "D0000000002", "20")), "AA");
}

#[test]
fn plain_bytes_on_a_line_with_tls_are_turned_away_unread() {
    let (bench, authority) = bench(MUTUAL);
    let mut plain = bench.wire("bs");
    plain.say(&crate::wire::block(&bs_alt("1", "D0000000001", "20")));
    assert!(plain.is_ended());
    bench.until("it was turned away", |bench| bench.metric(TURNED_AWAY) == 1);
    assert!(bench.observations("D0000000001").is_empty() && bench.unread().is_empty());
    let mut good = dial(bench.addr("bs"), &authority, Some(&authority.sign("bs")));
    assert_eq!(good.send_block(&bs_alt("1", "D0000000001", "20")), "AA");
}

#[test]
fn one_that_connects_and_says_nothing_is_turned_away_in_time_and_hinders_nobody() {
    let (bench, authority) = bench(MUTUAL);
    let mut silent = bench.wire("bs");
    let mut good = dial(bench.addr("bs"), &authority, Some(&authority.sign("bs")));
    assert_eq!(good.send_block(&bs_alt("1", "D0000000001", "20")), "AA");
    assert_eq!(bench.metric(TURNED_AWAY), 0);
    assert!(silent.is_ended(), "before the patience of this test is over");
    bench.until("it was turned away", |bench| bench.metric(TURNED_AWAY) == 1);
}

#[test]
fn a_stop_does_not_wait_for_a_handshake() {
    let (mut bench, _authority) = bench(MUTUAL);
    let mut silent = bench.wire("bs");
    let begun = hemogate::clock::moment();
    bench.stop();
    let took = hemogate::clock::moment().since_start() - begun.since_start();
    assert!(took < hemogate::limits::TLS_HANDSHAKE_WAIT, "{took:?}");
    assert!(silent.is_ended());
}

#[test]
fn half_a_message_is_kept_when_the_peer_goes_without_farewell() {
    let (bench, authority) = bench(MUTUAL);
    let mut wire = dial(bench.addr("bs"), &authority, Some(&authority.sign("bs")));
    let message = crate::wire::block(&bs_alt("1", "D0000000001", "20"));
    wire.say(&message[..message.len() - 10]);
    wire.0.flush().unwrap();
    wire.0.sock.shutdown(std::net::Shutdown::Both).unwrap();
    let incomplete = r#"hemogate_messages_total{analyser="bs",outcome="incomplete"}"#;
    bench.until("it was kept", |bench| bench.metric(incomplete) == 1);
}

#[test]
fn an_analyser_without_certificate_is_served_where_none_is_asked_for() {
    let (bench, authority) = bench("client_certificate = \"none\"\n");
    let mut wire = dial(bench.addr("bs"), &authority, None);
    assert_eq!(wire.send_block(&bs_alt("1", "D0000000001", "20")), "AA");
    let stranger = Authority::new();
    let mut doubting = dial(bench.addr("bs"), &stranger, None);
    assert!(!is_served(&mut doubting, "D0000000002"), "it does not believe us");
    bench.until("it was told", |bench| bench.metric(TURNED_AWAY) == 1);
}

#[test]
fn tls_1_2_is_served_too() {
    let (bench, authority) = bench(MUTUAL);
    let (certificates, key) = authority.sign("bs").der();
    let config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap()
        .with_root_certificates(authority.store())
        .with_client_auth_cert(certificates, key)
        .unwrap();
    let mut wire = connect(bench.addr("bs"), config);
    assert_eq!(wire.send_block(&bs_alt("1", "D0000000001", "20")), "AA");
}

/// An analyser that waits to be dialled, with this identity; it asks for a certificate that this
/// authority has signed.
fn answer(
    listener: &TcpListener,
    identity: &Identity,
    asks: Option<&Authority>,
) -> Wire<StreamOwned<ServerConnection, TcpStream>> {
    let builder = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap();
    let builder = match asks {
        Some(authority) => {
            let store = Arc::new(authority.store());
            let verifier = WebPkiClientVerifier::builder_with_provider(store, provider());
            builder.with_client_cert_verifier(verifier.build().unwrap())
        }
        None => builder.with_no_client_auth(),
    };
    let (certificates, key) = identity.der();
    let config = builder.with_single_cert(certificates, key).unwrap();
    let stream = listener.accept().unwrap().0;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    Wire(StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), stream))
}

fn dialling(authority: &Authority, more: &str) -> (Bench, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut bench = Bench::stopped();
    let ours = authority.sign("hemogate");
    write(&bench.path(""), "ours.pem", &ours.certificate);
    write(&bench.path(""), "ours.key", &ours.key);
    write(&bench.path(""), "ca.pem", &authority.pem);
    let line = format!("tcp_connect = \"localhost:{port}\"\n");
    bench.start(&format!("{BS}{line}[analyser.tls]\n{MUTUAL}{more}")).unwrap();
    (bench, listener)
}

const OURS: &str = "certificate = \"ours.pem\"\nkey = \"ours.key\"\n";

#[test]
fn an_analyser_that_we_dial_is_believed_by_its_certificate_and_believes_ours() {
    let authority = Authority::new();
    let (bench, listener) = dialling(&authority, OURS);
    let mut wire = answer(&listener, &authority.sign("localhost"), Some(&authority));
    assert_eq!(wire.send_block(&bs_alt("1", "D0000000001", "20")), "AA");
    assert_eq!(bench.observations("D0000000001").len(), 1);
}

#[test]
fn the_name_of_a_dialled_analyser_may_be_another_than_its_hosts() {
    let authority = Authority::new();
    let (_bench, listener) = dialling(&authority, "server_name = \"bs-480.lab\"\n");
    let mut wire = answer(&listener, &authority.sign("bs-480.lab"), None);
    assert_eq!(wire.send_block(&bs_alt("1", "D0000000001", "20")), "AA");
}

#[test]
fn an_analyser_that_we_dial_and_cannot_believe_is_dialled_again_until_we_can() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (bench, listener) = dialling(&authority, "");
    let wrong = [
        stranger.sign("localhost"),
        authority.sign("elsewhere"),
        authority.sign_until("localhost", 2_020),
    ];
    for (number, identity) in wrong.iter().enumerate() {
        let mut wire = answer(&listener, identity, None);
        assert!(wire.0.read_exact(&mut [0]).is_err(), "{number}");
        let counted = number as u64 + 1;
        bench.until("it was left", |bench| bench.metric(RECONNECTS) >= counted);
    }
    let mut wire = answer(&listener, &authority.sign("localhost"), None);
    assert_eq!(wire.send_block(&bs_alt("1", "D0000000001", "20")), "AA");
}

#[test]
fn an_analyser_that_does_not_believe_us_is_dialled_again() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for ours in [OURS, ""] {
        let (bench, listener) = dialling(&authority, ours);
        let mut wire = answer(&listener, &authority.sign("localhost"), Some(&stranger));
        assert!(wire.0.read_exact(&mut [0]).is_err());
        drop(wire);
        bench.until("it was left", |bench| bench.metric(RECONNECTS) >= 1);
    }
}
