//! Applying a template to a document.

use super::parse::{End, Node, Slice};
use super::{ExecutionError, MAX_FOUND, Missing};
use crate::Value;
use crate::gotemplate::format::plain;
use std::cmp::Ordering;

type Found<'a> = Result<Vec<&'a Value>, ExecutionError>;

/// What each part of the template finds.
pub(super) fn find<'a>(
    nodes: &'a [Node],
    missing: Missing,
    document: &'a Value,
) -> Result<Vec<Vec<&'a Value>>, ExecutionError> {
    let mut search = Search {
        nodes,
        missing,
        begun: 0,
        open: 0,
        ended: 0,
        last_end: None,
        parts: Vec::new(),
        found: 0,
    };
    search.block(0, document, true)?;
    Ok(search.parts)
}

/// `range` and `end` are commands that steer the search while it goes through the template.
struct Search<'a> {
    nodes: &'a [Node],
    missing: Missing,
    /// Ranges that have been announced but not begun.
    begun: usize,
    /// Ranges that we are in.
    open: usize,
    /// Ends that have been met but not obeyed.
    ended: usize,
    /// The part with the last end that was obeyed.
    last_end: Option<usize>,
    parts: Vec<Vec<&'a Value>>,
    /// How many values there are in all parts.
    found: usize,
}

impl<'a> Search<'a> {
    /// Goes through the parts from `from` on, up to the end of the range that we are in.
    fn block(&mut self, from: usize, value: &'a Value, keeps: bool) -> Result<(), ExecutionError> {
        let mut at = from;
        while let Some(node) = self.nodes.get(at) {
            let found = self.step(vec![value], node)?;
            if self.ended > 0 && self.ended <= self.open {
                self.ended -= 1;
                self.last_end = Some(at);
                return Ok(());
            }
            at += 1;
            if self.begun > 0 {
                self.begun -= 1;
                self.range(at, &found, keeps)?;
                // Without an end the template goes on behind the range with its first part.
                if let Some(end) = self.last_end.filter(|&end| end >= at) {
                    at = end + 1;
                }
            } else if keeps {
                self.found += found.len();
                within_limit(self.found)?;
                self.parts.push(found);
            }
        }
        Ok(())
    }

    fn range(
        &mut self,
        from: usize,
        values: &[&'a Value],
        keeps: bool,
    ) -> Result<(), ExecutionError> {
        self.open += 1;
        for value in values {
            self.block(from, value, keeps)?;
        }
        if values.is_empty() {
            // Only to find the end.
            self.block(from, &Value::Null, false)?;
        }
        self.open -= 1;
        Ok(())
    }

    fn steps(&mut self, input: Vec<&'a Value>, steps: &'a [Node]) -> Found<'a> {
        steps.iter().try_fold(input, |values, step| self.step(values, step))
    }

    fn step(&mut self, input: Vec<&'a Value>, step: &'a Node) -> Found<'a> {
        let found = match step {
            Node::Literal(value @ Value::Str(_)) => vec![value],
            // Other literals stand once for each value so far.
            Node::Literal(value) => vec![value; input.len()],
            Node::Steps(steps) => self.steps(input, steps)?,
            Node::Identifier(name) => self.command(name, input)?,
            Node::Field(name) => self.field(&input, name)?,
            Node::Wildcard => input.into_iter().flat_map(children).collect(),
            Node::Recursive => {
                let mut found = Vec::new();
                for value in input {
                    descend(value, &mut found)?;
                }
                found
            }
            Node::Slice(slice) => {
                let mut found = Vec::new();
                for value in input.into_iter().filter(|value| !value.is_null()) {
                    slice_of(value, slice, &mut found)?;
                }
                found
            }
            Node::Union(parts) => {
                let mut found = Vec::new();
                for part in parts {
                    found.extend(self.steps(input.clone(), part)?);
                }
                found
            }
            Node::Filter { left, operator, right } => {
                self.filter(&input, left, operator.as_deref(), right)?
            }
        };
        within_limit(found.len())?;
        Ok(found)
    }

    fn command(&mut self, name: &str, input: Vec<&'a Value>) -> Found<'a> {
        match name {
            "range" => self.begun += 1,
            "end" if self.open > 0 => self.ended += 1,
            "end" => return Err(ExecutionError::new("not in range, nothing to end")),
            name => {
                let problem = format_args!("unrecognized identifier {name}");
                return Err(ExecutionError::new(problem));
            }
        }
        Ok(input)
    }

    fn field(&self, input: &[&'a Value], name: &str) -> Found<'a> {
        let entry = |value: &&'a Value| value.as_map().and_then(|map| map.get_str(name));
        let found: Vec<&Value> = input.iter().filter_map(entry).collect();
        if found.is_empty() && !input.is_empty() && self.missing == Missing::Refused {
            return Err(ExecutionError::new(format_args!("{name} is not found")));
        }
        Ok(found)
    }

    fn filter(
        &mut self,
        input: &[&'a Value],
        left: &'a [Node],
        operator: Option<&str>,
        right: &'a [Node],
    ) -> Found<'a> {
        let mut found = Vec::new();
        for value in input.iter().filter(|value| !value.is_null()) {
            let Value::List(list) = value else {
                let value = plain(value);
                return Err(ExecutionError::new(format_args!(
                    "{value} is not array or slice and cannot be filtered"
                )));
            };
            for item in list {
                let lefts = self.steps(vec![item], left);
                let passes = match operator {
                    // A name that is not there is a question here, not an error.
                    None => lefts.is_ok_and(|found| !found.is_empty()),
                    Some(operator) => self.compares(item, &lefts?, operator, right)?,
                };
                if passes {
                    found.push(item);
                }
            }
        }
        Ok(found)
    }

    fn compares(
        &mut self,
        item: &'a Value,
        lefts: &[&Value],
        operator: &str,
        right: &'a [Node],
    ) -> Result<bool, ExecutionError> {
        let too_many = || Err(ExecutionError::new("can only compare one element at a time"));
        let left = match lefts {
            [] => return Ok(false),
            [left] => left,
            _ => return too_many(),
        };
        let rights = self.steps(vec![item], right)?;
        match rights[..] {
            [] => Ok(false),
            [right] => compare(left, operator, right),
            _ => too_many(),
        }
    }
}

fn within_limit(found: usize) -> Result<(), ExecutionError> {
    if found > MAX_FOUND {
        let problem = format_args!("more than {MAX_FOUND} values found");
        return Err(ExecutionError::new(problem));
    }
    Ok(())
}

fn children(value: &Value) -> Box<dyn Iterator<Item = &Value> + '_> {
    match value {
        Value::Map(map) => Box::new(map.iter().map(|(_, value)| value)),
        other => Box::new(other.items().iter()),
    }
}

/// A value and all below it, without what holds nothing.
fn descend<'a>(value: &'a Value, found: &mut Vec<&'a Value>) -> Result<(), ExecutionError> {
    // Strings hold characters.
    let holds_something = match value {
        Value::Str(text) => !text.is_empty(),
        other => children(other).next().is_some(),
    };
    if holds_something {
        found.push(value);
        within_limit(found.len())?;
        for child in children(value) {
            descend(child, found)?;
        }
    }
    Ok(())
}

/// Appends the items that a slice takes of a list.
fn slice_of<'a>(
    value: &'a Value,
    slice: &Slice,
    found: &mut Vec<&'a Value>,
) -> Result<(), ExecutionError> {
    let Value::List(list) = value else {
        let type_name = type_name(value);
        let problem = format_args!("{type_name} is not array or slice");
        return Err(ExecutionError::new(problem));
    };
    let length = list.len() as i64;
    let from_end = |index: i64| if index < 0 { index.saturating_add(length) } else { index };
    let given_start = slice.start.unwrap_or(0);
    let start = from_end(given_start);
    let end = match slice.end {
        // Behind the item -1 there is the end.
        End::AfterStart if given_start == -1 => length,
        End::AfterStart => from_end(given_start.saturating_add(1)),
        End::Last => length,
        End::Before(end) => from_end(end),
    };
    if start == end {
        return Ok(());
    }
    let out_of_bounds = |index: i64| {
        let problem = format_args!("array index out of bounds: index {index}, length {length}");
        Err(ExecutionError::new(problem))
    };
    if start >= length || start < 0 {
        return out_of_bounds(start);
    }
    if end > length || end < 0 {
        return out_of_bounds(end - 1);
    }
    if start > end {
        return Err(ExecutionError::new(format_args!(
            "starting index {start} is greater than ending index {end}"
        )));
    }
    let step = slice.step.unwrap_or(1);
    if step <= 0 {
        return Err(ExecutionError::new("step must be > 0"));
    }
    let items = &list[start as usize..end as usize];
    found.extend(items.iter().step_by(step as usize));
    Ok(())
}

/// Compares without converting: a whole number is never equal to a float.
fn compare(left: &Value, operator: &str, right: &Value) -> Result<bool, ExecutionError> {
    let order = || -> Result<Option<Ordering>, ExecutionError> {
        let is_basic =
            |value: &Value| !matches!(value, Value::Null | Value::List(_) | Value::Map(_));
        if !is_basic(left) || !is_basic(right) {
            return Err(ExecutionError::new("invalid type for comparison"));
        }
        match (left, right) {
            (Value::Str(a), Value::Str(b)) => Ok(Some(a.cmp(b))),
            (Value::Int(a), Value::Int(b)) => Ok(Some(a.cmp(b))),
            (Value::Float(a), Value::Float(b)) => Ok(a.partial_cmp(b)),
            (Value::Bool(a), Value::Bool(b)) if matches!(operator, "==" | "!=") => {
                Ok(Some(a.cmp(b)))
            }
            (Value::Bool(_), Value::Bool(_)) => {
                Err(ExecutionError::new("invalid type for comparison"))
            }
            _ => Err(ExecutionError::new("incompatible types for comparison")),
        }
    };
    Ok(match operator {
        "==" => order()?.is_some_and(Ordering::is_eq),
        "!=" => !order()?.is_some_and(Ordering::is_eq),
        "<" => order()?.is_some_and(Ordering::is_lt),
        "<=" => order()?.is_some_and(Ordering::is_le),
        ">" => order()?.is_some_and(Ordering::is_gt),
        ">=" => order()?.is_some_and(Ordering::is_ge),
        _ => {
            return Err(ExecutionError::new(format_args!(
                "unrecognized filter operator {operator}"
            )));
        }
    })
}

/// The name of Go's type.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int64",
        Value::Float(_) => "float64",
        Value::Str(_) => "string",
        Value::List(_) => "[]interface {}",
        Value::Map(_) => "map[string]interface {}",
    }
}
