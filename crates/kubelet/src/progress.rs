//! How far a kubelet has come with a Pod: what the objects of the API do not say.

use crate::Kubelets;
use crate::node::Node;
use crate::pod::{PodWorker, Step};
use images::Lookup;
use sim::Time;

/// What a kubelet is in the middle of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// An image is being pulled, and will be there in the end.
    Pulling {
        /// Since when; later than now while it waits for its turn.
        started: Time,
        /// Until when.
        ends: Time,
    },
    /// Something failed and is not tried again before the end of a delay.
    BackingOff {
        /// When the delay began.
        since: Time,
        /// When it ends.
        until: Time,
    },
}

impl Kubelets {
    /// What the kubelet of `node` is in the middle of with the Pod of that uid.
    pub fn progress(&self, node: &str, uid: &str) -> Option<Progress> {
        let node = self.nodes.get(*self.by_name.get(node)?)?;
        let worker = node.workers.get(uid)?;
        if let Some((Step::Pulling(_, pull), _)) = &worker.step
            && let Lookup::Found(_) = self.shared.catalogue.find(&pull.reference)
        {
            return Some(Progress::Pulling { started: pull.started, ends: pull.ends });
        }
        back_off(node, worker)
    }
}

/// The longest delay among the Pod's containers and their images.
fn back_off(node: &Node, worker: &PodWorker) -> Option<Progress> {
    let of_container = |(index, state): (usize, &crate::pod::ContainerState)| {
        let exit = state.current.as_ref()?.exit.as_ref()?;
        let since = exit.at.max(worker.start_time);
        Some((since, since + worker.backoff.delay(&index)?))
    };
    let of_image = |index: usize| {
        let image = worker.spec_of(index).image().to_owned();
        node.images.backoff.span(&(worker.uid.clone(), image))
    };
    let containers = worker.containers.iter().enumerate().filter_map(of_container);
    let images = (0..worker.containers.len()).filter_map(of_image);
    let (since, until) = containers.chain(images).max_by_key(|(_, until)| *until)?;
    Some(Progress::BackingOff { since, until })
}
