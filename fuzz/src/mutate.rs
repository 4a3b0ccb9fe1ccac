//! How an input is made of others.

use sim::Rng;

/// What is put into inputs besides parts of other inputs.
const WORDS: &[&str] = &[
    "\n",
    "\n---\n",
    "  ",
    "\t",
    ": ",
    "- ",
    "? ",
    "|\n",
    ">\n",
    "&a ",
    "*a",
    "<<: *a",
    "!!str ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    "\\",
    "\\u0000",
    "null",
    "true",
    "0x1f",
    "1e400",
    "-0",
    ".nan",
    "9223372036854775808",
    "{{",
    "}}",
    "{{end}}",
    "..",
    "[*]",
    "[?(@.a==1)]",
    "[0:-1:2]",
    "$",
    "@",
    "/",
    "~1",
    "~0",
    "%2F",
    "\u{feff}",
    "\u{1f600}",
    ",",
    "=",
    "!=",
    " in (",
    ")",
    "$patch",
    "$setElementOrder/",
    "$deleteFromPrimitiveList/",
    "$retainKeys",
    "delete",
    "replace",
    "metadata",
    "name",
    "namespace",
    "managedFields",
    "resourceVersion",
    "finalizers",
    "kind",
    "apiVersion",
    "spec",
    "containers",
    "status",
    "labels",
    "annotations",
    "Ki",
    "m",
    "E",
];
/// Longer inputs find nothing that shorter ones do not.
const BYTES_MAX: usize = 4_096;
const CHANGES_MAX: u32 = 6;

fn below(rng: &mut Rng, end: usize) -> usize {
    rng.below(u32::try_from(end.max(1)).unwrap_or(u32::MAX)) as usize
}

fn pick<'a, T>(rng: &mut Rng, items: &'a [T]) -> &'a T {
    &items[below(rng, items.len())]
}

/// An input somewhat like one of `pool`.
pub fn mutate(rng: &mut Rng, pool: &[Vec<u8>]) -> Vec<u8> {
    let mut input = pick(rng, pool).clone();
    for _ in 0..=rng.below(CHANGES_MAX) {
        change(rng, pool, &mut input);
    }
    input.truncate(BYTES_MAX);
    input
}

fn change(rng: &mut Rng, pool: &[Vec<u8>], input: &mut Vec<u8>) {
    let at = below(rng, input.len() + 1);
    let length = below(rng, 32.min(input.len() - at + 1));
    match rng.below(8) {
        0 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << rng.below(8);
            }
        }
        1 => {
            input.drain(at..at + length);
        }
        2 => {
            let part = input[at..at + length].to_vec();
            let to = below(rng, input.len() + 1);
            input.splice(to..to, part);
        }
        3 | 4 => {
            let word = pick(rng, WORDS).as_bytes().to_vec();
            input.splice(at..at, word);
        }
        5 => {
            let other = pick(rng, pool);
            let from = below(rng, other.len() + 1);
            let count = below(rng, 64.min(other.len() - from + 1));
            input.splice(at..at + length, other[from..from + count].iter().copied());
        }
        6 => {
            let byte = rng.below(256) as u8;
            input.splice(at..at + length.min(1), [byte]);
        }
        _ => {
            // The same again and again: what is deep or long.
            let count = 1 << rng.below(8);
            let part = input[at..at + length.min(8)].repeat(count);
            input.splice(at..at, part);
        }
    }
}
