//! Which port here means which port there.

use crate::errors::{Result, bail, error, quote};
use api::Value;

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) text: String,
    /// Whether it does not matter if another one works.
    pub(super) is_optional: bool,
}

/// A port here and the port there; 0 here means any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ports {
    pub(super) local: u16,
    pub(super) remote: u16,
}

/// Both ports of `8080:80`, or the same twice.
fn split(text: &str) -> (&str, &str) {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        [local, remote] => (local, remote),
        [first, ..] => (first, first),
        [] => ("", ""),
    }
}

fn joined(local: &str, remote: &str) -> String {
    if local == remote { remote.to_owned() } else { format!("{local}:{remote}") }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A port of UDP alone cannot be forwarded.
fn refuse_udp<'a>(
    wanted: &[String],
    ports: impl Iterator<Item = &'a Value> + Clone,
    field: &str,
) -> Result {
    for words in wanted {
        let (_, remote) = split(words);
        let is_it = |port: &&Value| {
            *text(&port["name"]) == *remote
                || port[field].as_i64().is_some_and(|number| number.to_string() == remote)
        };
        let mut found = ports.clone().filter(is_it).peekable();
        if found.peek().is_some() && found.all(|port| port["protocol"] == "UDP") {
            bail!("UDP protocol is not supported for {remote}");
        }
    }
    Ok(())
}

fn container_ports(pod: &Value) -> impl Iterator<Item = &Value> + Clone {
    pod["spec"]["containers"].items().iter().flat_map(|container| container["ports"].items())
}

/// The number of a container's port by its name.
fn named_port(pod: &Value, name: &str) -> Result<String> {
    let found = container_ports(pod).find(|port| port["name"] == name);
    found.and_then(|port| port["containerPort"].as_i64()).map(|port| port.to_string()).ok_or_else(
        || error!("Pod '{}' does not have a named port '{name}'", text(&pod["metadata"]["name"])),
    )
}

/// Ports of a Pod: names become numbers.
pub(super) fn of_pod(wanted: &[String], pod: &Value) -> Result<Vec<String>> {
    refuse_udp(wanted, container_ports(pod), "containerPort")?;
    let number = |words: &String| {
        let (local, remote) = split(words);
        if remote.parse::<i64>().is_ok() {
            return Ok(words.clone());
        }
        let number = named_port(pod, remote)?;
        Ok(if local == remote { number } else { joined(local, &number) })
    };
    wanted.iter().map(number).collect()
}

/// Ports of a Service: they become ports of the Pod.
pub(super) fn of_service(wanted: &[String], service: &Value, pod: &Value) -> Result<Vec<String>> {
    refuse_udp(wanted, service["spec"]["ports"].items().iter(), "port")?;
    let translate = |words: &String| {
        let (local, remote) = split(words);
        let (mut local, mut number) = (local.to_owned(), remote.parse::<i64>().ok());
        if number.is_none() {
            let found = number_of_name(service, remote)?;
            if local == remote {
                local = found.to_string();
            }
            number = Some(found);
        }
        let target = target_port(service, pod, number.unwrap_or(0))?;
        Ok(joined(&local, &target))
    };
    wanted.iter().map(translate).collect()
}

fn number_of_name(service: &Value, name: &str) -> Result<i64> {
    let ports = service["spec"]["ports"].items();
    let found = ports.iter().find(|port| port["name"] == name);
    found.and_then(|port| port["port"].as_i64()).ok_or_else(|| {
        error!(
            "Service '{}' does not have a named port '{name}'",
            text(&service["metadata"]["name"])
        )
    })
}

fn target_port(service: &Value, pod: &Value, number: i64) -> Result<String> {
    let ports = service["spec"]["ports"].items();
    let Some(port) = ports.iter().find(|port| port["port"].as_i64() == Some(number)) else {
        let name = text(&service["metadata"]["name"]);
        bail!("Service {name} does not have a service port {number}");
    };
    if service["spec"]["clusterIP"] == "None" {
        return Ok(number.to_string());
    }
    match &port["targetPort"] {
        Value::Int(0) | Value::Null => Ok(number.to_string()),
        Value::Int(target) => Ok(target.to_string()),
        name => named_port(pod, text(name)),
    }
}

/// Reads what is left after names and Services have been looked up.
pub(super) fn parse(wanted: &[String]) -> Result<Vec<Ports>> {
    let mut ports = Vec::new();
    for words in wanted {
        let parts: Vec<&str> = words.split(':').collect();
        let (local, remote) = match parts.as_slice() {
            [both] => (*both, *both),
            ["", remote] => ("0", *remote),
            [local, remote] => (*local, *remote),
            _ => bail!("invalid port format '{words}'"),
        };
        let local =
            number(local).map_err(|why| error!("error parsing local port '{local}': {why}"))?;
        let remote =
            number(remote).map_err(|why| error!("error parsing remote port '{remote}': {why}"))?;
        if remote == 0 {
            bail!("remote port must be > 0");
        }
        ports.push(Ports { local, remote });
    }
    Ok(ports)
}

/// Go's `strconv.ParseUint` for 16 bits.
fn number(text: &str) -> std::result::Result<u16, String> {
    let problem = |what: &str| format!("strconv.ParseUint: parsing {}: {what}", quote(text));
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(problem("invalid syntax"));
    }
    text.parse().map_err(|_| problem("value out of range"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use api::{list, object};

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn names_and_services_lead_to_numbers() {
        let pod = object! {
            "metadata": object! { "name": "p" },
            "spec": object! { "containers": list![object! { "ports": list![
                object! { "name": "http", "containerPort": 8080 },
                object! { "name": "dns", "containerPort": 53, "protocol": "UDP" },
            ] }] },
        };
        let service = object! {
            "metadata": object! { "name": "s" },
            "spec": object! { "ports": list![
                object! { "name": "web", "port": 80, "targetPort": "http" },
                object! { "name": "other", "port": 81, "targetPort": 9 },
            ] },
        };
        assert_eq!(of_pod(&words("http 5:http 80 :7"), &pod), Ok(words("8080 5:8080 80 :7")));
        assert!(of_pod(&words("dns"), &pod).is_err());
        assert_eq!(
            of_service(&words("web 9:80 81:other :81"), &service, &pod),
            Ok(words("80:8080 9:8080 81:9 :9"))
        );
        assert!(of_service(&words("82"), &service, &pod).is_err());
    }

    #[test]
    fn ports_are_pairs_of_numbers() {
        assert_eq!(parse(&words(":80")), Ok(vec![Ports { local: 0, remote: 80 }]));
        let check = |text: &str, why: &str| {
            assert_eq!(parse(&words(text)).expect_err(text).to_string(), why);
        };
        check("1:2:3", "invalid port format '1:2:3'");
        check("0", "remote port must be > 0");
        check(
            "x:1",
            "error parsing local port 'x': strconv.ParseUint: parsing \"x\": invalid syntax",
        );
    }
}
