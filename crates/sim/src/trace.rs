//! What happened and why, for everything that leaves no object behind.
//!
//! Store writes carry their own cause. The trace adds what the store cannot show: image pulls,
//! back-offs, requests on the network, commands in a terminal. `why?`, the timeline and the
//! animation read both.

use crate::Time;
use std::collections::VecDeque;
use std::rc::Rc;

/// What made something happen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cause {
    /// The cluster was set up so.
    #[default]
    Setup,
    /// A person did it: the index of the session's input.
    Input(u32),
    /// A write to the store did: its revision.
    Write(u64),
    /// Something in the trace did, a timer that ran out among them.
    Span(SpanId),
}

/// Names one span for as long as the trace lives, even after the span was forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SpanId(u64);

/// A stretch of time in which one part of the cluster was doing or waiting for something.
#[derive(Clone, Debug)]
pub struct Span {
    /// When it began.
    pub start: Time,
    /// When it ended; `None` while it lasts.
    pub end: Option<Time>,
    /// What kind of thing it is: `pull`, `backoff`, `request`.
    pub name: &'static str,
    /// Whom it is about, in the words of whoever began it: `pod/default/web`.
    pub subject: Rc<str>,
    /// Particulars, such as an image or an outcome.
    pub detail: Rc<str>,
    /// What led to it.
    pub cause: Cause,
}

/// The spans of a simulation, oldest first, within a bound.
#[derive(Debug)]
pub struct Trace {
    spans: VecDeque<Span>,
    first: u64,
    capacity: usize,
}

impl Trace {
    /// A trace that remembers the last `capacity` spans.
    pub fn new(capacity: usize) -> Trace {
        Trace { spans: VecDeque::new(), first: 0, capacity: capacity.max(1) }
    }

    /// Records a span that begins at `span.start`.
    pub fn begin(&mut self, span: Span) -> SpanId {
        if self.spans.len() == self.capacity {
            self.spans.pop_front();
            self.first += 1;
        }
        self.spans.push_back(span);
        SpanId(self.first + self.spans.len() as u64 - 1)
    }

    /// Ends a span; nothing happens if it was forgotten.
    pub fn end(&mut self, id: SpanId, at: Time) {
        if let Some(index) = id.0.checked_sub(self.first)
            && let Some(span) = self.spans.get_mut(index as usize)
        {
            span.end = Some(at);
        }
    }

    /// The span `id`, unless it was forgotten.
    pub fn get(&self, id: SpanId) -> Option<&Span> {
        self.spans.get(usize::try_from(id.0.checked_sub(self.first)?).ok()?)
    }

    /// All spans that are remembered, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (SpanId, &Span)> {
        self.spans.iter().enumerate().map(|(i, span)| (SpanId(self.first + i as u64), span))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(seconds: u64) -> Span {
        Span {
            start: Time::from_seconds(seconds),
            end: None,
            name: "pull",
            subject: "pod/default/web".into(),
            detail: "nginx".into(),
            cause: Cause::Setup,
        }
    }

    #[test]
    fn the_oldest_spans_are_forgotten_first() {
        let mut trace = Trace::new(2);
        let ids: Vec<_> = (0..3).map(|i| trace.begin(span(i))).collect();
        assert!(trace.get(ids[0]).is_none());
        trace.end(ids[0], Time::from_seconds(9));
        trace.end(ids[2], Time::from_seconds(9));
        let ends: Vec<_> = trace.iter().map(|(id, span)| (id, span.end)).collect();
        assert_eq!(ends, [(ids[1], None), (ids[2], Some(Time::from_seconds(9)))]);
    }
}
