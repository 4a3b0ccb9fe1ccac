//! Node selectors: which nodes a Pod or a volume accepts.
//!
//! Models `k8s.io/component-helpers/scheduling/corev1/nodeaffinity`: terms are alternatives, the
//! requirements within a term must all hold, and a term that cannot be read matches nothing.

use api::core::v1::{NodeSelector, NodeSelectorRequirement, NodeSelectorTerm};
use api::{Map, StringMap};

/// How a requirement compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

#[derive(Clone, Debug)]
struct Requirement {
    key: String,
    operator: Operator,
    values: Vec<String>,
}

impl Requirement {
    fn of(requirement: NodeSelectorRequirement<'_>) -> Option<Requirement> {
        let operator = match requirement.operator() {
            "In" => Operator::In,
            "NotIn" => Operator::NotIn,
            "Exists" => Operator::Exists,
            "DoesNotExist" => Operator::DoesNotExist,
            "Gt" => Operator::GreaterThan,
            "Lt" => Operator::LessThan,
            _ => return None,
        };
        let values: Vec<String> = requirement.values().map(str::to_owned).collect();
        let is_number = |text: &String| text.parse::<i64>().is_ok();
        let is_readable = match operator {
            Operator::In | Operator::NotIn => !values.is_empty(),
            Operator::Exists | Operator::DoesNotExist => values.is_empty(),
            Operator::GreaterThan | Operator::LessThan => {
                values.len() == 1 && values.iter().all(is_number)
            }
        };
        let key = requirement.key().to_owned();
        is_readable.then_some(Requirement { key, operator, values })
    }

    fn matches(&self, value: Option<&str>) -> bool {
        let is_listed = || value.is_some_and(|value| self.values.iter().any(|v| v == value));
        match self.operator {
            Operator::In => is_listed(),
            Operator::NotIn => !is_listed(),
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::GreaterThan => self.compares(value, |number, bound| number > bound),
            Operator::LessThan => self.compares(value, |number, bound| number < bound),
        }
    }

    fn compares(&self, value: Option<&str>, holds: impl Fn(i64, i64) -> bool) -> bool {
        let number = value.and_then(|value| value.parse().ok());
        let bound = self.values.first().and_then(|bound| bound.parse().ok());
        number.zip(bound).is_some_and(|(n, b)| holds(n, b))
    }
}

/// What must hold together.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    labels: Vec<Requirement>,
    fields: Vec<Requirement>,
    is_readable: bool,
}

impl Term {
    /// `None` for an empty term, which upstream leaves out.
    pub(crate) fn of(term: NodeSelectorTerm<'_>) -> Option<Term> {
        if term.match_expressions().is_empty() && term.match_fields().is_empty() {
            return None;
        }
        let labels: Option<Vec<_>> = term.match_expressions().map(Requirement::of).collect();
        // A field is compared with exactly one value.
        let field = |requirement: NodeSelectorRequirement<'_>| {
            let is_one = requirement.values().len() == 1;
            let is_known = matches!(requirement.operator(), "In" | "NotIn");
            Requirement::of(requirement).filter(|_| is_one && is_known)
        };
        let fields: Option<Vec<_>> = term.match_fields().map(field).collect();
        let is_readable = labels.is_some() && fields.is_some();
        Some(Term {
            labels: labels.unwrap_or_default(),
            fields: fields.unwrap_or_default(),
            is_readable,
        })
    }

    /// Whether a node fulfils the term.
    pub(crate) fn matches(&self, node: &str, labels: &Map) -> bool {
        let field = |key: &str| (key == "metadata.name").then_some(node);
        self.is_readable
            && self.labels.iter().all(|r| r.matches(StringMap(labels).get(&r.key)))
            && self.fields.iter().all(|r| r.matches(Some(field(&r.key).unwrap_or_default())))
    }

    /// The only names of nodes that the term can match; `None` if it names none.
    pub(crate) fn node_names(&self) -> Option<Vec<&str>> {
        let names = |r: &'_ &Requirement| r.key == "metadata.name" && r.operator == Operator::In;
        let mut named = self.fields.iter().filter(names);
        let mut result: Vec<&str> = named.next()?.values.iter().map(String::as_str).collect();
        for other in named {
            result.retain(|name| other.values.iter().any(|v| v == name));
        }
        Some(result)
    }
}

/// The terms of a selector, in their order, without the empty ones.
pub(crate) fn terms_of(selector: NodeSelector<'_>) -> Vec<Term> {
    selector.node_selector_terms().filter_map(Term::of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{Value, View, list, object};

    fn expression(key: &'static str, operator: &'static str, values: Value) -> Value {
        object! { "key": key, "operator": operator, "values": values }
    }

    fn check(part: &'static str, requirement: Value, expected: bool) {
        let selector = object! { "nodeSelectorTerms": list![
            Value::Map([(part, list![&requirement])].into_iter().collect())
        ] };
        let labels: Map = [("zone", "a"), ("cores", "8")].into_iter().collect();
        let terms = terms_of(NodeSelector::of(&selector));
        let matches = terms.iter().any(|term| term.matches("n1", &labels));
        assert_eq!(matches, expected, "{requirement:?}");
    }

    #[test]
    fn operators_mean_what_they_say() {
        let labels = "matchExpressions";
        for (key, operator, values, expected) in [
            ("zone", "In", list!["a", "b"], true),
            ("zone", "In", list!["b"], false),
            ("zone", "NotIn", list!["b"], true),
            ("none", "NotIn", list!["b"], true),
            ("none", "In", list![""], false),
            ("zone", "Exists", Value::Null, true),
            ("none", "Exists", Value::Null, false),
            ("none", "DoesNotExist", Value::Null, true),
            ("cores", "Gt", list!["4"], true),
            ("cores", "Lt", list!["8"], false),
            ("zone", "Gt", list!["4"], false),
            ("zone", "Between", list!["a"], false),
        ] {
            check(labels, expression(key, operator, values), expected);
        }
        let fields = "matchFields";
        check(fields, expression("metadata.name", "In", list!["n1"]), true);
        check(fields, expression("metadata.name", "In", list!["n2"]), false);
        check(fields, expression("metadata.name", "NotIn", list!["n2"]), true);
        check(fields, expression("metadata.name", "In", list!["n1", "n2"]), false);
    }

    #[test]
    fn a_selector_without_terms_matches_nothing() {
        let selector = object! { "nodeSelectorTerms": list![Value::EMPTY_MAP] };
        assert!(terms_of(NodeSelector::of(&selector)).is_empty());
    }
}
