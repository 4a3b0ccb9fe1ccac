//! Writes a module in two parts, as a [`Plan`] says.
//!
//! The rest shares memory, table and globals with the first part and fills its places in the table
//! when it is instantiated. Until then a stub stands wherever something of the first part may call
//! a moved function, directly or through the table: it has the rest loaded (`www/rest.js`), at once
//! and synchronously, and passes the call on. Nothing that calls it can tell.

use crate::links::Links;
use crate::marks;
use crate::outline::outline;
use crate::plan::{Plan, functions, globals, table_of, undivided};
use anyhow::{Context as _, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use walrus::ir::{
    Call, CallIndirect, Const, Instr, InstrSeq, Value, VisitorMut, dfs_pre_order_mut,
};
use walrus::{
    ConstExpr, DataKind, ElementItems, ElementKind, FunctionBuilder, FunctionId, FunctionKind,
    GlobalId, GlobalKind, ImportedFunction, MemoryId, Module, ModuleConfig, TableId, TypeId,
    ValType, passes::gc,
};

/// How the exports begin that only the rehearsal calls.
const REHEARSAL: &str = "rehears";
/// The script that loads the rest, and its function.
const SCRIPT: &str = "./rest.js";
const SCRIPT_LOAD: &str = "load";
/// What the rest calls the first part, and the exports that only it needs.
const FIRST: &str = "first";
const MEMORY: &str = "memory_of_rest";
const TABLE: &str = "table_of_rest";
/// The global that says that the rest is there.
const LOADED: &str = "rest_loaded";

/// Reads a module.
///
/// # Errors
/// If the bytes are no module.
pub fn parse(module: &[u8]) -> Result<Module> {
    let mut config = ModuleConfig::new();
    config.generate_producers_section(false);
    config.parse(module)
}

/// A module in two parts, both with the names of their functions.
pub struct Parts {
    /// What a visit begins with.
    pub first: Vec<u8>,
    /// What is loaded later.
    pub rest: Vec<u8>,
}

/// Splits `module` by the numbers of the marks that were set when its copy ran.
///
/// # Errors
/// If nothing ran or nothing would go.
pub fn split(module: &[u8], links: &Links, numbers: &BTreeSet<usize>) -> Result<Parts> {
    let (mut first, links, ran) = prepare(module, links, numbers)?;
    let plan = Plan::new(&first, &links, &ran)?;
    let (mut rest, ..) = prepare(module, &links, numbers)?;
    let places = Places::new(&rest)?;
    keep(&mut rest, &plan, &places)?;
    let places = Places::new(&first)?;
    remove(&mut first, &plan, &places)?;
    Ok(Parts { first: first.emit_wasm(), rest: rest.emit_wasm() })
}

/// A module whose functions are divided into what ran and what did not; the numbers of those that
/// ran. It is the same whenever it is done.
fn prepare(
    module: &[u8],
    links: &Links,
    numbers: &BTreeSet<usize>,
) -> Result<(Module, Links, BTreeSet<usize>)> {
    let (mut module, mut links) = (parse(module)?, links.clone());
    let ran = marks::ran(&module, numbers);
    let ids = functions(&module);
    let undivided = undivided(&module, &links);
    for (id, segments) in ran.iter().filter(|(id, _)| !undivided.contains(id)) {
        outline(&mut module, &mut links, *id, segments)?;
    }
    let ran = ids.iter().enumerate().filter(|(_, id)| ran.contains_key(id));
    let ran = ran.map(|(number, _)| number).collect();
    Ok((module, links, ran))
}

/// The ids that the places of a [`Plan`] have in one reading of the module.
struct Places {
    functions: Vec<FunctionId>,
    globals: Vec<GlobalId>,
    table: TableId,
    entries: BTreeMap<i32, FunctionId>,
    memory: MemoryId,
}

impl Places {
    fn new(module: &Module) -> Result<Places> {
        let (table, entries) = table_of(module)?;
        let memory = module.memories.iter().next().context("the module has no memory")?;
        Ok(Places {
            functions: functions(module),
            globals: globals(module),
            table,
            entries,
            memory: memory.id(),
        })
    }
}

/// Makes the first part.
fn remove(module: &mut Module, plan: &Plan, places: &Places) -> Result<()> {
    let exports: Vec<_> = module.exports.iter().collect();
    let rehearsal = exports.into_iter().filter(|export| export.name.starts_with(REHEARSAL));
    let rehearsal: Vec<_> = rehearsal.map(|export| export.id()).collect();
    rehearsal.into_iter().for_each(|id| module.exports.delete(id));
    let ensure_loaded = add_loading(module);
    module.exports.add(MEMORY, places.memory);
    module.exports.add(TABLE, places.table);
    for (number, name) in &plan.called {
        module.exports.add(name, places.functions[*number]);
    }
    for (number, name) in &plan.globals {
        module.exports.add(name, places.globals[*number]);
    }
    let gone: BTreeSet<FunctionId> = plan
        .moves
        .iter()
        .filter(|number| !plan.stubs.contains_key(number))
        .map(|number| places.functions[*number])
        .collect();
    let mut entries = places.entries.clone();
    entries.retain(|_, id| !gone.contains(id));
    for (number, slot) in &plan.stubs {
        entries.insert(*slot, places.functions[*number]);
        make_stub(module, places.functions[*number], *slot, places.table, ensure_loaded);
    }
    call_parts(module, plan, places, ensure_loaded);
    fill(module, places.table, plan.table_size, &entries);
    keep_data(module, places.memory, &plan.data, false)?;
    gc::run(module);
    Ok(())
}

/// Adds a function that has the rest loaded unless it is there.
fn add_loading(module: &mut Module) -> FunctionId {
    let nothing = module.types.add(&[], &[]);
    let (load, _) = module.add_import_func(SCRIPT, SCRIPT_LOAD, nothing);
    let zero = ConstExpr::Value(Value::I32(0));
    let loaded = module.globals.add_local(ValType::I32, true, false, zero);
    module.exports.add(LOADED, loaded);
    let mut builder = FunctionBuilder::new(&mut module.types, &[], &[]);
    builder.func_body().global_get(loaded).if_else(
        None,
        |_| {},
        |missing| {
            missing.call(load);
        },
    );
    builder.finish(Vec::new(), &mut module.funcs)
}

/// Leaves of a function what has the rest loaded and passes the call on.
fn make_stub(
    module: &mut Module,
    moved: FunctionId,
    slot: i32,
    table: TableId,
    ensure_loaded: FunctionId,
) {
    let ty = module.funcs.get(moved).ty();
    let (parameters, results) = module.types.params_results(ty);
    let (parameters, results) = (parameters.to_vec(), results.to_vec());
    let arguments: Vec<_> = parameters.iter().map(|ty| module.locals.add(*ty)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
    let mut body = builder.func_body();
    body.call(ensure_loaded);
    for argument in &arguments {
        body.local_get(*argument);
    }
    body.i32_const(slot).call_indirect(ty, table);
    module.funcs.get_mut(moved).kind = FunctionKind::Local(builder.local_func(arguments));
}

/// Has the parts that went called through the table, after the rest has been loaded.
fn call_parts(module: &mut Module, plan: &Plan, places: &Places, ensure_loaded: FunctionId) {
    let parts = plan.parts.iter().map(|(number, slot)| {
        let id = places.functions[*number];
        (id, (*slot, module.funcs.get(id).ty()))
    });
    let mut calls = PartCalls { parts: parts.collect(), table: places.table, ensure_loaded };
    for (_, function) in module.funcs.iter_local_mut() {
        let entry = function.entry_block();
        dfs_pre_order_mut(&mut calls, function, entry);
    }
}

struct PartCalls {
    parts: BTreeMap<FunctionId, (i32, TypeId)>,
    table: TableId,
    ensure_loaded: FunctionId,
}

impl VisitorMut for PartCalls {
    fn start_instr_seq_mut(&mut self, sequence: &mut InstrSeq) {
        for (instruction, location) in std::mem::take(&mut sequence.instrs) {
            match &instruction {
                Instr::Call(call) if self.parts.contains_key(&call.func) => {
                    let (slot, ty) = self.parts[&call.func];
                    let load = Call { func: self.ensure_loaded }.into();
                    let place = Const { value: Value::I32(slot) }.into();
                    let call = CallIndirect { ty, table: self.table }.into();
                    let calls = [load, place, call].map(|made| (made, location));
                    sequence.instrs.extend(calls);
                }
                _ => sequence.instrs.push((instruction, location)),
            }
        }
    }
}

/// Makes `entries` all that stands in the table.
fn fill(module: &mut Module, table: TableId, size: u64, entries: &BTreeMap<i32, FunctionId>) {
    let filled = module.tables.get_mut(table);
    filled.initial = size;
    filled.maximum = filled.maximum.map(|maximum| maximum.max(size));
    let old: Vec<_> = filled.elem_segments.drain().collect();
    old.into_iter().for_each(|id| module.elements.delete(id));
    let mut runs: Vec<(i32, Vec<FunctionId>)> = Vec::new();
    for (slot, function) in entries {
        match runs.last_mut() {
            Some((offset, run)) if *offset + run.len() as i32 == *slot => run.push(*function),
            _ => runs.push((*slot, vec![*function])),
        }
    }
    for (offset, functions) in runs {
        let offset = ConstExpr::Value(Value::I32(offset));
        let items = ElementItems::Functions(functions);
        let element = module.elements.add(ElementKind::Active { table, offset }, items);
        module.tables.get_mut(table).elem_segments.insert(element);
    }
}

/// Keeps of the data what lies in `ranges`, or what does not.
fn keep_data(
    module: &mut Module,
    memory: MemoryId,
    ranges: &[Range<u32>],
    lies_there: bool,
) -> Result<()> {
    let ids: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    let mut kept = Vec::new();
    for id in ids {
        let data = module.data.get(id);
        let DataKind::Active { offset: ConstExpr::Value(Value::I32(begin)), .. } = data.kind else {
            anyhow::bail!("a segment of data has no fixed address");
        };
        let begin = begin as u32;
        let end = begin + data.value.len() as u32;
        let mut at = begin;
        let inside = ranges.iter().filter(|range| begin <= range.start && range.end <= end);
        for range in inside {
            let (from, to) = if lies_there { (range.start, range.end) } else { (at, range.start) };
            kept.push((from, data.value[(from - begin) as usize..(to - begin) as usize].to_vec()));
            at = range.end;
        }
        if !lies_there {
            kept.push((at, data.value[(at - begin) as usize..].to_vec()));
        }
        module.data.delete(id);
    }
    module.memories.get_mut(memory).data_segments.clear();
    for (begin, bytes) in kept.into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let offset = ConstExpr::Value(Value::I32(begin as i32));
        let id = module.data.add(DataKind::Active { memory, offset }, bytes);
        module.memories.get_mut(memory).data_segments.insert(id);
    }
    Ok(())
}

/// Makes the rest.
fn keep(module: &mut Module, plan: &Plan, places: &Places) -> Result<()> {
    let exports: Vec<_> = module.exports.iter().map(|export| export.id()).collect();
    exports.into_iter().for_each(|id| module.exports.delete(id));
    module.start = None;
    let import = module.imports.add(FIRST, MEMORY, places.memory);
    module.memories.get_mut(places.memory).import = Some(import);
    let import = module.imports.add(FIRST, TABLE, places.table);
    module.tables.get_mut(places.table).import = Some(import);
    for (number, name) in &plan.globals {
        let global = places.globals[*number];
        let import = module.imports.add(FIRST, name, global);
        module.globals.get_mut(global).kind = GlobalKind::Import(import);
    }
    for (number, name) in &plan.called {
        import_function(module, places.functions[*number], name);
    }
    let entries = plan.entries.iter().map(|(slot, number)| (*slot, places.functions[*number]));
    fill(module, places.table, plan.table_size, &entries.collect());
    keep_data(module, places.memory, &plan.data, true)?;
    gc::run(module);
    Ok(())
}

/// Makes a function one of the first part's exports.
fn import_function(module: &mut Module, function: FunctionId, name: &str) {
    if let FunctionKind::Import(known) = &module.funcs.get(function).kind {
        let known = module.imports.get_mut(known.import);
        (known.module, known.name) = (FIRST.to_owned(), name.to_owned());
        return;
    }
    let import = module.imports.add(FIRST, name, function);
    let ty = module.funcs.get(function).ty();
    let kind = FunctionKind::Import(ImportedFunction { import, ty });
    module.funcs.get_mut(function).kind = kind;
}
