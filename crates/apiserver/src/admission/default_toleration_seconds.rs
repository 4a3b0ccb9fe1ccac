//! DefaultTolerationSeconds: a Pod stays five minutes on a node that has gone silent.

use super::{Attributes, Context, Plugin};
use api::core::v1::Pod;
use api::{Status, Value, View, list, names, object};
use kinds::core::pod;

const NOT_READY: &str = "node.kubernetes.io/not-ready";
const UNREACHABLE: &str = "node.kubernetes.io/unreachable";
/// `--default-not-ready-toleration-seconds` and `--default-unreachable-toleration-seconds`
const TOLERATION_SECONDS: i64 = 300;

pub(super) struct DefaultTolerationSeconds {
    /// What most Pods get, shared by all.
    both: Value,
}

impl DefaultTolerationSeconds {
    pub(super) fn new() -> DefaultTolerationSeconds {
        DefaultTolerationSeconds { both: list![toleration(NOT_READY), toleration(UNREACHABLE)] }
    }
}

fn toleration(key: &'static str) -> Value {
    object! {
        "key": key,
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": TOLERATION_SECONDS,
    }
}

impl Plugin for DefaultTolerationSeconds {
    fn admit(
        &mut self,
        _: &Context<'_>,
        attributes: &mut Attributes<'_>,
        object: &mut Value,
    ) -> Result<(), Status> {
        if !attributes.is_for(&pod::KIND) {
            return Ok(());
        }
        let tolerates = |key: &str| {
            Pod::of(object).spec().tolerations().any(|t| {
                (t.key() == key || t.key().is_empty())
                    && (t.effect() == "NoExecute" || t.effect().is_empty())
            })
        };
        let missing: Vec<&'static str> =
            [NOT_READY, UNREACHABLE].into_iter().filter(|key| !tolerates(key)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let is_only = missing.len() == 2 && Pod::of(object).spec().tolerations().is_empty();
        object.update(&names::SPEC, |spec| {
            if is_only {
                spec.make_map().insert(&names::TOLERATIONS, self.both.clone());
                return;
            }
            spec.update(&names::TOLERATIONS, |tolerations| {
                for key in missing {
                    tolerations.make_list().push(toleration(key));
                }
            });
        });
        Ok(())
    }
}
