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
    let message = Message {
        room: room.clone(),
        offset,
        sender: profile(),
        text: "x".repeat(100),
        data: None,
        reply_to: None,
        client_id: None,
        created_at: at,
    };
    let body = EventBody::MessageCreated(Box::new(message));
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

criterion_group!(benches, encode, deliver);
criterion_main!(benches);
