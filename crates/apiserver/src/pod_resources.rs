//! What a whole Pod requests and what it is limited to, by resource.
//!
//! Models `resource.PodRequests` and `resource.PodLimits`: containers are added, init containers
//! are a maximum, sidecars count on both sides, the overhead comes on top.

use api::core::v1::{Container, PodSpec};
use api::{Quantity, ResourceList};
use std::collections::BTreeMap;

/// Amounts by resource.
pub type Amounts = BTreeMap<String, Quantity>;

/// The amounts of a list.
pub fn amounts(list: ResourceList<'_>) -> Amounts {
    list.iter().map(|(name, quantity)| (name.to_owned(), quantity)).collect()
}

/// What a Pod requests.
pub fn requests(spec: PodSpec<'_>) -> Amounts {
    sum(spec, |container| amounts(container.resources().requests()))
}

/// What a Pod is limited to.
pub fn limits(spec: PodSpec<'_>) -> Amounts {
    sum(spec, |container| amounts(container.resources().limits()))
}

/// Adds to each amount of `total` that of `more`.
pub fn add(total: &mut Amounts, more: &Amounts) {
    for (name, quantity) in more {
        match total.get_mut(name) {
            Some(amount) => *amount += *quantity,
            None => drop(total.insert(name.clone(), *quantity)),
        }
    }
}

fn raise(maximum: &mut Amounts, other: &Amounts) {
    for (name, quantity) in other {
        let entry = maximum.entry(name.clone()).or_insert(*quantity);
        *entry = (*entry).max(*quantity);
    }
}

fn sum(spec: PodSpec<'_>, of: impl Fn(Container<'_>) -> Amounts) -> Amounts {
    let mut total = Amounts::new();
    for container in spec.containers() {
        add(&mut total, &of(container));
    }
    let mut sidecars = Amounts::new();
    let mut maximum = Amounts::new();
    for container in spec.init_containers() {
        let mut own = of(container);
        if container.restart_policy() == Some("Always") {
            add(&mut total, &own);
            add(&mut sidecars, &own);
            own = sidecars.clone();
        } else {
            add(&mut own, &sidecars);
        }
        raise(&mut maximum, &own);
    }
    raise(&mut total, &maximum);
    add(&mut total, &amounts(spec.overhead()));
    total
}
