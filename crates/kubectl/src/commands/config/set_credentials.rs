//! `kubectl config set-credentials`

use super::{put, put_file, unexpected_arguments};
use crate::command::{Command, run};
use crate::errors::{Result, bail, quote};
use crate::flags::Flag;
use crate::invocation::Invocation;
use crate::kubeconfig::{Origin, Stanza};
use api::Value;
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "set-credentials",
    short: "Set a user entry in kubeconfig",
    long: include_str!("../../../help/config-set-credentials.txt"),
    usage: "set-credentials NAME [--client-certificate=path/to/certfile] \
            [--client-key=path/to/keyfile] [--token=bearer_token] [--username=basic_user] \
            [--password=basic_password]",
    flags: &[&[
        Flag::string(
            "client-certificate",
            "",
            "Path to client-certificate file for the user entry in kubeconfig",
        ),
        Flag::string("client-key", "", "Path to client-key file for the user entry in kubeconfig"),
        Flag::bool(
            "embed-certs",
            "false",
            "Embed client cert/key for the user entry in kubeconfig",
        ),
        Flag::string("password", "", "password for the user entry in kubeconfig"),
        Flag::string("token", "", "token for the user entry in kubeconfig"),
        Flag::string("username", "", "username for the user entry in kubeconfig"),
    ]],
    run: run!(set_credentials),
    ..Command::EMPTY
};

async fn set_credentials(invocation: Rc<Invocation>) -> Result {
    let [name] = invocation.arguments.as_slice() else {
        return Err(unexpected_arguments(&invocation));
    };
    let flags = &invocation.flags;
    let has = |flag| !flags.string(flag).is_empty();
    if has("token") && (has("username") || has("password")) {
        bail!(
            "you cannot specify more than one authentication method at the same time: --token, \
             --username/--password"
        );
    }
    if flags.bool("embed-certs") && !has("client-certificate") && !has("client-key") {
        bail!("you must specify a --client-certificate or --client-key to embed");
    }
    let files = invocation.kubeconfig()?;
    let mut user = files.merged().users.get(name).cloned().unwrap_or(Value::EMPTY_MAP);
    put_file(&invocation, &mut user, "client-certificate", "client-certificate-data")?;
    put_file(&invocation, &mut user, "client-key", "client-key-data")?;
    for field in ["token", "username", "password"] {
        if flags.is_changed(field) {
            put(&mut user, field, flags.string(field));
        }
    }
    // The one way to say who one is takes the place of the other.
    if has("token") {
        put(&mut user, "username", "");
        put(&mut user, "password", "");
    } else if has("username") || has("password") {
        put(&mut user, "token", "");
    }
    let origin = Origin::Item(Stanza::User, name.clone());
    files.modify(&invocation.context, &origin, |config| {
        config.users.insert(name.clone(), user);
    })?;
    invocation.print(format!("User {} set.", quote(name)));
    Ok(())
}
