//! Connects to where a page is. What is checked here is what is connected to: nobody looks a name up a second time.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::Url;

use crate::error::{PreviewsError, Refusal};
use crate::policy::Policy;
use crate::resolve::Resolver;
use crate::target::literal;

/// How many addresses of a name are tried, each for its part of the time.
const TRIES: usize = 4;

/// A connection, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Makes connections.
pub(crate) struct Connector {
    tls: TlsConnector,
    policy: Arc<dyn Policy>,
    resolver: Arc<dyn Resolver>,
    /// How long one address may take.
    patience: Duration,
}

impl Connector {
    pub fn new(
        policy: Arc<dyn Policy>,
        resolver: Arc<dyn Resolver>,
        time: Duration,
    ) -> Result<Connector, PreviewsError> {
        let tries = u32::try_from(TRIES).unwrap_or(u32::MAX);
        Ok(Connector { tls: tls()?, policy, resolver, patience: time / tries })
    }

    /// A connection to the server of a target.
    pub async fn connect(&self, url: &Url) -> Result<Box<dyn Stream>, Refusal> {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return Err(Refusal::Link);
        };
        let stream = self.reach(host, port).await?;
        if url.scheme() == "http" {
            return Ok(Box::new(stream));
        }
        let name = match literal(host) {
            Some(address) => ServerName::from(address),
            None => ServerName::try_from(host.to_owned()).map_err(|_| Refusal::Link)?,
        };
        let stream = self.tls.connect(name, stream).await.map_err(|_| Refusal::Unreachable)?;
        Ok(Box::new(stream))
    }

    async fn reach(&self, host: &str, port: u16) -> Result<TcpStream, Refusal> {
        let addresses: Vec<IpAddr> = match literal(host) {
            Some(address) => vec![address],
            None => self.resolver.look_up(host).await.map_err(|_| Refusal::Unreachable)?,
        };
        // A name that leads inside as well is not one to be trusted outside.
        if !addresses.iter().all(|address| self.policy.allows_address(*address)) {
            return Err(Refusal::Forbidden);
        }
        for address in addresses.into_iter().take(TRIES) {
            if let Ok(Ok(stream)) = timeout(self.patience, TcpStream::connect((address, port))).await {
                return Ok(stream);
            }
        }
        Err(Refusal::Unreachable)
    }
}

/// TLS that trusts whom the system trusts.
fn tls() -> Result<TlsConnector, PreviewsError> {
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if added == 0 {
        log::warn!("the system trusts no authority: there will be no previews of https");
    }
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(TlsConnector::from(Arc::new(config.with_root_certificates(roots).with_no_client_auth())))
}
