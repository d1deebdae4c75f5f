//! Previews of links.

use serde::Serialize;
use utoipa::ToSchema;

/// What a page says of itself to which a message leads. All of it is somebody else's words: text, not HTML.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Preview<'a> {
    /// The link, as the message has it.
    #[schema(example = "https://example.org/tea")]
    pub url: &'a str,
    /// The page's title.
    #[schema(example = "Tea")]
    pub title: &'a str,
    /// What it is about; empty where it does not say.
    #[schema(example = "How to make it")]
    pub description: &'a str,
    /// What the site calls itself; empty where it does not say.
    #[schema(example = "Example")]
    pub site_name: &'a str,
    /// The address of a picture, at which the server has not looked; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://example.org/tea.jpg")]
    pub image: Option<&'a str>,
}

/// The previews of a message.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Previews<'a> {
    /// In the order of the links; those of which there is none are left out.
    pub items: Vec<Preview<'a>>,
}
