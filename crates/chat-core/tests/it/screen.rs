//! Messages that are judged before they are kept.

use std::sync::Arc;

use async_trait::async_trait;
use chat_core::*;
use futures_util::FutureExt;
use tokio::sync::Semaphore;

use crate::rules::{Room, room_in};
use crate::support::*;

/// Judges by the first word; about `slow` it thinks until it is let.
struct ByWord {
    slow: Arc<Semaphore>,
}

#[async_trait]
impl Screen for ByWord {
    async fn judge(&self, draft: Draft<'_>) -> Result<Judgement, ChatError> {
        let (word, rest) = draft.text.split_once(' ').unwrap_or((draft.text, ""));
        let rest = rest.to_owned();
        Ok(match word {
            "refuse" => Judgement::Refuse { reason: rest },
            "replace" => Judgement::Replace { text: rest },
            "report" => Judgement::Report { reason: rest },
            "broken" => return Err(ChatError::Unavailable),
            "slow" => {
                self.slow.acquire().await.unwrap().forget();
                Judgement::Pass
            }
            _ => Judgement::Pass,
        })
    }
}

async fn screened() -> (Room, Arc<Semaphore>) {
    let slow = Arc::new(Semaphore::new(0));
    let mut world = World::new(Limits::default());
    let screen = Arc::new(ByWord { slow: slow.clone() });
    world.chat = Arc::new(Arc::into_inner(world.chat).unwrap().with_screen(screen));
    (room_in(world, RoomKind::Public).await, slow)
}

#[tokio::test]
async fn what_is_said_becomes_what_the_hook_says() {
    let (room, _) = screened().await;
    let said = async |what| room.send(3, text(what)).await.map(|(message, _)| message.text.clone());
    assert_eq!(said("hello").await.unwrap(), "hello");
    assert_eq!(said("replace better").await.unwrap(), "better");
    let refused = ChatError::Screened { reason: "not so".into() };
    assert_eq!(said("refuse not so").await.unwrap_err(), refused);
    assert_eq!(said("broken").await.unwrap_err(), ChatError::Unavailable);
    assert_eq!(said("replace ").await.unwrap_err(), ChatError::invalid("text", Problem::Empty));
    assert_eq!(said("report look\nat this").await.unwrap(), "report look\nat this");
    let edit = async |what: &str| {
        let changes = MessageChanges { text: what.into(), data: None };
        room.world.chat.edit(&profile(3), &room.id, Offset::new(5).unwrap(), changes).await
    };
    assert_eq!(edit("replace edited").await.unwrap().0.text, "edited");
    assert_eq!(edit("refuse not so").await.unwrap_err(), refused);
    edit("report again").await.unwrap();
    let reports = room.world.chat.reports(&profile(2), &room.id, false, None, 10).await.unwrap();
    let reports: Vec<_> =
        reports.iter().map(|it| (it.report.reason.as_str(), it.message.text.as_str())).collect();
    assert_eq!(reports, [("lookat this", "report look\nat this"), ("again", "report again")]);
}

#[tokio::test]
async fn a_users_messages_keep_their_order_however_long_each_is_judged() {
    let (room, slow) = screened().await;
    let send = |what| room.world.chat.send(&profile(3), &room.id, text(what));
    let (first, mut second, dropped, third) = (send("slow one"), send("two"), send("never"), send("three"));
    assert!((&mut second).now_or_never().is_none(), "it waits for its turn");
    assert_eq!(room.send(2, text("meanwhile")).await.unwrap().0.text, "meanwhile", "others do not");
    drop(dropped);
    slow.add_permits(1);
    let (first, second, third) = futures_util::join!(first, second, third);
    let offsets = [first, second, third].map(|sent| sent.unwrap().0.offset);
    assert!(offsets.is_sorted(), "{offsets:?}");
}

#[tokio::test]
async fn direct_rooms_have_nobody_to_report_to() {
    let (room, _) = screened().await;
    let chat = &room.world.chat;
    let id = chat.open_direct(&profile(1), &[profile(3).id]).await.unwrap().0.id;
    assert_eq!(chat.send(&profile(1), &id, text("report this")).await.unwrap().0.text, "report this");
}
