//! Which functions and data of a module leave it for the rest.
//!
//! What stays is what ran in the rehearsal, with all that containers may do for it, which depends on
//! what is in them; and everything that the page may ever call: the page may not wait for a request. What the page may call is followed from its exports through calls,
//! through places in the table of functions and through the data that holds them.

use crate::links::{Links, Uses};
use crate::outline::COLD;
use anyhow::{Context as _, Result, ensure};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use walrus::ir::{Const, Value, Visitor, dfs_in_order};
use walrus::{
    ConstExpr, ElementItems, ElementKind, ExportItem, FunctionId, FunctionKind, GlobalId,
    LocalFunction, Module, TableId,
};

/// Exports that the page does not call, by how their names begin: the worker's beginning, and what
/// only the rehearsal calls.
const NOT_OF_PAGE: [&str; 2] = ["start_worker", "rehears"];
/// How mangled names of functions of the standard library's containers go on.
const CONTAINERS: &str = "5alloc11collections";
/// How names of functions begin that speak with the page, which depends on what it says.
const SPEAKERS: &str = "_ZN3web";
/// Less data than this is not worth a segment of its own.
const HOLE_BYTES_MIN: u32 = 16;

/// What is to be done. Functions and globals are given by their places among all: these are the
/// same whenever a file is read.
pub struct Plan {
    /// The functions that go.
    pub moves: BTreeSet<usize>,
    /// Where they stand in the table.
    pub entries: BTreeMap<i32, usize>,
    /// Those that what stays may call, and a place of each in the table.
    pub stubs: BTreeMap<usize, i32>,
    /// The same for parts of functions that stay: each is called in one place, which needs no stub.
    pub parts: BTreeMap<usize, i32>,
    /// What the moved functions call of those that stay, and the names of the exports for it.
    pub called: BTreeMap<usize, String>,
    /// The same for globals.
    pub globals: BTreeMap<usize, String>,
    /// The data that goes, by address.
    pub data: Vec<Range<u32>>,
    /// How many places the table has in the end.
    pub table_size: u64,
}

/// All functions, in order.
pub fn functions(module: &Module) -> Vec<FunctionId> {
    module.funcs.iter().map(|function| function.id()).collect()
}

/// All globals, in order.
pub fn globals(module: &Module) -> Vec<GlobalId> {
    module.globals.iter().map(|global| global.id()).collect()
}

/// The table of functions, and what stands in it.
///
/// # Errors
/// If there is none.
pub fn table_of(module: &Module) -> Result<(TableId, BTreeMap<i32, FunctionId>)> {
    let mut entries = BTreeMap::new();
    let mut found = None;
    for element in module.elements.iter() {
        let ElementKind::Active { table, offset } = &element.kind else { continue };
        let (ElementItems::Functions(functions), ConstExpr::Value(Value::I32(offset))) =
            (&element.items, offset)
        else {
            continue;
        };
        found = Some(*table);
        for (number, function) in functions.iter().enumerate() {
            entries.insert(offset + number as i32, *function);
        }
    }
    Ok((found.context("the module has no table of functions")?, entries))
}

/// What a function's body mentions.
#[derive(Default)]
struct Mentions {
    functions: BTreeSet<FunctionId>,
    globals: BTreeSet<GlobalId>,
    numbers: BTreeSet<i32>,
    tables: BTreeSet<TableId>,
}

impl<'a> Visitor<'a> for Mentions {
    fn visit_function_id(&mut self, function: &FunctionId) {
        self.functions.insert(*function);
    }

    fn visit_global_id(&mut self, global: &GlobalId) {
        self.globals.insert(*global);
    }

    fn visit_table_id(&mut self, table: &TableId) {
        self.tables.insert(*table);
    }

    fn visit_const(&mut self, constant: &Const) {
        if let Value::I32(number) = constant.value {
            self.numbers.insert(number);
        }
    }
}

fn mentions(function: &LocalFunction) -> Mentions {
    let mut found = Mentions::default();
    dfs_in_order(&mut found, function, function.entry_block());
    found
}

/// A function as the plan sees it.
struct Node<'a> {
    calls: BTreeSet<usize>,
    globals: BTreeSet<GlobalId>,
    uses: Cow<'a, Uses>,
    has_body: bool,
}

/// Everything that refers to something.
struct Graph<'a> {
    nodes: Vec<Node<'a>>,
    /// Functions by name; wasm-bindgen may make two of one.
    names: BTreeMap<&'a str, Vec<usize>>,
    links: &'a Links,
}

impl<'a> Graph<'a> {
    fn new(module: &'a Module, links: &'a Links) -> Graph<'a> {
        let ids = functions(module);
        let numbers: BTreeMap<_, _> = ids.iter().enumerate().map(|(n, id)| (*id, n)).collect();
        let mut names: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut nodes = Vec::new();
        for (number, id) in ids.iter().enumerate() {
            let function = module.funcs.get(*id);
            let name = function.name.as_deref().unwrap_or_default();
            names.entry(name).or_default().push(number);
            let known = links.functions.get(name);
            let mut node = Node {
                calls: BTreeSet::new(),
                globals: BTreeSet::new(),
                uses: Cow::Owned(Uses::default()),
                has_body: false,
            };
            if let FunctionKind::Local(function) = &function.kind {
                let found = mentions(function);
                node.has_body = true;
                node.calls = found.functions.iter().map(|called| numbers[called]).collect();
                node.globals = found.globals;
                node.uses = match known {
                    Some(uses) => Cow::Borrowed(uses),
                    // Made by wasm-bindgen: any number may be an address.
                    None => Cow::Owned(Uses {
                        functions: BTreeSet::new(),
                        data: found
                            .numbers
                            .into_iter()
                            .filter_map(|number| links.datum_at(number as u32))
                            .collect(),
                    }),
                };
            }
            nodes.push(node);
        }
        Graph { nodes, names, links }
    }

    fn named<'b>(&'b self, names: &'b BTreeSet<String>) -> impl Iterator<Item = usize> + 'b {
        names.iter().filter_map(|name| self.names.get(name.as_str())).flatten().copied()
    }

    /// The data that can be reached from data.
    fn data_from(&self, begin: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = begin.into_iter().collect();
        while let Some(number) = open.pop() {
            if found.insert(number) {
                open.extend(&self.links.data[number].uses.data);
            }
        }
        found
    }

    /// The functions that can be reached from functions.
    fn functions_from(&self, begin: impl IntoIterator<Item = usize>) -> BTreeSet<usize> {
        let (mut found, mut data) = (BTreeSet::new(), BTreeSet::new());
        let mut open: Vec<usize> = begin.into_iter().collect();
        while let Some(number) = open.pop() {
            if !found.insert(number) {
                continue;
            }
            let node = &self.nodes[number];
            open.extend(&node.calls);
            open.extend(self.named(&node.uses.functions));
            let new = node.uses.data.iter().copied().filter(|datum| !data.contains(datum));
            for datum in self.data_from(new) {
                if data.insert(datum) {
                    open.extend(self.named(&self.links.data[datum].uses.functions));
                }
            }
        }
        found
    }

    /// The functions whose names contain a text.
    fn named_with(&self, text: &str) -> BTreeSet<usize> {
        let named = self.names.iter().filter(|(name, _)| name.contains(text));
        named.flat_map(|(_, numbers)| numbers).copied().collect()
    }

    /// The functions that the page may call.
    fn of_page(&self, module: &Module, exported: &BTreeMap<String, usize>) -> BTreeSet<usize> {
        let begin = exported
            .iter()
            .filter(|(name, _)| !NOT_OF_PAGE.iter().any(|begin| name.starts_with(begin)))
            .map(|(_, number)| *number);
        let ids = functions(module);
        let start = module.start.and_then(|start| ids.iter().position(|id| *id == start));
        self.functions_from(begin.chain(start))
    }

    /// The functions, with those of containers that they may call.
    fn with_containers(&self, begin: BTreeSet<usize>) -> BTreeSet<usize> {
        let of_containers = self.named_with(CONTAINERS);
        let mut found = BTreeSet::new();
        let mut open: Vec<usize> = begin.into_iter().collect();
        while let Some(number) = open.pop() {
            if found.insert(number) {
                let called = self.nodes[number].calls.iter();
                open.extend(called.filter(|called| of_containers.contains(called)));
            }
        }
        found
    }
}

/// The exported functions by their exports' names.
fn exported_functions(
    module: &Module,
    numbers: &BTreeMap<FunctionId, usize>,
) -> BTreeMap<String, usize> {
    let exports = module.exports.iter().filter_map(|export| match export.item {
        ExportItem::Function(id) => Some((export.name.clone(), numbers[&id])),
        _ => None,
    });
    exports.collect()
}

/// The functions of which all has to stay if any of it does: what the page may call, what speaks
/// with it, and containers.
pub fn undivided(module: &Module, links: &Links) -> BTreeSet<FunctionId> {
    let graph = Graph::new(module, links);
    let ids = functions(module);
    let numbers = ids.iter().enumerate().map(|(n, id)| (*id, n)).collect();
    let mut found = graph.of_page(module, &exported_functions(module, &numbers));
    found.extend(graph.named_with(CONTAINERS));
    found.extend(graph.named_with(SPEAKERS));
    found.into_iter().map(|number| ids[number]).collect()
}

/// The functions that use another table than that of functions: it holds what JavaScript owns, and
/// only the first part has it.
fn holders(module: &Module, ids: &[FunctionId], table: TableId) -> BTreeSet<usize> {
    let holds = |id: &FunctionId| match &module.funcs.get(*id).kind {
        FunctionKind::Local(function) => mentions(function).tables.iter().any(|it| *it != table),
        _ => false,
    };
    ids.iter().enumerate().filter(|(_, id)| holds(id)).map(|(number, _)| number).collect()
}

/// A name that no other export has: these begin with a digit.
fn short_name(number: usize) -> String {
    const DIGITS: &[u8; 64] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-.";
    let mut name = String::from(DIGITS[number % 10] as char);
    let mut rest = number / 10;
    while rest > 0 {
        name.push(DIGITS[rest % 64] as char);
        rest /= 64;
    }
    name
}

impl Plan {
    /// Decides what goes, by the numbers of the functions that `ran`.
    ///
    /// # Errors
    /// If nothing would go, or the module has no table.
    pub fn new(module: &Module, links: &Links, ran: &BTreeSet<usize>) -> Result<Plan> {
        ensure!(!ran.is_empty(), "the rehearsal called nothing");
        let graph = Graph::new(module, links);
        let ids = functions(module);
        let numbers: BTreeMap<_, _> = ids.iter().enumerate().map(|(n, id)| (*id, n)).collect();
        let exported = exported_functions(module, &numbers);
        let page = graph.of_page(module, &exported);
        let (table, entries) = table_of(module)?;
        let holders = holders(module, &ids, table);
        let stays = graph.with_containers(page.union(ran).copied().chain(holders).collect());
        let goes = |n: &usize| graph.nodes[*n].has_body && !stays.contains(n);
        let moves: BTreeSet<usize> = (0..ids.len()).filter(goes).collect();
        ensure!(!moves.is_empty(), "everything is needed at once");
        let stays = || graph.nodes.iter().enumerate().filter(|(n, _)| !moves.contains(n));
        let stayed_data = graph.data_from(stays().flat_map(|(_, node)| node.uses.data.clone()));
        // What of the rest somebody in the first part can name.
        let mut known: BTreeSet<usize> = BTreeSet::new();
        for (_, node) in stays() {
            known.extend(&node.calls);
            known.extend(graph.named(&node.uses.functions));
        }
        for datum in &stayed_data {
            known.extend(graph.named(&links.data[*datum].uses.functions));
        }
        known.extend(exported.values());
        let mut plan = Plan {
            moves,
            entries: BTreeMap::new(),
            stubs: BTreeMap::new(),
            parts: BTreeMap::new(),
            called: BTreeMap::new(),
            globals: BTreeMap::new(),
            data: data_that_goes(&graph, &stayed_data),
            table_size: module.tables.get(table).initial,
        };
        plan.place(&entries, &numbers, &known, &graph.named_with(COLD));
        plan.borrow(module, &graph);
        Ok(plan)
    }

    /// Gives every moved function that is known a place in the table.
    fn place(
        &mut self,
        entries: &BTreeMap<i32, FunctionId>,
        numbers: &BTreeMap<FunctionId, usize>,
        known: &BTreeSet<usize>,
        parts: &BTreeSet<usize>,
    ) {
        let entries = entries.iter().map(|(slot, id)| (*slot, numbers[id]));
        self.entries.extend(entries.filter(|(_, number)| self.moves.contains(number)));
        let slots: BTreeMap<usize, i32> = self.entries.iter().map(|(s, n)| (*n, *s)).collect();
        for number in known.iter().filter(|number| self.moves.contains(number)) {
            let slot = slots.get(number).copied().unwrap_or_else(|| {
                self.table_size += 1;
                self.table_size as i32 - 1
            });
            self.entries.insert(slot, *number);
            let list = if parts.contains(number) { &mut self.parts } else { &mut self.stubs };
            list.insert(*number, slot);
        }
    }

    /// Notes what the moved functions need of what stays.
    fn borrow(&mut self, module: &Module, graph: &Graph<'_>) {
        let numbers: BTreeMap<GlobalId, usize> =
            globals(module).into_iter().enumerate().map(|(n, id)| (id, n)).collect();
        for number in &self.moves {
            let node = &graph.nodes[*number];
            for called in node.calls.iter().filter(|called| !self.moves.contains(called)) {
                let next = self.called.len();
                self.called.entry(*called).or_insert_with(|| short_name(next));
            }
            for global in &node.globals {
                let next = self.globals.len();
                self.globals.entry(numbers[global]).or_insert_with(|| format!("global{next}"));
            }
        }
    }
}

/// The data that only moved functions can reach, joined where it lies together.
fn data_that_goes(graph: &Graph<'_>, stays: &BTreeSet<usize>) -> Vec<Range<u32>> {
    let used = graph.data_from(graph.nodes.iter().flat_map(|node| node.uses.data.clone()));
    let mut ranges: Vec<Range<u32>> = Vec::new();
    let mut last_number = usize::MAX;
    for number in used.difference(stays) {
        let range = graph.links.data[*number].range.clone();
        match ranges.last_mut() {
            // What lies between two neighbours is there to align the second.
            Some(last)
                if last_number.wrapping_add(1) == *number
                    && range.start - last.end < HOLE_BYTES_MIN =>
            {
                last.end = range.end;
            }
            _ => ranges.push(range),
        }
        last_number = *number;
    }
    ranges.retain(|range| range.len() >= HOLE_BYTES_MIN as usize);
    ranges
}
