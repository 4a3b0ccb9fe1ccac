//! What must hold of patches whatever the documents are.

use api::patch::{self, PatchError};
use api::schema::{TypeId, types};
use api::{Key, List, Map, Value, list, names, object};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;

/// How the items of a list in a Deployment are told apart; other lists are replaced as a whole.
fn merge_key(field: &str) -> Option<&'static str> {
    match field {
        "containers" | "env" | "volumes" => Some("name"),
        "ports" => Some("containerPort"),
        "finalizers" => Some(""),
        _ => None,
    }
}

/// Whether what others added to this map is kept only as long as the patch leaves the map alone.
fn retains_keys(field: &str) -> bool {
    matches!(field, "strategy" | "volumes")
}

fn word() -> impl Strategy<Value = Value> {
    prop_oneof![Just("x"), Just("y"), Just("z")].prop_map(Value::from)
}

fn words() -> impl Strategy<Value = Value> {
    btree_map("[a-c]", word(), 0..3).prop_map(|map| Value::Map(map.into_iter().collect()))
}

/// An entry that may be missing.
fn maybe(
    name: &'static str,
    value: impl Strategy<Value = Value> + 'static,
) -> BoxedStrategy<Option<(Key, Value)>> {
    prop::option::of(value)
        .prop_map(move |value| value.map(|value| (Key::from(name), value)))
        .boxed()
}

fn map_of(entries: Vec<BoxedStrategy<Option<(Key, Value)>>>) -> BoxedStrategy<Value> {
    entries.prop_map(|entries| Value::Map(entries.into_iter().flatten().collect())).boxed()
}

/// A list of maps with distinct keys, in any order.
fn keyed_list(
    key: &'static str,
    keys: &'static [&'static str],
    item: BoxedStrategy<Value>,
) -> BoxedStrategy<Value> {
    let names = Just(keys.to_vec()).prop_shuffle();
    let items = vec(item, keys.len());
    (names, items, 0..=keys.len())
        .prop_map(move |(names, items, length)| {
            let keyed = names.into_iter().zip(items).map(|(name, mut item)| {
                let identity = name.parse::<i64>().map_or(Value::from(name), Value::Int);
                item.make_map().insert(key, identity);
                item
            });
            Value::List(keyed.take(length).collect())
        })
        .boxed()
}

fn container() -> BoxedStrategy<Value> {
    map_of(vec![
        maybe("image", word()),
        maybe("args", vec(word(), 0..3).prop_map(Value::from)),
        maybe("env", keyed_list("name", &["A", "B", "C"], map_of(vec![maybe("value", word())]))),
        maybe(
            "ports",
            keyed_list("containerPort", &["80", "443"], map_of(vec![maybe("name", word())])),
        ),
    ])
}

fn volume() -> BoxedStrategy<Value> {
    prop_oneof![
        words().prop_map(|source| object! { "emptyDir": source }),
        words().prop_map(|source| object! { "hostPath": source }),
    ]
    .boxed()
}

/// A Deployment that a person or the server might write.
fn deployment() -> BoxedStrategy<Value> {
    let finalizers = (Just(vec!["a", "b", "c", "d"]).prop_shuffle(), 0..4usize)
        .prop_map(|(all, length)| Value::List(all.into_iter().take(length).collect()));
    let metadata = map_of(vec![maybe("labels", words()), maybe("finalizers", finalizers)]);
    let strategy = map_of(vec![maybe("type", word()), maybe("rollingUpdate", words())]);
    let pod = map_of(vec![
        maybe("containers", keyed_list("name", &["a", "b", "c", "d"], container())),
        maybe("volumes", keyed_list("name", &["v", "w", "u"], volume())),
        maybe("tolerations", vec(words(), 0..3).prop_map(Value::from)),
        maybe("nodeSelector", words()),
    ]);
    let spec = map_of(vec![
        maybe("replicas", (0i64..3).prop_map(Value::Int)),
        maybe("strategy", strategy),
        maybe("template", pod.prop_map(|spec| object! { "spec": spec })),
    ]);
    (metadata, spec)
        .prop_map(|(metadata, spec)| object! { "metadata": metadata, "spec": spec })
        .boxed()
}

/// Any document at all, made of names that mean something to a patch.
fn anything() -> BoxedStrategy<Value> {
    let name = prop::sample::select(vec![
        "spec",
        "metadata",
        "template",
        "containers",
        "volumes",
        "finalizers",
        "labels",
        "strategy",
        "name",
        "ports",
        "nosuch",
        "$patch",
        "$retainKeys",
        "$setElementOrder",
        "$setElementOrder/containers",
        "$setElementOrder/finalizers",
        "$deleteFromPrimitiveList",
        "$deleteFromPrimitiveList/finalizers",
        "$deleteFromPrimitiveList/containers",
        "op",
        "path",
        "from",
        "value",
    ]);
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-2i64..3).prop_map(Value::from),
        Just(Value::Float(1.5)),
        prop::sample::select(vec![
            "a",
            "delete",
            "replace",
            "merge",
            "name",
            "add",
            "remove",
            "move",
            "copy",
            "test",
            "/spec",
            "/spec/containers/0",
            "/spec/containers/-",
            "/a~1b",
            "",
            "spec",
        ])
        .prop_map(Value::from),
    ];
    scalar
        .prop_recursive(6, 48, 5, move |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::from),
                vec((name.clone(), inner), 0..5)
                    .prop_map(|entries| Value::Map(entries.into_iter().collect())),
            ]
        })
        .boxed()
}

const DEPLOYMENT: TypeId = types::APPS_V1_DEPLOYMENT;

/// Checks the law of apply for the field `field`, as the doc of [`apply_keeps_its_word`] has it.
fn check(field: &str, last: &Value, new: &Value, live: &Value, result: &Value) {
    match (new, result) {
        (Value::Map(new), Value::Map(result)) => check_map(field, last, new, live, result),
        (Value::List(new), Value::List(result)) => match merge_key(field) {
            Some(key) => check_list(field, key, last, new, live, result),
            None => assert_eq!(new, result, "{field}"),
        },
        _ => assert_eq!(new, result, "{field}"),
    }
}

fn check_map(field: &str, last: &Value, new: &Map, live: &Value, result: &Map) {
    for (key, value) in new.iter() {
        let found = result.get(key).unwrap_or_else(|| panic!("{field}.{key} is lost"));
        check(key.as_str(), last.get(key), value, live.get(key), found);
    }
    let only_last = last.as_map().into_iter().flat_map(Map::iter);
    for (key, _) in only_last.filter(|(key, _)| new.get(key).is_none()) {
        assert!(result.get(key).is_none(), "{field}.{key} should be gone");
    }
    let live = live.as_map().into_iter().flat_map(Map::iter);
    let foreign = live.filter(|(key, _)| new.get(key).is_none() && last.get(key).is_null());
    for (key, value) in foreign.filter(|_| !retains_keys(field)) {
        assert_eq!(result.get(key), Some(value), "{field}.{key} is not ours");
    }
}

fn check_list(field: &str, key: &str, last: &Value, new: &List, live: &Value, result: &List) {
    let identity = |item: &Value| match key {
        "" => item.clone(),
        key => item[key].clone(),
    };
    let find = |items: &[Value], item: &Value| {
        items.iter().find(|other| identity(other) == identity(item)).cloned()
    };
    for item in new {
        let found = find(result, item).unwrap_or_else(|| panic!("{field} lost {item:?}"));
        let live = find(live.items(), item);
        // Where somebody has taken the item out of the live list, the patch adds it as it stands,
        // and upstream forgets to carry out the deletions in it.
        let last = live.as_ref().and_then(|_| find(last.items(), item));
        let or_null = Option::unwrap_or_default;
        check(field, &or_null(last), item, &or_null(live), &found);
    }
    for item in last.items().iter().filter(|item| find(new, item).is_none()) {
        assert!(find(result, item).is_none(), "{field} still has {item:?}");
    }
    let is_foreign =
        |item: &&Value| find(new, item).is_none() && find(last.items(), item).is_none();
    for item in live.items().iter().filter(is_foreign) {
        assert_eq!(find(result, item).as_ref(), Some(item), "{field}: not ours");
    }
    let ours = result.iter().filter(|item| find(new, item).is_some());
    let order: Vec<Value> = ours.map(identity).collect();
    if key.is_empty() && new.is_sorted_by_key(|item| item.as_str()) {
        return; // Upstream overlooks that scalars were brought into alphabetical order.
    }
    assert_eq!(order, new.iter().map(identity).collect::<Vec<_>>(), "order of {field}");
}

fn three_way(last: &Value, new: &Value, live: &Value) -> Result<Value, PatchError> {
    let patch = patch::create_three_way_strategic(last, new, live, DEPLOYMENT, true)?;
    patch::strategic_merge(live, &patch, DEPLOYMENT).map(|result| stored(&result))
}

/// The document with its finalizers sorted.
fn sorted(mut document: Value) -> Value {
    let finalizers = document.entry(&names::METADATA).entry(&names::FINALIZERS);
    if let Value::List(list) = finalizers {
        list.make_mut().sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    }
    document
}

/// What a server keeps of a result: directives are unknown fields to it, and a `null` is nothing.
fn stored(value: &Value) -> Value {
    let mut value = value.clone();
    value.update_items(|item| *item = stored(item));
    if let Value::Map(map) = &mut value {
        map.retain(|key, entry| !key.as_str().starts_with('$') && !entry.is_null());
        let keys: Vec<Key> = map.iter().map(|(key, _)| key.clone()).collect();
        for key in keys {
            value.update(&key, |entry| *entry = stored(entry));
        }
    }
    value
}

fn config() -> ProptestConfig {
    ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// After an apply, every field of the new manifest has its value there, fields of the last
    /// one that the new one has not are gone, and what others added to the live object stays.
    #[test]
    fn apply_keeps_its_word(last in deployment(), new in deployment(), live in deployment()) {
        let result = three_way(&last, &new, &live).expect("the documents are well-formed");
        check("", &last, &new, &live, &result);
    }

    /// Applying the same manifest once more changes nothing and copies nothing.
    #[test]
    fn apply_is_done_once(last in deployment(), new in deployment(), live in deployment()) {
        let once = three_way(&last, &new, &live).expect("the documents are well-formed");
        let twice = three_way(&new, &new, &once).expect("the documents are well-formed");
        prop_assert!(twice.is_same(&once), "{once:?}\n{twice:?}");
    }

    /// A two-way patch leads where it was made to lead. Only that finalizers were brought into
    /// alphabetical order escapes it, as it escapes upstream.
    #[test]
    fn two_way_patches_arrive(original in deployment(), modified in deployment()) {
        let patch = patch::create_two_way_strategic(&original, &modified, DEPLOYMENT);
        let patch = patch.expect("the documents are well-formed");
        let result = patch::strategic_merge(&original, &patch, DEPLOYMENT).map(sorted);
        prop_assert_eq!(result, Ok(sorted(modified)), "{:?}", patch);
    }

    /// So does a merge patch.
    #[test]
    fn merge_patches_arrive(original in deployment(), modified in deployment()) {
        let patch = patch::create_merge_patch(&original, &modified).expect("both are maps");
        let result = patch::merge_patch(&original, &patch);
        prop_assert_eq!(result, Ok(modified));
    }

    /// The merge patch of an apply sets what is new, deletes what was applied and keeps the rest.
    #[test]
    fn json_apply_keeps_its_word(last in words(), new in words(), live in words()) {
        let patch = patch::create_three_way_json_merge(&last, &new, &live).expect("maps");
        let result = patch::merge_patch(&live, &patch).expect("a map is a merge patch");
        for name in ["a", "b", "c"] {
            let expected = match (new[name].is_null(), last[name].is_null()) {
                (false, _) => &new[name],
                (true, true) => &live[name],
                (true, false) => &Value::Null,
            };
            prop_assert_eq!(&result[name], expected);
        }
    }

    /// A patch with nothing new in it gives back the very same memory.
    #[test]
    fn nothing_new_costs_nothing(document in deployment()) {
        let same = |result: Result<Value, PatchError>| result.unwrap().is_same(&document);
        let patch = patch::create_two_way_strategic(&document, &document, DEPLOYMENT).unwrap();
        prop_assert!(same(patch::strategic_merge(&document, &patch, DEPLOYMENT)));
        prop_assert!(same(patch::merge_patch(&document, &document)));
        prop_assert!(same(patch::json_patch(&document, &list![])));
    }

    /// Nobody's input panics.
    #[test]
    fn nothing_panics(a in anything(), b in anything(), c in anything()) {
        for ty in [DEPLOYMENT, types::CORE_V1_POD_SPEC, types::META_V1_OBJECT_META] {
            let _ = patch::strategic_merge(&a, &b, ty).map_err(|error| error.to_string());
            let _ = patch::create_two_way_strategic(&a, &b, ty).map_err(|e| e.to_string());
            for overwrite in [true, false] {
                let patch = patch::create_three_way_strategic(&a, &b, &c, ty, overwrite);
                let _ = patch.map_err(|error| error.to_string());
            }
        }
        let _ = patch::json_patch(&a, &b).map_err(|error| error.to_string());
        let _ = patch::merge_patch(&a, &b);
        let _ = patch::create_merge_patch(&a, &b);
        let _ = patch::create_three_way_json_merge(&a, &b, &c);
        let _ = patch::changes_identity(&a);
    }

    /// Nor do operations that are nearly right.
    #[test]
    fn no_operation_panics(
        document in anything(),
        operations in vec(
            (
                prop::sample::select(vec!["add", "remove", "replace", "move", "copy", "test"]),
                "(/(spec|name|containers|0|1|-|-1|x)){0,4}",
                "(/(spec|name|containers|0|1|-|-1|x)){0,4}",
                anything(),
            ),
            0..6,
        ),
    ) {
        let operations = operations.into_iter().map(|(op, path, from, value)| {
            object! { "op": op, "path": path, "from": from, "value": value }
        });
        let patch = Value::List(operations.collect());
        let _ = patch::json_patch(&document, &patch).map_err(|error| error.to_string());
    }
}

#[test]
fn a_patch_leaves_the_rest_where_it_is() {
    let pod = object! {
        "metadata": object! { "name": "p", "labels": object! { "app": "web" } },
        "spec": object! { "containers": list![
            object! { "name": "a", "env": list![object! { "name": "X" }] },
            object! { "name": "b", "resources": object! { "limits": object! { "cpu": "1" } } },
        ] },
        "status": object! { "phase": "Pending" },
    };
    let is_kept = |result: &Value, path: &[&str]| {
        let at =
            |value: &Value| path.iter().fold(value.clone(), |value, name| value[*name].clone());
        assert!(at(result).is_same(&at(&pod)), "{path:?} was copied");
    };
    let status = object! { "status": object! { "phase": "Running" } };
    let operations =
        list![object! { "op": "replace", "path": "/status/phase", "value": "Running" }];
    for result in [
        patch::strategic_merge(&pod, &status, types::CORE_V1_POD).unwrap(),
        patch::merge_patch(&pod, &status).unwrap(),
        patch::json_patch(&pod, &operations).unwrap(),
    ] {
        assert_eq!(result["status"]["phase"], "Running");
        is_kept(&result, &["metadata"]);
        is_kept(&result, &["spec"]);
        assert_eq!(pod["status"]["phase"], "Pending");
    }

    let image = object! { "spec": object! { "containers": list![
        object! { "name": "b", "image": "nginx" },
    ] } };
    let result = patch::strategic_merge(&pod, &image, types::CORE_V1_POD).unwrap();
    let containers = &result["spec"]["containers"];
    assert_eq!(containers[1]["image"], "nginx");
    assert!(containers[0].is_same(&pod["spec"]["containers"][0]));
    assert!(containers[1]["resources"].is_same(&pod["spec"]["containers"][1]["resources"]));
    is_kept(&result, &["metadata"]);
    is_kept(&result, &["status"]);
}

/// The same holds for lists that are long enough to be indexed.
#[test]
fn long_lists_merge_like_short_ones() {
    let n = 10_000;
    let named = |i: i64| format!("n{i}");
    let spec = |items: Vec<Value>| object! { "containers": items };
    let old = (0..n).map(|i| object! { "name": named(i), "image": "old" }).collect();
    let odd = (0..n).rev().filter(|i| i % 2 == 1);
    let changes = odd.map(|i| object! { "name": named(i), "image": "new" });
    let deletions = (0..n).step_by(4).map(|i| object! { "name": named(i), "$patch": "delete" });
    let patch = spec(changes.chain(deletions).collect());
    let result = patch::strategic_merge(&spec(old), &patch, types::CORE_V1_POD_SPEC);
    let result = result.expect("the patch is well-formed");
    let items = result["containers"].items();
    let images = |image: &str| items.iter().filter(|item| item["image"] == image).count();
    assert_eq!((images("old"), images("new")), (2_500, 5_000));
    let names: Vec<&str> = items.iter().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!(names[..3], ["n2", "n6", "n10"]);
    assert_eq!(names[names.len() - 2..], ["n3", "n1"]);

    let scalars = |range: std::ops::Range<i64>| {
        object! { "finalizers": range.map(|i| Value::from(named(i))).collect::<Vec<_>>() }
    };
    let meta = types::META_V1_OBJECT_META;
    let all = patch::strategic_merge(&scalars(0..n), &scalars(n / 2..2 * n), meta).unwrap();
    assert_eq!(all["finalizers"].items().len(), 20_000);
    let patch = patch::create_two_way_strategic(&all, &scalars(0..n), meta).unwrap();
    let left = patch::strategic_merge(&all, &patch, meta).unwrap();
    assert_eq!(left, scalars(0..n));
}

#[test]
fn copies_are_limited() {
    let copy = || object! { "op": "copy", "from": "/a", "path": "/a/-" };
    let document = object! { "a": list!["0123456789"] };
    let deep = Value::List((0..600).map(|_| copy()).collect());
    let error = patch::json_patch(&document, &deep).unwrap_err().to_string();
    let limit = patch::COPY_BYTES_MAX;
    assert!(error.starts_with("Unable to complete the copy"), "{error}");
    assert!(error.ends_with(&format!("exceeding the limit {limit}")), "{error}");

    let into_itself = |_| {
        [
            object! { "op": "copy", "from": "/a", "path": "/b" },
            object! { "op": "replace", "path": "/a", "value": object! {} },
            object! { "op": "move", "from": "/b", "path": "/a/a" },
        ]
    };
    let nested = Value::List((0..600).flat_map(into_itself).collect());
    let error = patch::json_patch(&object! { "a": 1 }, &nested).unwrap_err();
    assert_eq!(error.to_string(), "exceeded max depth");
}

#[test]
fn a_patch_that_renames_is_recognised() {
    let check = |patch: Value, expected: bool| {
        assert_eq!(patch::changes_identity(&patch), expected, "{patch:?}");
    };
    check(object! { "kind": "Pod" }, true);
    check(object! { "apiVersion": Value::Null }, true);
    check(object! { "metadata": object! { "name": "other" } }, true);
    check(object! { "metadata": object! { "labels": object! {} } }, false);
    check(object! {}, false);
}
