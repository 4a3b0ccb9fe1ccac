//! What the parameters of a list or watch may be together, and what revision they mean.

use crate::request::Options;
use api::field::{ErrorList, Path};
use api::status::{Details, StatusCause};
use api::{QualifiedResource, Reason, Status};

const MATCHES: &[&str] = &["Exact", "NotOlderThan", ""];

/// Refuses parameters of a list that contradict each other.
pub(crate) fn check_list(options: &Options) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    let (revision, matching) = (&*options.resource_version, &*options.resource_version_match);
    let at = Path::new("resourceVersionMatch");
    if !matching.is_empty() {
        if revision.is_empty() {
            let why = "resourceVersionMatch is forbidden unless resourceVersion is provided";
            errors.forbidden(&at, why);
        }
        if !options.continue_token.is_empty() {
            errors.forbidden(&at, "resourceVersionMatch is forbidden when continue is provided");
        }
        if !MATCHES.contains(&matching) {
            errors.not_supported(&at, matching, MATCHES);
        }
        if matching == "Exact" && revision == "0" {
            let why = "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"";
            errors.forbidden(&at, why);
        }
    }
    if options.send_initial_events.is_some() {
        let why = "sendInitialEvents is forbidden for list";
        errors.forbidden(&Path::new("sendInitialEvents"), why);
    }
    refuse(&errors)?;
    if !options.continue_token.is_empty() && !matches!(revision, "" | "0") {
        let why = "specifying resource version is not allowed when using continue";
        return Err(Status::bad_request(why));
    }
    Ok(())
}

/// Refuses parameters of a watch that contradict each other.
pub(crate) fn check_watch(options: &Options) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    if !options.resource_version_match.is_empty() && options.send_initial_events.is_none() {
        let why =
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
        errors.forbidden(&Path::new("resourceVersionMatch"), why);
    }
    refuse(&errors)
}

fn refuse(errors: &ErrorList) -> Result<(), Status> {
    if errors.is_empty() {
        return Ok(());
    }
    Err(Status::invalid("meta.k8s.io", "ListOptions", "", errors))
}

/// The revision that is asked for, if it is a certain one.
pub(crate) fn revision(
    options: &Options,
    resource: QualifiedResource<'_>,
) -> Result<Option<u64>, Status> {
    let text = &*options.resource_version;
    if matches!(text, "" | "0") {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let mut errors = ErrorList::new();
        let quoted = api::go::quote(text);
        let why = format!("strconv.ParseUint: parsing {quoted}: invalid syntax");
        errors.invalid(&Path::new("resourceVersion"), text, why);
        Status::invalid(resource.group, resource.resource, "", &errors)
    })
}

/// Refuses a revision that is yet to come.
pub(crate) fn check_revision(asked: Option<u64>, current: u64) -> Result<(), Status> {
    let Some(asked) = asked.filter(|asked| *asked > current) else {
        return Ok(());
    };
    let message = format!("Too large resource version: {asked}, current: {current}");
    let mut status = Status::new(Reason::Timeout, format!("Timeout: {message}"));
    let cause = StatusCause {
        reason: "ResourceVersionTooLarge".to_owned(),
        message: "Too large resource version".to_owned(),
        field: String::new(),
    };
    status.details = Some(Box::new(Details {
        causes: vec![cause],
        retry_after_seconds: 1,
        ..Details::default()
    }));
    Err(status)
}
