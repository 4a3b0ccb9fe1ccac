//! Matching by following all ways at once.

use super::Match;
use super::compile::{Instruction, Program, holds};
use std::rc::Rc;

type Slots = Rc<Vec<Option<usize>>>;

/// One way through the program.
#[derive(Clone)]
struct Thread {
    at: usize,
    slots: Slots,
}

impl Thread {
    fn start(&self) -> usize {
        self.slots.first().copied().flatten().unwrap_or(0)
    }
}

/// The threads of one place, the preferred ones first, at most one per instruction.
struct Threads {
    list: Vec<Thread>,
    /// By instruction: the round in which it was added last.
    seen: Vec<u32>,
    round: u32,
}

impl Threads {
    fn new(size: usize) -> Threads {
        Threads { list: Vec::new(), seen: vec![0; size], round: 1 }
    }

    fn clear(&mut self) {
        self.list.clear();
        self.round += 1;
    }

    /// Adds a thread and, in order of preference, all it leads to without a character.
    fn add(&mut self, program: &Program, thread: Thread, here: &Place) {
        let mut stack = vec![thread];
        while let Some(thread) = stack.pop() {
            match self.seen.get_mut(thread.at) {
                Some(seen) if *seen != self.round => *seen = self.round,
                _ => continue,
            }
            match program.get(thread.at) {
                Instruction::Jump(to) => stack.push(Thread { at: *to, ..thread }),
                Instruction::Split(first, second) => {
                    stack.push(Thread { at: *second, slots: thread.slots.clone() });
                    stack.push(Thread { at: *first, ..thread });
                }
                Instruction::Save(slot) => {
                    let mut slots = thread.slots;
                    if let Some(place) = Rc::make_mut(&mut slots).get_mut(*slot) {
                        *place = Some(here.offset);
                    }
                    stack.push(Thread { at: thread.at + 1, slots });
                }
                Instruction::Assert(assertion) => {
                    if holds(*assertion, here.before, here.after) {
                        stack.push(Thread { at: thread.at + 1, ..thread });
                    }
                }
                _ => self.list.push(thread),
            }
        }
    }
}

struct Place {
    offset: usize,
    before: Option<char>,
    after: Option<char>,
}

/// The leftmost and then longest match.
pub(super) fn find(program: &Program, text: &str, from: usize) -> Option<Match> {
    let rest = text.get(from..)?;
    let mut threads = Threads::new(program.instructions.len());
    let mut next = Threads::new(program.instructions.len());
    let empty: Slots = Rc::new(vec![None; program.slots]);
    let mut best: Option<Slots> = None;
    let first = first_character(program);
    let mut before = text.get(..from).and_then(|text| text.chars().next_back());
    let mut chars = rest.char_indices().peekable();
    let mut offset = from;
    loop {
        let after = chars.peek().map(|(_, character)| *character);
        let here = Place { offset, before, after };
        if best.is_none() {
            let may_begin = first.is_none() || first == after;
            if may_begin {
                threads.add(program, Thread { at: 0, slots: empty.clone() }, &here);
            } else if threads.list.is_empty()
                && let Some(first) = first
                && let Some(skip) = text.get(offset..).and_then(|rest| rest.find(first))
            {
                // Nothing is under way: go to where something can begin.
                while chars.peek().is_some_and(|(at, _)| from + at < offset + skip) {
                    before = chars.next().map(|(_, character)| character);
                }
                offset += skip;
                continue;
            } else if threads.list.is_empty() && first.is_some() {
                return None;
            }
        }
        next.clear();
        let following = after.map(|character| Place {
            offset: offset + character.len_utf8(),
            before: Some(character),
            after: chars.clone().nth(1).map(|(_, character)| character),
        });
        for thread in threads.list.drain(..) {
            if best.as_ref().is_some_and(|best| start_of(best) < thread.start()) {
                continue;
            }
            match (program.get(thread.at), &following) {
                (Instruction::Accept, _) => keep_better(&mut best, &thread.slots),
                (_, Some(following)) => {
                    if after.is_some_and(|character| program.takes(thread.at, character)) {
                        next.add(program, Thread { at: thread.at + 1, ..thread }, following);
                    }
                }
                (_, None) => {}
            }
        }
        threads.round += 1;
        std::mem::swap(&mut threads, &mut next);
        let Some((_, character)) = chars.next() else {
            break;
        };
        before = Some(character);
        offset += character.len_utf8();
        if threads.list.is_empty() && best.is_some() {
            break;
        }
    }
    // The last round only accepts.
    for thread in threads.list {
        if matches!(program.get(thread.at), Instruction::Accept) {
            keep_better(&mut best, &thread.slots);
        }
    }
    best.map(|slots| Match { slots: slots.to_vec() })
}

fn start_of(slots: &Slots) -> usize {
    slots.first().copied().flatten().unwrap_or(0)
}

fn keep_better(best: &mut Option<Slots>, slots: &Slots) {
    let key = |slots: &Slots| {
        let end = slots.get(1).copied().flatten().unwrap_or(0);
        (std::cmp::Reverse(start_of(slots)), end)
    };
    if best.as_ref().is_none_or(|best| key(slots) > key(best)) {
        *best = Some(slots.clone());
    }
}

/// The character that every match begins with, if there is one.
fn first_character(program: &Program) -> Option<char> {
    if program.ignore_case {
        return None;
    }
    program
        .instructions
        .iter()
        .find(|instruction| !matches!(instruction, Instruction::Save(_)))
        .and_then(|instruction| match instruction {
            Instruction::Character(character) => Some(*character),
            _ => None,
        })
}
