//! Every query of the store must find its rows by an index: the plans of all that it runs are read.

use std::time::Duration;

use chat_core::{
    Action, Block, Clock, Command, Failure, FilterAction, Limits, MessageChanges, NewFilter, NewMessage,
    NewRoom, Offset, OverseenCursor, Profile, Query, Range, Reaction, Report, Role, RoomChanges, RoomFilter,
    RoomId, RoomKind, Scheduled, ScheduledChanges, ScheduledId, Search, SearchCursor, SearchOrder,
    SearchPlace, Settled, Settlement, StatusChanges, Timestamp, UploadId, UserId, Verdict,
};
use chat_db::{Connection, Db, DbSettings};
use chat_testdb::plans::{Queries, assert_indexed};
use chat_testdb::{Engine, TestDatabase};
use diesel::QueryResult;

use crate::batch::Given;
use crate::work::Remembered;
use crate::{
    batch, blocks, bookmarks, expiry, moderation, pins, purge, reactions, read, reads, reports, retention,
    sanctions, scheduled, search, statuses, threads,
};

fn profile(number: i64) -> Profile {
    let id = UserId::new(number).unwrap();
    Profile { id, username: "u".into(), display_name: "u".into() }
}

fn send(message: NewMessage) -> Action {
    Action::Send { message, present: vec![] }
}

/// Runs one of each thing that the store does.
fn run_everything(connection: &mut Connection) -> QueryResult<()> {
    let room: RoomId = "r".parse().unwrap();
    let now = Timestamp::now();
    let given = Given { limits: Limits::default(), clock: Clock::system() };
    let execute = |connection: &mut Connection, action| {
        let command = Command { room: room.clone(), actor: profile(1), action };
        let mut done = batch::execute(connection, &[&command], &given).unwrap();
        done.answers.pop().unwrap().map_err(|error| error.to_string()).unwrap();
        done.rooms[0].key.unwrap()
    };
    execute(
        connection,
        Action::CreateRoom(NewRoom { name: "R".into(), topic: String::new(), kind: RoomKind::Public }),
    );
    execute(
        connection,
        Action::ChangeRoom(RoomChanges {
            name: Some("S".into()),
            slow_seconds: Some(1),
            ..RoomChanges::default()
        }),
    );
    execute(connection, Action::Invite { user: profile(2), role: Role::Member });
    execute(connection, Action::SetRole { user: profile(2).id, role: Role::Reader });
    let message =
        NewMessage { text: "x".into(), client_id: Some("1".parse().unwrap()), ..NewMessage::default() };
    execute(connection, send(message.clone()));
    execute(connection, send(message.clone()));
    execute(
        connection,
        send(NewMessage {
            text: "@u @room".into(),
            reply_to: Some(Offset::new(5).unwrap()),
            client_id: None,
            ..message.clone()
        }),
    );
    run_scheduled(connection, message.clone());
    let one = profile(1).id;
    let sent = Offset::new(5).unwrap();
    reads::mark(connection, &room, one, sent, false).unwrap();
    reads::mark(connection, &room, one, sent, true).unwrap();
    let kept = read::message(connection, &room, one, sent, now).unwrap().unwrap();
    reads::readers(connection, &kept, None, 10).unwrap();
    reads::inbox(connection, one, None, 10, now).unwrap();
    for note in [None, Some("x".to_owned())] {
        bookmarks::add(connection, one, &kept, note, 9).unwrap();
    }
    bookmarks::list(connection, one, None, 10, now).unwrap();
    bookmarks::remove(connection, one, &room, sent).unwrap();
    threads::view(connection, &room, profile(1).id, sent, now).unwrap();
    for range in [Range::Latest, Range::After(Offset::START)] {
        read::messages(connection, &room, profile(1).id, Some(sent), range, 10, now).unwrap();
    }
    threads::follow(connection, 1, profile(2).id, sent, true).unwrap();
    let waits = Report {
        room: room.clone(),
        message: sent,
        reporter: Some(profile(2)),
        reason: String::new(),
        text: String::new(),
        at: Timestamp::now(),
        settled: None,
    };
    for _ in 0..2 {
        reports::report(connection, waits.clone(), 9).unwrap();
    }
    let settlement =
        Settlement { verdict: Verdict::Upheld, note: String::new(), by: profile(1), at: Timestamp::now() };
    for settled in [false, true] {
        for after in [None, Some(waits.cursor())] {
            reports::list(connection, &room, one, settled, after.as_ref(), 10, now).unwrap();
        }
        let place =
            OverseenCursor { at: waits.at, room: room.clone(), message: sent, reporter: Some(profile(2).id) };
        for after in [None, Some(&place)] {
            reports::list_all(connection, one, after, 10, now).unwrap();
        }
        reports::settle(connection, &room, sent, &settlement).unwrap();
    }
    let filter = NewFilter { action: FilterAction::Report, words: vec!["spam".into()] };
    execute(connection, Action::SetFilter(Some(filter)));
    moderation::audit(connection, &room, Offset::MAX, 10, now).unwrap();
    read::all_rooms(connection, "r", Some(&room), 10).unwrap();
    statuses::saw(connection, &[(one, Timestamp::now())]).unwrap();
    statuses::change(connection, one, StatusChanges { text: Some("x".into()), hidden: Some(true) }).unwrap();
    statuses::find(connection, &[one, profile(2).id]).unwrap();
    let block = Block { user: profile(2), at: Timestamp::now() };
    blocks::block(connection, one, block.clone(), 9).unwrap();
    blocks::block(connection, one, block, 9).unwrap();
    blocks::find(connection, &[(one, profile(2).id)].into()).unwrap();
    blocks::unblock(connection, one, profile(2).id).unwrap();
    threads::followed(connection, profile(1).id, None, 10, now).unwrap();
    threads::follow(connection, 1, profile(2).id, sent, false).unwrap();
    let changes = MessageChanges { text: "y".into(), data: None };
    let reaction: Reaction = "👍".parse().unwrap();
    execute(connection, Action::React { message: sent, reaction: reaction.clone() });
    read::message(connection, &room, profile(1).id, sent, now).unwrap();
    reactions::list(connection, &room, sent, &reaction, Offset::START, 10).unwrap();
    execute(connection, Action::Unreact { message: sent, reaction });
    execute(connection, Action::Pin { message: sent });
    pins::list(connection, &room, one, Offset::MAX, 10, now).unwrap();
    execute(connection, Action::Unpin { message: sent });
    execute(connection, Action::Edit { message: sent, changes, present: vec![] });
    execute(connection, Action::Delete { message: sent });
    execute(connection, Action::Remove { user: profile(2).id });
    execute(connection, Action::Ban { user: profile(2), seconds: None, reason: String::new() });
    sanctions::bans(connection, &room, None, 10).unwrap();
    read::room(connection, &room, Some(profile(2).id)).unwrap();
    execute(connection, Action::Unban { user: profile(2).id });
    assert_eq!(search::behind(connection, 0).unwrap(), Some((1, vec![1])));
    let all = search::portion(connection, &[1].into(), 100).unwrap();
    assert!(all.more.is_empty() && all.events > 5);
    assert_eq!(search::behind(connection, 0).unwrap(), Some((1, vec![])));
    let query = Query::parse("u room*").unwrap();
    let place = SearchPlace { at: Timestamp::now(), room: room.clone(), offset: sent };
    let by_time = Search {
        query,
        room: None,
        sender: Some(one),
        after: None,
        before: None,
        with_attachment: false,
        order: SearchOrder::Recent,
        cursor: Some(SearchCursor::at(place)),
    };
    let in_room =
        Search { room: Some(room.clone()), order: SearchOrder::Rank, cursor: None, ..by_time.clone() };
    for search in [by_time, in_room] {
        assert_eq!(search::search(connection, one, &search, &given.limits, 10, now).unwrap().found.len(), 1);
    }
    let upload = UploadId::generate();
    offer(connection, upload)?;
    let with_file = NewMessage { text: String::new(), attachments: vec![upload], ..NewMessage::default() };
    execute(connection, send(with_file));
    let head = read::heads(connection, std::slice::from_ref(&room)).unwrap()[0].1;
    assert_eq!(read::message(connection, &room, one, head, now).unwrap().unwrap().attachments.len(), 1);
    execute(connection, Action::Delete { message: head });
    for filter in [RoomFilter::Public, RoomFilter::Mine] {
        read::rooms(connection, one, filter, None, 10).unwrap();
    }
    for range in [Range::Latest, Range::Before(Offset::MAX), Range::After(Offset::START)] {
        read::messages(connection, &room, one, None, range, 10, now).unwrap();
        read::log(connection, &room, Some(one), range, 10, now).unwrap();
    }
    read::versions(connection, &room, sent, Offset::START, 10).unwrap();
    read::members(connection, &room, None, 10).unwrap();
    read::heads(connection, std::slice::from_ref(&room)).unwrap();
    let lives = NewMessage { text: "x".into(), expires_in: Some(5), ..NewMessage::default() };
    execute(connection, send(lives));
    expiry::next(connection, now).unwrap().unwrap();
    assert_eq!(expiry::due(connection, now.after(Duration::from_secs(9))).unwrap().len(), 1);
    let changes = RoomChanges { retention_seconds: Some(60), ..RoomChanges::default() };
    execute(connection, Action::ChangeRoom(changes));
    let later = now.after(Duration::from_secs(99));
    assert_eq!(retention::own(connection, later).unwrap(), retention::all(connection, later, 0).unwrap());
    let removed = retention::portion(connection, &room, &given.limits, later).unwrap();
    assert_eq!(removed, retention::Removed::All);
    assert_eq!(retention::own(connection, later).unwrap(), []);
    let deleted = execute(connection, Action::DeleteRoom);
    let send = Command { room: room.clone(), actor: profile(1), action: send(message) };
    let refused = batch::execute_trusting(connection, &[&send], &given, &mut Remembered::default()).unwrap();
    assert!(refused.answers[0].is_err());
    purge::unpurged(connection).unwrap();
    purge::portion(connection, deleted).unwrap();
    Ok(())
}

/// Each thing that is done with messages that are sent later.
fn run_scheduled(connection: &mut Connection, message: NewMessage) {
    let (user, now) = (profile(1).id, Timestamp::now());
    let (id, room) = (ScheduledId::generate(), "r".parse::<RoomId>().unwrap());
    let new = Scheduled { id, user, room, message, send_at: now, created_at: now, failed: None };
    for _ in 0..2 {
        scheduled::add(connection, new.clone(), 9).unwrap();
    }
    scheduled::list(connection, user, None, None, 10).unwrap();
    scheduled::list(connection, user, Some(&new.room), None, 10).unwrap();
    scheduled::next(connection, None).unwrap();
    let changes = ScheduledChanges { text: Some("y".into()), data: Some("1".into()), send_at: Some(now) };
    let failed = Settled::Failed(Failure { code: "muted".into(), at: now });
    for settled in [Settled::Later(now), failed, Settled::Sent] {
        scheduled::change(connection, user, &new.id, &changes, now).unwrap();
        let taken =
            scheduled::take(connection, now, now.after(std::time::Duration::from_secs(9)), 10).unwrap();
        scheduled::settle(connection, &new.id, taken[0].taken_until, settled).unwrap();
    }
    assert!(scheduled::remove(connection, user, &new.id, now).is_err());
}

/// A complete upload of the first user.
fn offer(connection: &mut Connection, upload: UploadId) -> QueryResult<()> {
    connection.execute(&format!(
        "INSERT INTO uploads (id, user_id, name, size, received, parts, created_at, expires_at, media_type)
         VALUES ('{upload}', 1, 'a', 1, 1, 'p:1', 1, 1, 'text/plain')"
    ))
}

/// A database with its schema, and a connection to it.
fn connection(engine: Engine) -> (TestDatabase, Connection) {
    let database = TestDatabase::of(engine);
    let settings = DbSettings::new(database.url().parse().unwrap());
    Db::open(&settings).unwrap().close();
    let connection = Connection::open(&settings).unwrap();
    (database, connection)
}

#[test]
fn no_query_looks_through_a_whole_table_of_sqlite() {
    let (_database, mut connection) = connection(Engine::Sqlite);
    let Connection::Sqlite(c) = &mut connection else { panic!() };
    let queries = Queries::of(c);
    connection.transaction(run_everything).unwrap();
    let Connection::Sqlite(c) = &mut connection else { panic!() };
    let count = queries.assert_indexed(c);
    assert!(count > 40, "{count}");
}

#[test]
fn no_query_looks_through_a_whole_table_of_postgres() {
    let (_database, mut connection) = connection(Engine::Postgres);
    connection.transaction(run_everything).unwrap();
    let Connection::Postgres(c) = &mut connection else { panic!() };
    // Of the index of deleted rooms the whole is wanted.
    let count = assert_indexed(c, &["rooms_deleted"]);
    assert!(count > 20, "{count}");
}
