//! Arguments of the forms `KEY=VALUE` and `KEY-` behind resources and names.

use crate::errors::{Result, bail};

/// What such arguments say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pairs {
    /// The keys with their values, in order.
    pub(crate) values: Vec<(String, String)>,
    /// The keys that are to go.
    pub(crate) removed: Vec<String>,
}

/// Separates resources from the pairs behind them; `what` the pairs are stands in the error.
pub(crate) fn split<'a>(
    arguments: &'a [String],
    what: &str,
) -> Result<(&'a [String], &'a [String])> {
    let is_pair = |argument: &String| {
        (argument.contains('=') && !argument.starts_with('='))
            || (argument.ends_with('-') && argument != "-")
    };
    let first = arguments.iter().position(is_pair).unwrap_or(arguments.len());
    let (resources, pairs) = arguments.split_at(first);
    if let Some(other) = pairs.iter().find(|argument| !is_pair(argument)) {
        bail!("all resources must be specified before {what} changes: {other}");
    }
    Ok((resources, pairs))
}

/// Reads pairs; `KEY-` is one only where something can be removed.
pub(crate) fn parse(arguments: &[String], what: &str, can_remove: bool) -> Result<Pairs> {
    let mut pairs = Pairs::default();
    let mut invalid: Vec<&str> = Vec::new();
    for argument in arguments {
        match argument.split_once('=') {
            Some((key, value)) if !key.is_empty() => {
                pairs.values.retain(|(known, _)| known != key);
                pairs.values.push((key.to_owned(), value.to_owned()));
            }
            _ => match argument.strip_suffix('-') {
                Some(key) if can_remove && !key.is_empty() => pairs.removed.push(key.to_owned()),
                _ => invalid.push(argument),
            },
        }
    }
    if !invalid.is_empty() {
        bail!("invalid {what} format: {}", invalid.join(", "));
    }
    Ok(pairs)
}
