//! Short strings that were seen a moment ago.

use crate::{Key, Text};
use std::rc::Rc;

/// Field names and short strings repeat all over a list of objects. Remembering the last of each
/// hash saves the search in the table of names, and lets equal strings share their memory.
pub(crate) struct Shared {
    keys: Box<[Option<Key>; SLOTS]>,
    texts: Box<[Option<Rc<str>>; SLOTS]>,
}

const SLOTS: usize = 256;
/// Longer strings seldom repeat.
const LONGEST: usize = 40;

impl Shared {
    pub(crate) fn new() -> Shared {
        Shared { keys: Box::new([const { None }; SLOTS]), texts: Box::new([const { None }; SLOTS]) }
    }

    /// The key called `name`.
    pub(crate) fn key(&mut self, name: &str) -> Key {
        let slot = &mut self.keys[slot(name)];
        match slot {
            Some(key) if key.as_str() == name => key.clone(),
            _ => slot.insert(Key::from(name)).clone(),
        }
    }

    /// A string value.
    pub(crate) fn text(&mut self, text: &str) -> Text {
        if text.is_empty() {
            return Text::EMPTY;
        }
        if text.len() > LONGEST {
            return Text::Shared(text.into());
        }
        let slot = &mut self.texts[slot(text)];
        match slot {
            Some(known) if **known == *text => Text::Shared(known.clone()),
            _ => Text::Shared(slot.insert(text.into()).clone()),
        }
    }
}

/// A cheap hash: collisions only cost a little time.
fn slot(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return 0;
    };
    let middle = usize::from(bytes[bytes.len() / 2]);
    let near_end = usize::from(bytes[bytes.len() - bytes.len().min(3)]);
    let mixed = usize::from(*first)
        .wrapping_mul(7)
        .wrapping_add(middle.wrapping_mul(31))
        .wrapping_add(near_end.wrapping_mul(61))
        .wrapping_add(usize::from(*last).wrapping_mul(131))
        .wrapping_add(bytes.len().wrapping_mul(17));
    mixed % SLOTS
}
