//! By what interned names are found; the build makes the table with the same function.

/// 32-bit FNV-1a.
pub(crate) fn name_hash(name: &str) -> u32 {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    name.bytes().fold(0x811c_9dc5, step)
}
