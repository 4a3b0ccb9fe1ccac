//! A controller: it writes down how many keys each ConfigMap of its own has.

use crate::{Checked, in_time};
use futures::StreamExt as _;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, DeleteParams, Patch, PatchParams, PostParams};
use kube::runtime::controller::{Action, Controller};
use kube::runtime::wait::await_condition;
use kube::runtime::watcher;
use kube::{Client, ResourceExt as _};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const COUNT: &str = "example.com/count";

async fn reconcile(map: Arc<ConfigMap>, client: Arc<Client>) -> Result<Action, kube::Error> {
    let maps: Api<ConfigMap> = Api::default_namespaced((*client).clone());
    let count = map.data.as_ref().map_or(0, |data| data.len());
    let wanted = json!({
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": { "name": map.name_any(), "annotations": { COUNT: count.to_string() } },
    });
    maps.patch(&map.name_any(), &PatchParams::apply("counter"), &Patch::Apply(wanted)).await?;
    Ok(Action::await_change())
}

fn retry(_: Arc<ConfigMap>, _: &kube::Error, _: Arc<Client>) -> Action {
    Action::requeue(Duration::from_millis(100))
}

pub async fn controllers_reconcile(client: Client) -> Checked {
    let maps: Api<ConfigMap> = Api::default_namespaced(client.clone());
    let wanted = watcher::Config::default().labels("counted=yes");
    let controller = Controller::new(maps.clone(), wanted).run(reconcile, retry, Arc::new(client));
    let counted = async {
        let map = serde_json::from_value(json!({
            "metadata": { "name": "counted", "labels": { "counted": "yes" } },
            "data": { "a": "1" },
        }))?;
        maps.create(&PostParams::default(), &map).await?;
        is_counted(&maps, "1").await?;
        let more = Patch::Merge(json!({ "data": { "b": "2" } }));
        maps.patch("counted", &PatchParams::default(), &more).await?;
        is_counted(&maps, "2").await
    };
    tokio::select! {
        done = counted => done?,
        () = controller.for_each(async |_| {}) => return Err("the controller has ended".into()),
    }
    maps.delete("counted", &DeleteParams::default()).await?;
    Ok(())
}

async fn is_counted(maps: &Api<ConfigMap>, count: &str) -> Checked {
    let has_count = |map: Option<&ConfigMap>| {
        map.is_some_and(|map| map.annotations().get(COUNT).is_some_and(|found| found == count))
    };
    in_time("the count", await_condition(maps.clone(), "counted", has_count)).await??;
    Ok(())
}
