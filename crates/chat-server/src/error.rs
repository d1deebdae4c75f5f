//! What can keep the server, or one of its commands, from doing its work.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use chat_cluster::ClusterError;
use chat_db::DbError;
use chat_files::FilesError;
use chat_hooks::HookError;
use chat_users::UsersError;
use chat_web::WebError;

use crate::transfer::TransferError;

/// Why a command ended without having done what was asked. Printed as one line; the exit code is 1.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The data directory cannot be made.
    #[error("the data directory {}: {error}", .path.display())]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The address cannot be listened on: it is in use, or not this machine's.
    #[error("cannot listen on {address}: {error}; set another address and port with CHAT_LISTEN")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The database cannot be opened or used.
    #[error("the database: {0}")]
    Db(#[from] DbError),
    /// This node cannot be one of several.
    #[error("nats_url: {0}")]
    Cluster(ClusterError),
    /// Tokens of the other nodes would not be good here.
    #[error("token_key: the other running nodes have a different one; write the same for all")]
    OtherKey,
    /// Messages cannot be judged.
    #[error("moderation.hook_url: {0}")]
    Hook(#[from] HookError),
    /// An account cannot be made or changed, or the signing key cannot be had.
    #[error(transparent)]
    Users(#[from] UsersError),
    /// Pages of the web cannot be asked for.
    #[error("previews: {0}")]
    Previews(#[from] chat_previews::PreviewsError),
    /// Nothing was moved.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The store of files cannot be used.
    #[error("files: {0}")]
    Files(#[from] FilesError),
    /// The page cannot be served from where it should be.
    #[error("web.dir: {0}")]
    Web(#[from] WebError),
    /// No password could be read.
    #[error("the password: {0}")]
    Password(io::Error),
    /// The node does not answer, or is not ready.
    #[error("not ready: {0}")]
    NotReady(io::Error),
    /// The threads of the server cannot be started.
    #[error("cannot start: {0}")]
    Runtime(io::Error),
}

impl From<ClusterError> for ServerError {
    fn from(error: ClusterError) -> ServerError {
        if let ClusterError::OtherKey = error { ServerError::OtherKey } else { ServerError::Cluster(error) }
    }
}
