//! A chat that asks a service about each message. The service is one of the standard library's: it refuses what is loud.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use chat_core::{Chat, Limits, NewMessage, NewRoom, Profile, RoomKind, UserId};
use chat_hooks::{HookSettings, HttpScreen};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let service = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}/screen", service.local_addr()?);
    std::thread::spawn(move || {
        for mut asked in service.incoming().flatten() {
            let mut request = [0; 4096];
            let length = asked.read(&mut request).unwrap_or(0);
            let loud = String::from_utf8_lossy(&request[..length]).contains("!!!");
            let verdict =
                if loud { r#"{"verdict":"refuse","reason":"too loud"}"# } else { r#"{"verdict":"pass"}"# };
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length";
            let _ = write!(asked, "{head}: {}\r\n\r\n{verdict}", verdict.len());
        }
    });
    let settings = HookSettings::new(url, "a secret of 24 to 64 bytes".parse()?);
    let chat = Chat::in_memory(Limits::default()).with_screen(Arc::new(HttpScreen::new(settings)?));
    let ada = Profile { id: UserId::new(1)?, username: "ada".into(), display_name: "Ada".into() };
    let new = NewRoom { name: "Quiet".into(), topic: String::new(), kind: RoomKind::Public };
    let room = chat.create_room(&ada, None, new).await?.id;
    for text in ["Hello.", "HELLO!!!"] {
        let message = NewMessage { text: text.into(), ..NewMessage::default() };
        println!("{text} {:?}", chat.send(&ada, &room, message).await.map(|(kept, _)| kept.offset.get()));
    }
    Ok(())
}
