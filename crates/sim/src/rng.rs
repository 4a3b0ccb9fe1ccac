//! Seeded randomness.

use rand_core::Rng as _;
use rand_pcg::Lcg64Xsh32;

/// The alphabet of Kubernetes' random suffixes and of its encoded hashes: no vowels, and no
/// digits or letters that are easily mistaken (`rand.SafeEncodeString`).
const SAFE_ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A stream of random numbers that depends on nothing but its seed.
///
/// The generator is PCG-32 with 64 bits of state, whose output is fixed by its definition. The
/// reductions below are our own so that no library update can change a session.
#[derive(Clone, Debug)]
pub struct Rng(Lcg64Xsh32);

impl Rng {
    /// The stream of `seed`.
    pub fn new(seed: u64) -> Rng {
        Rng(Lcg64Xsh32::new(seed, 0))
    }

    /// A stream of its own for the part called `label`, so that one more draw in one part of the
    /// cluster does not change what another part draws.
    pub fn derive(seed: u64, label: &str) -> Rng {
        // The label chooses one of the generator's 2^63 sequences: FNV-1a, 64 bits.
        let sequence = label.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Rng(Lcg64Xsh32::new(seed, sequence))
    }

    /// 32 random bits.
    pub fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    /// 64 random bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number from 0 up to, not including, `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: u32) -> u32 {
        ((u64::from(self.next_u32()) * u64::from(end)) >> 32) as u32
    }

    /// `middle` varied by up to `percent` % either way, evenly.
    pub fn around(&mut self, middle: std::time::Duration, percent: u32) -> std::time::Duration {
        let draw = self.below(2 * percent * 100 + 1);
        let parts = u64::from(10_000 - percent * 100 + draw);
        let nanos = middle.as_nanos() as u64;
        std::time::Duration::from_nanos(nanos / 10_000 * parts + nanos % 10_000 * parts / 10_000)
    }

    /// `length` characters as in the random part of a Pod's name.
    pub fn suffix(&mut self, length: usize) -> String {
        let pick = |_| SAFE_ALPHABET[self.below(SAFE_ALPHABET.len() as u32) as usize] as char;
        (0..length).map(pick).collect()
    }

    /// A random (version 4) UUID in its usual form.
    pub fn uuid(&mut self) -> String {
        let high = self.next_u64() & 0xffff_ffff_ffff_0fff | 0x4000;
        let low = self.next_u64() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            high >> 16 & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        )
    }

    /// `length` lower-case hexadecimal digits.
    pub fn hex(&mut self, length: usize) -> String {
        (0..length).map(|_| char::from_digit(self.below(16), 16).expect("below sixteen")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_streams_are_fixed_for_ever() {
        // A change here breaks every shared session.
        let mut rng = Rng::new(1);
        let drawn = [rng.suffix(5), rng.uuid(), Rng::derive(1, "names").suffix(5)];
        assert_eq!(drawn, ["6b5cs", "a0cd21d8-8c53-4036-9d26-e863b8e6a8d0", "7c6bg"]);
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut rng = Rng::new(7);
        for _ in 0..10_000 {
            assert!(rng.below(3) < 3);
            let varied = rng.around(Duration::from_millis(100), 20);
            assert!(varied >= Duration::from_millis(80) && varied <= Duration::from_millis(120));
        }
        assert_eq!(rng.below(0), 0);
        assert_eq!(rng.around(Duration::ZERO, 20), Duration::ZERO);
    }
}
