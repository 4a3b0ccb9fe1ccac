//! Evicting Pods, and waiting until they are gone.

use super::pods::name_of;
use crate::client::Call;
use crate::errors::{Error, Result, error, quote};
use crate::flags::format_duration;
use crate::invocation::Invocation;
use crate::join::join_all;
use crate::print::DryRun;
use crate::remote::pod_path;
use api::{Reason, Value, object};
use sim::{Duration, Time};
use std::rc::Rc;

/// The pause after an eviction that a disruption budget refused.
const RETRY_INTERVAL: Duration = Duration::from_secs(5);
/// How often it is looked whether a Pod is gone.
const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The cause of refusals in a namespace that is being deleted.
const NAMESPACE_TERMINATING: &str = "NamespaceTerminating";

/// What happens to Pods: `evicting` or `deleting`.
pub(super) fn verb(invocation: &Invocation) -> &'static str {
    if invocation.flags.bool("disable-eviction") { "deleting" } else { "evicting" }
}

/// Gets rid of all Pods at the same time.
pub(super) async fn all(invocation: &Rc<Invocation>, pods: Vec<Value>, dry_run: DryRun) -> Result {
    if pods.is_empty() {
        return Ok(());
    }
    let nanos = invocation.flags.int("timeout");
    let timeout = Duration::from_nanos(nanos.unsigned_abs());
    let deadline = if nanos > 0 { invocation.context.now() + timeout } else { Time::NEVER };
    let eviction = Eviction { invocation, dry_run, deadline };
    if invocation.flags.bool("disable-eviction") {
        return eviction.delete_all(pods).await;
    }
    let results = join_all(pods.iter().map(|pod| eviction.evict(pod)).collect()).await;
    Error::collect(results.into_iter().filter_map(Result::err).collect())
}

struct Eviction<'a> {
    invocation: &'a Rc<Invocation>,
    dry_run: DryRun,
    deadline: Time,
}

impl Eviction<'_> {
    fn is_late(&self) -> bool {
        self.invocation.context.now() >= self.deadline
    }

    /// `global timeout reached: 8s`
    fn timed_out(&self) -> String {
        format!("global timeout reached: {}", format_duration(self.invocation.flags.int("timeout")))
    }

    /// Evicts a Pod, again and again while a disruption budget refuses.
    async fn evict(&self, pod: &Value) -> Result {
        let (name, namespace) = names(pod);
        let failed = |why: String| error!("error when evicting pods/{name} -n {namespace}: {why}");
        loop {
            self.invocation.print(format!(
                "evicting pod {}{}",
                name_of(pod),
                if self.dry_run == DryRun::Server { " (server dry run)" } else { "" }
            ));
            if self.is_late() {
                return Err(failed(self.timed_out()));
            }
            match self.invocation.client()?.value(self.eviction(pod)).await {
                Ok(_) => break,
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) if error.is(Reason::TooManyRequests) => {
                    self.invocation.complain(format!(
                        "error when evicting pods/{name} -n {namespace} (will retry after 5s): \
                         {error}"
                    ));
                    self.invocation.context.sleep(RETRY_INTERVAL).await;
                }
                Err(error) if is_terminating(&error) => break,
                Err(error) => return Err(failed(error.to_string())),
            }
        }
        if self.dry_run == DryRun::Server {
            return Ok(());
        }
        self.wait(pod, "evicted").await.map_err(|why| {
            error!("error when waiting for pod {name} in namespace {namespace} to terminate: {why}")
        })
    }

    fn eviction(&self, pod: &Value) -> Call {
        let text = |field: &str| pod["metadata"][field].clone();
        let mut eviction = object! {
            "apiVersion": "policy/v1",
            "kind": "Eviction",
            "metadata": object! { "name": text("name"), "namespace": text("namespace") },
        };
        let mut options = Value::EMPTY_MAP;
        let seconds = self.invocation.flags.int("grace-period");
        if seconds >= 0 {
            options.make_map().insert("gracePeriodSeconds", seconds);
        }
        if self.dry_run == DryRun::Server {
            options.make_map().insert("dryRun", api::list!["All"]);
        }
        eviction.make_map().insert("deleteOptions", options);
        Call::post(pod_path(pod, "eviction"), eviction)
    }

    async fn delete_all(&self, pods: Vec<Value>) -> Result {
        for pod in &pods {
            let suffix = self.dry_run.suffix();
            self.invocation.print(format!("deleting pod {}{suffix}", name_of(pod)));
            let mut options = object! { "kind": "DeleteOptions", "apiVersion": "v1" };
            let seconds = self.invocation.flags.int("grace-period");
            if seconds >= 0 {
                options.make_map().insert("gracePeriodSeconds", seconds);
            }
            let call = Call::delete(pod_path(pod, ""), options)
                .query_if("dryRun", self.dry_run.parameter());
            match self.invocation.client()?.value(call).await {
                Err(error) if !error.is_not_found() => return Err(error),
                _ => {}
            }
        }
        if self.dry_run == DryRun::Server {
            return Ok(());
        }
        for pod in &pods {
            self.wait(pod, "deleted").await?;
        }
        Ok(())
    }

    /// Waits until a Pod is gone, or another one has its name.
    async fn wait(&self, pod: &Value, done: &str) -> Result {
        let context = &self.invocation.context;
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        let skip_seconds = self.invocation.flags.int("skip-wait-for-delete-timeout");
        loop {
            match self.invocation.client()?.value(Call::get(pod_path(pod, ""))).await {
                Err(error) if error.is_not_found() => break,
                Err(error) => return Err(error),
                Ok(found) if found["metadata"]["uid"] != pod["metadata"]["uid"] => break,
                Ok(found) if is_old(&found, skip_seconds, context.now()) => {
                    self.invocation.print(format!(
                        "pod {} has DeletionTimestamp older than {skip_seconds} seconds, skipping",
                        quote(name)
                    ));
                    return Ok(());
                }
                Ok(_) if self.is_late() => return Err(Error::Other(self.timed_out())),
                Ok(_) => context.sleep(POLL_INTERVAL).await,
            }
        }
        self.invocation.print(format!("pod/{name} {done}"));
        // What has been printed is seen while the others are waited for.
        let _ = context.flush().await;
        Ok(())
    }
}

/// Name and namespace, each in quotes.
fn names(pod: &Value) -> (String, String) {
    let text = |field: &str| quote(pod["metadata"][field].as_str().unwrap_or_default());
    (text("name"), text("namespace"))
}

/// Whether the namespace goes anyway.
fn is_terminating(error: &Error) -> bool {
    let Some(status) = error.status() else { return false };
    let causes = status.details.iter().flat_map(|details| details.causes.iter());
    error.is(Reason::Forbidden)
        && causes.into_iter().any(|cause| cause.reason == NAMESPACE_TERMINATING)
}

/// Whether a Pod was marked for deletion longer ago than is waited for.
fn is_old(pod: &Value, seconds: i64, now: Time) -> bool {
    let marked = pod["metadata"]["deletionTimestamp"].as_str().and_then(Time::parse_rfc3339);
    let allowed = Duration::from_secs(seconds.unsigned_abs());
    seconds > 0 && marked.is_some_and(|marked| marked + allowed < now)
}
