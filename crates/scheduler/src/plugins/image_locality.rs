//! ImageLocality: nodes that have the Pod's images are better, the more so the larger these are.
//!
//! An image counts in proportion to the share of nodes that have it, so that Pods do not heap up
//! on the one node that ran them first. Images are compared as text: `nginx:1.25` is not
//! `docker.io/library/nginx:1.25`, as a node reports it. Upstream takes the share of nodes as it
//! was when the node last reported; here it is always the present one.

use crate::cache::{Images, NodeId, PodClass};
use crate::framework::score::SCORE_MAX;

/// The weight of its score in the default profile.
pub(crate) const WEIGHT: i64 = 1;

const MEBIBYTE: i64 = 1024 * 1024;
/// Images smaller than this are as good as none.
const MIN_BYTES: i64 = 23 * MEBIBYTE;
/// What a container's image counts for at most.
const MAX_BYTES_PER_CONTAINER: i64 = 1000 * MEBIBYTE;

/// The score of each node that has any of the Pod's images; the others have 0.
pub(crate) fn scores(class: &PodClass, images: &Images, node_count: usize) -> Vec<(NodeId, i64)> {
    let mut sums: Vec<(NodeId, i64)> = Vec::new();
    for name in &class.images {
        let Some(image) = images.get(name) else {
            continue;
        };
        let share = image.nodes.len() as f64 / node_count as f64;
        let bytes = (image.size as f64 * share) as i64;
        for node in &image.nodes {
            match sums.binary_search_by_key(node, |(node, _)| *node) {
                Ok(at) => sums[at].1 += bytes,
                Err(at) => sums.insert(at, (*node, bytes)),
            }
        }
    }
    let most = MAX_BYTES_PER_CONTAINER * class.container_count as i64;
    for (_, sum) in &mut sums {
        let bytes = (*sum).max(MIN_BYTES).min(most);
        *sum = SCORE_MAX * (bytes - MIN_BYTES) / (most - MIN_BYTES);
    }
    sums
}

/// The name under which an image is looked up: `nginx` means `nginx:latest`.
pub(crate) fn normalized_name(image: &str) -> String {
    let last = |c: char| image.rfind(c).map_or(-1, |at| at as i64);
    if last(':') <= last('/') { format!("{image}:latest") } else { image.to_owned() }
}
