//! Which Pods a node takes, as far as controllers have to know it: taints, names, labels.

use api::core::v1::{Node, NodeSelectorTerm, Pod, PodSpec, Taint, Toleration};
use api::{Value, View, Views};
use kinds::table;

/// Whether a toleration covers a taint.
pub(crate) fn tolerates(toleration: Toleration<'_>, taint: Taint<'_>) -> bool {
    let is_effect = toleration.effect().is_empty() || toleration.effect() == taint.effect();
    let is_key = toleration.key().is_empty() || toleration.key() == taint.key();
    let is_value = match toleration.operator() {
        "Exists" => true,
        _ => !toleration.key().is_empty() && toleration.value() == taint.value(),
    };
    is_effect && is_key && is_value
}

/// Whether any of the tolerations covers a taint.
pub(crate) fn are_tolerating(tolerations: Views<'_, Toleration<'_>>, taint: Taint<'_>) -> bool {
    let mut tolerations = tolerations;
    tolerations.any(|toleration| tolerates(toleration, taint))
}

/// Whether the name, the labels and the selectors let a Pod run on a node.
pub(crate) fn selects(pod: PodSpec<'_>, node: &Value) -> bool {
    let metadata = table::metadata(node);
    if !pod.node_name().is_empty() && pod.node_name() != metadata.name() {
        return false;
    }
    let labels = metadata.labels();
    if !pod.node_selector().iter().all(|(key, value)| labels.get(key) == Some(value)) {
        return false;
    }
    let required = pod
        .affinity()
        .and_then(|affinity| affinity.node_affinity())
        .and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution());
    required.is_none_or(|selector| {
        let mut terms = selector.node_selector_terms();
        terms.any(|term| matches_term(term, node))
    })
}

fn matches_term(term: NodeSelectorTerm<'_>, node: &Value) -> bool {
    let metadata = table::metadata(node);
    if term.match_expressions().is_empty() && term.match_fields().is_empty() {
        return false;
    }
    let mut expressions = term.match_expressions();
    let mut fields = term.match_fields();
    expressions.all(|r| {
        let value = metadata.labels().get(r.key());
        meets(r.operator(), value, &r.values().collect::<Vec<_>>())
    }) && fields.all(|r| {
        let value = (r.key() == "metadata.name").then(|| metadata.name());
        meets(r.operator(), value, &r.values().collect::<Vec<_>>())
    })
}

fn meets(operator: &str, value: Option<&str>, wanted: &[&str]) -> bool {
    let number = |text: &str| text.parse::<i64>().ok();
    let bound = || number(wanted.first()?);
    match operator {
        "In" => value.is_some_and(|value| wanted.contains(&value)),
        "NotIn" => value.is_none_or(|value| !wanted.contains(&value)),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        "Gt" => value.and_then(number).zip(bound()).is_some_and(|(value, bound)| value > bound),
        "Lt" => value.and_then(number).zip(bound()).is_some_and(|(value, bound)| value < bound),
        _ => false,
    }
}

/// The taints of a node with one of these effects that a Pod does not tolerate.
pub(crate) fn untolerated<'a>(
    node: &'a Value,
    pod: PodSpec<'a>,
    effects: &'a [&'a str],
) -> impl Iterator<Item = Taint<'a>> {
    let taints = Node::of(node).spec().taints();
    taints.filter(move |taint| {
        effects.contains(&taint.effect()) && !are_tolerating(pod.tolerations(), *taint)
    })
}

/// The node that a Pod is bound to, or is made for by its affinity.
pub(crate) fn target_of(pod: Pod<'_>) -> Option<String> {
    let spec = pod.spec();
    if !spec.node_name().is_empty() {
        return Some(spec.node_name().to_owned());
    }
    let affinity = spec.affinity()?.node_affinity()?;
    let required = affinity.required_during_scheduling_ignored_during_execution()?;
    let mut fields = required.node_selector_terms().flat_map(|term| term.match_fields());
    let named = fields.find(|field| field.key() == "metadata.name" && field.operator() == "In")?;
    named.values().next().map(str::to_owned)
}
