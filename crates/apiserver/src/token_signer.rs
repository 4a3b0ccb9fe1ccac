//! JSON Web Tokens that nobody else can make.
//!
//! The form is that of the real thing. What stands in the place of the RSA signature is a digest of
//! the text and of a key that the server keeps to itself.

use api::{Value, json, object};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use sim::Rng;

/// The length of a signature by RSA with 2048 bits.
const SIGNATURE_BYTES: usize = 256;
const DIGEST_BYTES: usize = 32;

/// Signs tokens and knows its own.
pub(crate) struct TokenSigner {
    key: Vec<u8>,
}

impl TokenSigner {
    /// A signer with a key of its own.
    pub(crate) fn new(mut rng: Rng) -> TokenSigner {
        let words = DIGEST_BYTES / size_of::<u32>();
        TokenSigner { key: (0..words).flat_map(|_| rng.next_u32().to_le_bytes()).collect() }
    }

    /// The token that says this.
    pub(crate) fn sign(&self, claims: &Value) -> String {
        let header = object! { "alg": "RS256", "kid": URL_SAFE_NO_PAD.encode(self.digest(b"", 0)) };
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(json::to_string(value));
        let text = format!("{}.{}", part(&header), part(claims));
        let signature = self.signature(&text);
        format!("{text}.{signature}")
    }

    /// What a token says; nothing if it is not one of ours.
    pub(crate) fn verify(&self, token: &str) -> Option<Value> {
        let (text, signature) = token.rsplit_once('.')?;
        if self.signature(text) != signature {
            return None;
        }
        let (_, claims) = text.split_once('.')?;
        json::parse(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    fn signature(&self, text: &str) -> String {
        let parts = 1..=(SIGNATURE_BYTES / DIGEST_BYTES) as u8;
        let bytes: Vec<u8> = parts.flat_map(|part| self.digest(text.as_bytes(), part)).collect();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn digest(&self, text: &[u8], part: u8) -> [u8; DIGEST_BYTES] {
        Sha256::new()
            .chain_update(&self.key)
            .chain_update([part])
            .chain_update(text)
            .finalize()
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_tokens_are_believed() {
        let signer = TokenSigner::new(Rng::new(1));
        let other = TokenSigner::new(Rng::new(2));
        let claims = object! { "sub": "system:serviceaccount:default:default" };
        let token = signer.sign(&claims);
        assert_eq!(signer.verify(&token), Some(claims));
        assert_eq!(other.verify(&token), None);
        let forged = object! { "sub": "system:serviceaccount:kube-system:default" };
        let payload = URL_SAFE_NO_PAD.encode(json::to_string(&forged));
        let parts: Vec<&str> = token.split('.').collect();
        for wrong in ["", "x", "a.b", "a.b.c", &format!("{}.{payload}.{}", parts[0], parts[2])] {
            assert_eq!(signer.verify(wrong), None, "{wrong}");
        }
    }
}
