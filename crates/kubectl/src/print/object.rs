//! Printing one object in the format of `-o`.

use super::template::Template;
use super::typed_json;
use crate::discovery::{join_group, split_version};
use crate::errors::Result;
use api::{Value, names, object};
use shell::Context;

/// In which order the fields of JSON come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By name: objects that kubectl does not know by type.
    ByName,
    /// As Go's structs have them.
    Typed,
}

#[derive(Debug)]
enum Format {
    Json,
    Yaml,
    Name,
    Template(Template),
}

/// Prints objects in one format.
#[derive(Debug)]
pub struct Printer {
    format: Format,
    shows_managed_fields: bool,
    printed: usize,
}

impl Printer {
    fn new(format: Format, shows_managed_fields: bool) -> Printer {
        Printer { format, shows_managed_fields, printed: 0 }
    }

    /// `-o json`
    pub fn json(shows_managed_fields: bool) -> Printer {
        Printer::new(Format::Json, shows_managed_fields)
    }

    /// `-o yaml`
    pub fn yaml(shows_managed_fields: bool) -> Printer {
        Printer::new(Format::Yaml, shows_managed_fields)
    }

    /// `-o name`
    pub fn name() -> Printer {
        Printer::new(Format::Name, false)
    }

    /// `-o jsonpath=…` and `-o go-template=…`
    pub(crate) fn template(template: Template) -> Printer {
        Printer::new(Format::Template(template), true)
    }

    /// Prints an object to standard output.
    pub fn print(&mut self, context: &Context, object: &Value, order: Order) -> Result {
        let object =
            if self.shows_managed_fields { object.clone() } else { without_managed_fields(object) };
        self.printed += 1;
        let text = match &self.format {
            Format::Json => match order {
                Order::ByName => api::json::to_string_pretty(&object) + "\n",
                Order::Typed => typed_json::to_string_pretty(&object) + "\n",
            },
            Format::Yaml => {
                let separator = if self.printed > 1 { "---\n" } else { "" };
                separator.to_owned() + &api::yaml::to_string(&object)
            }
            Format::Name => names_of(&object),
            Format::Template(template) => {
                let (text, result) = template.print(&object);
                context.put(text);
                return result;
            }
        };
        context.put(text);
        Ok(())
    }
}

/// Events of a watch with their type.
impl Printer {
    /// Prints an event. JSON comes on one line.
    pub fn print_event(&mut self, context: &Context, event: &str, object: &Value) -> Result {
        let object =
            if self.shows_managed_fields { object.clone() } else { without_managed_fields(object) };
        match &self.format {
            Format::Json => {
                let object = api::json::to_string(&object);
                context.put(format!("{{\"type\":\"{event}\",\"object\":{object}}}\n"));
                Ok(())
            }
            Format::Name => self.print(context, &object, Order::ByName),
            Format::Yaml | Format::Template(_) => {
                let event = object! { "type": event.to_owned(), "object": object };
                self.print(context, &event, Order::ByName)
            }
        }
    }
}

/// `deployment.apps/web`
pub(super) fn name_of(object: &Value) -> String {
    let version = object.get(&names::API_VERSION).as_str().unwrap_or_default();
    let kind = object.get(&names::KIND).as_str().unwrap_or_default();
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let kind = join_group(&kind.to_lowercase(), split_version(version).0);
    if kind.is_empty() { format!("<unknown>/{name}") } else { format!("{kind}/{name}") }
}

fn names_of(object: &Value) -> String {
    match &object["items"] {
        Value::List(items) => items.iter().map(|item| name_of(item) + "\n").collect(),
        _ => name_of(object) + "\n",
    }
}

/// An object, or a list of some, without `metadata.managedFields`.
pub fn without_managed_fields(object: &Value) -> Value {
    let mut object = object.clone();
    let remove = |object: &mut Value| {
        object.update(&names::METADATA, |metadata| {
            if let Value::Map(map) = metadata {
                map.remove_str("managedFields");
            }
        });
    };
    remove(&mut object);
    if matches!(object["items"], Value::List(_)) {
        object.update(&names::ITEMS, |items| items.update_items(remove));
    }
    object
}
