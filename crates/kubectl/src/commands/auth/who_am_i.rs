//! `kubectl auth whoami`

use crate::client::Call;
use crate::command::{Command, run};
use crate::errors::{Result, bail};
use crate::flags::shared;
use crate::invocation::Invocation;
use crate::print::{self, Order, TabWriter};
use api::{Value, object};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "whoami",
    short: "Experimental: Check self subject attributes",
    long: include_str!("../../../help/auth-whoami.txt"),
    usage: "whoami",
    flags: &[shared::PRINT],
    run: run!(who_am_i),
    ..Command::EMPTY
};

async fn who_am_i(invocation: Rc<Invocation>) -> Result {
    if !invocation.arguments.is_empty() {
        let words = invocation.arguments.join(" ");
        bail!("unknown command \"{words}\" for \"kubectl auth whoami\"");
    }
    let printer = print::printer(&invocation)?;
    let question = object! {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "SelfSubjectReview",
        "metadata": object! { "creationTimestamp": Value::Null },
        "status": object! { "userInfo": Value::EMPTY_MAP },
    };
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let answer = invocation.client()?.value(Call::post(path, question)).await?;
    if let Some(mut printer) = printer {
        return printer.print(&invocation.context, &answer, Order::Typed);
    }
    invocation.context.put(table(&answer["status"]["userInfo"]));
    Ok(())
}

fn table(user: &Value) -> String {
    let texts = |value: &Value| {
        let texts: Vec<&str> = value.items().iter().filter_map(Value::as_str).collect();
        format!("[{}]", texts.join(" "))
    };
    let mut writer = TabWriter::for_tables();
    writer.row(["ATTRIBUTE", "VALUE"]);
    for (title, field) in [("Username", "username"), ("UID", "uid")] {
        if let Some(text) = user[field].as_str().filter(|text| !text.is_empty()) {
            writer.row([title, text]);
        }
    }
    if !user["groups"].items().is_empty() {
        writer.row(["Groups", &texts(&user["groups"])]);
    }
    if let Some(extra) = user["extra"].as_map() {
        for (key, values) in extra.iter() {
            writer.row([format!("Extra: {}", key.as_str()), texts(values)]);
        }
    }
    writer.flush()
}
