//! Which lines differ: the longest common subsequence.

/// Lines of the left side that become lines of the right side; ends are exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) left: (usize, usize),
    pub(super) right: (usize, usize),
}

/// How many edits are looked for before the rest is taken to differ as a whole.
const LIMIT_EDITS: usize = 3_000;

/// The changes that make `left` into `right`, in order.
pub(super) fn changes<T: Eq>(left: &[T], right: &[T]) -> Vec<Change> {
    let prefix = left.iter().zip(right).take_while(|(a, b)| a == b).count();
    let rest = left.len().min(right.len()) - prefix;
    let suffix =
        left.iter().rev().zip(right.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let a = left.get(prefix..left.len() - suffix).unwrap_or_default();
    let b = right.get(prefix..right.len() - suffix).unwrap_or_default();
    let kept = common(a, b);
    let mut changes = Vec::new();
    let (mut x, mut y) = (0, 0);
    for (i, j) in kept.into_iter().chain([(a.len(), b.len())]) {
        if i > x || j > y {
            changes
                .push(Change { left: (prefix + x, prefix + i), right: (prefix + y, prefix + j) });
        }
        (x, y) = (i + 1, j + 1);
    }
    slide(changes, left, right)
}

/// Myers' algorithm: the pairs of lines that stay.
fn common<T: Eq>(a: &[T], b: &[T]) -> Vec<(usize, usize)> {
    let (n, m) = (a.len() as i64, b.len() as i64);
    let most = (a.len() + b.len()).min(LIMIT_EDITS);
    let offset = most as i64 + 1;
    let mut reach = vec![0_i64; 2 * most + 3];
    let mut history: Vec<Vec<i64>> = Vec::new();
    let at = |reach: &[i64], k: i64| reach.get((k + offset) as usize).copied().unwrap_or(-1);
    for edits in 0..=most as i64 {
        history.push(reach.clone());
        for k in (-edits..=edits).step_by(2) {
            let down = k == -edits || (k != edits && at(&reach, k - 1) < at(&reach, k + 1));
            let mut x = if down { at(&reach, k + 1) } else { at(&reach, k - 1) + 1 };
            let mut y = x - k;
            while x < n && y < m && a.get(x as usize) == b.get(y as usize) {
                x += 1;
                y += 1;
            }
            if let Some(place) = reach.get_mut((k + offset) as usize) {
                *place = x;
            }
            if x >= n && y >= m {
                return trace(&history, n, m, offset);
            }
        }
    }
    Vec::new()
}

fn trace(history: &[Vec<i64>], n: i64, m: i64, offset: i64) -> Vec<(usize, usize)> {
    let mut kept = Vec::new();
    let (mut x, mut y) = (n, m);
    for (edits, reach) in history.iter().enumerate().rev() {
        let edits = edits as i64;
        let at = |k: i64| reach.get((k + offset) as usize).copied().unwrap_or(-1);
        let k = x - y;
        let down = k == -edits || (k != edits && at(k - 1) < at(k + 1));
        let before = if down { k + 1 } else { k - 1 };
        let (start_x, start_y) =
            if edits == 0 { (0, 0) } else { (at(before), at(before) - before) };
        let (edge_x, edge_y) = match (edits, down) {
            (0, _) => (0, 0),
            (_, true) => (start_x, start_y + 1),
            (_, false) => (start_x + 1, start_y),
        };
        while x > edge_x && y > edge_y {
            x -= 1;
            y -= 1;
            kept.push((x as usize, y as usize));
        }
        (x, y) = (start_x, start_y);
    }
    kept.reverse();
    kept
}

/// Moves pure insertions and deletions down as far as equal lines allow, as diff does.
fn slide<T: Eq>(mut changes: Vec<Change>, left: &[T], right: &[T]) -> Vec<Change> {
    for index in 0..changes.len() {
        let limit = changes.get(index + 1).map(|next| (next.left.0, next.right.0));
        let limit = limit.unwrap_or((left.len(), right.len()));
        let Some(change) = changes.get_mut(index) else {
            break;
        };
        loop {
            let is_deletion = change.right.0 == change.right.1;
            let is_insertion = change.left.0 == change.left.1;
            let can_move = change.left.1 < limit.0 && change.right.1 < limit.1;
            let repeats = if is_deletion {
                left.get(change.left.0) == left.get(change.left.1)
            } else {
                is_insertion && right.get(change.right.0) == right.get(change.right.1)
            };
            if !can_move || !repeats || is_deletion == is_insertion {
                break;
            }
            for edge in
                [&mut change.left.0, &mut change.left.1, &mut change.right.0, &mut change.right.1]
            {
                *edge += 1;
            }
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &str, right: &str, expected: &[((usize, usize), (usize, usize))]) {
        let (a, b): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
        let found: Vec<_> =
            changes(&a, &b).iter().map(|change| (change.left, change.right)).collect();
        assert_eq!(found, expected, "{left} {right}");
    }

    #[test]
    fn changes_are_few() {
        check("abc", "abc", &[]);
        check("abc", "axc", &[((1, 2), (1, 2))]);
        check("abc", "ac", &[((1, 2), (1, 1))]);
        check("", "ab", &[((0, 0), (0, 2))]);
        check("aab", "aaab", &[((2, 2), (2, 3))]);
        check(
            "abcabba",
            "cbabac",
            &[((0, 2), (0, 0)), ((3, 3), (1, 2)), ((5, 6), (4, 4)), ((7, 7), (5, 6))],
        );
    }
}
