//! The parts of a cluster, as the loop that drives them sees them.

use apiserver::store::Change;
use kinds::Kind;
use sim::Time;

/// A part of the cluster that acts on its own: a controller, the scheduler, the kubelets.
///
/// Components meet only at the API server. The loop of the cluster tells each of the changes that
/// interest it, and wakes it when it asked to be woken.
pub trait Component {
    /// What it is called: `deployment-controller`.
    fn name(&self) -> &'static str;

    /// The kinds whose changes it is told of.
    fn interests(&self) -> Vec<&'static Kind>;

    /// Takes note of a change. Nothing is requested of the API server here.
    fn observe(&mut self, change: &Change);

    /// When it next has something to do, if ever.
    fn next_wake(&self) -> Option<Time>;

    /// Does what is due.
    fn wake(&mut self);
}
