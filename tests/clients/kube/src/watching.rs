//! Watches and what is built of them.

use crate::objects::config_map;
use crate::{Checked, in_time};
use futures::{StreamExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Api, DeleteParams, PostParams, WatchEvent, WatchParams};
use kube::runtime::reflector::{self, ObjectRef};
use kube::runtime::{WatchStreamExt as _, watcher};
use kube::{Client, ResourceExt as _};

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
    for wanted in [watcher::Config::default(), watcher::Config::default().streaming_lists()] {
        let (reader, writer) = reflector::store();
        let stream = watcher(maps.clone(), wanted).reflect(writer).applied_objects();
        let mut stream = Box::pin(stream);
        in_time("objects", stream.try_next()).await??;
        let seen = ObjectRef::new("kept").within("default");
        for _ in 0..100 {
            if reader.get(&seen).is_some() {
                break;
            }
            in_time("objects", stream.try_next()).await??;
        }
        assert!(reader.get(&seen).is_some());
    }
    maps.delete("kept", &DeleteParams::default()).await?;
    Ok(())
}
