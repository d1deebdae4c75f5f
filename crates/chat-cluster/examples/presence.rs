//! Two nodes of one chat: who is connected to one is present at the other. Needs `nats-server` on this machine.
use chat_cluster::{ClusterSettings, NatsBackplane};
use chat_core::*;
use std::{error::Error, sync::Arc};

struct Silent;
impl WireFormat for Silent {
    fn encode(&self, _: &Channel, _: &Push<'_>) -> Option<bytes::Bytes> {
        None
    }
}
async fn node() -> Result<Arc<Chat>, Box<dyn Error>> {
    let (local, limits) = (Arc::new(LocalBackplane::new(1024).0), Limits::default());
    let settings = ClusterSettings::new(vec!["nats://localhost:4222".into()], "example".into(), "key".into());
    let nats = NatsBackplane::connect(settings, local.clone()).await?;
    let store = Arc::new(MemoryStore::new(limits.clone(), nats.clone()));
    let hub = Arc::new(Hub::of_several(limits.clone(), nats.clone()));
    let chat = Arc::new(Chat::new(store.clone(), Arc::new(NoDirectory), hub.clone(), limits));
    tokio::spawn(nats.run(chat.clone(), Arc::new(Comparison::new(hub, store, local))));
    Ok(chat)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let ann = Profile { id: UserId::new(1)?, username: "ann".into(), display_name: "Ann".into() };
    let (here, there) = (node().await?, node().await?);
    let _phone = here.hub().connect(ann.clone(), None, Arc::new(Silent), Arc::new(Outbox::new(1024)), 0)?;
    println!("{:?}", there.own_presence(&ann).await);
    Ok(())
}
