//! Records, fields, files and commands.

use super::machine::Machine;
use super::value::Value;
use crate::stream::Handle;
use crate::tools::input::Lines;
use std::rc::Rc;

/// Something that records are read from.
pub(super) enum Reader {
    Lines(Lines),
    /// Records that were split off beforehand.
    Records(std::vec::IntoIter<String>),
}

impl Machine {
    /// A reader that splits by the present `RS`.
    pub(super) async fn reader(&mut self, stream: Handle) -> Reader {
        let separator = self.global_text("RS");
        let mut chars = separator.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) if only.is_ascii() => {
                Reader::Lines(Lines::ending(&self.context, stream, only as u8))
            }
            (None, _) => {
                let text = self.whole(&stream).await;
                let trimmed = text.trim_matches('\n').to_owned();
                let mut records = Vec::new();
                let mut current: Vec<&str> = Vec::new();
                for line in trimmed.split('\n') {
                    if line.is_empty() {
                        if !current.is_empty() {
                            records.push(current.join("\n"));
                        }
                        current.clear();
                    } else {
                        current.push(line);
                    }
                }
                if !current.is_empty() {
                    records.push(current.join("\n"));
                }
                Reader::Records(records.into_iter())
            }
            _ => {
                let text = self.whole(&stream).await;
                let mut records = self.split_by_text(&text, &separator);
                if records.last().is_some_and(|last| last.is_empty() || last == "\n") {
                    records.pop();
                }
                Reader::Records(records.into_iter())
            }
        }
    }

    async fn whole(&self, stream: &Handle) -> String {
        crate::text::decode(&self.context.read_to_end(stream).await.unwrap_or_default())
    }

    /// The next record of a reader.
    pub(super) async fn read_record(reader: &mut Reader) -> Option<String> {
        match reader {
            Reader::Lines(lines) => lines.text().await.ok().flatten().map(|(line, _)| line),
            Reader::Records(records) => records.next(),
        }
    }

    /// The next record of the main input: of standard input or of the files in `ARGV`.
    pub(super) async fn main_record(&mut self) -> Option<String> {
        loop {
            if let Some(mut reader) = self.main.take()
                && let Some(record) = Machine::read_record(&mut reader).await
            {
                self.main = Some(reader);
                return Some(record);
            }
            let stream = self.next_file()?;
            self.set_global("FNR", Value::Number(0.0));
            let reader = self.reader(stream).await;
            self.main = Some(reader);
        }
    }

    /// Opens the next operand that is a file; an assignment is made instead.
    fn next_file(&mut self) -> Option<Handle> {
        loop {
            let count = self.global_value("ARGC").number();
            if self.operand as f64 >= count {
                if self.used_input {
                    return None;
                }
                self.used_input = true;
                return self.context.stream(0).ok();
            }
            let key: Rc<str> = self.operand.to_string().into();
            self.operand += 1;
            let array = self.global_array("ARGV");
            let value = array.borrow().get(&key).cloned();
            let Some(operand) = value.map(|value| value.to_text("%.6g")).filter(|o| !o.is_empty())
            else {
                continue;
            };
            let assignment = operand.split_once('=');
            if let Some((name, value)) = assignment
                && crate::interpreter::is_name(name)
            {
                let value = super::lexer::unescape(value);
                self.assign_text(name, &value);
                continue;
            }
            self.used_input = true;
            match self.context.open_input(&operand) {
                Ok(stream) => {
                    self.set_global("FILENAME", Value::text(&operand));
                    return Some(stream);
                }
                Err(error) if self.context.is_busybox() => {
                    self.context.fail(format!("{operand}: {error}"));
                    self.status = 1;
                }
                Err(error) => {
                    self.context.fail(format!("cannot open {operand} ({error})"));
                    self.status = 2;
                }
            }
        }
    }

    /// Makes a record `$0` and counts it.
    pub(super) fn take_record(&mut self, record: &str) {
        self.count_record();
        self.set_record(record);
    }

    pub(super) fn count_record(&mut self) {
        for name in ["NR", "FNR"] {
            let number = self.global_value(name).number() + 1.0;
            self.set_global(name, Value::Number(number));
        }
    }
}

/// `$0` and its fields: split when a field is asked for, joined when the record is.
#[derive(Default)]
pub(super) struct Record {
    pub(super) text: Rc<str>,
    pub(super) fields: Vec<Value>,
    pub(super) is_split: bool,
    pub(super) is_joined: bool,
}

/// More fields than this are a mistake.
const LIMIT_FIELDS: usize = 100_000;

impl Machine {
    pub(super) fn set_record(&mut self, text: &str) {
        self.record = Record { text: text.into(), is_joined: true, ..Record::default() };
        // NF is found out when it is asked for.
        self.field_count_known = false;
    }

    /// `$0`
    pub(super) fn record(&mut self) -> Rc<str> {
        if !self.record.is_joined {
            let separator = self.global_text("OFS");
            let convert = self.convert_format();
            let texts: Vec<Rc<str>> =
                self.record.fields.iter().map(|field| field.to_text(&convert)).collect();
            self.record.text = texts.join(&*separator).into();
            self.record.is_joined = true;
        }
        self.record.text.clone()
    }

    pub(super) fn split_record(&mut self) {
        if self.record.is_split {
            return;
        }
        let text = self.record();
        let separator = self.global_text("FS");
        let mut fields = self.split_by_text(&text, &separator);
        if self.global_text("RS").is_empty() && &*separator != " " {
            // In paragraph mode a newline always separates fields.
            fields = fields
                .iter()
                .flat_map(|field| field.split('\n').map(str::to_owned).collect::<Vec<_>>())
                .collect();
        }
        fields.truncate(LIMIT_FIELDS);
        self.record.fields = fields.iter().map(|field| Value::input(field)).collect();
        self.record.is_split = true;
    }

    pub(super) fn field(&mut self, number: f64) -> Value {
        if number == 0.0 {
            let record = self.record();
            return Value::input(&record);
        }
        self.split_record();
        self.record.fields.get(number as usize - 1).cloned().unwrap_or_default()
    }

    pub(super) fn set_field(&mut self, number: f64, value: Value) {
        if number < 1.0 {
            let text = value.to_text(&self.convert_format());
            self.set_record(&text);
            return;
        }
        self.split_record();
        let index = (number as usize - 1).min(LIMIT_FIELDS);
        if self.record.fields.len() <= index {
            self.record.fields.resize(index + 1, Value::text(""));
        }
        if let Some(field) = self.record.fields.get_mut(index) {
            *field = value;
        }
        self.record.is_joined = false;
        self.field_count_known = false;
    }

    /// Gives the record as many fields as `NF` was set to.
    pub(super) fn set_field_count(&mut self, count: f64) {
        self.split_record();
        let count = (count.max(0.0) as usize).min(LIMIT_FIELDS);
        self.record.fields.resize(count, Value::text(""));
        self.record.is_joined = false;
    }
}
