//! What several commands do alike.

use crate::client::Call;
use crate::errors::{Result, bail, quote};
use crate::invocation::Invocation;
use crate::print::{DryRun, typed_json};
use api::{Key, Value, json, names};

/// The annotation in which `kubectl apply` keeps what was applied last.
pub(crate) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// What `--validate` asks the server for.
pub(crate) fn field_validation(invocation: &Invocation) -> Result<&'static str> {
    match invocation.flags.string("validate") {
        "" | "strict" | "true" => Ok("Strict"),
        "warn" => Ok("Warn"),
        "ignore" | "false" => Ok("Ignore"),
        other => bail!(
            "invalid - validate option {}; must be one of: strict (or true), warn, ignore (or \
             false)",
            quote(other)
        ),
    }
}

/// The parameters of a request that changes something.
pub(crate) fn with_write_parameters(call: Call, invocation: &Invocation, dry_run: DryRun) -> Call {
    call.query_if("dryRun", dry_run.parameter())
        .query_if("fieldManager", invocation.flags.string("field-manager"))
}

/// Whether `-o` asks for objects rather than for messages or names.
pub(crate) fn prints_whole_objects(invocation: &Invocation) -> bool {
    let flags = &invocation.flags;
    !matches!(flags.string("output"), "" | "name") || !flags.string("template").is_empty()
}

/// Whether the command was called with `-f` or `-k`; the error if it was with both or neither.
pub(crate) fn require_files(invocation: &Invocation) -> Result {
    let flags = &invocation.flags;
    if flags.strings("filename").is_empty() && flags.string("kustomize").is_empty() {
        bail!("must specify one of -f and -k");
    }
    Ok(())
}

/// No arguments beside flags.
pub(crate) fn refuse_arguments(invocation: &Invocation) -> Result {
    if invocation.arguments.is_empty() {
        return Ok(());
    }
    let words = invocation.arguments.join(" ");
    Err(invocation.usage_error(format!("Unexpected args: [{words}]")))
}

/// The one name that a command needs.
pub(crate) fn one_name(invocation: &Invocation) -> Result<String> {
    let before_dash = match invocation.dash {
        Some(dash) => invocation.arguments.get(..dash).unwrap_or_default(),
        None => invocation.arguments.as_slice(),
    };
    match before_dash {
        [name] => Ok(name.clone()),
        names => {
            let count = names.len();
            Err(invocation.usage_error(format!("exactly one NAME is required, got {count}")))
        }
    }
}

/// The arguments behind `--`.
pub(crate) fn command_arguments(invocation: &Invocation) -> Vec<String> {
    invocation.arguments.iter().skip(invocation.dash.unwrap_or(usize::MAX)).cloned().collect()
}

/// The annotation's text: the object without the annotation itself, on one line.
pub(crate) fn applied_configuration(object: &Value, is_typed: bool) -> String {
    let plain = plain(object, is_typed);
    if is_typed { typed_json::to_string(&plain) + "\n" } else { json::to_string(&plain) + "\n" }
}

/// The object as `kubectl apply` compares it, without its own annotation.
pub(crate) fn without_last_applied(object: &Value) -> Value {
    plain(object, false)
}

fn plain(object: &Value, is_typed: bool) -> Value {
    let mut plain = object.clone();
    plain.update(&names::METADATA, |metadata| {
        metadata.update(&names::ANNOTATIONS, |annotations| {
            if let Value::Map(map) = annotations {
                map.remove_str(LAST_APPLIED);
            } else if !is_typed {
                *annotations = Value::EMPTY_MAP;
            }
        });
    });
    plain
}

/// The object with the annotation that says how it was applied.
pub(crate) fn with_last_applied(object: &Value, is_typed: bool) -> Value {
    let text = applied_configuration(object, is_typed);
    let mut annotated = object.clone();
    annotate(&mut annotated, LAST_APPLIED, &text);
    annotated
}

/// Sets an annotation.
pub(crate) fn annotate(object: &mut Value, name: &str, value: &str) {
    let metadata = object.entry(&names::METADATA);
    metadata.entry(&names::ANNOTATIONS).make_map().insert(Key::from(name), value.to_owned());
}

/// An annotation.
pub(crate) fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(&names::METADATA).get(&names::ANNOTATIONS)[name].as_str()
}

/// Five letters as Kubernetes draws them.
pub(crate) fn random_suffix(invocation: &Invocation) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let machine = invocation.context.machine();
    let letter = |_| {
        let at = machine.random() as usize % LETTERS.len();
        LETTERS.get(at).copied().map_or('b', char::from)
    };
    (0..5).map(letter).collect()
}
