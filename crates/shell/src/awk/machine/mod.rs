//! The stack machine that runs a program.

mod outside;
mod step;

use super::compile::{Origin, Pattern, Program, Redirection, Slot};
use super::input::{Reader, Record};
use super::value::{Array, Value};
use crate::context::Context;
use crate::regex::Regex;
use crate::stream::Handle;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How deep functions may call one another.
const LIMIT_CALLS: usize = 2_000;
/// How large a text may grow.
const LIMIT_TEXT_BYTES: usize = 32 * 1024 * 1024;
/// How many steps count as one unit of work.
const STEPS_PER_UNIT: u32 = 20;

/// What is on the stack.
#[derive(Clone)]
pub(super) enum Item {
    Value(Value),
    Array(Array),
    Regex(Rc<Regex>, Rc<str>),
}

impl Item {
    pub(super) fn value(&self) -> Value {
        match self {
            Item::Value(value) => value.clone(),
            Item::Array(_) => Value::Unset,
            Item::Regex(_, source) => Value::Text(source.clone()),
        }
    }

    pub(super) fn number(&self) -> f64 {
        self.value().number()
    }

    pub(super) fn text(&self, format: &str) -> Rc<str> {
        self.value().to_text(format)
    }
}

/// A variable's content.
#[derive(Clone, Default)]
enum Cell {
    #[default]
    Unset,
    Value(Value),
    Array(Array),
}

struct Frame {
    locals: Vec<Cell>,
    return_to: usize,
    loops: usize,
}

/// Why the machine stopped.
enum Stop {
    /// It returned from where it was started.
    Done(Value),
    Next,
    NextFile,
    Exit,
    /// So many steps were made.
    Pause,
    Getline(Origin, Option<Slot>),
    System(String),
    Close(String),
    Flush,
    Print(Redirection, String, String),
}

pub(super) struct Machine {
    pub(super) context: Context,
    program: Rc<Program>,
    names: BTreeMap<String, usize>,
    globals: Vec<Cell>,
    /// Slots of the variables that the machine itself watches.
    field_count_slot: usize,
    pub(super) field_count_known: bool,
    stack: Vec<Item>,
    frames: Vec<Frame>,
    loops: Vec<std::vec::IntoIter<Rc<str>>>,
    at: usize,
    pub(super) record: Record,
    pub(super) main: Option<Reader>,
    pub(super) operand: usize,
    pub(super) used_input: bool,
    readers: BTreeMap<String, Reader>,
    files: BTreeMap<String, Handle>,
    /// What was printed to commands, which run when they are closed.
    pipes: BTreeMap<String, Vec<u8>>,
    pub(super) regexes: BTreeMap<Rc<str>, Rc<Regex>>,
    /// For each rule with a range: whether it is within it.
    in_range: Vec<bool>,
    pub(super) random: sim::Rng,
    pub(super) seed: f64,
    pub(super) status: i32,
    failed: bool,
}

impl Machine {
    pub(super) fn new(context: Context, program: Program, operands: Vec<String>) -> Machine {
        let mut names = program.globals.clone();
        for name in [
            "NF", "NR", "FNR", "FS", "OFS", "RS", "ORS", "SUBSEP", "CONVFMT", "OFMT", "FILENAME",
            "RSTART", "RLENGTH", "ENVIRON", "ARGC", "ARGV",
        ] {
            let next = names.len();
            names.entry(name.to_owned()).or_insert(next);
        }
        let field_count_slot = names.get("NF").copied().unwrap_or(0);
        let in_range = vec![false; program.rules.len()];
        let mut machine = Machine {
            globals: vec![Cell::Unset; names.len()],
            names,
            program: Rc::new(program),
            field_count_slot,
            field_count_known: true,
            stack: Vec::new(),
            frames: Vec::new(),
            loops: Vec::new(),
            at: 0,
            record: Record { is_joined: true, ..Record::default() },
            main: None,
            operand: 1,
            used_input: false,
            readers: BTreeMap::new(),
            files: BTreeMap::new(),
            pipes: BTreeMap::new(),
            regexes: BTreeMap::new(),
            in_range,
            random: sim::Rng::new(0),
            seed: 0.0,
            status: 0,
            failed: false,
            context,
        };
        for (name, value) in [
            ("FS", " "),
            ("OFS", " "),
            ("RS", "\n"),
            ("ORS", "\n"),
            ("SUBSEP", "\u{1c}"),
            ("CONVFMT", "%.6g"),
            ("OFMT", "%.6g"),
        ] {
            machine.set_global(name, Value::text(value));
        }
        machine.set_global("ARGC", Value::Number(operands.len() as f64 + 1.0));
        let arguments = machine.global_array("ARGV");
        arguments.borrow_mut().insert("0".into(), Value::text("awk"));
        for (number, operand) in operands.iter().enumerate() {
            let key = (number + 1).to_string();
            arguments.borrow_mut().insert(key.into(), Value::input(operand));
        }
        let environment = machine.global_array("ENVIRON");
        for (name, value) in machine.context.environment().iter() {
            environment.borrow_mut().insert(name.into(), Value::input(value));
        }
        machine
    }

    /// Runs the program: its exit status.
    pub(super) async fn run(mut self) -> i32 {
        let program = self.program.clone();
        let mut over = false;
        for start in &program.begin {
            if self.call(*start).await.is_none() {
                over = true;
                break;
            }
        }
        let needs_input = !program.rules.is_empty() || !program.end.is_empty();
        while !over && needs_input {
            let Some(record) = self.main_record().await else {
                break;
            };
            self.take_record(&record);
            if self.context.flush_some().await.is_err() {
                break;
            }
            over = !self.rules().await;
        }
        if !self.failed {
            for start in &program.end {
                if over && self.exits_for_good() {
                    break;
                }
                if self.call(*start).await.is_none() {
                    break;
                }
            }
        }
        self.close_all().await;
        self.status
    }

    /// An `exit` outside of END still runs END; one within it ends the program.
    fn exits_for_good(&self) -> bool {
        self.failed
    }

    /// Applies the rules to the present record; `false`: the program exits.
    async fn rules(&mut self) -> bool {
        let program = self.program.clone();
        for (number, rule) in program.rules.iter().enumerate() {
            let applies = match rule.pattern {
                Pattern::Always => true,
                Pattern::When(start) => match self.call(start).await {
                    Some(Outcome::Value(value)) => value.is_true(),
                    Some(_) => return true,
                    None => return false,
                },
                Pattern::Range(first, second) => match self.range(number, first, second).await {
                    Some(applies) => applies,
                    None => return false,
                },
            };
            if !applies {
                continue;
            }
            match rule.action {
                None => {
                    let text = format!("{}{}", self.record(), self.global_text("ORS"));
                    self.context.put(text);
                }
                Some(start) => match self.call(start).await {
                    Some(Outcome::Value(_)) => {}
                    Some(Outcome::Next) => return true,
                    Some(Outcome::NextFile) => {
                        self.main = None;
                        return true;
                    }
                    None => return false,
                },
            }
        }
        true
    }

    async fn range(&mut self, rule: usize, first: usize, second: usize) -> Option<bool> {
        let inside = self.in_range.get(rule).copied().unwrap_or(false);
        if !inside {
            match self.call(first).await? {
                Outcome::Value(value) if value.is_true() => {}
                _ => return Some(false),
            }
        }
        let ends = matches!(self.call(second).await?, Outcome::Value(value) if value.is_true());
        if let Some(inside) = self.in_range.get_mut(rule) {
            *inside = !ends;
        }
        Some(true)
    }
}

/// How a piece of the program ended.
enum Outcome {
    Value(Value),
    Next,
    NextFile,
}

/// Running instructions.
impl Machine {
    /// Runs from `start` to its end; `None`: the program exits.
    async fn call(&mut self, start: usize) -> Option<Outcome> {
        self.at = start;
        self.stack.clear();
        self.frames.clear();
        self.loops.clear();
        loop {
            match self.step_until_stop() {
                Stop::Done(value) => return Some(Outcome::Value(value)),
                Stop::Next => return Some(Outcome::Next),
                Stop::NextFile => return Some(Outcome::NextFile),
                Stop::Exit => return None,
                Stop::Pause => {
                    self.context.work(1_000 / STEPS_PER_UNIT).await;
                    if self.context.flush_some().await.is_err() {
                        self.status = 2;
                        self.failed = true;
                        return None;
                    }
                }
                Stop::Getline(origin, slot) => self.getline(origin, slot).await,
                Stop::System(command) => {
                    let _ = self.context.flush().await;
                    let status = self.shell(&command, None, None).await;
                    self.push_number(f64::from(status));
                }
                Stop::Close(name) => {
                    let status = self.close(&name).await;
                    self.push_number(f64::from(status));
                }
                Stop::Flush => {
                    let _ = self.context.flush().await;
                    self.push_number(0.0);
                }
                Stop::Print(redirection, name, text) => {
                    self.print_to(redirection, &name, &text).await;
                }
            }
            if self.failed {
                return None;
            }
        }
    }

    /// Runs instructions until something outside is needed.
    fn step_until_stop(&mut self) -> Stop {
        let program = self.program.clone();
        for _ in 0..1_000 {
            let Some(instruction) = program.instructions.get(self.at) else {
                return Stop::Done(Value::Unset);
            };
            self.at += 1;
            if let Some(stop) = self.step(instruction) {
                return stop;
            }
            if self.failed {
                return Stop::Exit;
            }
        }
        Stop::Pause
    }

    fn pop(&mut self) -> Item {
        self.stack.pop().unwrap_or(Item::Value(Value::Unset))
    }

    fn pop_value(&mut self) -> Value {
        self.pop().value()
    }

    fn pop_number(&mut self) -> f64 {
        self.pop().number()
    }

    fn pop_text(&mut self) -> Rc<str> {
        let item = self.pop();
        self.item_text(&item)
    }

    fn push(&mut self, value: Value) {
        self.stack.push(Item::Value(value));
    }

    fn push_number(&mut self, number: f64) {
        self.push(Value::Number(number));
    }

    pub(super) fn item_text(&mut self, item: &Item) -> Rc<str> {
        let format = self.convert_format();
        item.text(&format)
    }

    pub(super) fn convert_format(&self) -> Rc<str> {
        let number = self.names.get("CONVFMT").copied().unwrap_or(0);
        match self.globals.get(number) {
            Some(Cell::Value(Value::Text(text) | Value::Numeric(text, _))) => text.clone(),
            _ => "%.6g".into(),
        }
    }

    /// Stops the program with a message.
    pub(super) fn fail(&mut self, message: &str) {
        self.context.fail(message);
        self.status = if self.context.is_busybox() { 1 } else { 2 };
        self.failed = true;
    }
}

/// Variables.
impl Machine {
    fn cell(&self, slot: Slot) -> Cell {
        let found = match slot {
            Slot::Global(number) => self.globals.get(number),
            Slot::Local(number) => self.frames.last().and_then(|frame| frame.locals.get(number)),
        };
        found.cloned().unwrap_or_default()
    }

    fn set_cell(&mut self, slot: Slot, cell: Cell) {
        let place = match slot {
            Slot::Global(number) => self.globals.get_mut(number),
            Slot::Local(number) => {
                self.frames.last_mut().and_then(|frame| frame.locals.get_mut(number))
            }
        };
        if let Some(place) = place {
            *place = cell;
        }
    }

    fn load(&mut self, slot: Slot) -> Value {
        if slot == Slot::Global(self.field_count_slot) && !self.field_count_known {
            self.split_record();
            let count = Value::Number(self.record.fields.len() as f64);
            self.set_cell(slot, Cell::Value(count));
            self.field_count_known = true;
        }
        match self.cell(slot) {
            Cell::Value(value) => value,
            _ => Value::Unset,
        }
    }

    fn store(&mut self, slot: Slot, value: Value) {
        if slot == Slot::Global(self.field_count_slot) {
            self.set_field_count(value.number());
            self.field_count_known = true;
        }
        self.set_cell(slot, Cell::Value(value));
    }

    fn array(&mut self, slot: Slot) -> Array {
        if let Cell::Array(array) = self.cell(slot) {
            return array;
        }
        let array = Array::default();
        self.set_cell(slot, Cell::Array(array.clone()));
        array
    }

    fn global_slot(&mut self, name: &str) -> Slot {
        if let Some(number) = self.names.get(name) {
            return Slot::Global(*number);
        }
        let number = self.globals.len();
        self.names.insert(name.to_owned(), number);
        self.globals.push(Cell::Unset);
        Slot::Global(number)
    }

    pub(super) fn set_global(&mut self, name: &str, value: Value) {
        let slot = self.global_slot(name);
        self.set_cell(slot, Cell::Value(value));
    }

    /// `-v name=value`
    pub(super) fn assign_text(&mut self, name: &str, value: &str) {
        let slot = self.global_slot(name);
        let value = Value::input(&super::lexer::unescape(value));
        self.store(slot, value);
    }

    pub(super) fn global_value(&mut self, name: &str) -> Value {
        let slot = self.global_slot(name);
        self.load(slot)
    }

    pub(super) fn global_text(&mut self, name: &str) -> Rc<str> {
        let format = self.convert_format();
        self.global_value(name).to_text(&format)
    }

    pub(super) fn global_array(&mut self, name: &str) -> Array {
        let slot = self.global_slot(name);
        self.array(slot)
    }
}
