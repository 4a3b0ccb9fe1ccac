//! Takes out of functions that ran what of them did not.
//!
//! Nearly half of a function that a first visit calls is for what does not happen on it. Whole
//! statements that never ran become a function of their own, which can go into the rest. It gets
//! the locals that it knows and gives back those that it may have changed.

use crate::links::Links;
use crate::marks::{Segment, segments};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use walrus::ir::{
    Call, Instr, InstrSeqId, InstrSeqType, LocalGet, LocalSet, Visitor, dfs_in_order,
};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, LocalFunction, LocalId, Module};

/// How the names of the functions that are made here end.
pub const COLD: &str = ".never";
/// What has to be saved at least, in instructions.
const SAVED_MIN: usize = 10;
/// How many locals may go in and come out.
const LOCALS_MAX: usize = 24;

/// Statements of one sequence that follow each other and never ran.
struct Region {
    sequence: InstrSeqId,
    range: Range<usize>,
    takes: Vec<LocalId>,
    gives: Vec<LocalId>,
    knows: BTreeSet<LocalId>,
}

/// Makes functions of what did not run in `function`: whatever is in none of the segments `ran`.
///
/// # Errors
/// If the function has no body.
pub fn outline(
    module: &mut Module,
    links: &mut Links,
    id: FunctionId,
    ran: &BTreeSet<Segment>,
) -> Result<()> {
    let function = module.funcs.get(id).kind.unwrap_local();
    let regions = Finder::new(module, function, ran).find();
    let name = module.funcs.get(id).name.clone().unwrap_or_default();
    // From the end, so that the places of the others stay what they are.
    for (number, region) in regions.iter().enumerate().rev() {
        let made = take_out(module, id, region);
        let own = format!("{name}{COLD}{number}");
        let uses = links.functions.get(&name).cloned();
        links.functions.insert(own.clone(), uses.unwrap_or_default());
        module.funcs.get_mut(made).name = Some(own);
    }
    Ok(())
}

/// What is known of a local in some instructions.
#[derive(Clone, Copy, Default)]
struct Mention {
    count: usize,
    is_written: bool,
    /// Whether it is written before anything reads it, whichever way is taken.
    is_own: bool,
}

/// Collects what instructions mention and where they go.
#[derive(Default)]
struct Mentions {
    locals: BTreeMap<LocalId, Mention>,
    depth: usize,
    instructions: usize,
    inside: BTreeSet<InstrSeqId>,
    targets: BTreeSet<InstrSeqId>,
    returns: bool,
}

impl Mentions {
    fn note(&mut self, local: LocalId, writes: bool) {
        let is_first_write = writes && self.depth == 0;
        let new = Mention { is_own: is_first_write, ..Mention::default() };
        let mention = self.locals.entry(local).or_insert(new);
        mention.count += 1;
        mention.is_written |= writes;
    }

    /// Looks at instructions and at what is nested in them.
    fn look(&mut self, function: &LocalFunction, instructions: &[(Instr, walrus::ir::InstrLocId)]) {
        for (instruction, _) in instructions {
            self.instructions += 1;
            match instruction {
                Instr::LocalGet(get) => self.note(get.local, false),
                Instr::LocalSet(set) => self.note(set.local, true),
                Instr::LocalTee(tee) => self.note(tee.local, true),
                Instr::Br(branch) => drop(self.targets.insert(branch.block)),
                Instr::BrIf(branch) => drop(self.targets.insert(branch.block)),
                Instr::BrTable(branch) => {
                    self.targets.extend(branch.blocks.iter().copied());
                    self.targets.insert(branch.default);
                }
                Instr::Return(_) => self.returns = true,
                Instr::Block(block) => self.enter(function, block.seq),
                Instr::Loop(block) => self.enter(function, block.seq),
                Instr::IfElse(choice) => {
                    self.enter(function, choice.consequent);
                    self.enter(function, choice.alternative);
                }
                _ => {}
            }
        }
    }

    fn enter(&mut self, function: &LocalFunction, sequence: InstrSeqId) {
        self.inside.insert(sequence);
        self.depth += 1;
        self.look(function, &function.block(sequence).instrs);
        self.depth -= 1;
    }

    /// Whether nothing leads out but the end.
    fn ends_at_end(&self) -> bool {
        !self.returns && self.targets.is_subset(&self.inside)
    }
}

/// Finds what can be taken out of a function.
struct Finder<'a> {
    module: &'a Module,
    function: &'a LocalFunction,
    ran: &'a BTreeSet<Segment>,
    all: Mentions,
}

impl<'a> Finder<'a> {
    fn new(module: &'a Module, function: &'a LocalFunction, ran: &'a BTreeSet<Segment>) -> Self {
        let mut all = Mentions::default();
        all.look(function, &function.block(function.entry_block()).instrs);
        Finder { module, function, ran, all }
    }

    fn find(&self) -> Vec<Region> {
        let mut found = Vec::new();
        self.search(self.function.entry_block(), &mut found);
        found
    }

    fn search(&self, sequence: InstrSeqId, found: &mut Vec<Region>) {
        let statements = self.statements(sequence);
        let mut run: Option<Range<usize>> = None;
        let mut taken = Vec::new();
        for (range, is_cold) in statements {
            match (&mut run, is_cold) {
                (Some(run), true) if run.end == range.start => run.end = range.end,
                (_, true) => taken.extend(run.replace(range)),
                (_, false) => taken.extend(run.take()),
            }
        }
        taken.extend(run);
        let regions = taken.into_iter().filter_map(|range| self.region(sequence, range));
        let regions: Vec<Region> = regions.collect();
        for (place, (instruction, _)) in self.function.block(sequence).instrs.iter().enumerate() {
            if regions.iter().any(|region| region.range.contains(&place)) {
                continue;
            }
            match instruction {
                Instr::Block(block) => self.search(block.seq, found),
                Instr::Loop(block) => self.search(block.seq, found),
                Instr::IfElse(choice) => {
                    self.search(choice.consequent, found);
                    self.search(choice.alternative, found);
                }
                _ => {}
            }
        }
        found.extend(regions);
    }

    /// Instructions between which the stack is empty, and whether they can be taken out.
    fn statements(&self, sequence: InstrSeqId) -> Vec<(Range<usize>, bool)> {
        let instructions = &self.function.block(sequence).instrs;
        if matches!(self.function.block(sequence).ty, InstrSeqType::MultiValue(_)) {
            return Vec::new();
        }
        let cold = self.cold_places(sequence);
        let mut statements = Vec::new();
        let (mut begin, mut height) = (0, 0usize);
        for (place, (instruction, _)) in instructions.iter().enumerate() {
            let Some((pops, pushes)) = self.effect(instruction) else { break };
            let Some(left) = height.checked_sub(pops) else { break };
            height = left + pushes;
            if height == 0 {
                let range = begin..place + 1;
                let mut mentions = Mentions::default();
                mentions.look(self.function, &instructions[range.clone()]);
                let is_cold = range.clone().all(|place| cold.contains(&place));
                statements.push((range, is_cold && mentions.ends_at_end()));
                begin = place + 1;
            }
        }
        statements
    }

    fn cold_places(&self, sequence: InstrSeqId) -> BTreeSet<usize> {
        let mut places = BTreeSet::new();
        for (segment, range) in segments(self.function, sequence) {
            if !self.ran.contains(&segment) {
                places.extend(range);
            }
        }
        places
    }

    /// How many values an instruction takes and leaves; nothing if it is not known, or goes away.
    fn effect(&self, instruction: &Instr) -> Option<(usize, usize)> {
        let sequence = |id: InstrSeqId| match self.function.block(id).ty {
            InstrSeqType::Simple(result) => Some((0, usize::from(result.is_some()))),
            InstrSeqType::MultiValue(_) => None,
        };
        let signature = |ty| {
            let (parameters, results) = self.module.types.params_results(ty);
            (parameters.len(), results.len())
        };
        Some(match instruction {
            Instr::Block(block) => sequence(block.seq)?,
            Instr::Loop(block) => sequence(block.seq)?,
            Instr::IfElse(choice) => (1, sequence(choice.consequent)?.1),
            Instr::Call(call) => signature(self.module.funcs.get(call.func).ty()),
            Instr::CallIndirect(call) => {
                let (pops, pushes) = signature(call.ty);
                (pops + 1, pushes)
            }
            Instr::LocalGet(_) | Instr::GlobalGet(_) | Instr::Const(_) => (0, 1),
            Instr::MemorySize(_) => (0, 1),
            Instr::LocalSet(_) | Instr::GlobalSet(_) | Instr::Drop(_) | Instr::BrIf(_) => (1, 0),
            Instr::LocalTee(_) | Instr::Unop(_) | Instr::Load(_) | Instr::MemoryGrow(_) => (1, 1),
            Instr::Binop(_) => (2, 1),
            Instr::Select(_) => (3, 1),
            Instr::Store(_) => (2, 0),
            Instr::MemoryCopy(_) | Instr::MemoryFill(_) => (3, 0),
            _ => return None,
        })
    }

    /// The region, if it is worth it.
    fn region(&self, sequence: InstrSeqId, range: Range<usize>) -> Option<Region> {
        let mut inside = Mentions::default();
        inside.look(self.function, &self.function.block(sequence).instrs[range.clone()]);
        let is_outside = |local: &LocalId, mention: &Mention| {
            self.all.locals.get(local).is_none_or(|all| all.count > mention.count)
        };
        let mentions = || inside.locals.iter();
        let takes: Vec<_> = mentions().filter(|(_, m)| !m.is_own).map(|(l, _)| *l).collect();
        // A local that is not its own keeps what it holds from one time to the next.
        let gives = mentions().filter(|(l, m)| m.is_written && (!m.is_own || is_outside(l, m)));
        let gives: Vec<_> = gives.map(|(local, _)| *local).collect();
        let passed = takes.len() + gives.len();
        let is_worth = inside.instructions >= SAVED_MIN + passed
            && takes.len() <= LOCALS_MAX
            && gives.len() <= LOCALS_MAX;
        let knows = inside.locals.keys().copied().collect();
        is_worth.then_some(Region { sequence, range, takes, gives, knows })
    }
}

/// Makes a function of a region, and calls it in its place.
fn take_out(module: &mut Module, id: FunctionId, region: &Region) -> FunctionId {
    let locals: BTreeMap<LocalId, LocalId> = region
        .knows
        .iter()
        .map(|local| {
            let ty = module.locals.get(*local).ty();
            (*local, module.locals.add(ty))
        })
        .collect();
    let types = |list: &[LocalId]| -> Vec<_> {
        list.iter().map(|local| module.locals.get(*local).ty()).collect()
    };
    let (parameters, results) = (types(&region.takes), types(&region.gives));
    let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
    let FunctionKind::Local(function) = &module.funcs.get(id).kind else {
        unreachable!("only what has a body is searched");
    };
    let body = builder.func_body_id();
    let mut copier = Copier { from: function, locals: &locals, sequences: BTreeMap::new() };
    let instructions = &function.block(region.sequence).instrs[region.range.clone()];
    copier.copy(instructions, &mut builder, body);
    for local in &region.gives {
        builder.instr_seq(body).local_get(locals[local]);
    }
    let arguments = region.takes.iter().map(|local| locals[local]).collect();
    let made = builder.finish(arguments, &mut module.funcs);
    let mut calls: Vec<Instr> = Vec::new();
    calls.extend(region.takes.iter().map(|local| Instr::from(LocalGet { local: *local })));
    calls.push(Call { func: made }.into());
    calls.extend(region.gives.iter().rev().map(|local| Instr::from(LocalSet { local: *local })));
    let function = module.funcs.get_mut(id).kind.unwrap_local_mut();
    let calls = calls.into_iter().map(|instruction| (instruction, Default::default()));
    function.block_mut(region.sequence).instrs.splice(region.range.clone(), calls);
    made
}

/// Copies instructions from one function into another.
struct Copier<'a> {
    from: &'a LocalFunction,
    locals: &'a BTreeMap<LocalId, LocalId>,
    sequences: BTreeMap<InstrSeqId, InstrSeqId>,
}

impl Copier<'_> {
    fn copy(
        &mut self,
        instructions: &[(Instr, walrus::ir::InstrLocId)],
        to: &mut FunctionBuilder,
        sequence: InstrSeqId,
    ) {
        for (instruction, _) in instructions {
            let mut copied = instruction.clone();
            match &mut copied {
                Instr::LocalGet(get) => get.local = self.locals[&get.local],
                Instr::LocalSet(set) => set.local = self.locals[&set.local],
                Instr::LocalTee(tee) => tee.local = self.locals[&tee.local],
                Instr::Br(branch) => branch.block = self.sequences[&branch.block],
                Instr::BrIf(branch) => branch.block = self.sequences[&branch.block],
                Instr::BrTable(branch) => {
                    for block in branch.blocks.iter_mut().chain([&mut branch.default]) {
                        *block = self.sequences[block];
                    }
                }
                Instr::Block(block) => block.seq = self.copy_sequence(block.seq, to),
                Instr::Loop(block) => block.seq = self.copy_sequence(block.seq, to),
                Instr::IfElse(choice) => {
                    choice.consequent = self.copy_sequence(choice.consequent, to);
                    choice.alternative = self.copy_sequence(choice.alternative, to);
                }
                _ => {}
            }
            to.instr_seq(sequence).instr(copied);
        }
    }

    fn copy_sequence(&mut self, sequence: InstrSeqId, to: &mut FunctionBuilder) -> InstrSeqId {
        let from = self.from.block(sequence);
        let made = to.dangling_instr_seq(from.ty).id();
        self.sequences.insert(sequence, made);
        self.copy(&from.instrs, to, made);
        made
    }
}

/// The sequences of a function, in order.
pub fn sequences(function: &LocalFunction) -> Vec<InstrSeqId> {
    #[derive(Default)]
    struct Sequences(Vec<InstrSeqId>);
    impl<'a> Visitor<'a> for Sequences {
        fn start_instr_seq(&mut self, sequence: &'a walrus::ir::InstrSeq) {
            self.0.push(sequence.id());
        }
    }
    let mut found = Sequences::default();
    dfs_in_order(&mut found, function, function.entry_block());
    found.0
}
