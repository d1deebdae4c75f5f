//! The table of permissions is what the chat does, and what the documentation says.

use chat_core::*;

use crate::rules::{Room, room};
use crate::support::*;

/// Does what the permission is for as this user, who is allowed to do it or not.
async fn try_it(room: &Room, user: i64, permission: Permission) -> Result<(), ChatError> {
    let (chat, id, actor) = (&room.world.chat, &room.id, profile(user));
    // Somebody else's, that the actor has no other claim to.
    let others = if user == 3 { 1 } else { 3 };
    let message = room.send(others, text("hi")).await?.0.offset;
    let changes = MessageChanges { text: "ho".into(), data: None };
    match permission {
        Permission::Leave => chat.remove(&actor, id, actor.id).await,
        Permission::Send => chat.send(&actor, id, text("hi")).await.map(drop),
        Permission::Mark => chat.mark_read(&actor, id, message).await.map(drop),
        Permission::Follow => chat.follow(&actor, id, message, true).await,
        Permission::React => chat.react(&actor, id, message, "👍".parse().unwrap()).await.map(drop),
        Permission::CallAll => {
            // Who may not, has sent a text, or could not even send.
            let direct = chat.room(&actor, id).await?.room.kind == RoomKind::Direct;
            let refused =
                if direct { ChatError::DirectRoom } else { ChatError::Forbidden { needs: Role::Moderator } };
            match chat.send(&actor, id, text("@room")).await {
                Ok((sent, _)) => sent.mentions.as_ref().map(drop).ok_or(refused),
                Err(ChatError::Forbidden { .. }) => Err(refused),
                Err(error) => Err(error),
            }
        }
        Permission::Invite => chat.invite(&actor, id, profile(6).id, Role::Reader).await.map(drop),
        Permission::ChangeRoom => {
            let changes = RoomChanges { name: Some("another".into()), ..RoomChanges::default() };
            chat.change_room(&actor, id, changes).await.map(drop)
        }
        Permission::SetRole => chat.set_role(&actor, id, profile(4).id, Role::Member).await.map(drop),
        Permission::Mute => chat.mute(&actor, id, profile(7).id, Some(60)).await.map(drop),
        Permission::Ban => chat.ban(&actor, id, profile(7).id, None, String::new()).await.map(drop),
        Permission::Report => chat.report(&actor, id, message, String::new()).await.map(drop),
        Permission::SettleReports => {
            match chat.settle_reports(&actor, id, message, Verdict::Upheld, String::new()).await {
                Ok(_) | Err(ChatError::ReportNotFound) => {
                    chat.reports(&actor, id, false, None, 10).await.map(drop)
                }
                Err(error) => Err(error),
            }
        }
        Permission::Filter => {
            chat.filter(&actor, id).await?;
            chat.set_filter(&actor, id, None).await.map(drop)
        }
        Permission::ReadAudit => chat.audit(&actor, id, Offset::MAX, 10).await.map(drop),
        Permission::Remove => chat.remove(&actor, id, profile(7).id).await,
        Permission::EditAny => chat.edit(&actor, id, message, changes).await.map(drop),
        Permission::DeleteAny => chat.delete(&actor, id, message).await,
        Permission::Pin => chat.pin(&actor, id, message).await.map(drop),
        Permission::ReadVersions => chat.versions(&actor, id, message, Offset::START, 10).await.map(drop),
        Permission::SetRetention => {
            let changes = RoomChanges { retention_seconds: Some(60), ..RoomChanges::default() };
            chat.change_room(&actor, id, changes).await.map(drop)
        }
        Permission::DeleteRoom => chat.delete_room(&actor, id).await,
    }
}

#[tokio::test]
async fn everyone_may_what_the_table_says_and_nothing_else() {
    let roles = [Role::Owner, Role::Moderator, Role::Member, Role::Reader];
    for kind in [RoomKind::Public, RoomKind::Private] {
        for permission in Permission::ALL {
            let needs = permission.least_role(kind).unwrap();
            for (user, role) in (1..).zip(roles) {
                let room = room(kind).await;
                let owner = profile(1);
                room.world.chat.invite(&owner, &room.id, profile(7).id, Role::Reader).await.unwrap();
                let done = try_it(&room, user, *permission).await;
                let refused = done == Err(ChatError::Forbidden { needs });
                assert_eq!(refused, role < needs, "{permission:?} by {role} in {kind:?}: {done:?}");
                let else_wrong = !refused && done.is_err() && done != Err(ChatError::OwnerRequired);
                assert!(!else_wrong, "{permission:?} by {role} in {kind:?}: {done:?}");
            }
            let room = room(kind).await;
            let stranger = try_it(&room, 5, *permission).await.unwrap_err();
            let nothing =
                if kind == RoomKind::Public { ChatError::NotAMember } else { ChatError::RoomNotFound };
            assert_eq!(stranger, nothing, "{permission:?}");
        }
    }
}

#[tokio::test]
async fn in_direct_rooms_all_may_the_same() {
    for permission in Permission::ALL {
        let may = permission.least_role(RoomKind::Direct).is_some_and(|least| least <= Role::Member);
        for user in [1, 3] {
            let world = World::new(Limits::default());
            let others = [1, 3, 4, 7].map(|user| profile(user).id);
            let id = world.chat.open_direct(&profile(1), &others).await.unwrap().0.id;
            let done = try_it(&Room { world, id }, user, *permission).await;
            assert_eq!(done, if may { Ok(()) } else { Err(ChatError::DirectRoom) }, "{permission:?}");
        }
        let world = World::new(Limits::default());
        let id = world.chat.open_direct(&profile(1), &[profile(3).id]).await.unwrap().0.id;
        let stranger = try_it(&Room { world, id }, 5, *permission).await.unwrap_err();
        assert_eq!(stranger, ChatError::RoomNotFound);
    }
}

#[test]
fn the_table_is_in_the_documentation() {
    let page = include_str!("../../../../docs/permissions.md");
    let mut lines = page.lines().skip_while(|line| !line.starts_with("| to ")).skip(2);
    for permission in Permission::ALL {
        let cells = [Role::Reader, Role::Member, Role::Moderator, Role::Owner].map(|role| {
            let may = |kind| permission.least_role(kind).is_some_and(|least| role >= least);
            match [RoomKind::Public, RoomKind::Private].map(may) {
                [true, true] => "yes",
                [true, false] => "in public rooms",
                [false, true] => "in private rooms",
                [false, false] => "",
            }
        });
        let direct = if permission.least_role(RoomKind::Direct).is_some() { "yes" } else { "" };
        let row = format!("| {} | {} | {direct} |", permission.words(), cells.join(" | "));
        assert_eq!(lines.next(), Some(row.as_str()));
    }
    assert_eq!(lines.next(), Some(""), "the table ends");
}
