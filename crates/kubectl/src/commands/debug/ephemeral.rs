//! A new ephemeral container in a running Pod.

use super::{Session, without_ephemeral_containers};
use crate::client::Call;
use crate::errors::Result;
use crate::polymorphic::change;
use crate::polymorphic::typed;
use crate::resource::Info;
use api::Value;
use apiserver::PatchType;

pub(super) async fn debug(session: &Session<'_>, info: &Info) -> Result<(Value, String)> {
    let pod = typed(&info.object);
    let name = session.container_name(&pod);
    let mut container = session.container(&name);
    container.make_map().insert("resources", Value::EMPTY_MAP);
    let target = session.flags().string("target");
    if !target.is_empty() {
        container.make_map().insert("targetContainerName", target.to_owned());
    }
    session.profile.secure(&mut container);
    let mut changed = pod.clone();
    changed.entry(&"spec".into()).entry(&"ephemeralContainers".into()).make_list().push(container);
    let patch = change::strategic_patch(&pod, &changed)?;
    let call = Call::patch(info.path("ephemeralcontainers"), PatchType::Strategic, patch);
    let patched = session.invocation.client()?.value(call).await;
    Ok((patched.map_err(without_ephemeral_containers)?, name))
}
