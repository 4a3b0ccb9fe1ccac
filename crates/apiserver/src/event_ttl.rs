//! Events are forgotten an hour after they were last written.
//!
//! Models `--event-ttl`: a real server writes Events with a lease of etcd, which deletes them.

use crate::server::ApiServer;
use crate::store::{ObjectKey, Origin};
use api::{Text, Value};
use kinds::core::event;
use sim::{Cause, Duration, Time};

/// The default of `--event-ttl`.
const EVENT_TTL: Duration = Duration::from_secs(3_600);

/// An Event as it was written, and when it is forgotten unless it is written again.
pub(crate) struct Lease {
    expires: Time,
    revision: u64,
    key: ObjectKey,
}

impl ApiServer {
    /// Takes note of an Event that was stored.
    pub(crate) fn lease_event(&mut self, stored: &Value) {
        let revision = self.store().revision();
        let expires = self.now() + EVENT_TTL;
        let key = self.store().last_key().cloned().unwrap_or_else(|| ObjectKey::of(stored));
        self.event_leases.push_back(Lease { expires, revision, key });
    }

    /// When the next Event is forgotten.
    pub fn next_event_expiry(&self) -> Option<Time> {
        self.event_leases.front().map(|lease| lease.expires)
    }

    /// Forgets the Events whose time is over.
    pub fn forget_expired_events(&mut self) {
        let now = self.now();
        let resource = self.resource(&event::KIND);
        while let Some(lease) = self.event_leases.pop_front_if(|lease| lease.expires <= now) {
            let key = &lease.key;
            let found = self.store.get(resource, &key.namespace, &key.name);
            // One that was written since has a later lease.
            if let Some(event) = found.filter(|event| event.revision == lease.revision) {
                let object = event.object.clone();
                let actor = Text::from("etcd");
                let origin = Origin { time: now, actor, cause: Cause::Setup };
                self.store.delete(resource, object, origin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{ResourceId, StoreLimits};
    use api::object;
    use sim::Sim;

    fn write(server: &mut ApiServer, resource: ResourceId, name: &str, is_new: bool) {
        let metadata = object! { "name": name.to_owned(), "namespace": "default" };
        let event = object! { "metadata": metadata };
        let origin = Origin { time: server.now(), actor: Text::EMPTY, cause: Cause::Setup };
        let stored = match is_new {
            true => server.store.create(resource, event, origin),
            false => server.store.update(resource, event, origin),
        };
        server.lease_event(&stored);
    }

    #[test]
    fn an_event_lives_an_hour_from_its_last_change() {
        let sim = Sim::new(0, Time::from_seconds(1_000));
        let mut server = ApiServer::new(&sim, StoreLimits::default());
        let resource = server.resource(&event::KIND);
        write(&mut server, resource, "once", true);
        write(&mut server, resource, "again", true);
        sim.advance_to(Time::from_seconds(1_600));
        write(&mut server, resource, "again", false);
        let mut counts = Vec::new();
        while let Some(at) = server.next_event_expiry() {
            sim.advance_to(at);
            server.forget_expired_events();
            counts.push((at.seconds(), server.store().count(resource, None)));
        }
        assert_eq!(counts, [(4_600, 1), (5_200, 0)]);
    }
}
