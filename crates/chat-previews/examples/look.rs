//! What a page says of itself: `cargo run -p chat-previews --example look https://example.org`.

use chat_previews::{Previews, Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let previews = Previews::new(Settings::default())?;
    for link in std::env::args().skip(1) {
        match previews.look(&link).await {
            Ok(preview) => println!("{preview:#?}"),
            Err(refusal) => println!("{link}: {refusal}"),
        }
    }
    Ok(())
}
