//! The store that the chat sees.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use chat_core::{
    Access, Backplane, ChatError, Command, Limits, Log, Member, Message, Offset, Outcome, Range, RoomFilter,
    RoomId, RoomStore, UserId,
};
use chat_db::{Connection, Db};
use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::oneshot;

use crate::error::HistoryError;
use crate::{purge, read, write};

/// Rooms, their members, their logs and messages in a database.
pub struct History {
    db: Db,
    limits: Arc<Limits>,
    backplane: Arc<dyn Backplane>,
    health: Arc<Health>,
}

impl History {
    /// The store in this database, whose events go to `backplane` after their commit. What deleted rooms left
    /// behind is purged from now on.
    #[must_use]
    pub fn new(db: Db, limits: Limits, backplane: Arc<dyn Backplane>) -> History {
        purge::resume(&db);
        History { db, limits: Arc::new(limits), backplane, health: Arc::default() }
    }

    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, HistoryError> + Send + 'static,
    ) -> Result<T, ChatError> {
        let result = self.db.read(job).await;
        self.health.judge(result)
    }
}

/// Whether the database answered last time: an outage is logged at its beginning and its end, not for every
/// call in between.
#[derive(Default)]
struct Health {
    away: AtomicBool,
}

impl Health {
    fn judge<T>(&self, result: Result<T, HistoryError>) -> Result<T, ChatError> {
        match result {
            Err(HistoryError::Db(error)) => {
                if !self.away.swap(true, Ordering::Relaxed) {
                    log::error!("the database is unavailable: {error}");
                }
                Err(ChatError::Unavailable)
            }
            Err(error @ HistoryError::Damaged { .. }) => {
                log::error!("{error}");
                Err(ChatError::Unavailable)
            }
            Err(HistoryError::Refused(error)) => Err(error),
            Ok(value) => {
                if self.away.swap(false, Ordering::Relaxed) {
                    log::info!("the database is available again");
                }
                Ok(value)
            }
        }
    }
}

#[async_trait]
impl RoomStore for History {
    fn submit(&self, command: Command) -> BoxFuture<'static, Result<Outcome, ChatError>> {
        let (answer, answered) = oneshot::channel();
        let (limits, backplane, health) = (self.limits.clone(), self.backplane.clone(), self.health.clone());
        let db = self.db.clone();
        self.db.submit(
            move |connection| write::execute(connection, &command, &limits),
            move |result| match health.judge(result) {
                Ok(kept) => {
                    // Whoever asked may have gone; the command is done all the same.
                    let _ = answer.send(Ok(kept.outcome));
                    backplane.publish(&kept.events);
                    if let Some(room) = kept.deleted {
                        purge::start(&db, room);
                    }
                }
                Err(error) => {
                    let _ = answer.send(Err(error));
                }
            },
        );
        async move { answered.await.unwrap_or(Err(ChatError::Unavailable)) }.boxed()
    }

    async fn room(&self, room: &RoomId, viewer: UserId) -> Result<Option<Access>, ChatError> {
        let room = room.clone();
        self.read(
            move |connection| Ok(read::room(connection, &room, Some(viewer))?.map(|(_, access)| access)),
        )
        .await
    }

    async fn rooms(
        &self,
        viewer: UserId,
        filter: RoomFilter,
        after: Option<RoomId>,
        limit: usize,
    ) -> Result<Vec<Access>, ChatError> {
        self.read(move |connection| read::rooms(connection, viewer, filter, after.as_ref(), limit)).await
    }

    async fn members(
        &self,
        room: &RoomId,
        after: Option<UserId>,
        limit: usize,
    ) -> Result<Vec<Member>, ChatError> {
        let room = room.clone();
        self.read(move |connection| read::members(connection, &room, after, limit)).await
    }

    async fn member(&self, room: &RoomId, user: UserId) -> Result<Option<Member>, ChatError> {
        let room = room.clone();
        self.read(move |connection| match read::room(connection, &room, None)? {
            Some((key, _)) => read::member(connection, key, user),
            None => Ok(None),
        })
        .await
    }

    async fn messages(&self, room: &RoomId, range: Range, limit: usize) -> Result<Vec<Message>, ChatError> {
        let room = room.clone();
        self.read(move |connection| read::messages(connection, &room, range, limit)).await
    }

    async fn message(&self, room: &RoomId, offset: Offset) -> Result<Option<Message>, ChatError> {
        let room = room.clone();
        self.read(move |connection| match read::room(connection, &room, None)? {
            Some((key, _)) => read::message(connection, key, &room, offset),
            None => Ok(None),
        })
        .await
    }

    async fn log(
        &self,
        room: &RoomId,
        viewer: Option<UserId>,
        range: Range,
        limit: usize,
    ) -> Result<Option<Log>, ChatError> {
        let room = room.clone();
        self.read(move |connection| read::log(connection, &room, viewer, range, limit)).await
    }

    /// A round through a reader and the writer, commit and all.
    async fn ready(&self) -> Result<(), ChatError> {
        self.read(|_| Ok(())).await?;
        let written = self.db.write(|_| Ok::<_, HistoryError>(())).await;
        self.health.judge(written)
    }
}
