//! Taints of nodes and the tolerations of Pods.

use api::core::v1::{NodeSpec, PodSpec, Toleration as TolerationView};

/// What a taint does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    NoSchedule,
    PreferNoSchedule,
    NoExecute,
}

impl Effect {
    fn parse(text: &str) -> Option<Effect> {
        match text {
            "NoSchedule" => Some(Effect::NoSchedule),
            "PreferNoSchedule" => Some(Effect::PreferNoSchedule),
            "NoExecute" => Some(Effect::NoExecute),
            _ => None,
        }
    }

    /// Whether it keeps Pods from being placed on the node.
    pub(crate) fn forbids(self) -> bool {
        self != Effect::PreferNoSchedule
    }
}

/// A taint of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taint {
    pub(crate) key: String,
    pub(crate) value: String,
    pub(crate) effect: Effect,
}

/// The taints of a node; those with an effect that nobody knows have none.
pub(crate) fn taints_of(node: NodeSpec<'_>) -> Vec<Taint> {
    let taint = |taint: api::core::v1::Taint<'_>| {
        Some(Taint {
            key: taint.key().to_owned(),
            value: taint.value().to_owned(),
            effect: Effect::parse(taint.effect())?,
        })
    };
    node.taints().filter_map(taint).collect()
}

/// A toleration of a Pod.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Toleration {
    key: String,
    /// `None` for any.
    value: Option<String>,
    /// `None` for all.
    effect: Option<Effect>,
}

impl Toleration {
    fn of(toleration: TolerationView<'_>) -> Option<Toleration> {
        let value = match toleration.operator() {
            "" | "Equal" => Some(toleration.value().to_owned()),
            "Exists" => None,
            _ => return None,
        };
        let effect = match toleration.effect() {
            "" => None,
            text => Some(Effect::parse(text)?),
        };
        Some(Toleration { key: toleration.key().to_owned(), value, effect })
    }

    /// Whether it tolerates a taint.
    pub(crate) fn tolerates(&self, key: &str, value: &str, effect: Effect) -> bool {
        self.effect.is_none_or(|own| own == effect)
            && (self.key.is_empty() || self.key == key)
            && self.value.as_ref().is_none_or(|own| own == value)
    }
}

/// The tolerations of a Pod.
pub(crate) fn tolerations_of(pod: PodSpec<'_>) -> Vec<Toleration> {
    pod.tolerations().filter_map(Toleration::of).collect()
}

/// The first taint that keeps a Pod with these tolerations away.
pub(crate) fn first_untolerated<'a>(
    taints: &'a [Taint],
    tolerations: &[Toleration],
) -> Option<&'a Taint> {
    taints.iter().find(|taint| {
        taint.effect.forbids()
            && !tolerations.iter().any(|t| t.tolerates(&taint.key, &taint.value, taint.effect))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{View, object};

    #[test]
    fn tolerations_tolerate() {
        let check = |toleration: api::Value, expected: bool| {
            let tolerates = Toleration::of(TolerationView::of(&toleration))
                .is_some_and(|t| t.tolerates("gpu", "a100", Effect::NoSchedule));
            assert_eq!(tolerates, expected, "{toleration:?}");
        };
        check(object! { "key": "gpu", "value": "a100" }, true);
        check(object! { "key": "gpu", "operator": "Equal", "value": "h100" }, false);
        check(object! { "key": "gpu", "operator": "Exists" }, true);
        check(object! { "operator": "Exists" }, true);
        check(object! { "key": "cpu", "operator": "Exists" }, false);
        check(object! { "operator": "Exists", "effect": "NoExecute" }, false);
        check(object! { "operator": "Exists", "effect": "NoSchedule" }, true);
        check(object! { "key": "gpu", "operator": "Unheard" }, false);
    }
}
