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

/// Refuses parameters of a watch that contradict each other, or that a server of this version does
/// not know how to deal with unless it is told to.
pub(crate) fn check_watch(options: &Options) -> Result<(), Status> {
    let mut errors = ErrorList::new();
    if !options.resource_version_match.is_empty() && options.send_initial_events.is_none() {
        let why =
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
        errors.forbidden(&Path::new("resourceVersionMatch"), why);
    }
    if options.send_initial_events.is_some() {
        let why =
            "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled";
        errors.forbidden(&Path::new("sendInitialEvents"), why);
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
fn revision(options: &Options) -> Result<Option<u64>, ErrorList> {
    let text = &*options.resource_version;
    if matches!(text, "" | "0") {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        let mut errors = ErrorList::new();
        errors.invalid(&Path::new("resourceVersion"), text, not_a_number(text));
        errors
    })
}

/// What Go says of a text that is no number, or of too large a one.
pub(crate) fn not_a_number(text: &str) -> String {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let why = if is_number { "value out of range" } else { "invalid syntax" };
    format!("strconv.ParseUint: parsing {}: {why}", api::go::quote(text))
}

/// The revision of a `get`. One that cannot be read is a failure of the cache, which nobody
/// translates.
pub(crate) fn revision_of_get(options: &Options) -> Result<Option<u64>, Status> {
    revision(options).map_err(|errors| Status::new(Reason::Unknown, errors.aggregate()))
}

/// The revision of a `list`. Only pages are read from the storage itself, which complains better.
pub(crate) fn revision_of_list(options: &Options) -> Result<Option<u64>, Status> {
    revision(options).map_err(|errors| match options.limit {
        0 => Status::new(Reason::Unknown, errors.aggregate()),
        _ => Status::bad_request(format!("invalid resource version: {}", errors.aggregate())),
    })
}

/// The revision of a `watch`.
pub(crate) fn revision_of_watch(
    options: &Options,
    resource: QualifiedResource<'_>,
) -> Result<Option<u64>, Status> {
    revision(options)
        .map_err(|errors| Status::invalid(resource.group, resource.resource, "", &errors))
}

/// The revision whose very state a list without a token is to show; `None` if the present one does.
pub(crate) fn exact_revision(options: &Options, asked: Option<u64>) -> Option<u64> {
    let is_exact = match &*options.resource_version_match {
        // Who asks for a page of some revision has always got that revision.
        "" => options.limit > 0,
        matching => matching == "Exact",
    };
    asked.filter(|_| is_exact)
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
