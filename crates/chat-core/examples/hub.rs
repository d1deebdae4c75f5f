//! A chat inside another service: rooms, order and fan-out, with no database and no web.

use std::{error::Error, sync::Arc};

use bytes::Bytes;
use chat_core::*;

struct Lines;
impl WireFormat for Lines {
    fn encode(&self, _: &Channel, push: &Push<'_>) -> Option<Bytes> {
        let Push::Event(Event { body: EventBody::MessageCreated(message), .. }) = push else { return None };
        Some(format!("{}: {}", message.sender.username, message.text).into())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let chat = Chat::in_memory(Limits::default());
    let ann = Profile { id: UserId::new(1)?, username: "ann".into(), display_name: "Ann".into() };
    let room = NewRoom { name: "Tea".into(), topic: String::new(), kind: RoomKind::Public };
    let room = chat.create_room(&ann, None, room).await?.id;
    let outbox = Arc::new(Outbox::new(1024 * 1024));
    let phone = chat.hub().connect(ann.clone(), None, Arc::new(Lines), outbox.clone(), 0)?;
    chat.subscribe(&phone, &room, None, false, |_| Ok("subscribed".into())).await?;
    chat.send(&ann, &room, NewMessage { text: "Is it ready?".into(), ..NewMessage::default() }).await?;
    let mut frames = Vec::new();
    while frames.len() < 2 && outbox.next(&mut frames).await.is_ok() {}
    println!("{frames:?}");
    Ok(())
}
