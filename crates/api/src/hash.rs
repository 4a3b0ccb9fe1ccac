//! Hashes that become part of names: the pod-template-hash and the hash of a ControllerRevision.

use crate::schema::types;
use crate::{Value, go};

const SAFE_ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// 32-bit FNV-1a.
pub fn fnv32a(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// Each character replaced by one of the alphabet of random names (`rand.SafeEncodeString`).
pub fn safe_encode(text: &str) -> String {
    let pick = |byte: u8| SAFE_ALPHABET[usize::from(byte) % SAFE_ALPHABET.len()] as char;
    text.bytes().map(pick).collect()
}

/// The pod-template-hash of a PodTemplateSpec, with the count of hash collisions if there were
/// any (`controller.ComputeHash`).
pub fn pod_template(template: &Value, collision_count: Option<i64>) -> String {
    let mut input = go::dump(types::CORE_V1_POD_TEMPLATE_SPEC.get(), template).into_bytes();
    if let Some(count) = collision_count {
        // Go writes the count as a little-endian 32-bit number into a buffer of eight bytes.
        let mut buffer = [0_u8; 8];
        buffer[..4].copy_from_slice(&(count as u32).to_le_bytes());
        input.extend_from_slice(&buffer);
    }
    safe_encode(&fnv32a(&input).to_string())
}
