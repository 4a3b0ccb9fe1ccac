//! One function that a JavaScript engine and a native program call alike.
//!
//! This crate alone of the tests allows `unsafe`: exporting a function by its name needs it.

/// The first eight bytes of the digest of the random session of this seed.
#[unsafe(no_mangle)]
pub extern "C" fn digest(seed: u64) -> u64 {
    let bytes = tests::random_session::play(seed, |_| {}).digest().0;
    bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
