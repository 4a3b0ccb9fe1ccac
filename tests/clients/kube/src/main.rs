//! The Rust client of Kubernetes against the server that `KUBECONFIG` names: what controllers
//! written with it rely on. It ends without a word if everything is as it should be.

mod controller;
mod objects;
mod watching;

use kube::Client;
use std::error::Error;
use std::future::Future;
use std::time::Duration;

/// What a check returns.
type Checked = Result<(), Box<dyn Error>>;

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(30);

/// The result of `future`, if it comes in time.
async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> Result<T, Box<dyn Error>> {
    tokio::time::timeout(LIMIT, future).await.map_err(|_| format!("{what}: nothing came").into())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Checked {
    let client = Client::try_default().await?;
    objects::lists_come_in_pages(client.clone()).await?;
    objects::managers_of_fields_conflict(client.clone()).await?;
    objects::programs_run_in_containers(client.clone()).await?;
    watching::watches_tell_of_changes(client.clone()).await?;
    watching::reflectors_keep_what_there_is(client.clone()).await?;
    watching::lists_are_not_streamed(client.clone()).await?;
    controller::controllers_reconcile(client).await
}
