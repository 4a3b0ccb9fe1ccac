//! Whatever a person does, a session computed again gives the same bytes.

use proptest::prelude::*;
use session::{Log, Session};
use tests::random_session;

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_replayed_session_is_the_same(seed in any::<u64>()) {
        let session = random_session::play(seed, |_| {});
        let log = session.log();
        let read = Log::decode(&log.encode()).expect("what was written can be read");
        prop_assert_eq!(&read, &log);
        let again = Session::replay(&read).expect("a session can be replayed");
        prop_assert_eq!(Some(again.digest()), log.digest);
    }

    #[test]
    fn looking_changes_nothing(seed in any::<u64>()) {
        let unseen = random_session::play(seed, |_| {}).digest();
        let seen = random_session::play(seed, |session| {
            let _ = session.log();
        });
        prop_assert_eq!(seen.digest(), unseen);
    }

    #[test]
    fn damaged_logs_are_refused_or_replayed(seed in any::<u64>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = random_session::play(seed % 4, |_| {}).log().encode();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        // Neither reading nor replaying may panic.
        if let Ok(log) = Log::decode(&bytes) && log.end_ns < 10_u64.pow(12) {
            let _ = Session::replay(&log).map(|session| session.digest());
        }
    }
}
