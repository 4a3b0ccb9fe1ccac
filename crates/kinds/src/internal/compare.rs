//! Two Go values compared part by part, as `github.com/google/go-cmp` does for the server.

use super::node::Node;

/// What is known of one place in the two values.
#[derive(Debug)]
pub(super) struct Compared<'a> {
    /// The old value; nothing if the place is new.
    pub(super) old: Option<&'a Node>,
    /// The new value; nothing if the place is gone.
    pub(super) new: Option<&'a Node>,
    /// How many leaves are equal.
    pub(super) same: usize,
    /// How many leaves differ.
    pub(super) different: usize,
    /// How many places lie below this one.
    pub(super) below: usize,
    /// How deep the tree below is.
    pub(super) depth: usize,
    /// The places within this one: the name of a field, the key of an entry, nothing for an item.
    pub(super) records: Vec<(String, Compared<'a>)>,
}

impl<'a> Compared<'a> {
    fn leaf(old: Option<&'a Node>, new: Option<&'a Node>, is_same: bool) -> Compared<'a> {
        Compared {
            old,
            new,
            same: usize::from(is_same),
            different: usize::from(!is_same),
            below: 0,
            depth: 0,
            records: Vec::new(),
        }
    }

    fn branch(old: &'a Node, new: &'a Node, records: Vec<(String, Compared<'a>)>) -> Compared<'a> {
        let sum = |count: fn(&Compared<'a>) -> usize| records.iter().map(|(_, r)| count(r)).sum();
        Compared {
            old: Some(old),
            new: Some(new),
            same: sum(|r| r.same),
            different: sum(|r| r.different),
            below: sum(|r| r.below + 1),
            depth: records.iter().map(|(_, r)| r.depth + 1).max().unwrap_or(0),
            records,
        }
    }

    /// Either value.
    pub(super) fn node(&self) -> Option<&'a Node> {
        self.old.or(self.new)
    }

    /// Whether two items of lists are alike enough to be shown as one that has changed.
    fn is_similar(&self) -> bool {
        self.same + 1 >= self.different
    }
}

/// Compares two values of the same type.
pub(super) fn compare<'a>(old: &'a Node, new: &'a Node) -> Compared<'a> {
    match (old, new) {
        (Node::Struct { fields: a, .. }, Node::Struct { fields: b, .. }) => {
            let field = |((name, a), (_, b)): (&'a (&str, Node), &'a (&str, Node))| {
                ((*name).to_owned(), compare(a, b))
            };
            Compared::branch(old, new, a.iter().zip(b).map(field).collect())
        }
        (Node::Pointer { to: Some(a), .. }, Node::Pointer { to: Some(b), .. }) if !is_time(a) => {
            Compared::branch(old, new, vec![(String::new(), compare(a, b))])
        }
        (Node::Slice { items: Some(a), .. }, Node::Slice { items: Some(b), .. }) => {
            let records = compare_items(a, b).into_iter().map(|c| (String::new(), c)).collect();
            Compared::branch(old, new, records)
        }
        (Node::Map { entries: Some(a), .. }, Node::Map { entries: Some(b), .. }) => {
            Compared::branch(old, new, compare_entries(a, b))
        }
        _ => Compared::leaf(Some(old), Some(new), old == new),
    }
}

fn is_time(node: &Node) -> bool {
    matches!(node, Node::Time(_))
}

fn compare_entries<'a>(
    old: &'a [(String, Node)],
    new: &'a [(String, Node)],
) -> Vec<(String, Compared<'a>)> {
    let find = |entries: &'a [(String, Node)], key: &str| {
        entries.iter().find(|(k, _)| k == key).map(|(_, value)| value)
    };
    let mut keys: Vec<&String> = old.iter().chain(new).map(|(key, _)| key).collect();
    keys.sort();
    keys.dedup();
    let record = |key: &String| {
        let compared = match (find(old, key), find(new, key)) {
            (Some(a), Some(b)) => compare(a, b),
            (a, b) => Compared::leaf(a, b, false),
        };
        (key.clone(), compared)
    };
    keys.into_iter().map(record).collect()
}

/// Past this many pairs of items no attempt is made to match them.
const PAIRS_MAX: usize = 40_000;

/// Pairs the items of two lists: first what is equal at both ends, then in between the longest
/// sequence of pairs that are equal or alike.
fn compare_items<'a>(old: &'a [Node], new: &'a [Node]) -> Vec<Compared<'a>> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let old_middle = &old_rest[..old_rest.len() - tail];
    let new_middle = &new_rest[..new_rest.len() - tail];
    let equal = |items: &'a [Node], others: &'a [Node]| -> Vec<Compared<'a>> {
        items.iter().zip(others).map(|(a, b)| compare(a, b)).collect()
    };
    let mut out = equal(&old[..head], &new[..head]);
    out.extend(compare_middle(old_middle, new_middle));
    out.extend(equal(&old_rest[old_middle.len()..], &new_rest[new_middle.len()..]));
    out
}

fn compare_middle<'a>(old: &'a [Node], new: &'a [Node]) -> Vec<Compared<'a>> {
    let removed = |a: &'a Node| Compared::leaf(Some(a), None, false);
    let added = |b: &'a Node| Compared::leaf(None, Some(b), false);
    if old.is_empty() || new.is_empty() || old.len() * new.len() > PAIRS_MAX {
        return old.iter().map(removed).chain(new.iter().map(added)).collect();
    }
    let width = new.len() + 1;
    let mut best = vec![0_u32; (old.len() + 1) * width];
    let weight = |i: usize, j: usize| match compare(&old[i], &new[j]) {
        pair if pair.different == 0 => 2,
        pair if pair.is_similar() => 1,
        _ => 0,
    };
    let weights: Vec<u32> = (0..old.len())
        .flat_map(|i| (0..new.len()).map(move |j| (i, j)))
        .map(|(i, j)| weight(i, j))
        .collect();
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let paired = match weights[i * new.len() + j] {
                0 => 0,
                weight => weight + best[(i + 1) * width + j + 1],
            };
            best[i * width + j] =
                paired.max(best[(i + 1) * width + j]).max(best[i * width + j + 1]);
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    while i < old.len() && j < new.len() {
        let here = best[i * width + j];
        let weight = weights[i * new.len() + j];
        if weight > 0 && here == weight + best[(i + 1) * width + j + 1] {
            out.push(compare(&old[i], &new[j]));
            (i, j) = (i + 1, j + 1);
        } else if here == best[(i + 1) * width + j] {
            out.push(removed(&old[i]));
            i += 1;
        } else {
            out.push(added(&new[j]));
            j += 1;
        }
    }
    out.extend(old[i..].iter().map(removed));
    out.extend(new[j..].iter().map(added));
    out
}
