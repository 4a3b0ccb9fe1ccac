//! The indexes of an Indexed Job: `0-2,5`.

use super::is_tracked;
use api::Value;
use api::batch::v1::Job;
use kinds::table;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The annotation and label of a Pod that tells its index.
pub(super) const COMPLETION_INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// Whether the Pods of a Job have indexes.
pub(super) fn is_indexed(job: Job<'_>) -> bool {
    job.spec().completion_mode() == Some("Indexed")
}

/// The index of a Pod, if it is one that its Job has.
pub(super) fn index_of(pod: &Value, completions: i64) -> Option<i64> {
    let index = table::metadata(pod).annotations().get(COMPLETION_INDEX)?.parse().ok()?;
    (0..completions).contains(&index).then_some(index)
}

/// Reads what [`format`] writes, without the indexes that a Job no longer has.
pub(super) fn parse(text: &str, completions: i64) -> BTreeSet<i64> {
    let mut indexes = BTreeSet::new();
    for range in text.split(',').filter(|range| !range.is_empty()) {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        if let (Ok(first), Ok(last)) = (first.parse::<i64>(), last.parse::<i64>()) {
            indexes.extend(first.max(0)..=last.min(completions - 1));
        }
    }
    indexes
}

/// Indexes as a status shows them.
pub(super) fn format(indexes: &BTreeSet<i64>) -> String {
    let mut text = String::new();
    let mut rest = indexes.iter().copied().peekable();
    while let Some(first) = rest.next() {
        let mut last = first;
        while rest.next_if_eq(&(last + 1)).is_some() {
            last += 1;
        }
        let comma = if text.is_empty() { "" } else { "," };
        let written = match last - first {
            0 => write!(text, "{comma}{first}"),
            1 => write!(text, "{comma}{first},{last}"),
            _ => write!(text, "{comma}{first}-{last}"),
        };
        written.expect("a string takes it");
    }
    text
}

/// The indexes that have succeeded: those recorded, and those of Pods not yet counted.
pub(super) fn succeeded(job: Job<'_>, pods: &[Value]) -> BTreeSet<i64> {
    let completions = job.spec().completions().unwrap_or(0);
    let mut indexes = parse(job.status().completed_indexes(), completions);
    let done = |pod: &&Value| is_tracked(pod) && super::sync::phase(pod) == "Succeeded";
    indexes.extend(pods.iter().filter(done).filter_map(|pod| index_of(pod, completions)));
    indexes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_are_written_as_ranges() {
        for (indexes, text) in
            [(vec![], ""), (vec![0, 1, 2], "0-2"), (vec![0, 1, 3, 5, 6, 7], "0,1,3,5-7")]
        {
            let set: BTreeSet<i64> = indexes.into_iter().collect();
            assert_eq!(format(&set), text);
            assert_eq!(parse(text, 10), set);
        }
        assert_eq!(parse("0-9", 3).len(), 3);
    }
}
