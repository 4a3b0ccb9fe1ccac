//! One number for everything that has come of a session.

use apiserver::ApiServer;
use apiserver::store::Store;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// SHA-256 over time, all objects of the cluster and all output. Equal sessions have equal digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Collects what a digest is made of.
pub(crate) struct Digester(Sha256);

impl Digester {
    pub(crate) fn new() -> Digester {
        Digester(Sha256::new())
    }

    /// Adds bytes, with their length, so that no two lists of pieces look alike.
    pub(crate) fn piece(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.0.update(bytes);
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.0.update(number.to_le_bytes());
    }

    /// Adds every object that the API server holds.
    pub(crate) fn server(&mut self, server: &ApiServer) {
        let store: &Store = server.store();
        self.number(store.revision());
        for kind in server.registry().kinds() {
            let resource = server.registry().resource(kind);
            self.number(u64::from(resource.0));
            for stored in store.list(resource, None) {
                self.piece(api::json::to_string(&stored.object).as_bytes());
            }
        }
    }

    pub(crate) fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}
