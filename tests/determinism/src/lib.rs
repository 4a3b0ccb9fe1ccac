//! Functions that a JavaScript engine calls; a native program calls the first one alike.
//!
//! This crate alone of the tests allows `unsafe`: exporting a function by its name needs it.

/// The first eight bytes of the digest of the random session of this seed.
#[unsafe(no_mangle)]
pub extern "C" fn digest(seed: u64) -> u64 {
    let bytes = tests::random_session::play(seed, |_| {}).digest().0;
    bytes.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// Makes a cluster of so many nodes that runs so many Pods, and keeps it in memory. Gives the number
/// of Pods; whoever calls looks at the size of the memory.
#[unsafe(no_mangle)]
pub extern "C" fn keep_pods(nodes: u32, pods: u32) -> u32 {
    let (session, count) = tests::large_session::with_pods(nodes, pods);
    std::mem::forget(session);
    count
}
