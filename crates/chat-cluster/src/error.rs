//! What keeps a node from being one of several.

/// Why a node cannot be one of several.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// The address of a server, or a file that is to be read, is wrong.
    #[error("{detail}")]
    Settings {
        /// What is wrong.
        detail: String,
    },
    /// The server is there and does not want us, or we do not trust it.
    #[error("the server refuses this node: {detail}")]
    Refused {
        /// What it says.
        detail: String,
    },
    /// Tokens of one node would not be good at another.
    #[error("another running node has a different token key")]
    OtherKey,
}
