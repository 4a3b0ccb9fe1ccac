//! What each instruction does.

use super::{Cell, Frame, Item, LIMIT_CALLS, LIMIT_TEXT_BYTES, Machine, Stop};
use crate::awk::compile::{Changed, Function, Instruction, Redirection};
use crate::awk::format::sprintf;
use crate::awk::functions::substitute;
use crate::awk::value::{Array, Value, power};
use std::rc::Rc;

impl Machine {
    pub(super) fn step(&mut self, instruction: &Instruction) -> Option<Stop> {
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
                let regex = self.regex_of(&expression)?;
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
        let Some(regex) = self.regex_of(&expression) else {
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
