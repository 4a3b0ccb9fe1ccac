//! SchedulingGates: a Pod with gates is not looked at before the last one is gone.

use api::Value;
use api::View;
use api::core::v1::Pod;

/// Whether the Pod may enter the active queue.
pub(crate) fn pre_enqueue(pod: &Value) -> bool {
    Pod::of(pod).spec().scheduling_gates().is_empty()
}
