//! TLS, as seen by the two threads of a connection: one reads, one writes.
//!
//! A client may show a certificate. Whether it is one of the cluster's is for the API server to say,
//! which answers 401 to any other, as a real one does.

use super::certificates::Certificates;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, ServerConfig, ServerConnection,
    SignatureScheme,
};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The first byte of everything that a client says who speaks TLS.
pub(super) const HANDSHAKE: u8 = 0x16;
const READ_BYTES: usize = 16 * 1024;

/// What the server says of itself.
///
/// # Errors
/// If the certificates are of no use.
pub(super) fn configuration(certificates: &Certificates) -> io::Result<Arc<ServerConfig>> {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(AnyCertificate(provider.clone()));
    let chain = vec![CertificateDer::from(certificates.server.certificate.clone())];
    let key = PrivatePkcs8KeyDer::from(certificates.server.key.clone());
    let mut configuration = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, PrivateKeyDer::from(key))
        .map_err(io::Error::other)?;
    configuration.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(configuration))
}

/// A connection; clones are the same one.
#[derive(Clone)]
pub(super) struct Tls(Arc<Shared>);

struct Shared {
    connection: Mutex<ServerConnection>,
    /// Records go out in the order in which they were made.
    turn: Mutex<()>,
    socket: TcpStream,
}

/// What a poisoned lock guards is a connection that fails anyway.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Tls {
    /// Begins to speak TLS.
    ///
    /// # Errors
    /// If the configuration is of no use or the socket fails.
    pub(super) fn accept(socket: &TcpStream, configuration: &Arc<ServerConfig>) -> io::Result<Tls> {
        let connection = ServerConnection::new(configuration.clone()).map_err(io::Error::other)?;
        Ok(Tls(Arc::new(Shared {
            connection: Mutex::new(connection),
            turn: Mutex::new(()),
            socket: socket.try_clone()?,
        })))
    }

    /// The half that reads.
    pub(super) fn reader(&self) -> Reader {
        Reader { tls: self.clone(), received: Vec::new() }
    }

    /// The client's certificate in base64, once it has sent something.
    pub(super) fn certificate(&self) -> Option<String> {
        let connection = lock(&self.0.connection);
        connection.peer_certificates()?.first().map(|certificate| STANDARD.encode(certificate))
    }

    /// Tells the client that nothing more will come.
    pub(super) fn close(&self) {
        lock(&self.0.connection).send_close_notify();
        // A client that is gone need not be told.
        let _ = self.send();
    }

    /// Sends the records that are ready.
    fn send(&self) -> io::Result<()> {
        let _turn = lock(&self.0.turn);
        let mut records = Vec::new();
        let mut connection = lock(&self.0.connection);
        while connection.wants_write() {
            connection.write_tls(&mut records)?;
        }
        drop(connection);
        (&self.0.socket).write_all(&records)
    }
}

impl Write for Tls {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = lock(&self.0.connection).writer().write(bytes)?;
        self.send()?;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}

/// The half of a connection that reads.
pub(super) struct Reader {
    tls: Tls,
    /// What has come and was not yet given to TLS.
    received: Vec<u8>,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match lock(&self.tls.0.connection).reader().read(buffer) {
                Err(why) if why.kind() == io::ErrorKind::WouldBlock => {}
                // Whoever ends without a word has ended all the same.
                Err(why) if why.kind() == io::ErrorKind::UnexpectedEof => return Ok(0),
                read => return read,
            }
            if self.received.is_empty() {
                let mut bytes = [0; READ_BYTES];
                let count = (&self.tls.0.socket).read(&mut bytes)?;
                self.received.extend_from_slice(&bytes[..count]);
            }
            self.feed()?;
        }
    }
}

impl Reader {
    /// Gives TLS a piece of what has come; what it does not take yet waits. Nothing is the end.
    fn feed(&mut self) -> io::Result<()> {
        let mut connection = lock(&self.tls.0.connection);
        let taken = connection.read_tls(&mut self.received.as_slice())?;
        self.received.drain(..taken);
        let processed = connection.process_new_packets();
        let wants_write = connection.wants_write();
        drop(connection);
        if wants_write {
            self.tls.send()?;
        }
        processed.map(drop).map_err(io::Error::other)
    }
}

/// Takes every certificate whose key the client has.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
