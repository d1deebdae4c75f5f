//! What ends a run.

/// Why a run could not be finished. One line, with what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BenchError {
    /// No server of ours can be started.
    #[error("{path} is not there: build it by `cargo build --release`, or name a server by --url")]
    NoServer { path: String },
    /// There is none where one is said to be.
    #[error("nothing serves at {url}")]
    Nobody { url: String },
    /// Something of the machine failed.
    #[error("{what}: {error}")]
    System { what: &'static str, error: std::io::Error },
    /// The server did not answer as it should.
    #[error("{what}: {answer}")]
    Refused { what: String, answer: String },
    /// The HTTP API cannot be reached.
    #[error("the server cannot be reached: {0}")]
    Http(#[from] reqwest::Error),
    /// A connection could not be opened, or broke.
    #[error("{0}")]
    Socket(String),
    /// The server closed a connection.
    #[error("the server closed a connection: {code} {reason}")]
    Closed { code: u16, reason: String },
    /// The options do not fit together.
    #[error("{0}")]
    Options(String),
}

impl From<tokio_tungstenite::tungstenite::Error> for BenchError {
    fn from(error: tokio_tungstenite::tungstenite::Error) -> BenchError {
        BenchError::Socket(format!("a connection failed: {error}"))
    }
}
