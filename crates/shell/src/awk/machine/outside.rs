//! The world outside: files, commands, streams.

use super::{LIMIT_TEXT_BYTES, Machine};
use crate::awk::compile::{Origin, Redirection, Slot};
use crate::awk::value::Value;
use crate::fs::OpenOptions;
use crate::stream::{Capture, Handle, Source};

impl Machine {
    pub(super) async fn getline(&mut self, origin: Origin, slot: Option<Slot>) {
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

    pub(super) async fn print_to(&mut self, redirection: Redirection, name: &str, text: &str) {
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
    pub(super) async fn shell(
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

    pub(super) async fn close(&mut self, name: &str) -> i32 {
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

    pub(super) async fn close_all(&mut self) {
        let names: Vec<String> = self.pipes.keys().cloned().collect();
        for name in names {
            self.close(&name).await;
        }
    }
}
