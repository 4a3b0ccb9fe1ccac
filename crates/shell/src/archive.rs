//! Tar archives (POSIX ustar), as far as copying files needs them: what `tar` and `kubectl cp` read
//! and write.

/// Archives consist of blocks of this size.
const BLOCK: usize = 512;
/// Permissions of what is sent, if nothing else is known.
const FILE_MODE: u32 = 0o644;
const DIRECTORY_MODE: u32 = 0o755;

/// Something in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The path, without a slash in front.
    pub name: String,
    /// What it is.
    pub content: Content,
}

/// What it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A directory.
    Directory,
    /// A file, and its bytes.
    File(Vec<u8>),
    /// A symbolic link, and where it leads.
    Link(String),
}

/// Writes an archive.
pub fn write(entries: &[Entry]) -> Vec<u8> {
    let mut archive = Vec::new();
    for entry in entries {
        let (kind, mode, bytes, target) = match &entry.content {
            Content::Directory => (b'5', DIRECTORY_MODE, &[][..], ""),
            Content::File(bytes) => (b'0', FILE_MODE, bytes.as_slice(), ""),
            Content::Link(target) => (b'2', FILE_MODE, &[][..], target.as_str()),
        };
        archive.extend_from_slice(&header(&entry.name, kind, mode, bytes.len(), target));
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
    archive.resize(archive.len() + 2 * BLOCK, 0);
    archive
}

fn header(name: &str, kind: u8, mode: u32, size: usize, target: &str) -> [u8; BLOCK] {
    let mut block = [0u8; BLOCK];
    let mut put = |at: usize, text: &[u8], width: usize| {
        for (slot, byte) in block.iter_mut().skip(at).zip(text.iter().take(width)) {
            *slot = *byte;
        }
    };
    // A long path is cut in two at a slash.
    let (prefix, name) = match name.len() > 100 {
        true => name.match_indices('/').find(|(at, _)| name.len() - at <= 100).map_or(
            ("", name),
            |(at, _)| {
                let (prefix, rest) = name.split_at(at);
                (prefix, rest.trim_start_matches('/'))
            },
        ),
        false => ("", name),
    };
    put(0, name.as_bytes(), 100);
    put(100, format!("{mode:07o}").as_bytes(), 8);
    put(108, b"0000000", 8);
    put(116, b"0000000", 8);
    put(124, format!("{size:011o}").as_bytes(), 12);
    put(136, b"00000000000", 12);
    put(148, b"        ", 8);
    put(156, &[kind], 1);
    put(157, target.as_bytes(), 100);
    put(257, b"ustar\x0000", 8);
    put(345, prefix.as_bytes(), 155);
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    for (slot, byte) in block.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
        *slot = byte;
    }
    block
}

/// Reads an archive; what makes no sense ends it.
pub fn read(archive: &[u8]) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut rest = archive;
    while let Some((block, after)) = rest.split_at_checked(BLOCK) {
        let text = |at: usize, width: usize| {
            let field = block.get(at..at + width).unwrap_or_default();
            let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
            String::from_utf8_lossy(field.get(..end).unwrap_or_default()).into_owned()
        };
        let (name, prefix) = (text(0, 100), text(345, 155));
        let Ok(size) = usize::from_str_radix(text(124, 12).trim(), 8) else { break };
        if name.is_empty() {
            break;
        }
        let Some(bytes) = after.get(..size) else { break };
        let content = match block.get(156) {
            Some(b'5') => Content::Directory,
            Some(b'2') => Content::Link(text(157, 100)),
            _ => Content::File(bytes.to_vec()),
        };
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        entries.push(Entry { name: name.trim_end_matches('/').to_owned(), content });
        rest = after.get(size.next_multiple_of(BLOCK)..).unwrap_or_default();
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        let entry = |name: &str, content| Entry { name: name.to_owned(), content };
        let long = format!("{}/{}", "d".repeat(80), "f".repeat(60));
        let entries = vec![
            entry("tmp", Content::Directory),
            entry("tmp/a", Content::File(b"hello".to_vec())),
            entry("tmp/empty", Content::File(Vec::new())),
            entry("tmp/link", Content::Link("a".to_owned())),
            entry(&long, Content::File(vec![1; 1000])),
        ];
        let archive = write(&entries);
        assert_eq!(archive.len() % BLOCK, 0);
        assert_eq!(read(&archive), entries);
        assert!(read(b"garbage").is_empty());
    }
}
