//! Requests that delete, and waiting for what they do.

use crate::client::Call;
use crate::errors::{Result, bail, error};
use crate::invocation::Invocation;
use crate::print::DryRun;
use crate::resource::Info;
use api::{Value, names, object};
use shell::{Either, race};
use sim::{Duration, Time};

/// How long to wait if nothing is said: a week stands for ever.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// The pause between looks at an object that is to be made anew.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// How an object is deleted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeleteRequest {
    /// What becomes of its dependents.
    pub(crate) propagation: &'static str,
    /// The time it is given, in seconds, if not its own.
    pub(crate) grace_period: Option<i64>,
    /// Whether it really goes.
    pub(crate) dry_run: DryRun,
}

impl DeleteRequest {
    /// The request for the object at a path.
    pub(crate) fn call(&self, path: &str) -> Call {
        let mut options = object! {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "propagationPolicy": self.propagation,
        };
        if let Some(seconds) = self.grace_period {
            options.make_map().insert("gracePeriodSeconds", seconds);
        }
        if self.dry_run == DryRun::Server {
            options.make_map().insert("dryRun", api::list!["All"]);
        }
        Call::delete(path, options)
    }
}

/// The value of `--cascade` as the server takes it.
pub(crate) fn cascade(invocation: &Invocation) -> Result<&'static str> {
    let value = invocation.flags.string("cascade");
    let (propagation, word) = match value {
        "background" => return Ok("Background"),
        "foreground" => return Ok("Foreground"),
        "orphan" => return Ok("Orphan"),
        "1" | "t" | "T" | "true" | "TRUE" | "True" => ("Background", "background"),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => ("Orphan", "orphan"),
        other => bail!(
            "invalid cascade value ({other}). Must be \"background\", \"foreground\", or \
             \"orphan\""
        ),
    };
    invocation.complain(format!(
        "warning: --cascade={value} is deprecated (boolean value) and can be replaced with \
         --cascade={word}."
    ));
    Ok(propagation)
}

/// An object that has been deleted and may still be there.
pub(crate) struct Waiting {
    /// The object.
    pub(crate) info: Info,
    /// Its uid: another object of the same name is not waited for.
    pub(crate) uid: String,
}

/// Waits until all objects are gone; a timeout of 0 means for a week.
pub(crate) async fn wait_for_all(
    invocation: &Invocation,
    waiting: Vec<Waiting>,
    timeout_nanos: i64,
) -> Result {
    let end = deadline(invocation, timeout_nanos, TIMEOUT_DEFAULT);
    for one in &waiting {
        let sleep = invocation.context.sim().sleep_until(end);
        match race(one.wait(invocation), sleep).await {
            Either::First(result) => result?,
            Either::Second(()) => bail!(
                "timed out waiting for the condition on {}/{}",
                one.info.mapping.resource,
                one.info.name
            ),
        }
    }
    Ok(())
}

fn deadline(invocation: &Invocation, timeout_nanos: i64, default: Duration) -> Time {
    let timeout = match timeout_nanos {
        0 => default,
        nanos => Duration::from_nanos(u64::try_from(nanos).unwrap_or(0)),
    };
    invocation.context.now() + timeout
}

impl Waiting {
    async fn wait(&self, invocation: &Invocation) -> Result {
        let client = invocation.client()?;
        let selector = format!("metadata.name={}", self.info.name);
        let call =
            || Call::get(self.info.collection_path()).query("fieldSelector", selector.clone());
        loop {
            let list = client.value(call()).await?;
            if !list["items"].items().iter().any(|object| self.is_still(object)) {
                return Ok(());
            }
            let version = list["metadata"]["resourceVersion"].as_str().unwrap_or_default();
            let mut events = client.watch(call().query("resourceVersion", version)).await?;
            // A watch that ends early begins anew.
            while let Some(event) = events.next().await {
                match event.ty.as_str() {
                    "DELETED" => return Ok(()),
                    "ERROR" => break,
                    "BOOKMARK" => {}
                    _ if self.is_still(&event.object) => {}
                    _ => return Ok(()),
                }
            }
        }
    }

    fn is_still(&self, object: &Value) -> bool {
        let uid = object.get(&names::METADATA).get(&names::UID).as_str().unwrap_or_default();
        self.uid.is_empty() || self.uid == uid
    }
}

/// Looks every second whether an object is gone, as commands do that make it anew. Without a
/// timeout for ever.
pub(crate) async fn poll_until_gone(
    invocation: &Invocation,
    info: &Info,
    timeout: Option<Duration>,
) -> Result {
    let client = invocation.client()?;
    let end = timeout.map(|timeout| invocation.context.now() + timeout);
    loop {
        match client.value(info.get_call("")?).await {
            Err(error) if error.is_not_found() => return Ok(()),
            Err(error) => return Err(error),
            Ok(_) => {}
        }
        if end.is_some_and(|end| invocation.context.now() >= end) {
            return Err(error!("timed out waiting for the condition"));
        }
        invocation.context.sleep(POLL_INTERVAL).await;
    }
}
