//! Every object of a fresh cluster, as a real server prints it: defaulting leaves it alone, and
//! nothing is wrong with it.

mod support;

use api::{Value, names};

fn objects() -> Vec<Value> {
    let document = api::yaml::parse(include_str!("fresh-cluster.yaml")).expect("valid YAML");
    let objects = document.get(&names::ITEMS).items().to_vec();
    assert!(objects.len() > 100);
    objects
}

fn title(object: &Value) -> String {
    let metadata = kinds::table::metadata(object);
    format!("{} {}/{}", support::kind_of(object).kind, metadata.namespace(), metadata.name())
}

#[test]
fn defaulting_changes_nothing() {
    for object in objects() {
        let kind = support::kind_of(&object);
        let decoded = support::decode(kind, &object);
        let defaulted = support::defaulted(kind, &object);
        assert_eq!(
            api::yaml::to_string(&decoded),
            api::yaml::to_string(&defaulted),
            "{}",
            title(&object)
        );
    }
}

#[test]
fn nothing_is_wrong() {
    for object in objects() {
        let kind = support::kind_of(&object);
        let object = support::decode(kind, &object);
        let mut errors = support::problems(kind, &object);
        assert!(errors.is_empty(), "{}: {}", kind.kind, errors.aggregate());
        (kind.validate_create)(&object, &mut errors);
        (kind.validate_update)(&object, &object, &mut errors);
        (kind.validate_status_update)(&object, &object, &mut errors);
        assert!(errors.is_empty(), "{}: {}", kind.kind, errors.aggregate());
    }
}

#[test]
fn updating_with_itself_changes_nothing() {
    for object in objects() {
        let kind = support::kind_of(&object);
        let old = support::decode(kind, &object);
        let mut new = old.clone();
        (kind.prepare_update)(&mut new, &old);
        (kind.prepare_status_update)(&mut new, &old);
        assert_eq!(api::yaml::to_string(&new), api::yaml::to_string(&old), "{}", title(&object));
    }
}

#[test]
fn conversions_lose_nothing() {
    for object in objects() {
        let kind = support::kind_of(&object);
        let Some(conversion) = kind.conversion else { continue };
        let object = support::decode(kind, &object);
        let back = (conversion.from_stored)(&(conversion.to_stored)(&object));
        assert_eq!(api::yaml::to_string(&back), api::yaml::to_string(&object), "{}", kind.kind);
    }
}

#[test]
fn every_kind_has_as_many_cells_as_columns() {
    for object in objects() {
        let kind = support::kind_of(&object);
        let row = (kind.row)(&support::decode(kind, &object), sim::Time::default());
        assert_eq!(row.len(), kind.columns.len(), "{}", kind.kind);
    }
}
