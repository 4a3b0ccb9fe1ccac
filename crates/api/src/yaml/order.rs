//! The order in which go-yaml writes the keys of a map.

use std::cmp::Ordering;

/// Sorts keys as a person would: `a2` stands before `a10`, and signs before digits before letters.
///
/// Some keys are in a circle: `0o` is before `2`, that before `04`, and that before `0o`. Their
/// order is random in go-yaml; here it depends on the order before. The standard library's sort
/// may panic on such an order, so this is a merge sort of our own.
pub(super) fn sort<T: Copy>(items: &mut [T], text: impl Fn(&T) -> &str + Copy) {
    let in_order = |pair: &[T]| compare(text(&pair[0]), text(&pair[1])).is_lt();
    if items.windows(2).all(in_order) {
        return;
    }
    let (left, right) = items.split_at_mut(items.len() / 2);
    sort(left, text);
    sort(right, text);
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (&*left, &*right);
    while let ([first_left, ..], [first_right, ..]) = (left, right) {
        let side = match compare(text(first_left), text(first_right)) {
            Ordering::Greater => &mut right,
            _ => &mut left,
        };
        merged.push(side[0]);
        *side = &side[1..];
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
    items.copy_from_slice(&merged);
}

/// Compares two keys. (go-yaml's integers overflow at 19 digits; here longer numbers stay in
/// order.)
fn compare(a: &str, b: &str) -> Ordering {
    let at = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    // Both texts are equal up to here, so a boundary of one is a boundary of the other.
    let at = a.floor_char_boundary(at).min(b.floor_char_boundary(at));
    let (shared, rest_a, rest_b) = (&a[..at], &a[at..], &b[at..]);
    let (Some(first_a), Some(first_b)) = (rest_a.chars().next(), rest_b.chars().next()) else {
        return a.len().cmp(&b.len());
    };
    match (is_letter(first_a), is_letter(first_b)) {
        (true, true) => return first_a.cmp(&first_b),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // Zeros after a digit that counts are digits that count.
    let inside_number =
        shared.bytes().rev().take_while(u8::is_ascii_digit).any(|digit| digit != b'0');
    let zeros_count = inside_number && (first_a == '0' || first_b == '0');
    let (digits_a, digits_b) = (leading_digits(rest_a), leading_digits(rest_b));
    compare_numbers(digits_a, digits_b, zeros_count)
        .then(digits_a.len().cmp(&digits_b.len()))
        .then(first_a.cmp(&first_b))
}

/// Rust counts numerals such as `ↀ` among the letters, Go does not.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() && !c.is_numeric()
}

fn leading_digits(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit());
    &text[..end.unwrap_or(text.len())]
}

fn compare_numbers(a: &str, b: &str, zeros_count: bool) -> Ordering {
    let strip = |digits| match zeros_count {
        true => digits,
        false => str::trim_start_matches(digits, '0'),
    };
    let (a, b) = (strip(a), strip(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_a_person_would() {
        let sorted = [
            "", ":", "_", "~", "0", "00", "1", "01", "9", "10", "A", "B", "a", "a-b", "a.b", "a1",
            "a2", "a10", "a10-", "a105", "a10b", "a10c", "ab", "é",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a} {b}");
            }
        }
    }

    #[test]
    fn a_circle_does_no_harm() {
        let mut keys = ["0o", "2", "04", "0o2", "a", "04", "2"];
        sort(&mut keys, |key| key);
        assert_eq!(keys.last(), Some(&"a"));
    }
}
