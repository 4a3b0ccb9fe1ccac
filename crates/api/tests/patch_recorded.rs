//! Patches as the real kubectl v1.29.4 applied or computed them.
//!
//! Each line of `patch/*.jsonl` is one recorded case: its inputs, and the result or the error.
//! `strategic`, `json_patch` and `merge` come from `kubectl patch --local`; `three_way*` and
//! `conflict` are what `kubectl apply` sent or said, `two_way*` what `kubectl edit` sent. In
//! those, the text of the last-applied annotation is shortened to a token.

use api::patch::{self, PatchError};
use api::schema::TypeId;
use api::{Value, json};

type Compute = fn(&Value) -> Result<Value, PatchError>;

/// Replays all cases of a file.
fn check(cases: &str, compute: Compute) {
    let mut failures = Vec::new();
    let mut count = 0;
    for (number, line) in cases.lines().enumerate() {
        count += 1;
        let case = json::parse(line.as_bytes()).expect("the file is JSON");
        let expected = expected(&case);
        let actual = outcome(compute(&case));
        // As texts: 80 and 80.0 are one number in JSON.
        if json::to_string(&actual) != json::to_string(&expected) {
            failures.push(format!(
                "line {}: {line}\n  expected {}\n  actual   {}\n",
                number + 1,
                json::to_string(&expected),
                json::to_string(&actual)
            ));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {count} cases differ, first of them:\n{}",
        failures.len(),
        failures.iter().take(6).cloned().collect::<String>()
    );
}

/// The result, or the error or conflict as a document.
fn expected(case: &Value) -> Value {
    let map = case.as_map().expect("a case is a map");
    ["result", "patch"]
        .iter()
        .filter(|_| map.get_str("error").is_none() && map.get_str("conflict").is_none())
        .find_map(|name| map.get_str(name).cloned())
        .unwrap_or_else(|| {
            let of = |name: &'static str| map.get_str(name).map(|value| (name, value.clone()));
            let fault = of("error").or(of("conflict")).expect("a case has an outcome");
            Value::Map([fault].into_iter().collect())
        })
}

fn outcome(result: Result<Value, PatchError>) -> Value {
    match result {
        Ok(value) => value,
        Err(PatchError::Conflict { patch, changes }) => {
            let both = [("patch", patch), ("changes", changes)];
            let both = Value::Map(both.into_iter().collect());
            Value::Map([("conflict", both)].into_iter().collect())
        }
        // kubectl ends a message with one newline, whether it has one already or not.
        Err(error) => {
            let text = error.to_string().trim_end_matches('\n').to_owned();
            Value::Map([("error", text)].into_iter().collect())
        }
    }
}

fn ty(case: &Value) -> TypeId {
    let name = case["type"].as_str().expect("a case has a type");
    TypeId::find(name).expect("the type is in the table")
}

#[test]
fn strategic_merge_patches_apply() {
    check(include_str!("patch/strategic.jsonl"), |case| {
        patch::strategic_merge(&case["original"], &case["patch"], ty(case))
    });
}

#[test]
fn merge_patches_apply() {
    check(include_str!("patch/merge.jsonl"), |case| {
        patch::merge_patch(&case["original"], &case["patch"])
    });
}

#[test]
fn json_patches_apply() {
    check(include_str!("patch/json_patch.jsonl"), |case| {
        patch::json_patch(&case["original"], &case["patch"])
    });
}

#[test]
fn edit_sends_a_strategic_merge_patch() {
    check(include_str!("patch/two_way.jsonl"), |case| {
        patch::create_two_way_strategic(&case["original"], &case["modified"], ty(case))
    });
}

#[test]
fn edit_sends_a_merge_patch_for_a_custom_resource() {
    check(include_str!("patch/two_way_json.jsonl"), |case| {
        patch::create_merge_patch(&case["original"], &case["modified"])
    });
}

#[test]
fn apply_sends_a_strategic_merge_patch() {
    check(include_str!("patch/three_way.jsonl"), |case| {
        let (original, modified) = (&case["original"], &case["modified"]);
        patch::create_three_way_strategic(original, modified, &case["current"], ty(case), true)
    });
}

#[test]
fn apply_without_overwrite_refuses_conflicts() {
    check(include_str!("patch/conflict.jsonl"), |case| {
        let (original, modified) = (&case["original"], &case["modified"]);
        patch::create_three_way_strategic(original, modified, &case["current"], ty(case), false)
    });
}

#[test]
fn apply_sends_a_merge_patch_for_a_custom_resource() {
    check(include_str!("patch/three_way_json.jsonl"), |case| {
        let (original, modified) = (&case["original"], &case["modified"]);
        patch::create_three_way_json_merge(original, modified, &case["current"])
    });
}
