//! `[analyser.tls]`: who we say we are on a TCP line, and whom we believe.
//!
//! ```toml
//! [analyser.tls]
//! certificate = "hemogate.pem"   # ours, with its chain; listening: required
//! key = "hemogate.key"           # its private key, not encrypted
//! peer_ca = "analysers-ca.pem"   # the analyser's certificate must be signed by one of these
//! server_name = "au5800.lab"     # dialling: the name in its certificate, if not that of its line
//! client_certificate = "none"    # listening: ask for no certificate (usual: "required")
//! ```
//!
//! Files are PEM, absolute or relative to the configuration. All of them are read at start, so that
//! a wrong one is told then and not when the analyser calls. Refuses: a line that is not TCP, a key
//! of another certificate, an authority that is none, and a dialled analyser that nothing vouches
//! for. Says the names of files, never what is in them.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{ClientConfig, Error, RootCertStore, ServerConfig};

use super::Transport;
use crate::document::{Place, Placed, Table};
use crate::limits;

/// TLS of one analyser's line, ready for its first connection.
#[derive(Clone)]
pub enum TlsConfig {
    /// We listen.
    Accept(Arc<ServerConfig>),
    /// We dial an analyser whose certificate must have this name.
    Connect(Arc<ClientConfig>, ServerName<'static>),
}

/// The fault is told already.
struct Told;

/// What was read of a key that may be left out.
type Optional<T> = Result<Option<Placed<T>>, Told>;

/// Our certificate with its chain, and its key.
struct Identity {
    certificate: Placed<Vec<CertificateDer<'static>>>,
    key: Placed<PrivateKeyDer<'static>>,
}

/// Everything that the table says.
struct Settings<'t, 'd> {
    table: &'t Table<'d>,
    identity: Result<Option<Identity>, Told>,
    peer_ca: Optional<RootCertStore>,
    server_name: Optional<ServerName<'static>>,
    client_certificate: Optional<bool>,
}

/// TLS of an analyser's line; `Some(None)` where it has none, `None` where it is at fault.
pub(super) fn read(
    analyser: &Table<'_>,
    line: Option<&Transport>,
    base: &Path,
) -> Option<Option<TlsConfig>> {
    let Some(table) = analyser.table("tls") else {
        return (!analyser.has("tls")).then_some(None);
    };
    let settings = Settings::read(&table, base);
    let ready = match line? {
        Transport::TcpListen(_) => settings.accept(),
        Transport::TcpConnect(peer) => settings.connect(peer),
        Transport::Serial(_) => {
            table.fault(&table.place(), "belongs to a TCP line: a serial line has no TLS");
            Err(Told)
        }
        Transport::Folder(_) => {
            table.fault(&table.place(), "belongs to a TCP line: a folder has no TLS");
            Err(Told)
        }
    };
    ready.ok().map(Some)
}

/// TLS of pages that people open: whoever comes shows no certificate, but a password. `Some(None)`
/// where the table is not there, `None` where it is at fault.
pub(super) fn own(parent: &Table<'_>, base: &Path) -> Option<Option<Arc<ServerConfig>>> {
    let Some(table) = parent.table("tls") else {
        return (!parent.has("tls")).then_some(None);
    };
    let identity = match identity(&table, base).ok()? {
        Some(identity) => identity,
        None => {
            let Told = missing(&table, "certificate and key: TLS needs who we are");
            return None;
        }
    };
    let Identity { certificate, key } = identity;
    match server(None, certificate.value, key.value) {
        Ok(config) => Some(Some(config)),
        Err(error) => {
            let Told = told(&table, &key.place, &error);
            None
        }
    }
}

impl<'t, 'd> Settings<'t, 'd> {
    fn read(table: &'t Table<'d>, base: &Path) -> Settings<'t, 'd> {
        Settings {
            table,
            identity: identity(table, base),
            peer_ca: file(table, "peer_ca", base, authorities),
            server_name: word(table, "server_name", server_name),
            client_certificate: word(table, "client_certificate", is_required),
        }
    }

    fn accept(self) -> Result<TlsConfig, Told> {
        let unwanted = "belongs to a line that we dial: leave it out";
        let unwanted = self.refuse(&self.server_name, unwanted);
        let table = self.table;
        let Ok(Some(identity)) = self.identity else {
            return match self.identity {
                Ok(_) => Err(missing(table, "certificate and key: TLS needs who we are")),
                Err(told) => Err(told),
            };
        };
        let asks = self.client_certificate?.is_none_or(|required| required.value);
        let authorities = match (self.peer_ca?, asks) {
            (Some(authorities), true) => Some(authorities.value),
            (None, false) => None,
            (None, true) => return Err(missing(table, NO_PEER_CA_LISTENING)),
            (Some(authorities), false) => {
                let wrong = "is of no use where client_certificate = \"none\": leave one out";
                table.fault(&authorities.place, wrong);
                return Err(Told);
            }
        };
        unwanted?;
        let Identity { certificate, key } = identity;
        let (key, place) = (key.value, key.place);
        let config = server(authorities, certificate.value, key);
        config.map_err(|error| told(table, &place, &error)).map(TlsConfig::Accept)
    }

    fn connect(self, peer: &str) -> Result<TlsConfig, Told> {
        let unwanted = "belongs to a line on which we listen: leave it out";
        let unwanted = self.refuse(&self.client_certificate, unwanted);
        let table = self.table;
        let identity = self.identity?;
        let Some(authorities) = self.peer_ca? else {
            return Err(missing(table, NO_PEER_CA_DIALLING));
        };
        let name = match self.server_name? {
            Some(name) => name.value,
            None => name_of_host(table, peer)?,
        };
        unwanted?;
        let place = identity.as_ref().map_or(table.place(), |identity| identity.key.place.clone());
        let config = client(authorities.value, identity);
        let config = config.map_err(|error| told(table, &place, &error))?;
        Ok(TlsConfig::Connect(config, name))
    }

    /// A key that this kind of line has no use for.
    fn refuse<T>(&self, read: &Optional<T>, wrong: &str) -> Result<(), Told> {
        if let Ok(Some(unwanted)) = read {
            self.table.fault(&unwanted.place, wrong);
            return Err(Told);
        }
        Ok(())
    }
}

const NO_PEER_CA_LISTENING: &str = "peer_ca: whose certificates are believed? Name the PEM file of \
    the authority that signed the analyser's, or ask for none with client_certificate = \"none\"";
const NO_PEER_CA_DIALLING: &str = "peer_ca: whose certificates are believed? Name the PEM file of \
    the authority that signed the analyser's, or that certificate itself";

fn missing(table: &Table<'_>, what: &str) -> Told {
    table.fault(&table.place(), format!("has no {what}"));
    Told
}

fn told(table: &Table<'_>, place: &Place, error: &Error) -> Told {
    let wrong = match error {
        Error::InconsistentKeys(_) => "is not the key of this certificate".to_owned(),
        other => format!("cannot be used for TLS: {other}"),
    };
    table.fault(place, wrong);
    Told
}

/// Every certificate is checked at every connection: nothing is resumed.
fn server(
    authorities: Option<RootCertStore>,
    certificate: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Arc<ServerConfig>, Error> {
    let provider = provider();
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let builder = match authorities {
        Some(authorities) => {
            let authorities = Arc::new(authorities);
            let verifier = WebPkiClientVerifier::builder_with_provider(authorities, provider)
                .build()
                .map_err(|error| Error::General(error.to_string()))?;
            builder.with_client_cert_verifier(verifier)
        }
        None => builder.with_no_client_auth(),
    };
    let mut config = builder.with_single_cert(certificate, key)?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(Arc::new(config))
}

/// As [`server`], for a line that we dial.
fn client(
    authorities: RootCertStore,
    identity: Option<Identity>,
) -> Result<Arc<ClientConfig>, Error> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()?
        .with_root_certificates(authorities);
    let mut config = match identity {
        Some(Identity { certificate, key }) => {
            builder.with_client_auth_cert(certificate.value, key.value)?
        }
        None => builder.with_no_client_auth(),
    };
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Certificate and key: both or neither.
fn identity(table: &Table<'_>, base: &Path) -> Result<Option<Identity>, Told> {
    let certificate = file(table, "certificate", base, certificates);
    let key = file(table, "key", base, private_key);
    match (certificate?, key?) {
        (Some(certificate), Some(key)) => Ok(Some(Identity { certificate, key })),
        (None, None) => Ok(None),
        (Some(Placed { place, .. }), None) => {
            table.fault(&place, "has no key beside it: name its private key with key = \"...\"");
            Err(Told)
        }
        (None, Some(Placed { place, .. })) => {
            let wrong = "has no certificate beside it: name it with certificate = \"...\"";
            table.fault(&place, wrong);
            Err(Told)
        }
    }
}

/// What a file holds that the table names.
fn file<T>(
    table: &Table<'_>,
    key: &str,
    base: &Path,
    parse: impl Fn(&[u8]) -> Result<T, String>,
) -> Optional<T> {
    word(table, key, |name| {
        let path = base.join(name);
        let read = bytes(&path).and_then(|bytes| parse(&bytes));
        read.map_err(|wrong| format!("{}: {wrong}", path.display()))
    })
}

fn word<T>(table: &Table<'_>, key: &str, parse: impl Fn(&str) -> Result<T, String>) -> Optional<T> {
    let Some(Placed { value, place }) = table.string(key) else {
        return if table.has(key) { Err(Told) } else { Ok(None) };
    };
    match parse(&value) {
        Ok(value) => Ok(Some(Placed { value, place })),
        Err(wrong) => {
            table.fault(&place, wrong);
            Err(Told)
        }
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error| format!("cannot be read: {error}");
    let most = limits::PEM_FILE_MAX;
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > most {
        return Err(format!("longer than {most} bytes: not a PEM file for one line"));
    }
    Ok(bytes)
}

fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(bytes).collect();
    let read = read.map_err(|_| "is damaged: its certificates cannot be read".to_owned())?;
    if read.is_empty() {
        return Err("no certificate in it: a PEM file with BEGIN CERTIFICATE is needed".to_owned());
    }
    Ok(read)
}

/// What the parser says stays out: it may quote.
fn private_key(bytes: &[u8]) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_slice(bytes).map_err(|_| {
        "no private key in it: a PEM file with BEGIN PRIVATE KEY is needed, not encrypted \
         (decrypt it with `openssl pkey`)"
            .to_owned()
    })
}

fn authorities(bytes: &[u8]) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    for (number, certificate) in (1..).zip(certificates(bytes)?) {
        store.add(certificate).map_err(|error| format!("certificate {number} in it: {error}"))?;
    }
    Ok(store)
}

fn server_name(text: &str) -> Result<ServerName<'static>, String> {
    ServerName::try_from(text.to_owned())
        .map_err(|_| format!("{text:?} is neither a host's name nor an IP address"))
}

fn name_of_host(table: &Table<'_>, peer: &str) -> Result<ServerName<'static>, Told> {
    let host = peer.rsplit_once(':').map_or(peer, |(host, _port)| host);
    server_name(host.trim_start_matches('[').trim_end_matches(']')).map_err(|wrong| {
        let wrong = format!("{wrong}: name what is in the analyser's certificate by server_name");
        table.fault(&table.place(), wrong);
        Told
    })
}

fn is_required(word: &str) -> Result<bool, String> {
    match word {
        "required" => Ok(true),
        "none" => Ok(false),
        other => Err(format!("{other:?} is neither \"required\" nor \"none\"")),
    }
}

/// Keys stay out of every log.
impl fmt::Debug for TlsConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TlsConfig::Accept(_) => "TLS, accepting",
            TlsConfig::Connect(..) => "TLS, connecting",
        })
    }
}
