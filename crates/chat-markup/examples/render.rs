//! Standard input as HTML: `echo '**Tea**, @ben? https://example.org' | cargo run -p chat-markup --example render`.

use std::io::Read;

use chat_markup::{Mention, links, to_html};

fn main() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let mentions = [Mention { name: "ben", user: Some("17".into()) }];
    println!("{}", to_html(&text, &mentions));
    for link in links(&text, 3) {
        eprintln!("link: {link}");
    }
    Ok(())
}
