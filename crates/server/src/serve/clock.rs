//! What moves virtual time.

// The only place where the real clock is read: this program faces real clients.
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

use session::Session;
use sim::{Duration, Time};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// How long is waited for a request when nothing happens.
const IDLE_WAIT: Duration = Duration::from_secs(1);
/// How long a client has to say more before a stream lets time run.
const CLIENT_WAIT: Duration = Duration::from_millis(60);
/// The same once time runs.
const STREAM_WAIT: Duration = Duration::from_millis(1);
/// The instant at which a stepped cluster begins: 23 November 2026, 12:00 UTC.
const STEPPED_BEGIN_SECONDS: u64 = 1_795_435_200;

/// What moves virtual time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockKind {
    /// Real time does.
    Real,
    /// Requests do, by what they cost, and those who ask for it.
    Stepped,
}

/// Real time and how it is translated.
pub(super) struct Clock {
    kind: ClockKind,
    speed: f64,
    started: Instant,
    begin_seconds: u64,
    /// Whether clients have had the time to say more, and said nothing.
    is_running: bool,
}

impl Clock {
    pub(super) fn new(kind: ClockKind, speed: f64) -> Clock {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let begin_seconds = if kind == ClockKind::Real { now } else { STEPPED_BEGIN_SECONDS };
        Clock { kind, speed, started: Instant::now(), begin_seconds, is_running: false }
    }

    /// The instant at which the session begins.
    pub(super) fn begin_seconds(&self) -> u64 {
        self.begin_seconds
    }

    fn target(&self) -> Time {
        Time::from_seconds(self.begin_seconds) + self.started.elapsed().mul_f64(self.speed)
    }

    /// Lets happen what is due by now.
    pub(super) fn catch_up(&self, session: &mut Session) {
        if self.kind == ClockKind::Real {
            session.run_until(self.target());
        }
    }

    /// How long to wait for a request before something else is due.
    pub(super) fn wait(&self, session: &Session, has_streams: bool) -> Duration {
        if self.kind == ClockKind::Stepped {
            return match (has_streams, self.is_running) {
                (false, _) => IDLE_WAIT,
                (true, false) => CLIENT_WAIT,
                (true, true) => STREAM_WAIT,
            };
        }
        let next = session.cluster().next_time().map(|at| at.since(self.target()));
        next.map_or(IDLE_WAIT, |pause| pause.div_f64(self.speed).min(IDLE_WAIT))
    }

    /// No request has come. A stream that is the only work lets a stepped clock run.
    pub(super) fn idle(&mut self, session: &mut Session, has_streams: bool) {
        if self.kind == ClockKind::Stepped && has_streams {
            self.is_running = true;
            session.step(Time::NEVER);
        }
    }

    /// A client has said something or has something to read: it is waited for.
    pub(super) fn give_way(&mut self) {
        self.is_running = false;
    }

    /// A request takes its time.
    pub(super) fn pay(&self, session: &mut Session, cost: Duration) {
        if self.kind == ClockKind::Stepped {
            session.run_until(session.now() + cost);
        }
    }
}

fn parameter(url: &str, path: &str, name: &str) -> Option<u64> {
    let (found, query) = url.split_once('?').unwrap_or((url, ""));
    if found != path {
        return None;
    }
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).and_then(|(_, value)| value.parse().ok())
}

/// The milliseconds of `/__clock/advance?ms=N`.
pub(super) fn advance_of(url: &str) -> Option<u64> {
    parameter(url, "/__clock/advance", "ms")
}

/// The seconds of `/__clock/settle?max=N`.
pub(super) fn settle_of(url: &str) -> Option<u64> {
    parameter(url, "/__clock/settle", "max")
}
