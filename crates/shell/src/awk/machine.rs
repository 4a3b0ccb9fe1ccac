//! The stack machine that runs a program.

use super::compile::{Changed, Function, Instruction, Origin, Pattern, Program, Redirection, Slot};
use super::format::sprintf;
use super::functions::substitute;
use super::input::{Reader, Record};
use super::value::{Array, Value, power};
use crate::context::Context;
use crate::fs::OpenOptions;
use crate::regex::Regex;
use crate::stream::{Capture, Handle, Source};
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

    fn step(&mut self, instruction: &Instruction) -> Option<Stop> {
        match instruction {
            Instruction::Number(number) => self.push_number(*number),
            Instruction::Text(text) => self.push(Value::Text(text.clone())),
            Instruction::Regex(regex, source) => {
                self.stack.push(Item::Regex(regex.clone(), source.clone()));
            }
            Instruction::MatchRecord(regex) => {
                let matches = regex.is_match(&self.record());
                self.push_number(f64::from(u8::from(matches)));
            }
            Instruction::Load(slot) => {
                let value = self.load(*slot);
                self.push(value);
            }
            Instruction::LoadArray(slot) => {
                let array = self.array(*slot);
                self.stack.push(Item::Array(array));
            }
            Instruction::LoadEither(slot) => {
                let item = match self.cell(*slot) {
                    Cell::Array(array) => Item::Array(array),
                    _ => Item::Value(self.load(*slot)),
                };
                self.stack.push(item);
            }
            Instruction::Store(slot) => {
                let value = self.pop_value();
                self.store(*slot, value.clone());
                self.push(value);
            }
            Instruction::Field => {
                let number = self.pop_number();
                let value = self.checked_field(number);
                self.push(value);
            }
            Instruction::StoreField => {
                let value = self.pop_value();
                let number = self.pop_number();
                self.set_field(number, value.clone());
                self.push(value);
            }
            Instruction::Element(slot) => {
                let key = self.pop_text();
                let array = self.array(*slot);
                let value = array.borrow_mut().entry(key).or_default().clone();
                self.push(value);
            }
            Instruction::StoreElement(slot) => {
                let value = self.pop_value();
                let key = self.pop_text();
                self.array(*slot).borrow_mut().insert(key, value.clone());
                self.push(value);
            }
            Instruction::Subscript(count) => self.subscript(*count),
            Instruction::In(slot) => {
                let key = self.pop_text();
                let found = self.array(*slot).borrow().contains_key(&key);
                self.push_number(f64::from(u8::from(found)));
            }
            Instruction::Delete(slot) => {
                let key = self.pop_text();
                self.array(*slot).borrow_mut().remove(&key);
            }
            Instruction::DeleteAll(slot) => self.array(*slot).borrow_mut().clear(),
            Instruction::Increment(slot, step, after) => {
                let old = self.load(*slot).number();
                self.store(*slot, Value::Number(old + step));
                self.push_number(if *after { old } else { old + step });
            }
            Instruction::IncrementField(step, after) => {
                let number = self.pop_number();
                let old = self.checked_field(number).number();
                self.set_field(number, Value::Number(old + step));
                self.push_number(if *after { old } else { old + step });
            }
            Instruction::IncrementElement(slot, step, after) => {
                let key = self.pop_text();
                let array = self.array(*slot);
                let mut array = array.borrow_mut();
                let value = array.entry(key).or_default();
                let old = value.number();
                *value = Value::Number(old + step);
                drop(array);
                self.push_number(if *after { old } else { old + step });
            }
            Instruction::Binary(operator) => {
                let (right, left) = (self.pop_number(), self.pop_number());
                let value = self.binary(operator, left, right);
                self.push_number(value);
            }
            Instruction::Compare(operator) => {
                let (right, left) = (self.pop_value(), self.pop_value());
                let holds = compare(operator, &left, &right, &self.convert_format());
                self.push_number(f64::from(u8::from(holds)));
            }
            Instruction::Concatenate => {
                let (right, left) = (self.pop_text(), self.pop_text());
                if left.len() + right.len() > LIMIT_TEXT_BYTES {
                    self.fail("out of memory");
                    return None;
                }
                self.push(Value::Text(format!("{left}{right}").into()));
            }
            Instruction::Match(wanted) => {
                let expression = self.pop();
                let text = self.pop_text();
                let regex = self.to_regex(&expression)?;
                let matches = regex.is_match(&text) == *wanted;
                self.push_number(f64::from(u8::from(matches)));
            }
            Instruction::Not => {
                let value = self.pop_value();
                self.push_number(f64::from(u8::from(!value.is_true())));
            }
            Instruction::Negate => {
                let number = self.pop_number();
                self.push_number(-number);
            }
            Instruction::ToNumber => {
                let number = self.pop_number();
                self.push_number(number);
            }
            Instruction::ToBoolean => {
                let value = self.pop_value();
                self.push_number(f64::from(u8::from(value.is_true())));
            }
            Instruction::Duplicate => {
                let item = self.pop();
                self.stack.push(item.clone());
                self.stack.push(item);
            }
            Instruction::Drop => drop(self.pop()),
            Instruction::Jump(to) => self.at = *to,
            Instruction::JumpIfFalse(to) => {
                if !self.pop_value().is_true() {
                    self.at = *to;
                }
            }
            Instruction::JumpIfTrue(to) => {
                if self.pop_value().is_true() {
                    self.at = *to;
                }
            }
            Instruction::Each(slot) => {
                let keys = sorted_keys(&self.array(*slot));
                self.loops.push(keys.into_iter());
            }
            Instruction::NextKey(end) => match self.loops.last_mut().and_then(Iterator::next) {
                Some(key) => self.push(Value::input(&key)),
                None => self.at = *end,
            },
            Instruction::EndEach => drop(self.loops.pop()),
            Instruction::Print(count, redirection) => {
                return self.print(*count, *redirection, false);
            }
            Instruction::Printf(count, redirection) => {
                return self.print(*count, *redirection, true);
            }
            Instruction::Getline(origin, slot) => return Some(Stop::Getline(*origin, *slot)),
            Instruction::Builtin(name, count) => return self.call_builtin(name, *count),
            Instruction::Substitute(global, changed) => self.substitute(*global, *changed),
            Instruction::Call(function, count) => self.call_function(*function, *count),
            Instruction::Return => return self.return_value(),
            Instruction::Next => return Some(Stop::Next),
            Instruction::NextFile => return Some(Stop::NextFile),
            Instruction::Exit => {
                let status = self.pop_number();
                if status >= 0.0 {
                    self.status = (status as i64 & 0xff) as i32;
                }
                return Some(Stop::Exit);
            }
        }
        None
    }

    fn checked_field(&mut self, number: f64) -> Value {
        if number < 0.0 || number.is_nan() {
            self.fail("attempt to access field -1");
            return Value::Unset;
        }
        self.field(number.trunc())
    }

    fn subscript(&mut self, count: usize) {
        if count <= 1 {
            return;
        }
        let mut parts: Vec<Rc<str>> = (0..count).map(|_| self.pop_text()).collect();
        parts.reverse();
        let separator = self.global_text("SUBSEP");
        self.push(Value::Text(parts.join(&*separator).into()));
    }

    fn binary(&mut self, operator: &str, left: f64, right: f64) -> f64 {
        match operator {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "/" | "%" if right == 0.0 && self.context.is_busybox() => {
                self.fail("cmd. line:1: Division by zero");
                0.0
            }
            "/" => left / right,
            "%" => left % right,
            _ => power(left, right),
        }
    }

    fn call_builtin(&mut self, name: &'static str, count: usize) -> Option<Stop> {
        let mut arguments: Vec<Item> = (0..count).map(|_| self.pop()).collect();
        arguments.reverse();
        let first = arguments.first().map(|item| self.item_text(item));
        match name {
            "system" => return Some(Stop::System(first.unwrap_or_default().to_string())),
            "close" => return Some(Stop::Close(first.unwrap_or_default().to_string())),
            "fflush" => return Some(Stop::Flush),
            _ => {}
        }
        let value = self.builtin(name, &arguments);
        self.push(value);
        None
    }

    fn substitute(&mut self, global: bool, changed: Changed) {
        let place = match changed {
            Changed::Field | Changed::Element(_) | Changed::Nothing => Some(self.pop_value()),
            Changed::Record | Changed::Variable(_) => None,
        };
        let replacement = self.pop_text();
        let expression = self.pop();
        let Some(regex) = self.to_regex(&expression) else {
            return;
        };
        let convert = self.convert_format();
        let key = place.as_ref().map(|value| value.to_text(&convert)).unwrap_or_default();
        let number = place.as_ref().map_or(0.0, Value::number);
        let text = match changed {
            Changed::Record => self.record(),
            Changed::Variable(slot) => self.load(slot).to_text(&convert),
            Changed::Field => self.checked_field(number).to_text(&convert),
            Changed::Element(slot) => {
                let array = self.array(slot);
                let value = array.borrow_mut().entry(key.clone()).or_default().clone();
                value.to_text(&convert)
            }
            Changed::Nothing => key.clone(),
        };
        let (text, count) = substitute(&regex, &replacement, &text, global);
        if count > 0 {
            let value = Value::text(&text);
            match changed {
                Changed::Record => self.set_record(&text),
                Changed::Variable(slot) => self.store(slot, value),
                Changed::Field => self.set_field(number, value),
                Changed::Element(slot) => {
                    self.array(slot).borrow_mut().insert(key, value);
                }
                Changed::Nothing => {}
            }
        }
        self.push_number(count as f64);
    }

    fn call_function(&mut self, function: usize, count: usize) {
        let program = self.program.clone();
        let Some(Function { parameters, start: Some(start), name, .. }) =
            program.functions.get(function)
        else {
            return;
        };
        if self.frames.len() >= LIMIT_CALLS {
            let message = format!("function {name} calls itself too deeply");
            return self.fail(&message);
        }
        let mut arguments: Vec<Item> = (0..count).map(|_| self.pop()).collect();
        arguments.reverse();
        let mut locals: Vec<Cell> = arguments
            .into_iter()
            .map(|item| match item {
                Item::Array(array) => Cell::Array(array),
                item => Cell::Value(item.value()),
            })
            .collect();
        locals.resize(parameters.len(), Cell::Unset);
        self.frames.push(Frame { locals, return_to: self.at, loops: self.loops.len() });
        self.at = *start;
    }

    fn return_value(&mut self) -> Option<Stop> {
        match self.frames.pop() {
            None => Some(Stop::Done(self.pop_value())),
            Some(frame) => {
                self.at = frame.return_to;
                self.loops.truncate(frame.loops);
                None
            }
        }
    }

    fn print(&mut self, count: usize, redirection: Redirection, formatted: bool) -> Option<Stop> {
        let target = match redirection {
            Redirection::None => "".into(),
            _ => self.pop_text(),
        };
        let mut items: Vec<Item> = (0..count).map(|_| self.pop()).collect();
        items.reverse();
        let text = if formatted {
            let convert = self.convert_format();
            let values: Vec<Value> = items.iter().skip(1).map(Item::value).collect();
            let format = items.first().map(|item| item.text(&convert)).unwrap_or_default();
            sprintf(&format, &values, &convert)
        } else {
            let output_format = self.global_text("OFMT");
            let shown: Vec<Rc<str>> = match items.is_empty() {
                true => vec![self.record()],
                false => items.iter().map(|item| item.text(&output_format)).collect(),
            };
            shown.join(&*self.global_text("OFS")) + &self.global_text("ORS")
        };
        if redirection == Redirection::None {
            self.context.put(text);
            return None;
        }
        Some(Stop::Print(redirection, target.to_string(), text))
    }
}

fn compare(operator: &str, left: &Value, right: &Value, format: &str) -> bool {
    use std::cmp::Ordering;
    let Some(ordering) = left.compare(right, format) else {
        return operator == "!=";
    };
    match operator {
        "<" => ordering == Ordering::Less,
        "<=" => ordering != Ordering::Greater,
        "==" => ordering == Ordering::Equal,
        "!=" => ordering != Ordering::Equal,
        ">" => ordering == Ordering::Greater,
        _ => ordering != Ordering::Less,
    }
}

/// Numbers first and in their order, then texts. Real awks have no order.
fn sorted_keys(array: &Array) -> Vec<Rc<str>> {
    let mut keys: Vec<(Option<i64>, Rc<str>)> =
        array.borrow().keys().map(|key| (key.parse().ok(), key.clone())).collect();
    keys.sort_by(|a, b| match (a.0, b.0) {
        (Some(x), Some(y)) => x.cmp(&y),
        (Some(_), None) => std::cmp::Ordering::Less,
        (None, Some(_)) => std::cmp::Ordering::Greater,
        (None, None) => a.1.cmp(&b.1),
    });
    keys.into_iter().map(|(_, key)| key).collect()
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

/// The world outside.
impl Machine {
    async fn getline(&mut self, origin: Origin, slot: Option<Slot>) {
        let record = match origin {
            Origin::Main => {
                let record = self.main_record().await;
                if record.is_some() {
                    self.count_record();
                }
                Ok(record)
            }
            Origin::File | Origin::Command => {
                let name = self.pop_text().to_string();
                self.record_from(&name, origin).await
            }
        };
        match record {
            Ok(Some(record)) => {
                match slot {
                    Some(slot) => self.store(slot, Value::input(&record)),
                    None => self.set_record(&record),
                }
                self.push_number(1.0);
            }
            Ok(None) => self.push_number(0.0),
            Err(()) => self.push_number(-1.0),
        }
    }

    async fn record_from(&mut self, name: &str, origin: Origin) -> Result<Option<String>, ()> {
        let mut reader = match self.readers.remove(name) {
            Some(reader) => reader,
            None => {
                let stream: Handle = match origin {
                    Origin::Command => {
                        let _ = self.context.flush().await;
                        let output = Capture::new(LIMIT_TEXT_BYTES);
                        self.shell(name, None, Some(output.clone())).await;
                        Source::new(output.take())
                    }
                    _ => self.context.open_input(name).map_err(|_| ())?,
                };
                self.reader(stream).await
            }
        };
        let record = Machine::read_record(&mut reader).await;
        self.readers.insert(name.to_owned(), reader);
        Ok(record)
    }

    async fn print_to(&mut self, redirection: Redirection, name: &str, text: &str) {
        let bytes = crate::text::encode(text);
        if redirection == Redirection::Pipe {
            self.pipes.entry(name.to_owned()).or_default().extend_from_slice(&bytes);
            return;
        }
        if !self.files.contains_key(name) {
            let options = match redirection {
                Redirection::Append => OpenOptions::APPEND,
                _ => OpenOptions::WRITE,
            };
            match self.context.open(name, options) {
                Ok(stream) => drop(self.files.insert(name.to_owned(), stream)),
                Err(error) => {
                    let message = match self.context.is_busybox() {
                        true => format!("can't open '{name}': {error}"),
                        false => format!("cannot open \"{name}\" for output"),
                    };
                    return self.fail(&message);
                }
            }
        }
        if let Some(stream) = self.files.get(name).cloned() {
            let _ = self.context.flush().await;
            let _ = self.context.write_stream(&stream, &bytes).await;
        }
    }

    /// Runs a command with `sh`: its status.
    async fn shell(
        &mut self,
        command: &str,
        input: Option<Vec<u8>>,
        output: Option<Handle>,
    ) -> i32 {
        let words = ["sh", "-c", command].map(str::to_owned).to_vec();
        let context = self.context.clone();
        let child = context.spawn(words);
        let Ok(child) = child else {
            return 127;
        };
        if let Some(input) = input {
            let _ = child.process().set_descriptor(0, Source::new(input));
        }
        if let Some(output) = output {
            let _ = child.process().set_descriptor(1, output);
        }
        context.wait(&child).await.code()
    }

    async fn close(&mut self, name: &str) -> i32 {
        let was_open = self.files.remove(name).is_some() | self.readers.remove(name).is_some();
        match self.pipes.remove(name) {
            Some(input) => {
                let _ = self.context.flush().await;
                self.shell(name, Some(input), None).await
            }
            None if was_open => 0,
            None => -1,
        }
    }

    async fn close_all(&mut self) {
        let names: Vec<String> = self.pipes.keys().cloned().collect();
        for name in names {
            self.close(&name).await;
        }
    }
}
