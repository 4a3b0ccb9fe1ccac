//! Objects that `run`, `expose` and `autoscale` make, on their way to the server.

use super::common::{with_last_applied, with_write_parameters};
use super::create::typed::Kind;
use super::record;
use crate::client::{Call, resource_path};
use crate::errors::{Result, bail, error, quote};
use crate::invocation::Invocation;
use crate::polymorphic::typed;
use crate::print::DryRun;
use crate::print::typed_json::type_of;
use api::{Map, Value, names, patch};

/// Applies `--overrides`, as `--override-type` says.
pub(crate) fn overridden(invocation: &Invocation, object: Value) -> Result<Value> {
    let text = invocation.flags.string("overrides");
    if text.is_empty() {
        return Ok(object);
    }
    let parsed = api::json::parse(text.as_bytes());
    let result = match invocation.flags.string("override-type") {
        "merge" => {
            let Ok(overrides) = parsed else { bail!("Invalid JSON Patch") };
            patch::merge_patch(&object, &overrides)
        }
        "strategic" => {
            let overrides = parsed.map_err(|why| error!("{why}"))?;
            let Some(ty) = type_of(&object) else { return Ok(object) };
            patch::strategic_merge(&object, &overrides, ty)
        }
        "json" => {
            let overrides = parsed.map_err(|why| error!("{why}"))?;
            match patch::json_patch(&object, &overrides) {
                Ok(result) => return decoded(&result),
                Err(why) => bail!("{why}"),
            }
        }
        other => bail!("invalid override type: {other}"),
    };
    decoded(&result.map_err(|why| error!("{why}"))?)
}

/// The overridden object must still be of a kind that kubectl knows.
fn decoded(object: &Value) -> Result<Value> {
    if let Some(ty) = type_of(object) {
        let decoded = api::decode(ty, object).map_err(|why| error!("{}", why.0))?;
        let mut decoded = decoded.value;
        for name in [&names::API_VERSION, &names::KIND] {
            decoded.make_map().insert(name, object.get(name).clone());
        }
        return Ok(typed(&decoded));
    }
    let text = |name| object.get(name).as_str().unwrap_or_default();
    bail!(
        "no kind {} is registered for version {} in scheme \"pkg/runtime/scheme.go:100\"",
        quote(text(&names::KIND)),
        quote(text(&names::API_VERSION))
    )
}

/// Creates an object, or shows what would be created; the result is as it is then.
pub(crate) async fn create(
    invocation: &Invocation,
    kind: Kind,
    mut object: Value,
    dry_run: DryRun,
) -> Result<Value> {
    record::record(invocation, &mut object);
    let namespace = invocation.namespace()?;
    if dry_run.is_client() {
        if invocation.is_namespace_explicit() {
            let metadata = object.entry(&names::METADATA);
            metadata.make_map().insert(&names::NAMESPACE, namespace);
        }
        return Ok(kind.complete(object));
    }
    if invocation.flags.bool("save-config") {
        object = with_last_applied(&object, true);
    }
    let call = Call::post(resource_path(&kind.mapping(), &namespace, "", ""), object);
    let call = with_write_parameters(call, invocation, dry_run);
    Ok(kind.complete(invocation.client()?.value(call).await?))
}

/// Reads `a=b,c=d`.
pub(crate) fn labels(text: &str) -> Result<Map> {
    let mut labels = Map::EMPTY;
    for spec in text.split(',').filter(|_| !text.is_empty()) {
        match spec.split_once('=') {
            Some((key, value)) if !key.is_empty() && !value.contains('=') => {
                labels.insert(key.to_owned(), value.to_owned());
            }
            _ => bail!("unexpected label spec: {spec}"),
        }
    }
    Ok(labels)
}

/// Go's `strconv.Atoi`.
pub(crate) fn number(text: &str) -> Result<i64> {
    text.parse().map_err(|_| error!("strconv.Atoi: parsing {}: invalid syntax", quote(text)))
}
