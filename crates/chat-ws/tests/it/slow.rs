//! A reader that does not read.

use std::io::{Read, Write};
use std::time::Duration;

use chat_core::*;
use chat_ws::SocketSettings;

use crate::support::*;

on_both_ways! {
    what_waits_for_all_together_is_bounded_too,
    a_reader_that_never_reads_is_cut_off_alone,
}

async fn a_reader_that_never_reads_is_cut_off_alone(way: Way) {
    let limits = Limits { queue_bytes: 128 * 1024, ..Limits::default() };
    never_read(way, limits, SocketSettings::default()).await;
}

async fn what_waits_for_all_together_is_bounded_too(way: Way) {
    let settings = SocketSettings { waiting_bytes: 128 * 1024, ..SocketSettings::default() };
    never_read(way, Limits { queue_bytes: 1 << 30, ..Limits::default() }, settings).await;
}

async fn never_read(way: Way, limits: Limits, settings: SocketSettings) {
    let settings = SocketSettings { write_timeout: Duration::from_secs(60), ..settings };
    let server = server_with(way, limits, settings);
    let room = server.room("r", RoomKind::Public).await;
    let (mut quick, _) = server.connect("7").await;
    quick.subscribe(&room).await;

    // By hand, so that nothing reads behind its back once it is subscribed.
    let address = server.address;
    let stuck = std::thread::spawn(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = "GET /connection/websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        for command in [r#"{"id":1,"connect":{"token":"8"}}"#, r#"{"id":2,"subscribe":{"channel":"room:r"}}"#]
        {
            let mut frame = vec![0x81, 0x80 | u8::try_from(command.len()).unwrap(), 0, 0, 0, 0];
            frame.extend_from_slice(command.as_bytes());
            stream.write_all(&frame).unwrap();
        }
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains("\"subscribe\"") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            seen.push(byte[0]);
        }
        stream
    });
    while server.chat.presence(&user(1), &room).await.unwrap().len() < 2 {
        actix_web::rt::task::yield_now().await;
    }
    let stream = stuck.join().unwrap();

    let text = "x".repeat(16_000);
    let mut offset = 1;
    // The kernel's buffers on both sides come first, then the queue.
    while server.chat.hub().connection_count() > 1 {
        server.send(&room, &text).await;
        offset += 1;
        assert_eq!(quick.publication().await["offset"], offset, "the others do not wait");
        assert!(offset < 5000, "it never was too slow");
    }
    server.send(&room, "go on").await;
    assert_eq!(quick.publication().await["data"]["message"]["text"], "go on");
    drop(stream);
}
