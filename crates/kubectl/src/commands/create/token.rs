//! `kubectl create token`

use super::sources::texts;
use crate::client::{Call, resource_path};
use crate::command::{Command, run};
use crate::commands::common::one_name;
use crate::errors::{Error, Result, bail};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{self, Order};
use crate::resource::guessed_mapping;
use api::{Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "token",
    short: "Request a service account token",
    long: include_str!("../../../help/create-token.txt"),
    usage: "token SERVICE_ACCOUNT_NAME",
    flags: &[
        shared::PRINT,
        &[
            Flag::string_slice(
                "audience",
                "",
                "Audience of the requested token. If unset, defaults to requesting a token for \
            use with the Kubernetes API server. May be repeated to request a token valid for \
            multiple audiences.",
            ),
            Flag::string(
                "bound-object-kind",
                "",
                "Kind of an object to bind the token to. Supported kinds are Pod, Secret. If \
            set, --bound-object-name must be provided.",
            ),
            Flag::string(
                "bound-object-name",
                "",
                "Name of an object to bind the token to. The token will expire when the object \
            is deleted. Requires --bound-object-kind.",
            ),
            Flag::string(
                "bound-object-uid",
                "",
                "UID of an object to bind the token to. Requires --bound-object-kind and \
            --bound-object-name. If unset, the UID of the existing object is used.",
            ),
            Flag::duration(
                "duration",
                "0s",
                "Requested lifetime of the issued token. If not set, the lifetime will be \
            determined by the server automatically. The server may return a token with a \
            longer or shorter lifetime.",
            ),
        ],
    ],
    run: run!(create),
    ..Command::EMPTY
};

async fn create(invocation: Rc<Invocation>) -> Result {
    let name = one_name(&invocation)?;
    let printer = print::printer(&invocation)?;
    let bound = bound_object(&invocation)?;
    let flags = &invocation.flags;
    let duration = flags.int("duration");
    if duration < 0 {
        bail!("--duration must be positive");
    }
    const SECOND: i64 = 1_000_000_000;
    if duration % SECOND != 0 {
        bail!("--duration cannot be expressed in units less than seconds");
    }
    let audiences = flags.strings("audience");
    let request = object! {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "metadata": object! { "creationTimestamp": Value::Null },
        "spec": object! {
            "audiences": if audiences.is_empty() { Value::Null } else { texts(audiences) },
            "expirationSeconds": match duration / SECOND {
                0 => Value::Null,
                seconds => Value::Int(seconds),
            },
            "boundObjectRef": bound,
        },
        "status": object! { "token": "", "expirationTimestamp": Value::Null },
    };
    let mapping = guessed_mapping("", "v1", "ServiceAccount");
    let path = resource_path(&mapping, &invocation.namespace()?, &name, "token");
    let answer = invocation.client()?.value(Call::post(path, request)).await;
    let answer = answer.map_err(|error| match error {
        Error::Status(mut status) if status.reason == api::Reason::NotFound => {
            status.message = format!("failed to create token: {}", status.message);
            Error::Other(status.message.clone())
        }
        other => other.wrapped("failed to create token: "),
    });
    let answer = match answer {
        Ok(answer) => answer,
        Err(Error::Status(status)) => bail!("{}", status.message),
        Err(other) => return Err(other),
    };
    match printer {
        Some(mut printer) => printer.print(&invocation.context, &answer, Order::Typed),
        None => {
            let token = answer["status"]["token"].as_str().unwrap_or_default();
            if token.is_empty() {
                bail!("failed to create token: no token in server response");
            }
            invocation.context.put(token);
            if invocation.context.is_terminal(1) {
                invocation.context.put("\n");
            }
            Ok(())
        }
    }
}

fn bound_object(invocation: &Invocation) -> Result<Value> {
    let flags = &invocation.flags;
    let (kind, name) = (flags.string("bound-object-kind"), flags.string("bound-object-name"));
    let uid = flags.string("bound-object-uid");
    if kind.is_empty() {
        if !name.is_empty() {
            bail!("--bound-object-name can only be set if --bound-object-kind is provided");
        }
        if !uid.is_empty() {
            bail!("--bound-object-uid can only be set if --bound-object-kind is provided");
        }
        return Ok(Value::Null);
    }
    if !matches!(kind, "Pod" | "Secret") {
        bail!("supported --bound-object-kind values are Pod, Secret");
    }
    if name.is_empty() {
        bail!("--bound-object-name is required if --bound-object-kind is provided");
    }
    let mut bound =
        object! { "apiVersion": "v1", "kind": kind.to_owned(), "name": name.to_owned() };
    if !uid.is_empty() {
        bound.make_map().insert("uid", uid.to_owned());
    }
    Ok(bound)
}
