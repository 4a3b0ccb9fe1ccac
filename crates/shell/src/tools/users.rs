//! Names of users and groups, from `/etc/passwd` and `/etc/group`.

use crate::context::Context;

fn lines(context: &Context, path: &str) -> Vec<Vec<String>> {
    let bytes = context.read_file(path).unwrap_or_default();
    let text = crate::text::decode(&bytes);
    text.lines().map(|line| line.split(':').map(str::to_owned).collect()).collect()
}

fn field(entry: &[String], number: usize) -> &str {
    entry.get(number).map_or("", String::as_str)
}

fn user(context: &Context, matches: impl Fn(&[String]) -> bool) -> Option<Vec<String>> {
    lines(context, "/etc/passwd").into_iter().find(|entry| matches(entry))
}

/// A user's name.
pub(crate) fn name(context: &Context, uid: u32) -> Option<String> {
    let uid = uid.to_string();
    user(context, |entry| field(entry, 2) == uid).map(|entry| field(&entry, 0).to_owned())
}

/// A group's name.
pub(crate) fn group_name(context: &Context, gid: u32) -> Option<String> {
    let gid = gid.to_string();
    let entry = lines(context, "/etc/group").into_iter().find(|entry| field(entry, 2) == gid)?;
    Some(field(&entry, 0).to_owned())
}

/// A user's home directory.
pub(crate) fn home(context: &Context, uid: u32) -> Option<String> {
    let uid = uid.to_string();
    user(context, |entry| field(entry, 2) == uid).map(|entry| field(&entry, 5).to_owned())
}

/// The home directory of the user of this name.
pub(crate) fn home_of(context: &Context, name: &str) -> Option<String> {
    user(context, |entry| field(entry, 0) == name).map(|entry| field(&entry, 5).to_owned())
}

/// The ids of the user of this name.
pub(crate) fn ids_of(context: &Context, name: &str) -> Option<(u32, u32)> {
    let entry = user(context, |entry| field(entry, 0) == name)?;
    Some((field(&entry, 2).parse().ok()?, field(&entry, 3).parse().ok()?))
}

/// The id of the group of this name.
pub(crate) fn gid_of(context: &Context, name: &str) -> Option<u32> {
    let entry = lines(context, "/etc/group").into_iter().find(|entry| field(entry, 0) == name)?;
    field(&entry, 2).parse().ok()
}
