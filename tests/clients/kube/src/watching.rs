//! Watches and what is built of them.

use crate::objects::config_map;
use crate::{Checked, in_time};
use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, DeleteParams, PostParams, WatchEvent, WatchParams};
use kube::runtime::reflector::{self, ObjectRef};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, ResourceExt as _};
use std::error::Error;
use std::time::Duration;

pub async fn watches_tell_of_changes(client: Client) -> Checked {
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    let wanted = WatchParams::default().fields("metadata.name=watched");
    let stream = maps.watch(&wanted, "0").await?;
    maps.create(&PostParams::default(), &config_map("watched")?).await?;
    maps.create(&PostParams::default(), &config_map("unwatched")?).await?;
    maps.delete("watched", &DeleteParams::default()).await?;
    let told = stream.try_filter_map(async |event| {
        Ok(match event {
            WatchEvent::Added(object) => Some(format!("added {}", object.name_any())),
            WatchEvent::Deleted(object) => Some(format!("deleted {}", object.name_any())),
            _ => None,
        })
    });
    let told: Vec<String> = in_time("changes", told.take(2).try_collect()).await??;
    assert_eq!(told, ["added watched", "deleted watched"]);
    maps.delete("unwatched", &DeleteParams::default()).await?;
    Ok(())
}

pub async fn reflectors_keep_what_there_is(client: Client) -> Checked {
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    maps.create(&PostParams::default(), &config_map("kept")?).await?;
    let (reader, writer) = reflector::store();
    let has = |name: &str| reader.get(&ObjectRef::new(name).within("default")).is_some();
    let stream = watcher(maps.clone(), watcher::Config::default()).reflect(writer);
    let reflected = stream.touched_objects().try_for_each(async |_| Ok(()));
    let seen = async {
        reader.wait_until_ready().await?;
        assert!(has("kept"));
        maps.create(&PostParams::default(), &config_map("kept-later")?).await?;
        maps.delete("kept", &DeleteParams::default()).await?;
        while has("kept") || !has("kept-later") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok::<(), Box<dyn Error>>(())
    };
    tokio::select! {
        seen = in_time("objects", seen) => seen??,
        ended = reflected => return Err(format!("the watch has ended: {ended:?}").into()),
    }
    maps.delete("kept-later", &DeleteParams::default()).await?;
    Ok(())
}

/// Servers of this version send lists as watches only if a feature is switched on.
pub async fn lists_are_not_streamed(client: Client) -> Checked {
    let maps: Api<ConfigMap> = Api::default_namespaced(client);
    let stream = watcher(maps, watcher::Config::default().streaming_lists());
    let mut refused = Box::pin(stream.filter_map(async |event| event.err()));
    let refusal = in_time("a refusal", refused.next()).await?.ok_or("it goes on")?;
    let said = format!("{refusal:?}");
    assert!(said.contains("unless the WatchList feature gate is enabled"), "{said}");
    Ok(())
}
