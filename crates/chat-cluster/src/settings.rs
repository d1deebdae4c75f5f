//! How a node finds the others, and how long it believes them.

use std::path::PathBuf;
use std::time::Duration;

/// How a node is one of several.
#[derive(Clone, PartialEq, Eq)]
pub struct ClusterSettings {
    /// Addresses of NATS servers of one cluster: `nats://host:4222`, with `user:password@` before the host where needed,
    /// and `tls://` to insist on TLS.
    pub servers: Vec<String>,
    /// A file with the credentials of a NATS account (JWT and seed).
    pub credentials_file: Option<PathBuf>,
    /// Certificates, in PEM, of authorities to trust besides the system's.
    pub ca_file: Option<PathBuf>,
    /// Whose database it is: nodes of another installation are not heard. Letters and digits.
    pub installation: String,
    /// Tells token keys apart: nodes with another one are refused.
    pub key: String,
    /// How many notes may wait to be sent; what comes beyond is left to the comparison with the log. Default 65,536.
    pub queue: usize,
    /// For how long another node is believed to be there without a word from it; it says one three times as often.
    /// Default 15 s.
    pub term: Duration,
    /// How long the nodes may take to say who is present. Default 1 s.
    pub answer_timeout: Duration,
}

impl ClusterSettings {
    /// The defaults, with these servers, for this installation and this key.
    #[must_use]
    pub fn new(servers: Vec<String>, installation: String, key: String) -> ClusterSettings {
        ClusterSettings {
            servers,
            credentials_file: None,
            ca_file: None,
            installation,
            key,
            queue: 65_536,
            term: Duration::from_secs(15),
            answer_timeout: Duration::from_secs(1),
        }
    }
}
