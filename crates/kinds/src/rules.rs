//! Checks that the rules of many kinds share.
//!
//! Models `k8s.io/apimachinery/pkg/api/validation` and the helpers at the end of
//! `k8s.io/kubernetes/pkg/apis/core/validation`. Nothing here allocates while all is well.

use api::field::{BadValue, ErrorList, Path};
use api::{IntOrString, Value, View, validation};
use std::collections::BTreeSet;

/// The detail of errors about what must stay as it is.
pub const IMMUTABLE: &str = "field is immutable";
/// The detail of errors about negative numbers.
pub const NOT_NEGATIVE: &str = "must be greater than or equal to 0";
/// The largest number that a 32-bit field holds.
pub const INT32_MAX: i64 = i32::MAX as i64;

/// Reports each problem that `check` finds in `text`.
pub fn check(check: fn(&str) -> Vec<String>, text: &str, at: &Path<'_>, errors: &mut ErrorList) {
    for problem in check(text) {
        errors.invalid(at, text, problem);
    }
}

/// The same for a text that must not be empty.
pub fn check_required(
    problems: fn(&str) -> Vec<String>,
    text: &str,
    at: &Path<'_>,
    errors: &mut ErrorList,
) {
    match text {
        "" => errors.required(at, ""),
        text => check(problems, text, at, errors),
    }
}

/// Checks that a text is there.
pub fn required(text: &str, at: &Path<'_>, errors: &mut ErrorList) {
    if text.is_empty() {
        errors.required(at, "");
    }
}

/// Checks that a number is 0 or more.
pub fn nonnegative(number: i64, at: &Path<'_>, errors: &mut ErrorList) {
    if number < 0 {
        errors.invalid(at, number, NOT_NEGATIVE);
    }
}

/// Checks that a number is more than 0.
pub fn positive(number: i64, at: &Path<'_>, errors: &mut ErrorList) {
    if number <= 0 {
        errors.invalid(at, number, "must be greater than 0");
    }
}

/// Checks that a number lies between two others, both allowed.
pub fn in_range(number: i64, low: i64, high: i64, at: &Path<'_>, errors: &mut ErrorList) {
    if number < low || number > high {
        let detail = format!("must be between {low} and {high}, inclusive");
        errors.invalid(at, number, detail);
    }
}

/// Checks that a text is one of a few words; those are given sorted.
pub fn one_of(text: &str, words: &[&str], at: &Path<'_>, errors: &mut ErrorList) {
    if !words.contains(&text) {
        errors.not_supported(at, text, words);
    }
}

/// Checks that a text is there and is one of a few words.
pub fn one_of_required(text: &str, words: &[&str], at: &Path<'_>, errors: &mut ErrorList) {
    match text {
        "" => errors.required(at, ""),
        text => one_of(text, words, at, errors),
    }
}

/// Checks the number of a port.
pub fn port_number(port: i64, at: &Path<'_>, errors: &mut ErrorList) {
    for problem in validation::port_number(port) {
        errors.invalid(at, port, problem);
    }
}

/// Checks the number or the name of a port.
pub fn port_number_or_name(port: IntOrString<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    match port {
        IntOrString::Int(number) => port_number(number, at, errors),
        IntOrString::Str(name) => check(validation::port_name, name, at, errors),
    }
}

/// How an error prints a number or a percentage: the Go struct that holds it.
pub fn int_or_string(value: IntOrString<'_>) -> BadValue {
    let (kind, number, text) = match value {
        IntOrString::Int(number) => (0, number, ""),
        IntOrString::Str(text) => (1, 0, text),
    };
    BadValue::Plain(format!(
        "intstr.IntOrString{{Type:{kind}, IntVal:{number}, StrVal:{}}}",
        api::go::quote(text)
    ))
}

/// Checks a number of Pods that may also be a percentage.
pub fn int_or_percent(value: IntOrString<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    match value {
        IntOrString::Int(number) => nonnegative(number, at, errors),
        IntOrString::Str(text) => {
            let digits = text.strip_suffix('%').unwrap_or_default();
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                let detail = "a valid percent string must be a numeric string followed by an \
                    ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
                errors.invalid(at, int_or_string(value), detail);
            }
        }
    }
}

/// Checks that a percentage is at most 100.
pub fn at_most_100_percent(value: IntOrString<'_>, at: &Path<'_>, errors: &mut ErrorList) {
    if percent(value).is_some_and(|percent| percent > 100) {
        errors.invalid(at, int_or_string(value), "must not be greater than 100%");
    }
}

/// The number before the `%`, if the value is a well-formed percentage.
pub fn percent(value: IntOrString<'_>) -> Option<i64> {
    match value {
        IntOrString::Int(_) => None,
        IntOrString::Str(text) => {
            let digits = text.strip_suffix('%')?;
            let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| digits.parse().unwrap_or(i64::MAX))
        }
    }
}

/// The number, or that before the `%`.
pub fn int_or_percent_value(value: IntOrString<'_>) -> i64 {
    match value {
        IntOrString::Int(number) => number,
        IntOrString::Str(_) => percent(value).unwrap_or(0),
    }
}

/// Checks that part of a document has not changed; `shown` prints the new value.
pub fn immutable(
    new: &Value,
    old: &Value,
    at: &Path<'_>,
    shown: impl FnOnce(&Value) -> BadValue,
    errors: &mut ErrorList,
) {
    if new != old {
        errors.invalid(at, shown(new), IMMUTABLE);
    }
}

/// How an error prints a scalar of a document: a missing one as the word `null` in quotes.
pub fn scalar(value: &Value) -> BadValue {
    match value {
        Value::Null => "null".into(),
        Value::Str(text) => text.as_str().into(),
        other => BadValue::Plain(api::go::plain(other)),
    }
}

/// Checks that a path does not lead upwards.
pub fn no_backsteps(path: &str, at: &Path<'_>, errors: &mut ErrorList) {
    if path.split('/').any(|part| part == "..") {
        errors.invalid(at, path, "must not contain '..'");
    }
}

/// Checks that a path is relative and leads downwards.
pub fn local_descending_path(path: &str, at: &Path<'_>, errors: &mut ErrorList) {
    if path.starts_with('/') {
        errors.invalid(at, path, "must be a relative path");
    }
    no_backsteps(path, at, errors);
}

/// The same for a path whose first part must not start with two dots either.
pub fn local_nonreserved_path(path: &str, at: &Path<'_>, errors: &mut ErrorList) {
    local_descending_path(path, at, errors);
    // A path that leads upwards has been reported already.
    if path.starts_with("..") && !path.starts_with("../") {
        errors.invalid(at, path, "must not start with '..'");
    }
}

/// Checks an IP address.
pub fn ip_address(text: &str, at: &Path<'_>, errors: &mut ErrorList) {
    check(validation::ip_address, text, at, errors);
}

/// Checks that a selector document can be read, has no empty selector if those are refused, and
/// follows the rules.
pub fn is_empty_selector(selector: api::meta::v1::LabelSelector<'_>) -> bool {
    selector.match_labels().is_empty() && selector.match_expressions().is_empty()
}

/// How an error prints a label selector.
pub fn label_selector(selector: &Value) -> BadValue {
    match selector {
        Value::Null => "null".into(),
        selector => crate::internal::print(api::meta::v1::LabelSelector::TYPE, selector),
    }
}

/// Whether something stood in a list before. Small lists, the common case, need no memory.
pub struct Seen<T> {
    few: [Option<T>; FEW],
    count: usize,
    many: BTreeSet<T>,
}

const FEW: usize = 12;

impl<T: Ord + Copy> Seen<T> {
    /// Nothing has been seen.
    pub fn new() -> Seen<T> {
        Seen { few: [None; FEW], count: 0, many: BTreeSet::new() }
    }

    /// Whether `item` has been seen.
    pub fn has(&self, item: T) -> bool {
        self.few[..self.count].contains(&Some(item)) || self.many.contains(&item)
    }

    /// Remembers `item`; returns whether it is new.
    pub fn insert(&mut self, item: T) -> bool {
        if self.has(item) {
            return false;
        }
        if self.count < FEW {
            self.few[self.count] = Some(item);
            self.count += 1;
        } else {
            self.many.insert(item);
        }
        true
    }
}

impl<T: Ord + Copy> Default for Seen<T> {
    fn default() -> Seen<T> {
        Seen::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seen_remembers_more_than_a_few() {
        let mut seen = Seen::new();
        for i in 0..100 {
            assert!(seen.insert(i));
        }
        for i in 0..100 {
            assert!(!seen.insert(i), "{i}");
        }
        assert!(!seen.has(100));
    }

    #[test]
    fn paths_lead_downwards() {
        let at = Path::new("path");
        let problems = |check: fn(&str, &Path<'_>, &mut ErrorList), path| {
            let mut errors = ErrorList::new();
            check(path, &at, &mut errors);
            errors.0.iter().map(|e| e.detail.clone()).collect::<Vec<_>>()
        };
        assert!(problems(local_descending_path, "a/b..c").is_empty());
        assert_eq!(problems(local_descending_path, "/a"), ["must be a relative path"]);
        assert_eq!(problems(local_descending_path, "a/../b"), ["must not contain '..'"]);
        assert_eq!(problems(local_nonreserved_path, "..a"), ["must not start with '..'"]);
        assert_eq!(problems(local_nonreserved_path, "../a"), ["must not contain '..'"]);
    }
}
