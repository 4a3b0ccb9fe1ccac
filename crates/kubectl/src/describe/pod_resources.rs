//! What Pods ask for, added up.

use api::core::v1::{Container, Pod};
use api::{Quantity, ResourceList};
use std::collections::BTreeMap;

/// Amounts by the names of their resources.
pub(super) type Amounts = BTreeMap<String, Quantity>;

/// What a Pod requests, and the limits it has, as the scheduler counts them: the containers
/// together, or a single init container that needs more.
pub(super) fn requests_and_limits(pod: Pod<'_>) -> (Amounts, Amounts) {
    let mut requests = total(pod, |container| container.resources().requests());
    let mut limits = total(pod, |container| container.resources().limits());
    for (name, amount) in pod.spec().overhead().iter() {
        add_one(&mut requests, name, amount);
        // A limit is only raised where there is one.
        if limits.get(name).is_some_and(|limit| !limit.is_zero()) {
            add_one(&mut limits, name, amount);
        }
    }
    (requests, limits)
}

fn total<'a>(pod: Pod<'a>, of: impl Fn(Container<'a>) -> ResourceList<'a>) -> Amounts {
    let mut sum = Amounts::new();
    for container in pod.spec().containers() {
        add(&mut sum, of(container));
    }
    let (mut sidecars, mut largest) = (Amounts::new(), Amounts::new());
    for container in pod.spec().init_containers() {
        let mut at_this_time = Amounts::new();
        if container.restart_policy() == Some("Always") {
            add(&mut sum, of(container));
            add(&mut sidecars, of(container));
            at_this_time = sidecars.clone();
        } else {
            add(&mut at_this_time, of(container));
            sidecars.iter().for_each(|(name, amount)| add_one(&mut at_this_time, name, *amount));
        }
        raise(&mut largest, &at_this_time);
    }
    raise(&mut sum, &largest);
    sum
}

fn add(sum: &mut Amounts, amounts: ResourceList<'_>) {
    amounts.iter().for_each(|(name, amount)| add_one(sum, name, amount));
}

/// Adds one amount to a sum.
pub(super) fn add_one(sum: &mut Amounts, name: &str, amount: Quantity) {
    let held = sum.get(name).copied();
    sum.insert(name.to_owned(), held.map_or(amount, |held| held + amount));
}

fn raise(amounts: &mut Amounts, others: &Amounts) {
    for (name, amount) in others {
        if amounts.get(name).is_none_or(|held| held < amount) {
            amounts.insert(name.clone(), *amount);
        }
    }
}

/// How many times `divisor` goes into `amount`, rounded up; amounts of CPU count in thousandths.
pub(super) fn divided(amount: Quantity, divisor: Quantity, in_millis: bool) -> i64 {
    let count = |quantity: Quantity| match in_millis {
        true => quantity.milli_value(),
        false => quantity.value(),
    };
    let (amount, divisor) = (count(amount), count(divisor).max(1));
    amount.div_euclid(divisor) + i64::from(amount.rem_euclid(divisor) != 0)
}
