//! What other nodes tell this one, and what it wishes to hear.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use async_nats::{Message, Subscriber};
use chat_core::{Backplane, Channel, Chat, Comparison, Presence, Signal};
use futures_util::stream::{SelectAll, StreamExt, TakeUntil};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::NatsBackplane;
use crate::asks::Answer;
use crate::note::Note;

/// How many connections one note tells of.
const PRESENT: usize = 1000;

/// What is heard on a subject, until the other end of the channel is dropped.
type Heard = TakeUntil<Subscriber, oneshot::Receiver<()>>;

/// The subjects that this node hears.
struct Ears {
    heard: SelectAll<Heard>,
    channels: HashMap<Channel, oneshot::Sender<()>>,
    /// Those that are heard for ever.
    _always: Vec<oneshot::Sender<()>>,
}

impl NatsBackplane {
    /// Hears the other nodes, for ever.
    pub(crate) async fn hear(
        self: Arc<Self>,
        nodes: Subscriber,
        chat: Arc<Chat>,
        comparison: Arc<Comparison>,
    ) {
        let mut ears = Ears { heard: SelectAll::new(), channels: HashMap::new(), _always: Vec::new() };
        ears._always.push(listen(&mut ears.heard, nodes));
        match self.client.subscribe(self.subjects.node(&self.id)).await {
            Ok(own) => ears._always.push(listen(&mut ears.heard, own)),
            Err(error) => log::error!("NATS: nobody can answer this node: {error}"),
        }
        loop {
            tokio::select! {
                Some(message) = ears.heard.next() => self.take(&message, &chat, &comparison),
                () = self.changed.notified() => self.follow(&mut ears, &chat, &comparison).await,
            }
        }
    }

    /// Hears of the rooms and users that have connections here, and of no others.
    async fn follow(self: &Arc<Self>, ears: &mut Ears, chat: &Chat, comparison: &Arc<Comparison>) {
        let mut new_rooms = Vec::new();
        for channel in self.take_changed() {
            let count = match &channel {
                Channel::Room(room) => usize::from(chat.hub().serves(room)),
                Channel::User(user) => chat.hub().connections_of(*user),
            };
            let is_new = count > 0 && !ears.channels.contains_key(&channel);
            if is_new {
                match self.client.subscribe(self.subjects.channel(&channel)).await {
                    Ok(subscriber) => {
                        ears.channels.insert(channel.clone(), listen(&mut ears.heard, subscriber));
                    }
                    Err(error) => log::error!("NATS: {error}"),
                }
            } else if count == 0 {
                ears.channels.remove(&channel);
            }
            match channel {
                Channel::Room(room) if is_new => new_rooms.push(room),
                Channel::Room(_) => {}
                Channel::User(user) => {
                    if count == 0 {
                        self.nodes().forget_user(user);
                    }
                    let node = Cow::Borrowed(self.id.as_str());
                    let note = Note::Connections { node, user, count, ask: true };
                    self.queue_note(self.subjects.user(user), &note);
                }
            }
        }
        self.has_followed();
        if !new_rooms.is_empty() {
            // What was committed before NATS knew of our wish was not told.
            let (backplane, comparison) = (self.clone(), comparison.clone());
            tokio::spawn(async move {
                backplane.settle().await;
                comparison.ask(new_rooms);
            });
        }
    }

    fn take(self: &Arc<Self>, message: &Message, chat: &Arc<Chat>, comparison: &Comparison) {
        let hub = chat.hub();
        let Some(note) = Note::decode(&message.payload) else {
            // It may be an event that only a later version knows.
            return comparison.ask(self.subjects.room_of(&message.subject));
        };
        match note {
            Note::Event(event) => self.local.publish(&[Arc::new(event.into_owned())]),
            Note::Behind(room) => self.local.behind(&[room.into_owned()]),
            Note::Notice(room, notice, who) => hub.notice(&room, notice, &who),
            Note::RoomSignal(room, signal) => hub.signal_room(&room, &signal),
            // Who serves the room hears of it there.
            Note::Member(event) if hub.serves(&event.room) => {}
            Note::Member(event) => self.local.publish(&[Arc::new(event.into_owned())]),
            Note::Presence(presence) => hub.presence_changed(&presence),
            Note::SessionEnded(user, session) => hub.end_session(user, &session),
            Note::ReadMarked(user, mark) => hub.signal(user, &Signal::ReadMarked(mark.into_owned())),
            Note::Own(user, change) => hub.signal(user, &Signal::Own(change.into_owned())),
            Note::Connections { node, user, count, ask } => {
                self.nodes().set_connections(user, &node, count);
                let here = hub.connections_of(user);
                if ask && here > 0 {
                    let node = Cow::Borrowed(self.id.as_str());
                    let note = Note::Connections { node, user, count: here, ask: false };
                    self.queue_note(self.subjects.user(user), &note);
                }
            }
            Note::Alive { node, key, ask } => {
                if key != self.settings.key {
                    log::error!("node {node} has another token key than this one: stop one of the two");
                }
                self.nodes().hear(&node, Instant::now());
                if ask {
                    self.queue_note(self.subjects.nodes(), &self.alive(false));
                }
            }
            Note::Leaving { node } => self.nodes().forget(&node),
            Note::Compare => comparison.ask_all(),
            Note::Sent(sent) => {
                for (user, messages) in sent.iter() {
                    chat.count_elsewhere(*user, *messages);
                }
            }
            Note::Who { node, ask, channel } => {
                let present = hub.presence(&channel);
                tokio::spawn(self.clone().answer(node.into_owned(), ask, present));
            }
            Note::Present { node, ask, present, more } => {
                let (node, present) = (node.into_owned(), present.into_owned());
                self.asks.answer(ask, Answer { node, present, more });
            }
        }
    }

    async fn answer(self: Arc<Self>, to: String, ask: u64, mut present: Vec<Presence>) {
        loop {
            let rest = present.split_off(present.len().min(PRESENT));
            let more = !rest.is_empty();
            let node = Cow::Borrowed(self.id.as_str());
            let note = Note::Present { node, ask, present: Cow::Owned(present), more };
            self.send(self.subjects.node(&to), &note).await;
            if !more {
                return;
            }
            present = rest;
        }
    }
}

fn listen(heard: &mut SelectAll<Heard>, subscriber: Subscriber) -> oneshot::Sender<()> {
    let (until, dropped) = oneshot::channel();
    heard.push(subscriber.take_until(dropped));
    until
}
