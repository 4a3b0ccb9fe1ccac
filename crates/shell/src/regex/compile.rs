//! From tree to instructions.

use super::RegexError;
use super::syntax::{Assertion, Node};
use crate::pattern::{Class, Set, same_character};

/// How many instructions one expression may become.
const LIMIT_INSTRUCTIONS: usize = 20_000;

#[derive(Clone, Debug)]
pub(super) enum Instruction {
    Character(char),
    Any,
    Set(Set),
    Word(bool),
    Space(bool),
    Assert(Assertion),
    BackReference(usize),
    /// Remember the place in this slot.
    Save(usize),
    /// Go on at both, the first being preferred.
    Split(usize, usize),
    Jump(usize),
    Accept,
}

#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) instructions: Vec<Instruction>,
    pub(super) slots: usize,
    pub(super) ignore_case: bool,
    pub(super) has_back_references: bool,
}

impl Program {
    pub(super) fn get(&self, at: usize) -> &Instruction {
        self.instructions.get(at).unwrap_or(&Instruction::Accept)
    }

    /// Whether an instruction that consumes a character takes this one.
    pub(super) fn takes(&self, at: usize, character: char) -> bool {
        match self.get(at) {
            Instruction::Character(wanted) => same_character(*wanted, character, self.ignore_case),
            Instruction::Any => true,
            Instruction::Set(set) => set.contains(character, self.ignore_case),
            Instruction::Word(wanted) => super::is_word(character) == *wanted,
            Instruction::Space(wanted) => Class::Space.contains(character) == *wanted,
            _ => false,
        }
    }
}

/// Whether an assertion holds between two characters.
pub(super) fn holds(assertion: Assertion, before: Option<char>, after: Option<char>) -> bool {
    let word_before = before.is_some_and(super::is_word);
    let word_after = after.is_some_and(super::is_word);
    match assertion {
        Assertion::Start => before.is_none(),
        Assertion::End => after.is_none(),
        Assertion::WordStart => !word_before && word_after,
        Assertion::WordEnd => word_before && !word_after,
        Assertion::Boundary => word_before != word_after,
        Assertion::NoBoundary => word_before == word_after,
    }
}

pub(super) fn compile(
    node: &Node,
    groups: usize,
    ignore_case: bool,
) -> Result<Program, RegexError> {
    let mut program = Program {
        instructions: vec![Instruction::Save(0)],
        slots: (groups + 1) * 2,
        ignore_case,
        has_back_references: false,
    };
    program.node(node)?;
    program.push(Instruction::Save(1))?;
    program.push(Instruction::Accept)?;
    Ok(program)
}

impl Program {
    fn push(&mut self, instruction: Instruction) -> Result<usize, RegexError> {
        if self.instructions.len() >= LIMIT_INSTRUCTIONS {
            return Err(RegexError::TooBig);
        }
        self.instructions.push(instruction);
        Ok(self.instructions.len() - 1)
    }

    fn set(&mut self, at: usize, instruction: Instruction) {
        if let Some(place) = self.instructions.get_mut(at) {
            *place = instruction;
        }
    }

    fn node(&mut self, node: &Node) -> Result<(), RegexError> {
        match node {
            Node::Empty => {}
            Node::Character(character) => {
                self.push(Instruction::Character(*character))?;
            }
            Node::Any => {
                self.push(Instruction::Any)?;
            }
            Node::Set(set) => {
                self.push(Instruction::Set(set.clone()))?;
            }
            Node::Word(wanted) => {
                self.push(Instruction::Word(*wanted))?;
            }
            Node::Space(wanted) => {
                self.push(Instruction::Space(*wanted))?;
            }
            Node::Assert(assertion) => {
                self.push(Instruction::Assert(*assertion))?;
            }
            Node::BackReference(number) => {
                self.has_back_references = true;
                self.push(Instruction::BackReference(*number))?;
            }
            Node::Group(inner, number) => {
                self.push(Instruction::Save(number * 2))?;
                self.node(inner)?;
                self.push(Instruction::Save(number * 2 + 1))?;
            }
            Node::Sequence(nodes) => {
                for node in nodes {
                    self.node(node)?;
                }
            }
            Node::Choice(nodes) => self.choice(nodes)?,
            Node::Repeat(inner, least, most) => self.repeat(inner, *least, *most)?,
        }
        Ok(())
    }

    fn choice(&mut self, nodes: &[Node]) -> Result<(), RegexError> {
        let mut jumps = Vec::new();
        for (number, node) in nodes.iter().enumerate() {
            if number + 1 == nodes.len() {
                self.node(node)?;
                break;
            }
            let split = self.push(Instruction::Jump(0))?;
            self.node(node)?;
            jumps.push(self.push(Instruction::Jump(0))?);
            self.set(split, Instruction::Split(split + 1, self.instructions.len()));
        }
        for jump in jumps {
            self.set(jump, Instruction::Jump(self.instructions.len()));
        }
        Ok(())
    }

    fn repeat(&mut self, inner: &Node, least: u32, most: Option<u32>) -> Result<(), RegexError> {
        for _ in 0..least {
            self.node(inner)?;
        }
        match most {
            // Once or more, or not at all: so one round counts even if it takes nothing.
            None => {
                let split = self.push(Instruction::Jump(0))?;
                self.node(inner)?;
                let again = self.push(Instruction::Jump(0))?;
                self.set(again, Instruction::Split(split + 1, again + 1));
                self.set(split, Instruction::Split(split + 1, again + 1));
            }
            Some(most) => {
                let mut splits = Vec::new();
                for _ in least..most {
                    splits.push(self.push(Instruction::Jump(0))?);
                    self.node(inner)?;
                }
                for split in splits {
                    self.set(split, Instruction::Split(split + 1, self.instructions.len()));
                }
            }
        }
        Ok(())
    }
}
