//! What can go wrong.

/// Why a hook cannot be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HookError {
    /// The address is none of `http` or `https`.
    #[error("the hook's address is no URL of http or https")]
    Url,
    /// What begins with `whsec_` does not go on in Base64, or there are fewer than 24 bytes or more than 64.
    #[error("the hook's secret must be 24 to 64 bytes, in Base64 behind whsec_ or as they are")]
    Secret,
    /// TLS cannot be had.
    #[error("no TLS for the hook")]
    Tls(#[from] rustls::Error),
    /// No client can be made.
    #[error("no client for the hook")]
    Client(#[from] reqwest::Error),
}

/// Why a question had no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    #[error("{0}")]
    Request(reqwest::Error),
    #[error("it answered {0}")]
    Status(reqwest::StatusCode),
    #[error("its answer is longer than {0} bytes")]
    TooLong(usize),
    #[error("its answer is none: {0}")]
    Malformed(serde_json::Error),
    #[error("it took longer than it may")]
    TimedOut,
    #[error("too many questions wait for it")]
    TooMany,
}

impl From<reqwest::Error> for NoAnswer {
    fn from(error: reqwest::Error) -> NoAnswer {
        // The address may hold a password.
        NoAnswer::Request(error.without_url())
    }
}
