//! What the hub and the encoding of an event cost, without any socket: `cargo bench -p chat-bench`.

#![allow(missing_docs, reason = "criterion's macros document nothing")]

use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use chat_core::{
    Address, Channel, CloseReason, Event, EventBody, Hub, Limits, Message, Offset, Outlet, Profile, Push,
    RoomId, Timestamp, UserId, WireFormat,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Takes everything and keeps nothing.
struct Nowhere;

impl Outlet for Nowhere {
    fn put(&self, frame: Bytes, to: Vec<Address>) {
        black_box((frame, to));
    }

    fn close(&self, _: Address, _: CloseReason) {}
}

/// The client protocol, as the server writes it.
struct Json;

impl WireFormat for Json {
    fn encode(&self, channel: &Channel, push: &Push<'_>) -> Option<Bytes> {
        let (Channel::Room(room), Push::Event(event)) = (channel, push) else { return None };
        let data = chat_json::event(event);
        Some(chat_proto::push_publication(&format!("room:{room}"), &data, event.offset.get()).into())
    }
}

fn profile() -> Profile {
    Profile {
        id: UserId::new(17).unwrap_or_else(|_| unreachable!("17 is an id")),
        username: "user17".to_owned(),
        display_name: "User 17".to_owned(),
    }
}

fn event(room: &RoomId, offset: Offset) -> Arc<Event> {
    let at = Timestamp::now();
    let message = Message::new(room.clone(), offset, profile(), "x".repeat(100), at);
    let body = EventBody::MessageCreated(Arc::new(message));
    Arc::new(Event { room: room.clone(), offset, at, actor: profile(), body })
}

fn encode(c: &mut Criterion) {
    let room = RoomId::generate();
    let event = event(&room, Offset::START.next());
    let channel = Channel::Room(room);
    c.bench_function("encode an event of 100 bytes", |b| {
        b.iter(|| Json.encode(black_box(&channel), &Push::Event(black_box(&event))));
    });
}

fn deliver(c: &mut Criterion) {
    let mut group = c.benchmark_group("hand an event to the outlets");
    for members in [10_u32, 1000, 10_000] {
        let hub = Hub::new(Limits { connections_per_user: 20_000, ..Limits::default() });
        let (room, format, outlet) = (RoomId::generate(), Arc::new(Json), Arc::new(Nowhere));
        for index in 0..members {
            let connection = hub.connect(profile(), None, format.clone(), outlet.clone(), index);
            let subscribed = connection.is_ok_and(|connection| {
                let pending = hub.subscribe(&connection, &room, false);
                pending.is_ok_and(|pending| pending.activate(Offset::START, Bytes::new()).is_ok())
            });
            assert!(subscribed);
        }
        let mut offset = Offset::START;
        group.throughput(Throughput::Elements(members.into()));
        group.bench_with_input(BenchmarkId::from_parameter(members), &members, |b, _| {
            b.iter_batched(
                || {
                    offset = offset.next();
                    event(&room, offset)
                },
                |event| assert_eq!(hub.deliver(&event), None),
                criterion::BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// A subscription that begins and ends, and an event, beside many other rooms, in a large room, and on a connection that
/// is in many: none of these may cost more than beside nothing.
fn stay_flat(c: &mut Criterion) {
    let mut group = c.benchmark_group("join, deliver, leave");
    for (beside, rooms, members) in [
        ("alone", 0_u32, 1_u32),
        ("beside 100,000 rooms of 10", 100_000, 10),
        ("on a connection in 500", 500, 1),
    ] {
        let limits = Limits {
            connections_per_user: 2_000_000,
            connections: 2_000_000,
            subscriptions_per_connection: 1000,
            ..Limits::default()
        };
        let hub = Hub::new(limits);
        let (format, outlet) = (Arc::new(Json), Arc::new(Nowhere));
        let connect = |index| hub.connect(profile(), None, format.clone(), outlet.clone(), index).ok();
        let mine = connect(0).unwrap_or_else(|| unreachable!("there is room for it"));
        // Each connection is in 500 rooms, as many as a busy user has.
        let mut others = vec![mine.clone()];
        for number in 0..rooms * members {
            let connection = (number / 500) as usize;
            if rooms > 500 && others.len() <= connection {
                others.extend(connect(number));
            }
            let room: Option<RoomId> = format!("r{}", number % rooms).parse().ok();
            let begun = room.zip(others.last()).is_some_and(|(room, one)| {
                let pending = hub.subscribe(one, &room, false);
                pending.is_ok_and(|pending| pending.activate(Offset::START, Bytes::new()).is_ok())
            });
            assert!(begun);
        }
        let room = RoomId::generate();
        let event = event(&room, Offset::START.next());
        group.bench_function(beside, |b| {
            b.iter(|| {
                let pending = hub.subscribe(&mine, &room, false);
                assert!(pending.is_ok_and(|pending| pending.activate(Offset::START, Bytes::new()).is_ok()));
                assert_eq!(hub.deliver(&event), None);
                hub.unsubscribe(&mine, &room);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, encode, deliver, stay_flat);
criterion_main!(benches);
