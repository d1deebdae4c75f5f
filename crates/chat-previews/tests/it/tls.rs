//! Pages that are encrypted by one whom nobody trusts.

use std::sync::Arc;

use chat_previews::Refusal;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::support::{previews, settings};

#[tokio::test]
async fn a_server_that_nobody_vouches_for_is_not_asked() {
    let own =
        rcgen::generate_simple_self_signed(vec!["tea.example".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let acceptor =
        TlsAcceptor::from(Arc::new(config.with_single_cert(vec![own.cert.der().clone()], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let previews = previews(settings());
    for host in ["tea.example", "127.0.0.1"] {
        let link = format!("https://{host}:{port}/");
        let asked = async {
            let (stream, _) = listener.accept().await.unwrap();
            match acceptor.accept(stream).await {
                // The client may say no only after our handshake is done.
                Ok(mut stream) => stream.read_u8().await.is_ok(),
                Err(_) => false,
            }
        };
        let (found, asked) = tokio::join!(previews.look(&link), asked);
        assert_eq!((found, asked), (Err(Refusal::Unreachable), false), "{host}");
    }
}
