//! What each command of the client protocol does (client protocol, sections 5, 11 and 12).

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use bytes::Bytes;
use chat_core::{
    Chat, ChatError, Connection, Epoch, Event, Offset, Presence, Range, Recovery, RoomId, Since, Subscribed,
    UserId,
};
use chat_proto::{
    Disconnect, ErrorBody, ErrorCode, HistoryRequest, HistoryResult, PresenceResult, PresenceStatsResult,
    Publication, PublishRequest, RawValue, Reply, ReplyBody, RpcRequest, RpcResult, SubRefreshRequest,
    SubRefreshResult, SubscribeRequest, SubscribeResult, limits, subscribe_flag,
};
use futures_util::future::{BoxFuture, FutureExt};

use crate::error::{chat_error_body, error_body};
use crate::format::client_info;

/// What a command comes to.
pub(crate) enum Started {
    /// Its reply, at once.
    Reply(Bytes),
    /// Nothing more: the reply is on its way.
    Done,
    /// The reply comes; other commands may go on meanwhile.
    Beside(BoxFuture<'static, Bytes>),
    /// The reply comes, or has been written; the next command waits for it.
    InTurn(BoxFuture<'static, Option<Bytes>>),
    /// The connection is to be closed.
    Close(Disconnect),
}

/// A connection and what its commands work with.
#[derive(Clone)]
pub(crate) struct Caller {
    pub chat: Arc<Chat>,
    pub connection: Arc<Connection>,
}

/// A reply as a frame.
pub(crate) fn frame(id: u32, body: ReplyBody) -> Bytes {
    Reply { id, body }.encode().into()
}

fn error(id: u32, error: impl Into<ErrorBody>) -> Bytes {
    frame(id, ReplyBody::Error(error.into()))
}

/// A channel that exists for this caller.
enum Named {
    Room(RoomId),
    Own,
}

impl Caller {
    /// Finds the channel that a command names.
    fn channel(&self, name: &str) -> Result<Named, ErrorCode> {
        if name.len() > limits::CHANNEL_BYTES {
            return Err(ErrorCode::BadRequest);
        }
        match name.split_once(':') {
            Some(("room", room)) => room.parse().map(Named::Room).map_err(|_| ErrorCode::UnknownChannel),
            Some(("user", user)) => match user.parse::<UserId>() {
                Ok(user) if user == self.connection.user().id => Ok(Named::Own),
                Ok(_) => Err(ErrorCode::PermissionDenied),
                Err(_) => Err(ErrorCode::UnknownChannel),
            },
            _ => Err(ErrorCode::UnknownChannel),
        }
    }

    pub fn subscribe(&self, id: u32, request: SubscribeRequest) -> Started {
        let room = match self.channel(&request.channel) {
            Ok(Named::Room(room)) => room,
            // The server subscribed it at connect.
            Ok(Named::Own) => return Started::Reply(error(id, ErrorCode::AlreadySubscribed)),
            Err(code) => return Started::Reply(error(id, code)),
        };
        // Offered, not demanded: the reply does not say `delta`, so it is not used.
        if !request.delta.is_empty() && request.delta != "fossil" {
            return Started::Close(Disconnect::BadRequest);
        }
        if request.tf.is_some() {
            return Started::Reply(error(id, ErrorCode::BadRequest));
        }
        if request.kind != 0 {
            return Started::Reply(error(id, ErrorCode::NotAvailable));
        }
        let Some(since) = since(&request) else {
            return Started::Reply(error(id, ErrorCode::BadRequest));
        };
        let caller = self.clone();
        Started::InTurn(async move { caller.subscribed(id, &room, &request, since).await }.boxed())
    }

    /// Subscribes; the reply is written by the hub, in its place before everything that follows it.
    async fn subscribed(
        self,
        id: u32,
        room: &RoomId,
        request: &SubscribeRequest,
        since: Option<Since>,
    ) -> Option<Bytes> {
        let Caller { chat, connection } = self;
        let must_recover = request.flag & subscribe_flag::REJECT_UNRECOVERED != 0;
        let asked = since.as_ref().map_or(Offset::START, |since| since.offset);
        let reply = |subscribed: &Subscribed| {
            if must_recover && subscribed.recovery == Recovery::Impossible {
                return Err(ChatError::UnknownPosition);
            }
            Ok(frame(id, ReplyBody::Subscribe(subscribe_result(subscribed, asked))))
        };
        let result = chat.subscribe(&connection, room, since, request.join_leave, reply).await;
        result.err().map(|refusal| error(id, chat_error_body(refusal)))
    }

    /// The reply comes behind all that the subscription was given.
    pub fn unsubscribe(&self, id: u32, channel: &str) -> Started {
        match self.channel(channel) {
            Ok(Named::Room(room)) => self.chat.hub().unsubscribe(&self.connection, &room),
            // The own channel is the server's to end; what is not subscribed is unsubscribed.
            Ok(Named::Own) => return Started::Reply(error(id, ErrorCode::PermissionDenied)),
            Err(_) => {}
        }
        self.connection.tell(frame(id, ReplyBody::Unsubscribe));
        Started::Done
    }

    pub fn publish(&self, id: u32, request: &PublishRequest) -> Started {
        let room = match self.channel(&request.channel) {
            Ok(Named::Room(room)) => room,
            Ok(Named::Own) => return Started::Reply(error(id, ErrorCode::PermissionDenied)),
            Err(code) => return Started::Reply(error(id, code)),
        };
        let data = request.data.as_deref().map_or("", RawValue::get);
        let sent = match chat_json::send(&self.chat, self.connection.user(), &room, data) {
            Ok(sent) => sent,
            Err(refusal) => return Started::Reply(error(id, error_body(&refusal))),
        };
        let reply = async move {
            match sent.await {
                Ok(_) => frame(id, ReplyBody::Publish),
                Err(refusal) => error(id, chat_error_body(refusal)),
            }
        };
        Started::Beside(reply.boxed())
    }

    pub fn rpc(&self, id: u32, request: &RpcRequest) -> Started {
        let data = request.data.as_deref().map_or("", RawValue::get);
        let called = chat_json::call(&self.chat, self.connection.user(), &request.method, data);
        let reply = async move {
            match called.await {
                Ok(json) => frame(id, ReplyBody::Rpc(RpcResult { data: RawValue::from_string(json).ok() })),
                Err(refusal) => error(id, error_body(&refusal)),
            }
        };
        // A send has its place already; previews wait for pages of others.
        if matches!(request.method.as_str(), "message.send" | "preview.list") {
            return Started::Beside(reply.boxed());
        }
        Started::InTurn(reply.map(Some).boxed())
    }

    pub fn presence(&self, id: u32, channel: &str) -> Started {
        self.of_presence(id, channel, |here| {
            let clients: BTreeMap<_, _> =
                here.iter().map(|presence| (presence.client.clone(), client_info(presence))).collect();
            ReplyBody::Presence(PresenceResult { presence: clients })
        })
    }

    pub fn presence_stats(&self, id: u32, channel: &str) -> Started {
        self.of_presence(id, channel, |here| {
            let users: HashSet<UserId> = here.iter().map(|presence| presence.user.id).collect();
            let count = |number| u32::try_from(number).unwrap_or(u32::MAX);
            let (num_clients, num_users) = (count(here.len()), count(users.len()));
            ReplyBody::PresenceStats(PresenceStatsResult { num_clients, num_users })
        })
    }

    fn of_presence(&self, id: u32, channel: &str, body: fn(&[Presence]) -> ReplyBody) -> Started {
        let named = match self.channel(channel) {
            Ok(named) => named,
            Err(code) => return Started::Reply(error(id, code)),
        };
        let Caller { chat, connection } = self.clone();
        let reply = async move {
            let present = match named {
                Named::Room(room) => chat.presence(connection.user(), &room).await,
                Named::Own => Ok(chat.own_presence(connection.user()).await),
            };
            match present {
                Ok(present) => frame(id, body(&present)),
                Err(refusal) => error(id, chat_error_body(refusal)),
            }
        };
        Started::InTurn(reply.map(Some).boxed())
    }

    /// Subscriptions need no token and do not end, so there is nothing to renew.
    pub fn sub_refresh(&self, id: u32, request: &SubRefreshRequest) -> Started {
        let subscribed = match self.channel(&request.channel) {
            Ok(Named::Room(room)) => self.chat.hub().is_subscribed(&self.connection, &room),
            Ok(Named::Own) | Err(_) => false,
        };
        let code = match (subscribed, request.token.is_empty()) {
            (false, _) => ErrorCode::PermissionDenied,
            (true, true) => ErrorCode::BadRequest,
            (true, false) => {
                return Started::Reply(frame(id, ReplyBody::SubRefresh(SubRefreshResult::default())));
            }
        };
        Started::Reply(error(id, code))
    }

    pub fn history(&self, id: u32, request: HistoryRequest) -> Started {
        let room = match self.channel(&request.channel) {
            Ok(Named::Room(room)) => room,
            Ok(Named::Own) => return Started::Reply(error(id, ErrorCode::NotAvailable)),
            Err(code) => return Started::Reply(error(id, code)),
        };
        let caller = self.clone();
        let reply = async move {
            match caller.read(&room, &request).await {
                Ok(result) => frame(id, ReplyBody::History(result)),
                Err(refusal) => error(id, refusal),
            }
        };
        Started::InTurn(reply.map(Some).boxed())
    }

    async fn read(&self, room: &RoomId, request: &HistoryRequest) -> Result<HistoryResult, ErrorBody> {
        let since = match &request.since {
            Some(since) => Some(Offset::new(since.offset).map_err(|_| ErrorCode::BadRequest)?),
            None => None,
        };
        let range = match (since, request.reverse) {
            (None, false) => Range::After(Offset::START),
            (None, true) => Range::Latest,
            (Some(offset), false) => Range::After(offset),
            (Some(Offset::START), true) => return Err(ErrorCode::BadRequest.into()),
            (Some(offset), true) => Range::Before(offset),
        };
        // Below zero: as many as there may be.
        let most = self.chat.limits().recovery_events;
        let limit = usize::try_from(request.limit).unwrap_or(most).min(most);
        let log = self.chat.log(self.connection.user(), room, range, limit).await.map_err(chat_error_body)?;
        let position = log.access.room.position();
        let asked = request.since.as_ref().map_or("", |since| since.epoch.as_str());
        if !asked.is_empty() && asked != position.epoch.as_str() {
            return Err(ErrorCode::UnrecoverablePosition.into());
        }
        let mut publications: Vec<Publication> = log.events.iter().filter_map(publication).collect();
        if request.reverse {
            publications.reverse();
        }
        let (offset, epoch) = (position.offset.get(), position.epoch.as_str().to_owned());
        Ok(HistoryResult { publications, offset, epoch })
    }
}

/// Where the client says it stands; the outer none for an offset that cannot be.
fn since(request: &SubscribeRequest) -> Option<Option<Since>> {
    if !request.recover {
        return Some(None);
    }
    // Far in the future is a position like any other: one that is not in this log.
    let offset = Offset::new(request.offset).ok()?;
    let epoch = (!request.epoch.is_empty()).then(|| Epoch::from(request.epoch.as_str()));
    Some(Some(Since { offset, epoch }))
}

fn subscribe_result(subscribed: &Subscribed, asked: Offset) -> SubscribeResult {
    let position = &subscribed.position;
    let result = SubscribeResult {
        recoverable: true,
        positioned: true,
        epoch: position.epoch.as_str().to_owned(),
        offset: position.offset.get(),
        ..SubscribeResult::default()
    };
    match &subscribed.recovery {
        Recovery::NotAsked => result,
        Recovery::Impossible => SubscribeResult { was_recovering: true, ..result },
        // The offset that was asked for: the client walks on from it through the publications.
        Recovery::Recovered(events) => SubscribeResult {
            was_recovering: true,
            recovered: true,
            offset: asked.get(),
            publications: events.iter().filter_map(publication).collect(),
            ..result
        },
    }
}

/// An event of the log as a publication.
fn publication(event: &Arc<Event>) -> Option<Publication> {
    let data = RawValue::from_string(chat_json::event(event)).ok()?;
    Some(Publication::new(data, event.offset.get()))
}

/// For a connection that could not be taken in.
pub(crate) fn unavailable(id: u32) -> Bytes {
    error(id, chat_error_body(ChatError::Unavailable))
}

/// For a token that has ended: the client gets another and comes back.
pub(crate) fn token_expired(id: u32) -> Bytes {
    error(id, ErrorCode::TokenExpired)
}
