//! What this node tells the others, in the order in which it happened.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use chat_core::{Event, EventBody, RoomId, UserId};
use tokio::sync::{mpsc, oneshot};

use crate::NatsBackplane;
use crate::note::Note;

/// How much of a message is not its payload, at the most: the subject and the words around it.
const AROUND: usize = 1024;

/// One thing that waits to be told.
pub(crate) enum Outgoing {
    /// An event, which is encoded only now, so that no commit waits for it.
    Event(Arc<Event>),
    /// A note to a subject.
    Note(String, Bytes),
    /// That this node goes.
    Leave(oneshot::Sender<()>),
}

impl NatsBackplane {
    pub(crate) fn queue_event(&self, event: &Arc<Event>) {
        if self.queue.try_send(Outgoing::Event(event.clone())).is_err() {
            self.missed.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) fn queue_behind(&self, room: &RoomId) {
        let note = Note::Behind(Cow::Borrowed(room)).encode();
        if self.queue.try_send(Outgoing::Note(self.subjects.room(room), note)).is_err() {
            self.missed.store(true, Ordering::Relaxed);
        }
    }

    pub(crate) async fn send_queued(self: Arc<Self>, mut queued: mpsc::Receiver<Outgoing>) {
        while let Some(next) = queued.recv().await {
            match next {
                Outgoing::Event(event) => self.send_event(&event).await,
                Outgoing::Note(subject, payload) => self.send_bytes(subject, payload).await,
                Outgoing::Leave(done) => {
                    self.send(self.subjects.nodes(), &Note::Leaving { node: Cow::Borrowed(&self.id) }).await;
                    if let Err(error) = self.client.flush().await {
                        log::debug!("NATS: {error}");
                    }
                    let _ = done.send(());
                }
            }
            if queued.is_empty() && self.missed.swap(false, Ordering::Relaxed) {
                self.send(self.subjects.nodes(), &Note::Compare).await;
            }
        }
    }

    async fn send_event(&self, event: &Event) {
        let room = self.subjects.room(&event.room);
        let payload = Note::Event(Cow::Borrowed(event)).encode();
        if payload.len() + AROUND > self.client.max_payload() {
            return self.send(room, &Note::Behind(Cow::Borrowed(&event.room))).await;
        }
        self.send_bytes(room, payload).await;
        if let Some(user) = about(event) {
            self.send(self.subjects.user(user), &Note::Member(Cow::Borrowed(event))).await;
        }
    }
}

/// The user who is told of an event on their own channel.
fn about(event: &Event) -> Option<UserId> {
    match &event.body {
        EventBody::MemberJoined(member) | EventBody::MemberLeft(member) => Some(member.user.id),
        EventBody::MessageCreated(_)
        | EventBody::MessageEdited(_)
        | EventBody::MessageDeleted(_)
        | EventBody::ReactionAdded(_)
        | EventBody::ReactionRemoved(_)
        | EventBody::MessagePinned(_)
        | EventBody::MessageUnpinned(_)
        | EventBody::MemberChanged(_)
        | EventBody::MemberBanned(_)
        | EventBody::MemberUnbanned(_)
        | EventBody::RoomChanged(_)
        | EventBody::RoomDeleted => None,
    }
}
