//! Matching by trying: for expressions with back references.

use super::Match;
use super::compile::{Instruction, Program, holds};
use crate::pattern::same_character;

/// After so many steps the expression is taken not to match.
const LIMIT_STEPS: u32 = 1_000_000;

type Slots = Vec<Option<usize>>;

/// The leftmost match; of those the longest that was found within the limit.
pub(super) fn find(program: &Program, text: &str, from: usize) -> Option<Match> {
    let mut steps = LIMIT_STEPS;
    let starts = text.get(from..)?.char_indices().map(|(at, _)| from + at);
    for start in starts.chain([text.len()]) {
        if let Some(slots) = find_at(program, text, start, &mut steps) {
            return Some(Match { slots });
        }
        if steps == 0 {
            return None;
        }
    }
    None
}

fn find_at(program: &Program, text: &str, start: usize, steps: &mut u32) -> Option<Slots> {
    let mut best: Option<Slots> = None;
    let mut stack = vec![(0, start, vec![None; program.slots])];
    while let Some((mut at, mut offset, mut slots)) = stack.pop() {
        loop {
            *steps = steps.saturating_sub(1);
            if *steps == 0 {
                return best;
            }
            let after = text.get(offset..).and_then(|rest| rest.chars().next());
            match program.get(at) {
                Instruction::Accept => {
                    let longer = best.as_ref().is_none_or(|best| slots.get(1) > best.get(1));
                    if longer {
                        best = Some(slots);
                    }
                    if offset == text.len() {
                        return best;
                    }
                    break;
                }
                Instruction::Jump(to) => at = *to,
                Instruction::Split(first, second) => {
                    stack.push((*second, offset, slots.clone()));
                    at = *first;
                    // A loop whose body takes nothing would never end.
                    if stack.len() > 100_000 {
                        return best;
                    }
                }
                Instruction::Save(slot) => {
                    let is_empty_round = slot % 2 == 1
                        && slots.get(slot - 1).copied().flatten() == Some(offset)
                        && slots.get(*slot).copied().flatten() == Some(offset);
                    if is_empty_round {
                        break;
                    }
                    if let Some(place) = slots.get_mut(*slot) {
                        *place = Some(offset);
                    }
                    at += 1;
                }
                Instruction::Assert(assertion) => {
                    let before = text.get(..offset).and_then(|text| text.chars().next_back());
                    if !holds(*assertion, before, after) {
                        break;
                    }
                    at += 1;
                }
                Instruction::BackReference(group) => {
                    let range = (slots.get(group * 2), slots.get(group * 2 + 1));
                    let (Some(Some(start)), Some(Some(end))) = range else {
                        break;
                    };
                    let wanted = text.get(*start..*end).unwrap_or_default();
                    let Some(length) = same_text(text, offset, wanted, program.ignore_case) else {
                        break;
                    };
                    offset += length;
                    at += 1;
                }
                _ => match after {
                    Some(character) if program.takes(at, character) => {
                        offset += character.len_utf8();
                        at += 1;
                    }
                    _ => break,
                },
            }
        }
    }
    best
}

/// How many bytes at `offset` are the same text again.
fn same_text(text: &str, offset: usize, wanted: &str, ignore_case: bool) -> Option<usize> {
    let mut there = text.get(offset..)?.chars();
    let mut length = 0;
    for character in wanted.chars() {
        let found = there.next().filter(|found| same_character(*found, character, ignore_case))?;
        length += found.len_utf8();
    }
    Some(length)
}
