use super::*;
use api::{Text, list, object};
use sim::{Cause, Time};

const PODS: ResourceId = ResourceId(0);
const INDEXES: &[IndexDefinition] = &[
    IndexDefinition {
        name: "spec.nodeName",
        is_count: false,
        file_under: |object| object["spec"]["nodeName"].as_text().cloned(),
    },
    IndexDefinition {
        name: "count",
        is_count: true,
        file_under: |object| object["spec"]["nodeName"].as_text().cloned(),
    },
];

fn store() -> Store {
    Store::new([INDEXES], StoreLimits::default())
}

fn origin() -> Origin {
    Origin { time: Time::EPOCH, actor: "test".into(), cause: Cause::Setup }
}

fn pod(namespace: &'static str, name: &'static str) -> Value {
    object! { "metadata": object! { "namespace": namespace, "name": name } }
}

fn names_of<'a>(objects: impl Iterator<Item = &'a Stored>) -> Vec<String> {
    objects.map(|stored| ObjectKey::of(&stored.object).to_string()).collect()
}

#[test]
fn objects_are_listed_as_etcd_orders_them() {
    let mut store = store();
    for (namespace, name) in [("a", "z"), ("a-b", "x"), ("b", "c"), ("a", "b")] {
        store.create(PODS, pod(namespace, name), origin());
    }
    assert_eq!(names_of(store.list(PODS, None)), ["a-b/x", "a/b", "a/z", "b/c"]);
    assert_eq!(names_of(store.list(PODS, Some("a"))), ["a/b", "a/z"]);
    assert_eq!(names_of(store.list_after(PODS, None, ("a", "b"))), ["a/z", "b/c"]);
    assert_eq!(names_of(store.list_after(PODS, None, ("a", "zz"))), ["b/c"]);
    assert_eq!(names_of(store.list_after(PODS, Some("a"), ("a", "b"))), ["a/z"]);
    assert_eq!(names_of(store.list(PODS, Some("none"))), [""; 0]);
    assert_eq!(store.count(PODS, None), 4);
}

#[test]
fn every_write_has_a_revision_and_is_remembered() {
    let mut store = store();
    let first = store.create(PODS, pod("a", "x"), origin());
    assert_eq!(first["metadata"]["resourceVersion"], "1");
    let mut changed = first.clone();
    changed.make_map().insert("spec", object! { "nodeName": "n" });
    store.update(PODS, changed.clone(), origin());
    let last = store.delete(PODS, changed, origin());
    assert_eq!(last["metadata"]["resourceVersion"], "3");
    assert_eq!(store.revision(), 3);
    let types: Vec<_> = store.changes_since(0).expect("kept").map(|c| c.ty).collect();
    assert_eq!(types, [ChangeType::Added, ChangeType::Modified, ChangeType::Deleted]);
    let previous: Vec<_> =
        store.changes_since(0).expect("kept").map(|c| c.previous_revision).collect();
    assert_eq!(previous, [0, 1, 2]);
}

#[test]
fn an_object_is_found_as_it_was() {
    let mut store = store();
    let mut object = store.create(PODS, pod("a", "x"), origin());
    for i in 1..=3 {
        object.make_map().insert("step", i);
        store.update(PODS, object.clone(), origin());
    }
    let at = |revision| store.get_at(PODS, "a", "x", revision).map(|o| o["step"].as_i64());
    assert_eq!(
        [at(1), at(2), at(4), at(9)],
        [Some(None), Some(Some(1)), Some(Some(3)), Some(Some(3))]
    );
}

#[test]
fn a_list_is_found_as_it_was() {
    let mut store = store();
    store.create(PODS, pod("a", "x"), origin());
    let mut y = store.create(PODS, pod("a-b", "y"), origin());
    store.create(PODS, pod("a", "z"), origin());
    y.make_map().insert("step", 1);
    store.update(PODS, y, origin());
    store.delete(PODS, pod("a", "x"), origin());
    let at = |namespace, revision| {
        let objects = store.list_at(PODS, namespace, revision).expect("remembered");
        let tell = |o: &Value| format!("{} {:?}", ObjectKey::of(o), o["step"].as_i64());
        objects.iter().map(tell).collect::<Vec<_>>()
    };
    assert_eq!(at(None, 0), [""; 0]);
    assert_eq!(at(None, 3), ["a-b/y None", "a/x None", "a/z None"]);
    assert_eq!(at(Some("a"), 4), ["a/x None", "a/z None"]);
    assert_eq!(at(None, 5), ["a-b/y Some(1)", "a/z None"]);
}

#[test]
fn no_change_is_missing_in_the_outbox() {
    let mut store = Store::new([INDEXES], StoreLimits { history_bytes_max: 1 });
    store.open_outbox();
    for name in ["x", "y", "z"] {
        store.create(PODS, pod("a", name), origin());
    }
    let revisions: Vec<u64> = store.take_outbox().map(|change| change.revision).collect();
    assert_eq!(revisions, [1, 2, 3]);
    assert_eq!(store.take_outbox().count(), 0);
}

#[test]
fn indexes_and_owners_follow_the_objects() {
    let mut store = store();
    let mut object = pod("a", "x");
    object
        .entry(&names::METADATA)
        .make_map()
        .insert("ownerReferences", list![object! { "uid": "u1" }]);
    let mut object = store.create(PODS, object, origin());
    assert_eq!(store.dependent_count("u1"), 1);
    object.make_map().insert("spec", object! { "nodeName": "n1" });
    store.update(PODS, object.clone(), origin());
    assert_eq!(names_of(store.indexed(PODS, "spec.nodeName", "n1")), ["a/x"]);
    store.delete(PODS, object, origin());
    assert_eq!(names_of(store.indexed(PODS, "spec.nodeName", "n1")), [""; 0]);
    assert_eq!(store.indexed_count(PODS, "count", "n1"), 0);
    assert_eq!(store.dependent_count("u1"), 0);
}

#[test]
fn old_changes_are_forgotten_when_memory_is_short() {
    let mut store = Store::new([INDEXES], StoreLimits { history_bytes_max: 10_000 });
    let mut object = store.create(PODS, pod("a", "x"), origin());
    for i in 0..200 {
        object.make_map().insert("step", i);
        store.update(PODS, object.clone(), origin());
    }
    assert!(store.history_bytes() <= 10_000);
    let oldest = store.compacted_revision() + 1;
    assert!(oldest > 1);
    let error = store.changes_since(0).map(|_| ()).expect_err("forgotten");
    assert_eq!(error.to_string(), format!("too old resource version: 0 ({oldest})"));
    assert!(store.watch(PODS, Scope::All, Filter::default(), Some(1)).is_err());
}

fn received(watch: &mut StoreWatch) -> Vec<(ChangeType, u64)> {
    std::iter::from_fn(|| watch.events.try_recv()).map(|e| (e.ty, e.revision)).collect()
}

#[test]
fn a_watch_sees_objects_come_and_go_through_its_filter() {
    let mut store = store();
    let labels = api::labels::Selector::parse("app=web").expect("a selector");
    let filter = Filter { labels, fields: Vec::new() };
    let mut watch = store.watch(PODS, Scope::All, filter, None).expect("opens");
    let mut object = store.create(PODS, pod("a", "x"), origin());
    let mut set_label = |store: &mut Store, value: &'static str| {
        object.entry(&names::METADATA).make_map().insert("labels", object! { "app": value });
        object = store.update(PODS, object.clone(), origin());
    };
    set_label(&mut store, "web");
    set_label(&mut store, "web");
    set_label(&mut store, "db");
    assert_eq!(
        received(&mut watch),
        [(ChangeType::Added, 2), (ChangeType::Modified, 3), (ChangeType::Deleted, 4)]
    );
}

#[test]
fn a_watch_catches_up_and_sees_only_its_scope() {
    let mut store = store();
    let on_node = |node: &str| -> Text { Text::from(node.to_owned()) };
    let mut object = store.create(PODS, pod("a", "x"), origin());
    store.create(PODS, pod("b", "y"), origin());
    let node: fn(&Value) -> &str = |object| object["spec"]["nodeName"].as_str().unwrap_or("");
    let mut one = store
        .watch(PODS, Scope::Name("a".into(), "x".into()), Filter::default(), Some(0))
        .expect("opens");
    let mut b =
        store.watch(PODS, Scope::Namespace("b".into()), Filter::default(), Some(1)).expect("opens");
    let mut on_n1 =
        store.watch(PODS, Scope::Field(node, "n1".into()), Filter::default(), None).expect("opens");
    for name in ["n1", "n2"] {
        object.make_map().insert("spec", object! { "nodeName": on_node(name) });
        object = store.update(PODS, object.clone(), origin());
    }
    use ChangeType::{Added, Deleted, Modified};
    assert_eq!(received(&mut one), [(Added, 1), (Modified, 3), (Modified, 4)]);
    assert_eq!(received(&mut b), [(Added, 2)]);
    assert_eq!(received(&mut on_n1), [(Added, 3), (Deleted, 4)]);
    drop((one, b, on_n1));
    store.update(PODS, object, origin());
    assert_eq!(store.watch_count(), 0);
}
