//! Lists, server-side apply, exec.

use crate::{Checked, in_time};
use k8s_openapi::api::core::v1::{ConfigMap, Pod};
use kube::api::{Api, AttachParams, DeleteParams, ListParams, Patch, PatchParams, PostParams};
use kube::runtime::conditions::is_pod_running;
use kube::runtime::wait::await_condition;
use kube::{Client, Error};
use serde_json::json;
use tokio::io::AsyncReadExt as _;

pub fn config_map(name: &str) -> Result<ConfigMap, serde_json::Error> {
    serde_json::from_value(json!({ "metadata": { "name": name, "labels": { "from": "kube" } } }))
}

pub async fn lists_come_in_pages(client: Client) -> Checked {
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    for name in ["page-a", "page-b", "page-c"] {
        maps.create(&PostParams::default(), &config_map(name)?).await?;
    }
    let wanted = ListParams::default().labels("from=kube").limit(2);
    let first = maps.list(&wanted).await?;
    assert_eq!((first.items.len(), first.metadata.remaining_item_count), (2, None));
    let token = first.metadata.continue_.ok_or("the list goes on")?;
    let second = maps.list(&wanted.clone().continue_token(&token)).await?;
    assert_eq!(second.items.len(), 1);
    let left = maps.delete_collection(&DeleteParams::default(), &wanted).await?;
    assert!(left.is_left() || left.is_right());
    Ok(())
}

pub async fn managers_of_fields_conflict(client: Client) -> Checked {
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    let colour = |colour: &str| {
        let object = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "applied" },
            "data": { "colour": colour },
        });
        Patch::Apply(object)
    };
    maps.patch("applied", &PatchParams::apply("one"), &colour("red")).await?;
    let refused = maps.patch("applied", &PatchParams::apply("two"), &colour("blue")).await;
    let Err(Error::Api(status)) = refused else { return Err("a conflict was expected".into()) };
    assert_eq!((status.code, status.reason.as_str()), (409, "Conflict"));
    let forced = PatchParams::apply("two").force();
    let applied = maps.patch("applied", &forced, &colour("blue")).await?;
    let data = applied.data.unwrap_or_default();
    assert_eq!(data.get("colour").map(String::as_str), Some("blue"));
    maps.delete("applied", &DeleteParams::default()).await?;
    Ok(())
}

pub async fn programs_run_in_containers(client: Client) -> Checked {
    let pods: Api<Pod> = Api::default_namespaced(client);
    let pod = serde_json::from_value(json!({
        "metadata": { "name": "box" },
        "spec": { "containers": [
            { "name": "box", "image": "busybox:1.36", "command": ["sleep", "3600"] },
        ] },
    }))?;
    pods.create(&PostParams::default(), &pod).await?;
    let running = await_condition(pods.clone(), "box", is_pod_running());
    in_time("a Pod that runs", running).await??;
    let mut attached = pods.exec("box", ["echo", "hello"], &AttachParams::default()).await?;
    let mut printed = String::new();
    let mut stdout = attached.stdout().ok_or("there is an output")?;
    in_time("the output of a program", stdout.read_to_string(&mut printed)).await??;
    assert_eq!(printed, "hello\n");
    pods.delete("box", &DeleteParams::default().grace_period(0)).await?;
    Ok(())
}
