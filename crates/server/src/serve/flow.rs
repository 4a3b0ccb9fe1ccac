//! Answers that go on, and the clients that they go to.

use super::connection::ConnectionId;
use sim::Time;
use std::collections::BTreeMap;
use std::sync::mpsc::Sender;

/// An answer that goes on.
pub(super) trait Flow {
    /// Takes what the client sends.
    fn receive(&mut self, bytes: &[u8]) {
        // Most clients only listen.
        let _ = bytes;
    }

    /// Adds what has come for the client; false if nothing more will.
    fn pump(&mut self, now: Time, out: &mut Vec<u8>) -> bool;
}

struct Entry {
    flow: Box<dyn Flow>,
    client: Sender<Vec<u8>>,
    /// Whether a stepped clock takes no notice of it.
    is_held: bool,
}

/// All answers that go on.
#[derive(Default)]
pub(super) struct Flows(BTreeMap<ConnectionId, Entry>);

impl Flows {
    /// Whether there is any that lets a stepped clock run.
    pub(super) fn move_the_clock(&self) -> bool {
        self.0.values().any(|entry| !entry.is_held)
    }

    /// From now on a stepped clock takes no notice of those that are there; gives their number.
    pub(super) fn hold(&mut self) -> usize {
        for entry in self.0.values_mut() {
            entry.is_held = true;
        }
        self.0.len()
    }

    pub(super) fn add(&mut self, id: ConnectionId, flow: Box<dyn Flow>, client: Sender<Vec<u8>>) {
        self.0.insert(id, Entry { flow, client, is_held: false });
    }

    pub(super) fn receive(&mut self, id: ConnectionId, bytes: &[u8]) {
        if let Some(entry) = self.0.get_mut(&id) {
            entry.flow.receive(bytes);
        }
    }

    pub(super) fn remove(&mut self, id: ConnectionId) {
        self.0.remove(&id);
    }

    /// Passes on what has happened; says whether anything was for a client that moves the clock.
    pub(super) fn pump(&mut self, now: Time) -> bool {
        let mut has_delivered = false;
        self.0.retain(|_, entry| {
            let mut out = Vec::new();
            let goes_on = entry.flow.pump(now, &mut out);
            has_delivered |= !entry.is_held && !(out.is_empty() && goes_on);
            let is_there = out.is_empty() || entry.client.send(out).is_ok();
            goes_on && is_there
        });
        has_delivered
    }
}
