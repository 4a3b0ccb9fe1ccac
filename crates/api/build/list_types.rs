//! How server-side apply merges lists and maps: the facts that Go's types do not carry.

use crate::model::{Model, Type};
use std::collections::BTreeMap;

/// The lines of `schema/list-types.tsv`.
pub struct ListTypes(BTreeMap<(String, String), Fact>);

enum Fact {
    Set,
    Map(Vec<String>),
    Granular,
    Atomic,
    Default(String),
}

impl ListTypes {
    pub fn read(lines: &str, model: &Model) -> ListTypes {
        let facts = lines.lines().filter(|line| !line.starts_with('#'));
        let facts = facts.map(|line| {
            let mut columns = line.split('\t');
            let mut column = || columns.next().unwrap_or_default().to_owned();
            let (go, field, what, argument) = (column(), column(), column(), column());
            check_place(model, &go, &field);
            let fact = match what.as_str() {
                "set" => Fact::Set,
                "map" => Fact::Map(argument.split(',').map(str::to_owned).collect()),
                "granular-map" => Fact::Granular,
                "atomic-map" => Fact::Atomic,
                "default" => Fact::Default(argument),
                _ => panic!("list-types.tsv: what is {line}?"),
            };
            ((go, field), fact)
        });
        ListTypes(facts.collect())
    }

    fn get(&self, go: &str, field: &str) -> Option<&Fact> {
        self.0.get(&(go.to_owned(), field.to_owned()))
    }

    /// The expression for `Field::list_type`.
    pub fn list_type(&self, go: &str, field: &str) -> String {
        match self.get(go, field) {
            Some(Fact::Set) => "ListType::Set".to_owned(),
            Some(Fact::Map(keys)) => format!("ListType::Map(&{keys:?})"),
            _ => "ListType::Atomic".to_owned(),
        }
    }

    /// The expression for `Field::map_type`: what the field says, or else what its type says.
    pub fn map_type(&self, go: &str, field: &str, ty: &Type) -> &'static str {
        match (self.get(go, field), ty) {
            (Some(Fact::Atomic), _) => "MapType::Atomic",
            (Some(Fact::Granular), _) => "MapType::Granular",
            (_, Type::Pointer(inner)) => self.map_type(go, field, inner),
            (_, Type::Struct(inner)) => self.struct_type(inner),
            _ => "MapType::Granular",
        }
    }

    /// The expression for `Struct::map_type`.
    pub fn struct_type(&self, go: &str) -> &'static str {
        match self.get(go, ".") {
            Some(Fact::Atomic) => "MapType::Atomic",
            _ => "MapType::Granular",
        }
    }

    /// The value of `Field::key_default`.
    pub fn key_default(&self, go: &str, field: &str) -> &str {
        match self.get(go, field) {
            Some(Fact::Default(value)) => value,
            _ => "",
        }
    }
}

fn check_place(model: &Model, go: &str, field: &str) {
    let ty = model.structs.get(go);
    let ty = ty.unwrap_or_else(|| panic!("list-types.tsv: no type {go}"));
    let known = field == "." || ty.fields.iter().any(|f| f.json == field);
    assert!(known, "list-types.tsv: {go} has no field {field}");
}
