//! Waiting for more traffic without a runtime: who waits leaves a waker and takes it away again.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::Post;

/// Those who wait, by number.
#[derive(Debug, Default)]
pub(super) struct Wakers {
    waiting: Vec<(u64, Waker)>,
    last: u64,
}

impl Wakers {
    /// Puts a waker in place of the one with this number; gives the number.
    pub(super) fn place(&mut self, number: Option<u64>, waker: &Waker) -> u64 {
        let number = number.unwrap_or(self.last + 1);
        self.last = self.last.max(number);
        match self.waiting.iter_mut().find(|(other, _)| *other == number) {
            Some((_, old)) => old.clone_from(waker),
            None => self.waiting.push((number, waker.clone())),
        }
        number
    }

    pub(super) fn remove(&mut self, number: u64) {
        self.waiting.retain(|(other, _)| *other != number);
    }

    /// Those to wake; they are to be woken when nothing is locked any more.
    pub(super) fn take(&mut self) -> Vec<(u64, Waker)> {
        std::mem::take(&mut self.waiting)
    }
}

/// Ends when a post has traffic after a number; see [`Post::more`].
#[derive(Debug)]
pub struct More {
    post: Arc<Post>,
    after: u64,
    number: Option<u64>,
}

impl More {
    pub(super) const fn new(post: Arc<Post>, after: u64) -> More {
        More { post, after, number: None }
    }
}

impl Future for More {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let (after, number) = (self.after, self.number);
        self.number = self.post.wait(after, number, context.waker());
        if self.number.is_none() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for More {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.post.no_longer_waits(number);
        }
    }
}
