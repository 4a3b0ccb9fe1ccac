//! LimitRanges.

use super::Subject;
use super::text::{Description, line};
use crate::errors::Result;
use api::ResourceList;
use api::core::v1::LimitRange;
use std::collections::BTreeSet;
use std::rc::Rc;

pub(super) async fn describe(subject: Rc<Subject>) -> Result<Description> {
    let range: LimitRange<'_> = subject.view();
    let mut out = Description::default();
    line!(out, 0, "Name:\t{}", range.metadata().name());
    line!(out, 0, "Namespace:\t{}", range.metadata().namespace());
    describe_head(&mut out, "");
    describe_limits(&mut out, "", range);
    Ok(out)
}

/// Writes the head of the table of limits.
pub(super) fn describe_head(out: &mut Description, indent: &str) {
    let titles = [
        "Type",
        "Resource",
        "Min",
        "Max",
        "Default Request",
        "Default Limit",
        "Max Limit/Request Ratio",
    ];
    let dashes = titles.map(|title| "-".repeat(title.len()));
    line!(out, 0, "{indent}{}", titles.join("\t"));
    line!(out, 0, "{indent}{}", dashes.join("\t"));
}

/// Writes the rows.
pub(super) fn describe_limits(out: &mut Description, indent: &str, range: LimitRange<'_>) {
    for item in range.spec().limits() {
        let columns = [
            item.min(),
            item.max(),
            item.default_request(),
            item.default(),
            item.max_limit_request_ratio(),
        ];
        let names: BTreeSet<&str> =
            columns.iter().flat_map(|amounts| amounts.iter()).map(|(name, _)| name).collect();
        for name in names {
            let cell = |amounts: &ResourceList<'_>| {
                amounts.get(name).map_or_else(|| "-".to_owned(), |amount| amount.to_string())
            };
            let cells: Vec<String> = columns.iter().map(cell).collect();
            line!(out, 0, "{indent}{}\t{name}\t{}", item.type_(), cells.join("\t"));
        }
    }
}
