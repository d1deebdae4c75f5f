//! Why there is no preview.

/// Why no previews can be had at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PreviewsError {
    /// Nothing can be encrypted.
    #[error("connections cannot be encrypted: {0}")]
    Tls(#[from] tokio_rustls::rustls::Error),
    /// What this server calls itself is no value of a header.
    #[error("the user agent has characters that no header has")]
    UserAgent,
}

/// Why a link has no preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is no address of `http` or `https`, is too long, names a user or another port than it may.
    #[error("this is not a link that is looked at")]
    Link,
    /// It leads to an address that the policy does not allow.
    #[error("this leads to where nobody looks")]
    Forbidden,
    /// It leads on and on.
    #[error("this leads on too often")]
    Redirects,
    /// It cannot be reached, or does not keep to HTTP.
    #[error("the page cannot be had")]
    Unreachable,
    /// It took too long.
    #[error("the page took too long")]
    Timeout,
    /// It is answered with another status than 200.
    #[error("the page is answered with {0}")]
    Status(u16),
    /// It is no HTML.
    #[error("this is no HTML")]
    NotHtml,
    /// It has no title.
    #[error("the page does not say what it is")]
    Untitled,
    /// Too many others are waited for; asked again, it may go well.
    #[error("too many pages are asked for")]
    Busy,
}
