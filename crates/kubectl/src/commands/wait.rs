//! `kubectl wait`

use crate::client::{Call, Events, resource_path};
use crate::command::{Command, run};
use crate::errors::{Error, Result, bail, error, quote};
use crate::flags::{Flag, shared};
use crate::invocation::Invocation;
use crate::print::{DryRun, Order, Reporter};
use crate::resource::{Builder, Info};
use api::{QualifiedResource, Status, Value, jsonpath};
use shell::{Either, race};
use sim::{Duration, Time};
use std::rc::Rc;

pub static COMMAND: Command = Command {
    name: "wait",
    short: "Experimental: Wait for a specific condition on one or many resources",
    long: include_str!("../../help/wait.txt"),
    usage: "wait ([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | \
            --all)]) [--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]",
    flags: &[
        shared::PRINT,
        &[
            shared::ALL_OF_TYPES,
            shared::ALL_NAMESPACES,
            shared::FIELD_SELECTOR,
            shared::FILENAME_IDENTIFYING,
            shared::LOCAL,
            shared::RECURSIVE_BY_DEFAULT,
            Flag::string(
                "for",
                "",
                "The condition to wait on: \
                [delete|condition=condition-name[=condition-value]|jsonpath='{JSONPath \
                expression}'=[JSONPath value]]. The default condition-value is true.  Condition \
                values are compared after Unicode simple case folding, which is a more general \
                form of case-insensitivity.",
            ),
            Flag::string(
                "selector",
                "",
                "Selector (label query) to filter on, supports '=', '==', and '!='.(e.g. -l \
                key1=value1,key2=value2)",
            )
            .short('l'),
            Flag::duration(
                "timeout",
                "30s",
                "The length of time to wait before giving up.  Zero means check once and don't \
                wait, negative means wait for a week.",
            ),
        ],
    ],
    run: run!(wait),
    ..Command::EMPTY
};

const WEEK: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What is waited for.
enum Goal {
    /// That the object is gone.
    Deleted,
    /// That a condition of the status has a value.
    Condition { name: String, value: String },
    /// That a path leads to something, or to this value.
    Path { path: jsonpath::Template, value: Option<String> },
}

async fn wait(invocation: Rc<Invocation>) -> Result {
    let flags = &invocation.flags;
    let mut reporter = Reporter::new(&invocation, "condition met", DryRun::None)?;
    let goal = Goal::parse(flags.string("for"))?;
    let mut visitor = Builder::new(&invocation)
        .selectors(flags)
        .all(flags.bool("all"))
        .arguments(&invocation.arguments)
        .local(flags.bool("local"))
        .latest()
        .flatten()
        .build()
        .await?;
    let timeout = match flags.int("timeout") {
        negative if negative < 0 => WEEK,
        nanos => Duration::from_nanos(nanos.unsigned_abs()),
    };
    // All objects share the time.
    let deadline = invocation.context.now() + timeout;
    let is_for_delete = matches!(goal, Goal::Deleted);
    let (mut count, mut errors) = (0, Vec::new());
    while let Some(next) = visitor.next().await {
        let result = match next {
            Err(error) if is_for_delete && error.is_not_found() => continue,
            Err(error) => Err(error),
            Ok(info) => {
                count += 1;
                let waiting = Waiting { invocation: &invocation, info: &info, goal: &goal };
                waiting.run(timeout, deadline).await
            }
        };
        match result {
            Ok(object) => reporter.report_in(&invocation, &object, Order::ByName)?,
            Err(error) => errors.push(error),
        }
    }
    Error::collect(errors)?;
    if count == 0 && !is_for_delete {
        bail!("no matching resources found");
    }
    Ok(())
}

impl Goal {
    fn parse(text: &str) -> Result<Goal> {
        if text.eq_ignore_ascii_case("delete") {
            return Ok(Goal::Deleted);
        }
        if let Some(condition) = text.strip_prefix("condition=") {
            let (name, value) = condition.split_once('=').unwrap_or((condition, "true"));
            return Ok(Goal::Condition { name: name.to_owned(), value: value.to_owned() });
        }
        if let Some(expression) = text.strip_prefix("jsonpath=") {
            return Goal::parse_path(expression);
        }
        Err(error!("unrecognized condition: {}", quote(text)))
    }

    fn parse_path(expression: &str) -> Result<Goal> {
        let parts = split_at_equals(expression);
        let (path, value) = match parts.as_slice() {
            [path] => (path, None),
            [path, value] => (path, Some(value.trim_matches(['\'', '"']))),
            _ => bail!(
                "jsonpath wait format must be --for=jsonpath='{{.status.readyReplicas}}'=3 or \
                 --for=jsonpath='{{.status.readyReplicas}}'"
            ),
        };
        let path = jsonpath::relaxed(path).map_err(|why| error!("{why}"))?;
        if value == Some("") {
            bail!(
                "jsonpath wait has to have a value after equal sign, like \
                 --for=jsonpath='{{.status.readyReplicas}}'=3"
            );
        }
        if path.is_empty() {
            bail!("jsonpath expression cannot be empty");
        }
        let path = jsonpath::Template::parse(&path).map_err(|why| error!("{}", why.problem))?;
        Ok(Goal::Path { path, value: value.map(str::to_owned) })
    }

    /// Whether an object that is there is as it should be.
    fn is_met(&self, object: &Value) -> Result<bool> {
        match self {
            Goal::Deleted => Ok(false),
            Goal::Condition { name, value } => Ok(has_condition(object, name, value)),
            Goal::Path { path, value } => leads_to(path, value.as_deref(), object),
        }
    }
}

/// Splits at single equals signs; a double one is a comparison within the path.
fn split_at_equals(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '=' && letters.next_if_eq(&'=').is_none() {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push_str(if letter == '=' { "==" } else { "" });
            last.extend((letter != '=').then_some(letter));
        }
    }
    parts
}

/// A condition that speaks of an older generation does not count.
fn has_condition(object: &Value, name: &str, value: &str) -> bool {
    let is_named = |condition: &&Value| {
        let is_text = condition["status"].as_str().is_some();
        is_text && condition["type"].as_str().is_some_and(|ty| ty.eq_ignore_ascii_case(name))
    };
    let Some(condition) = object["status"]["conditions"].items().iter().find(is_named) else {
        return false;
    };
    let observed = condition["observedGeneration"]
        .as_i64()
        .or_else(|| object["status"]["observedGeneration"].as_i64());
    if let (Some(generation), Some(observed)) =
        (object["metadata"]["generation"].as_i64(), observed)
        && observed < generation
    {
        return false;
    }
    condition["status"].as_str().is_some_and(|status| status.eq_ignore_ascii_case(value))
}

fn leads_to(path: &jsonpath::Template, wanted: Option<&str>, object: &Value) -> Result<bool> {
    let found = path.find(object).map_err(|why| error!("{}", why.problem))?;
    let first = match found.as_slice() {
        [] => return Ok(false),
        [one] => one,
        _ => bail!("given jsonpath expression matches more than one list"),
    };
    let value = match first.as_slice() {
        [] => return Ok(false),
        [one] => *one,
        _ => bail!("given jsonpath expression matches more than one value"),
    };
    let Some(wanted) = wanted else { return Ok(true) };
    if matches!(value, Value::Map(_) | Value::List(_)) {
        bail!("jsonpath leads to a nested object or list which is not supported");
    }
    Ok(api::go::plain(value).trim() == wanted.trim())
}

/// One object that is waited for.
struct Waiting<'a> {
    invocation: &'a Invocation,
    info: &'a Info,
    goal: &'a Goal,
}

impl Waiting<'_> {
    /// Completes with the object when it is as it should be.
    async fn run(&self, timeout: Duration, deadline: Time) -> Result<Value> {
        if self.info.name.is_empty() {
            bail!("resource name must be provided");
        }
        if timeout.is_zero() {
            return self.check_once().await;
        }
        let context = &self.invocation.context;
        let left = deadline.since(context.now());
        if deadline <= context.now() {
            return Err(self.timed_out());
        }
        match race(self.watch(), context.sleep(left)).await {
            Either::First(result) => result,
            Either::Second(()) => Err(self.timed_out()),
        }
    }

    fn timed_out(&self) -> Error {
        error!("timed out waiting for the condition on {}", self.info.resource_and_name())
    }

    async fn check_once(&self) -> Result<Value> {
        let object = match self.invocation.client()?.value(self.info.get_call("")?).await {
            Err(error) if error.is_not_found() && matches!(self.goal, Goal::Deleted) => {
                return Ok(self.info.object.clone());
            }
            other => other?,
        };
        if !self.goal.is_met(&object)? {
            bail!("condition not met for {}", self.info.resource_and_name());
        }
        Ok(object)
    }

    async fn watch(&self) -> Result<Value> {
        let info = self.info;
        let client = self.invocation.client()?;
        let path = resource_path(&info.mapping, &info.namespace, "", "");
        let selector = format!("metadata.name={}", info.name);
        let list = Call::get(path.clone()).query("fieldSelector", selector.clone());
        let list = client.value(list).await?;
        let Some(object) = list["items"].items().first() else { return self.is_absent() };
        let object = with_type(info, object);
        if matches!(self.goal, Goal::Deleted) {
            // Another object of the same name does not count.
            let uid = |object: &Value| object["metadata"]["uid"].clone();
            if !info.object.is_null() && uid(&info.object) != uid(&object) {
                return Ok(object);
            }
        } else if self.goal.is_met(&object)? {
            return Ok(object);
        }
        let version = list["metadata"]["resourceVersion"].as_str().unwrap_or("0").to_owned();
        let call =
            Call::get(path).query("fieldSelector", selector).query("resourceVersion", version);
        self.follow(client.watch(call).await?).await
    }

    /// There is no such object any more.
    fn is_absent(&self) -> Result<Value> {
        if matches!(self.goal, Goal::Deleted) {
            return Ok(self.info.object.clone());
        }
        let mapping = &self.info.mapping;
        let resource = QualifiedResource { group: &mapping.group, resource: &mapping.resource };
        Err(Status::not_found(resource, &self.info.name).into())
    }

    async fn follow(&self, mut events: Events) -> Result<Value> {
        loop {
            // What has been printed is seen while we wait.
            let _ = self.invocation.context.flush().await;
            let Some(event) = events.next().await else {
                return Err(self.timed_out());
            };
            match event.ty.as_str() {
                "DELETED" if matches!(self.goal, Goal::Deleted) => return Ok(event.object),
                "ADDED" | "MODIFIED" if self.goal.is_met(&event.object)? => {
                    return Ok(event.object);
                }
                "ERROR" => {
                    let status = Status::from_value(500, &event.object);
                    self.invocation.context.complain(format!(
                        "error: An error occurred while waiting for the condition to be \
                         satisfied: {}",
                        status.message
                    ));
                }
                _ => {}
            }
        }
    }
}

/// Items of lists come without their type.
fn with_type(info: &Info, object: &Value) -> Value {
    let mut object = object.clone();
    object.set_default(&"kind".into(), info.mapping.kind.clone());
    object.set_default(&"apiVersion".into(), info.mapping.api_version());
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_double_equals_sign_belongs_to_the_path() {
        let check = |text: &str, parts: &[&str]| assert_eq!(split_at_equals(text), parts, "{text}");
        check("{.a}", &["{.a}"]);
        check("{.a}=3", &["{.a}", "3"]);
        check("{.a}=", &["{.a}", ""]);
        check(
            "{.c[?(@.type==\"Ready\")].status}=True",
            &["{.c[?(@.type==\"Ready\")].status}", "True"],
        );
        check("{.a}=b=c", &["{.a}", "b", "c"]);
    }
}
