use super::super::{FileSystem, User, normalise};
use super::*;
use sim::Sim;

fn machine() -> (FileSystem, Namespace, Caller) {
    let sim = Sim::new(0, Time::from_seconds(1_000));
    let files = FileSystem::new(&sim);
    files.write_file("/etc/passwd", b"root", 0o644).unwrap();
    files.create_directories("/tmp").unwrap();
    let files = FileSystem::of_image(&sim, &files.image());
    (files.clone(), Namespace::new(files), Caller::root())
}

#[test]
fn an_image_is_shared_until_it_is_changed() {
    let (files, _, _) = machine();
    let sim = Sim::new(0, Time::EPOCH);
    let other = FileSystem::of_image(&sim, &files.image());
    files.write_file("/etc/passwd", b"changed", 0o644).unwrap();
    assert_eq!(**other.read_file("/etc/passwd").unwrap(), *b"root");
    assert_eq!(**files.read_file("/etc/passwd").unwrap(), *b"changed");
    assert_eq!(other.usage().0, 0);
    assert_eq!(files.usage().0, 7);
}

#[test]
fn links_dots_and_slashes() {
    let (_, tree, root) = machine();
    tree.create_link(&root, "../etc", "/tmp/link").unwrap();
    tree.create_link(&root, "loop", "/tmp/loop").unwrap();
    let check = |path: &str, expected: Result<&str, Errno>| {
        let found = tree.canonical(&root, path).map(|(path, _)| path);
        assert_eq!(found, expected.map(str::to_owned), "{path}");
    };
    check("/tmp/link/passwd", Ok("/etc/passwd"));
    check("tmp//./link/../tmp", Ok("/tmp"));
    check("/../../etc/", Ok("/etc"));
    check("/tmp/new", Ok("/tmp/new"));
    check("/tmp/new/file", Err(Errno::ENOENT));
    check("/etc/passwd/file", Err(Errno::ENOTDIR));
    check("/etc/passwd/", Err(Errno::ENOTDIR));
    check("/tmp/loop", Err(Errno::ELOOP));
    check("", Err(Errno::ENOENT));
    assert_eq!(normalise("/a/../b//./c/"), "/b/c");
}

#[test]
fn a_mount_covers_what_was_there_and_can_be_replaced() {
    let (_, mut tree, root) = machine();
    let sim = Sim::new(0, Time::EPOCH);
    let volume = FileSystem::new(&sim);
    volume.write_file("/key", b"one", 0o644).unwrap();
    tree.mount("/etc/config", &volume, "/", true, "volume").unwrap();
    tree.mount("/etc/passwd", &volume, "/key", false, "volume").unwrap();
    assert_eq!(**tree.read_file(&root, "/etc/config/key").unwrap(), *b"one");
    assert_eq!(**tree.read_file(&root, "/etc/passwd").unwrap(), *b"one");
    assert_eq!(tree.write_file(&root, "/etc/config/x", b""), Err(Errno::EROFS));
    assert_eq!(tree.remove_file(&root, "/etc/passwd"), Err(Errno::EBUSY));
    assert_eq!(tree.names(&root, "/etc/config/..").unwrap().len(), 2);
    let next = FileSystem::new(&sim);
    next.write_file("/key", b"two", 0o644).unwrap();
    volume.replace(&next.image());
    assert_eq!(**tree.read_file(&root, "/etc/config/key").unwrap(), *b"two");
}

#[test]
fn limits_and_permissions() {
    let (files, tree, root) = machine();
    files.set_limit_bytes(10);
    assert_eq!(tree.write_file(&root, "/a", &[0; 11]), Err(Errno::ENOSPC));
    assert_eq!(tree.write_file(&root, "/a", &[0; 10]), Ok(()));
    tree.remove_file(&root, "/a").unwrap();
    assert_eq!(files.usage().0, 0);
    let user = Caller { user: User { uid: 1, gid: 1 }, ..root.clone() };
    assert_eq!(tree.write_file(&user, "/b", b""), Err(Errno::EACCES));
    assert_eq!(tree.remove_file(&user, "/etc/passwd"), Err(Errno::EACCES));
    tree.set_mode(&root, "/tmp", 0o1777).unwrap();
    assert_eq!(tree.write_file(&user, "/tmp/b", b""), Ok(()));
    assert_eq!(tree.set_mode(&user, "/etc/passwd", 0), Err(Errno::EPERM));
}

#[test]
fn an_open_file_outlives_its_name() {
    use crate::stream::Stream as _;
    let (files, tree, root) = machine();
    tree.write_file(&root, "/tmp/f", b"abc").unwrap();
    let Ok(Opened::File(file)) = tree.open(&root, "/tmp/f", OpenOptions::READ) else {
        panic!("a regular file");
    };
    tree.remove_file(&root, "/tmp/f").unwrap();
    assert_eq!(file.read(10).as_deref(), Ok(&b"abc"[..]));
    assert_eq!(files.usage().0, 3);
    drop(file);
    assert_eq!(files.usage().0, 0);
}

#[test]
fn renaming() {
    let (_, tree, root) = machine();
    tree.create_directories(&root, "/a/b", 0o755).unwrap();
    assert_eq!(tree.rename(&root, "/a", "/a/b/c"), Err(Errno::EINVAL));
    assert_eq!(tree.rename(&root, "/etc", "/a"), Err(Errno::ENOTEMPTY));
    assert_eq!(tree.rename(&root, "/a", "/etc/passwd"), Err(Errno::ENOTDIR));
    assert_eq!(tree.rename(&root, "/etc/passwd", "/a/b/p"), Ok(()));
    assert_eq!(tree.rename(&root, "/a/b", "/c"), Ok(()));
    assert_eq!(**tree.read_file(&root, "/c/p").unwrap(), *b"root");
}
