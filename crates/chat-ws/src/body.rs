//! The response that carries a connection, with an end that is ours to choose.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use bytes::Bytes;

/// How the response is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Ending {
    #[default]
    NotYet,
    /// As any response does.
    Orderly,
    /// By an error, which drops the connection with whatever waits in it.
    Abort,
}

/// The writing half's hand on the response.
#[derive(Clone, Default)]
pub(crate) struct Response(Arc<Mutex<(Ending, Option<Waker>)>>);

impl Response {
    /// The first ending stays.
    pub fn set(&self, ending: Ending) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0 == Ending::NotYet {
            state.0 = ending;
        }
        if let Some(waker) = state.1.take() {
            waker.wake();
        }
    }
}

/// Lets the response end in an orderly way, unless something else was said before.
pub(crate) struct EndOnDrop(pub Response);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.set(Ending::Orderly);
    }
}

/// The response: what actix-ws writes, and an end that is ours to choose.
pub(crate) struct Body {
    pub inner: BoxBody,
    pub end: Response,
}

#[derive(Debug, thiserror::Error)]
#[error("the peer takes nothing")]
struct Aborted;

impl MessageBody for Body {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        {
            let mut state = this.end.0.lock().unwrap_or_else(PoisonError::into_inner);
            if state.0 == Ending::Abort {
                return Poll::Ready(Some(Err(Box::new(Aborted))));
            }
            state.1 = Some(cx.waker().clone());
        }
        let next = std::task::ready!(Pin::new(&mut this.inner).poll_next(cx));
        let ending = this.end.0.lock().unwrap_or_else(PoisonError::into_inner).0;
        if next.is_none() && ending == Ending::NotYet { Poll::Pending } else { Poll::Ready(next) }
    }
}
