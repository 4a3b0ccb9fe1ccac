//! A module that notes which parts of its functions run.

use crate::outline::sequences;
use crate::plan::functions;
use crate::split::parse;
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use walrus::ir::{Const, Instr, InstrSeqId, MemArg, Store, StoreKind, Value};
use walrus::{ConstExpr, FunctionId, FunctionKind, LocalFunction, Module, ValType};

/// Where a run of instructions begins that all run if the first does: a sequence and a place in it.
pub type Segment = (InstrSeqId, usize);
/// The exports that say where the marks begin in memory and how many there are.
const BEGIN: &str = "marks_begin";
const COUNT: &str = "marks_count";
const PAGE_BYTES: u64 = 65_536;

/// The segments of a sequence, with their places.
pub fn segments(function: &LocalFunction, id: InstrSeqId) -> Vec<(Segment, Range<usize>)> {
    let mut found = Vec::new();
    let mut begin = 0;
    let instructions = &function.block(id).instrs;
    for (place, (instruction, _)) in instructions.iter().enumerate() {
        let may_leave = matches!(
            instruction,
            Instr::BrIf(_) | Instr::Block(_) | Instr::Loop(_) | Instr::IfElse(_)
        );
        if may_leave || place + 1 == instructions.len() {
            found.push(((id, begin), begin..place + 1));
            begin = place + 1;
        }
    }
    if instructions.is_empty() {
        found.push(((id, 0), 0..0));
    }
    found
}

/// All segments of all functions, in order.
fn all(module: &Module) -> Vec<(FunctionId, Segment)> {
    let mut found = Vec::new();
    for id in functions(module) {
        let FunctionKind::Local(function) = &module.funcs.get(id).kind else { continue };
        for sequence in sequences(function) {
            let segments = segments(function, sequence).into_iter();
            found.extend(segments.map(|(segment, _)| (id, segment)));
        }
    }
    found
}

/// A copy of `module` in which every segment, when it runs, sets its byte in memory to 1.
///
/// # Errors
/// If the bytes are no module.
pub fn instrument(module: &[u8]) -> Result<Vec<u8>> {
    let mut module = parse(module)?;
    let segments = all(&module);
    let memory = module.memories.iter_mut().next().context("the module has no memory")?;
    // An allocator asks for memory of its own and does not know of this.
    let begin = memory.initial * PAGE_BYTES;
    memory.initial += (segments.len() as u64).div_ceil(PAGE_BYTES);
    let memory = memory.id();
    for (name, value) in [(BEGIN, begin as i32), (COUNT, segments.len() as i32)] {
        let value = ConstExpr::Value(Value::I32(value));
        let global = module.globals.add_local(ValType::I32, false, false, value);
        module.exports.add(name, global);
    }
    // From the end, so that the places of the others stay what they are.
    for (number, (function, (sequence, place))) in segments.iter().enumerate().rev() {
        let constant = |value| Instr::from(Const { value: Value::I32(value) });
        let store = Store {
            memory,
            kind: StoreKind::I32_8 { atomic: false },
            arg: MemArg { align: 1, offset: 0 },
        };
        let mark = [constant(begin as i32 + number as i32), constant(1), store.into()];
        let mark = mark.map(|instruction| (instruction, Default::default()));
        let function = module.funcs.get_mut(*function).kind.unwrap_local_mut();
        function.block_mut(*sequence).instrs.splice(*place..*place, mark);
    }
    Ok(module.emit_wasm())
}

/// What ran, by the numbers of the marks that were set.
pub fn ran(module: &Module, numbers: &BTreeSet<usize>) -> BTreeMap<FunctionId, BTreeSet<Segment>> {
    let mut found: BTreeMap<FunctionId, BTreeSet<Segment>> = BTreeMap::new();
    for (number, (function, segment)) in all(module).into_iter().enumerate() {
        if numbers.contains(&number) {
            found.entry(function).or_default().insert(segment);
        }
    }
    found
}
