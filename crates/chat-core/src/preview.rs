//! Previews of links: what the pages say of themselves to which a message leads.

use async_trait::async_trait;

/// What a page says of itself. All of it is somebody else's words: text, not HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The link, as the message has it.
    pub url: String,
    /// Its title.
    pub title: String,
    /// What it is about; empty where it does not say.
    pub description: String,
    /// What the site calls itself; empty where it does not say.
    pub site_name: String,
    /// The address of a picture, of `http` or `https`; nobody has looked at what is there.
    pub image: Option<String>,
}

impl Preview {
    /// Of how many links of a message there are previews: its first ones.
    pub const PER_MESSAGE: usize = 3;
}

/// Who looks at pages.
#[async_trait]
pub trait Previewer: Send + Sync {
    /// What the page at this address, of `http` or `https`, says of itself; none where it says nothing, may not be looked at
    /// or cannot be had. Answers within a time of its own, whatever the page does.
    async fn preview(&self, url: &str) -> Option<Preview>;
}
