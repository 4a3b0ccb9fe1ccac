//! The certificates of a cluster: its authority, its server, its administrator.
//!
//! They are made anew for every cluster, as kubeadm does, and are the only thing here that is not
//! drawn from the seed: whoever knows the seed must not be able to make them too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use std::io;

/// By which names clients may call the server.
const SERVER_NAMES: [&str; 7] = [
    "127.0.0.1",
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "10.96.0.1",
];
/// The group whose members kubeadm makes administrators.
pub(super) const ADMINISTRATORS: &str = "kubeadm:cluster-admins";
/// The administrator.
pub(super) const ADMINISTRATOR: &str = "kubernetes-admin";

/// A certificate and its key, as they are encoded.
pub(super) struct Identity {
    pub(super) certificate: Vec<u8>,
    pub(super) key: Vec<u8>,
}

/// The certificates of one cluster.
pub(super) struct Certificates {
    pub(super) authority: Vec<u8>,
    pub(super) server: Identity,
    pub(super) administrator: Identity,
}

type Issuer = CertifiedIssuer<'static, KeyPair>;

impl Certificates {
    /// Makes them.
    ///
    /// # Errors
    /// If the machine has no randomness to give.
    pub(super) fn new() -> io::Result<Certificates> {
        make().map_err(io::Error::other)
    }
}

fn make() -> Result<Certificates, rcgen::Error> {
    let mut authority = named("kubernetes", &[])?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
    let authority = Issuer::self_signed(authority, KeyPair::generate()?)?;
    let mut server = named("kube-apiserver", &SERVER_NAMES)?;
    server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let mut administrator = named(ADMINISTRATOR, &[])?;
    administrator.distinguished_name.push(DnType::OrganizationName, ADMINISTRATORS);
    administrator.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(Certificates {
        server: issue(server, &authority)?,
        administrator: issue(administrator, &authority)?,
        authority: authority.der().to_vec(),
    })
}

fn named(name: &str, addresses: &[&str]) -> Result<CertificateParams, rcgen::Error> {
    let addresses: Vec<String> = addresses.iter().map(|address| (*address).to_owned()).collect();
    let mut parameters = CertificateParams::new(addresses)?;
    parameters.distinguished_name.remove(DnType::CommonName);
    parameters.distinguished_name.push(DnType::CommonName, name);
    Ok(parameters)
}

fn issue(mut parameters: CertificateParams, authority: &Issuer) -> Result<Identity, rcgen::Error> {
    parameters.key_usages =
        vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
    parameters.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let certificate = parameters.signed_by(&key, authority)?;
    Ok(Identity { certificate: certificate.der().to_vec(), key: key.serialize_der() })
}

/// The form in which a kubeconfig file holds certificates and keys: PEM, in base64.
pub(super) fn pem_data(label: &str, bytes: &[u8]) -> String {
    const LINE_LENGTH: usize = 64;
    let text = STANDARD.encode(bytes);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(LINE_LENGTH));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    STANDARD.encode(pem)
}
