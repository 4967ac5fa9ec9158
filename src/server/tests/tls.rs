//! TLS, with a certificate made for the test.

use std::path::Path;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, version::TLS12};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio_rustls::TlsConnector;

use super::*;
use crate::server::tls;

/// A certificate for `localhost` in `directory`, as the server's configuration and as what a client trusts.
fn certificate(directory: &Path) -> (Arc<ServerConfig>, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (chain, key) = (directory.join("cert.pem"), directory.join("key.pem"));
    std::fs::write(&chain, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    (tls::acceptor(&chain, &key).unwrap(), cert.der().clone())
}

fn client(trusted: CertificateDer<'static>, versions: &[&'static rustls::SupportedProtocolVersion]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn tls_is_version_1_3_or_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let (config, trusted) = certificate(directory.path());
    let server = Server::start(hello(), limits(), Some(config)).await;
    let name = ServerName::try_from("localhost").unwrap();

    let connector = client(trusted.clone(), rustls::ALL_VERSIONS);
    let mut stream = connector.connect(name.clone(), server.connect().await).await.unwrap();
    assert_eq!(stream.get_ref().1.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    assert!(ask(&mut stream).await.contains("200 OK"));

    assert!(client(trusted, &[&TLS12]).connect(name, server.connect().await).await.is_err());
}

#[tokio::test]
async fn a_handshake_that_does_not_come_is_cut() {
    let directory = tempfile::tempdir().unwrap();
    let (config, _) = certificate(directory.path());
    let server = Server::start(hello(), limits(), Some(config)).await;
    let begin = Instant::now();
    let mut silent = server.connect().await;
    rest(&mut silent).await;
    assert!(begin.elapsed() < Duration::from_secs(2));
    let mut clear = server.connect().await;
    assert!(!ask(&mut clear).await.contains("200 OK"), "answered without TLS");
}

#[tokio::test]
async fn a_key_of_another_certificate_is_refused() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    certificate(one.path());
    certificate(other.path());
    assert!(matches!(
        tls::acceptor(&one.path().join("cert.pem"), &other.path().join("key.pem")),
        Err(tls::TlsError::Pair(_))
    ));
    assert!(matches!(
        tls::acceptor(Path::new("/nonexistent"), Path::new("/nonexistent")),
        Err(tls::TlsError::File { .. })
    ));
}
