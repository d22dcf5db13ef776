//! TLS on a TCP line: the handshake, and the stream that bytes then pass through.
//!
//! Exists so that a line is the same to its driver with and without TLS. It refuses a peer that
//! has not proved who it is within [`limits::TLS_HANDSHAKE_WAIT`], and says in words what is wrong
//! with it; until then not one byte of it reaches a link.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustls::{AlertDescription, CertificateError, Error};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector, TlsStream};

use crate::config::TlsConfig;
use crate::limits;

/// A connected socket, with or without TLS.
pub(super) enum Stream {
    /// As it is.
    Plain(TcpStream),
    /// After the handshake; boxed, because it is large and most lines have none.
    Tls(Box<TlsStream<TcpStream>>),
}

/// Shakes hands, where the line has TLS.
///
/// # Errors
/// What is wrong with the peer, or with us in its eyes, and what to do.
pub(super) async fn secure(stream: TcpStream, tls: Option<TlsConfig>) -> io::Result<Stream> {
    match tls {
        None => Ok(Stream::Plain(stream)),
        Some(tls) => Box::pin(shake_hands(stream, tls)).await,
    }
}

async fn shake_hands(stream: TcpStream, tls: TlsConfig) -> io::Result<Stream> {
    let shaking = async {
        Ok(match tls {
            TlsConfig::Accept(server) => {
                TlsStream::Server(TlsAcceptor::from(server).accept(stream).await?)
            }
            TlsConfig::Connect(client, name) => {
                TlsStream::Client(TlsConnector::from(client).connect(name, stream).await?)
            }
        })
    };
    match tokio::time::timeout(limits::TLS_HANDSHAKE_WAIT, shaking).await {
        Ok(Ok(stream)) => Ok(Stream::Tls(Box::new(stream))),
        Ok(Err(error)) => Err(in_words(&error)),
        Err(_elapsed) => {
            let why = "TLS: no handshake in time: does the analyser speak TLS on this line?";
            Err(io::Error::new(io::ErrorKind::TimedOut, why))
        }
    }
}

fn in_words(error: &io::Error) -> io::Error {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let words = match tls {
        Some(tls) => format!("TLS: {}", words(tls)),
        None => format!("TLS: the handshake was cut short: {error}"),
    };
    io::Error::new(error.kind(), words)
}

/// Who must do what. Nothing that the peer sent is quoted.
fn words(error: &Error) -> String {
    match error {
        Error::InvalidMessage(_) | Error::InappropriateMessage { .. } => {
            "it does not speak TLS: switch TLS on at the analyser, or take [analyser.tls] out"
                .to_owned()
        }
        Error::NoCertificatesPresented => {
            "it shows no certificate: install one at the analyser that peer_ca has signed"
                .to_owned()
        }
        Error::InvalidCertificate(wrong) => certificate_words(wrong).to_owned(),
        Error::AlertReceived(alert) => format!("it refuses us: {}", alert_words(*alert)),
        Error::PeerIncompatible(_) => {
            "it offers no version of TLS or cipher that we have (TLS 1.2 \
            and 1.3): update the analyser"
                .to_owned()
        }
        other => format!("{other}"),
    }
}

const fn certificate_words(wrong: &CertificateError) -> &'static str {
    match wrong {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired: renew it (and check this machine's clock)"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet: check the clocks of the analyser and of this machine"
        }
        CertificateError::UnknownIssuer => {
            "its certificate is not signed by peer_ca: install one that is, or correct peer_ca"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name: correct server_name, or check who answers there"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "its certificate is made for another use (client or server): install another"
        }
        _ => "its certificate cannot be accepted: install another",
    }
}

const fn alert_words(alert: AlertDescription) -> &'static str {
    match alert {
        AlertDescription::UnknownCA => {
            "the authority of our certificate is not known to it: install that at the analyser"
        }
        AlertDescription::CertificateExpired => "our certificate has expired: renew it",
        AlertDescription::CertificateRequired => {
            "it wants a certificate of ours: name one with certificate and key"
        }
        AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown => "our certificate is not to its liking",
        _ => "it ended the handshake: look into its own log",
    }
}

impl AsyncRead for Stream {
    /// A peer that goes without the farewell of TLS has gone all the same: messages have their own
    /// ends, so what it cut off is seen.
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Stream::Tls(stream) => match Pin::new(stream).poll_read(context, buffer) {
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    Poll::Ready(Ok(()))
                }
                Poll::Ready(Err(error)) if error.get_ref().is_some() => {
                    Poll::Ready(Err(in_words(&error)))
                }
                polled => polled,
            },
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Stream::Tls(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_flush(context),
            Stream::Tls(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Stream::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Stream::Tls(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}

#[cfg(test)]
mod tests {
    use rustls::InvalidMessage;

    use super::*;

    #[test]
    fn what_failed_is_said_with_what_to_do() {
        for (error, expected) in [
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), "switch TLS on"),
            (Error::NoCertificatesPresented, "install one at the analyser"),
            (Error::InvalidCertificate(CertificateError::Expired), "renew it"),
            (Error::InvalidCertificate(CertificateError::NotValidYet), "check the clocks"),
            (Error::InvalidCertificate(CertificateError::UnknownIssuer), "correct peer_ca"),
            (Error::InvalidCertificate(CertificateError::NotValidForName), "server_name"),
            (Error::InvalidCertificate(CertificateError::InvalidPurpose), "another use"),
            (Error::InvalidCertificate(CertificateError::BadEncoding), "install another"),
            (Error::AlertReceived(AlertDescription::UnknownCA), "refuses us: the authority"),
            (Error::AlertReceived(AlertDescription::CertificateRequired), "certificate and key"),
            (Error::AlertReceived(AlertDescription::BadCertificate), "not to its liking"),
            (Error::AlertReceived(AlertDescription::InternalError), "its own log"),
        ] {
            let told = in_words(&io::Error::new(io::ErrorKind::InvalidData, error));
            assert!(told.to_string().contains(expected), "{told}");
        }
        let cut = in_words(&io::ErrorKind::UnexpectedEof.into());
        assert!(cut.to_string().contains("cut short"), "{cut}");
    }

    /// Most lines have no TLS.
    #[test]
    fn a_plain_line_does_not_pay_for_tls() {
        assert!(size_of::<Stream>() <= size_of::<TcpStream>() + size_of::<usize>());
    }
}
