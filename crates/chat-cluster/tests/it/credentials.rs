//! Servers that are trusted, and that trust: TLS and credentials files.

use std::fs;

use chat_cluster::{ClusterError, ClusterSettings};
use chat_core::Limits;
use chat_testdb::NatsServer;
use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::support::Shared;

#[tokio::test]
async fn a_server_is_trusted_by_its_certificate() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, content: &str| {
        let path = directory.path().join(name);
        fs::write(&path, content).unwrap();
        path
    };
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let certificate = file("cert.pem", &cert.pem());
    let key = file("key.pem", &signing_key.serialize_pem());
    let (cert, key) = (certificate.to_str().unwrap(), key.to_str().unwrap());
    let shared = Shared::with(NatsServer::start_with(&["--tls", "--tlscert", cert, "--tlskey", key]));
    let servers = vec![format!("tls://{}", shared.nats.address())];
    let settings = ClusterSettings { servers, ..shared.settings() };
    let unknown = shared.node_with(settings.clone(), Limits::default()).await;
    assert!(matches!(unknown.err(), Some(ClusterError::Refused { .. })), "nobody vouches for it");
    let settings = ClusterSettings { ca_file: Some(certificate.clone()), ..settings };
    assert!(shared.node_with(settings, Limits::default()).await.unwrap().backplane.is_connected());
}

#[tokio::test]
async fn a_credentials_file_opens_the_door() {
    let [operator, account] = [KeyPair::new_operator(), KeyPair::new_account()];
    let [user, stranger] = [KeyPair::new_user(), KeyPair::new_user()];
    let limits = r#""subs":-1,"data":-1,"payload":-1"#;
    let of_operator = token(&operator, &operator, r#""type":"operator""#);
    let of_account = format!(
        r#""type":"account","limits":{{{limits},"conn":-1,"leaf":-1,"imports":-1,"exports":-1,"wildcards":true}}"#
    );
    let of_account = token(&operator, &account, &of_account);
    let directory = tempfile::tempdir().unwrap();
    let config = directory.path().join("nats.conf");
    let preload = format!("resolver_preload: {{ {}: {of_account} }}", account.public_key());
    fs::write(&config, format!("operator: {of_operator}\nresolver: MEMORY\n{preload}\n")).unwrap();
    let shared = Shared::with(NatsServer::start_with(&["-c", config.to_str().unwrap()]));
    let with = |name: &str, issuer: &KeyPair, user: &KeyPair| {
        let token = token(issuer, user, &format!(r#""type":"user",{limits}"#));
        let seed = user.seed().unwrap();
        let path = directory.path().join(name);
        let content = format!(
            "-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        fs::write(&path, content).unwrap();
        ClusterSettings { credentials_file: Some(path), ..shared.settings() }
    };
    let refused =
        shared.node_with(with("stranger", &KeyPair::new_account(), &stranger), Limits::default()).await;
    assert!(matches!(refused.err(), Some(ClusterError::Refused { .. })));
    let node = shared.node_with(with("user", &account, &user), Limits::default()).await.unwrap();
    assert!(node.backplane.is_connected() && node.backplane.is_settled().await);
}

/// What one key says of another, as NATS has it: a JSON Web Token signed with Ed25519.
fn token(issuer: &KeyPair, subject: &KeyPair, nats: &str) -> String {
    let encode = |text: &[u8]| BASE64URL_NOPAD.encode(text);
    let claims = format!(
        r#"{{"jti":"1","iat":1700000000,"iss":"{}","name":"test","sub":"{}","nats":{{{nats},"version":2}}}}"#,
        issuer.public_key(),
        subject.public_key()
    );
    let signed =
        format!("{}.{}", encode(br#"{"typ":"JWT","alg":"ed25519-nkey"}"#), encode(claims.as_bytes()));
    let signature = issuer.sign(signed.as_bytes()).unwrap();
    format!("{signed}.{}", encode(&signature))
}
