//! Where pages may be.

use std::net::IpAddr;

use crate::address::is_public;

/// Says where pages may be. It is given in code and is no setting: who may be asked in the server's name is not to be changed by
/// a line in a file.
pub trait Policy: Send + Sync {
    /// Whether a page may be asked for at this address.
    fn allows_address(&self, address: IpAddr) -> bool;

    /// Whether a page may be asked for at this port.
    fn allows_port(&self, port: u16) -> bool;
}

/// Pages may be at addresses of the public internet, at the ports 80 and 443.
#[derive(Debug, Clone, Copy, Default)]
pub struct PublicInternet;

impl Policy for PublicInternet {
    fn allows_address(&self, address: IpAddr) -> bool {
        is_public(address)
    }

    fn allows_port(&self, port: u16) -> bool {
        port == 80 || port == 443
    }
}
