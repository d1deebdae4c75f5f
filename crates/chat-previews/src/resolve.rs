//! From names to addresses.

use std::io;
use std::net::IpAddr;

use async_trait::async_trait;

/// Who knows the addresses of names.
#[async_trait]
pub trait Resolver: Send + Sync {
    /// The addresses of a name, asked once for each connection.
    ///
    /// # Errors
    /// That there is none, or that nobody knows now.
    async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The system's own look-up, on threads of the runtime that may wait.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolver for SystemResolver {
    async fn look_up(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}
