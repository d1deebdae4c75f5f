//! The files that are built in: hashed and packed once, at the start.

use std::collections::BTreeMap;
use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

use crate::kind;

/// The files of `web/`, by their path in it.
pub(crate) const BUILT_IN: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The document's path.
pub(crate) const INDEX: &str = "index.html";

/// How many hexadecimal digits of the hash stand in addresses: 64 bits, of which no two builds share any.
const DIGITS: usize = 16;

/// A file that is ready to be sent.
pub(crate) struct Asset {
    /// Its media type.
    pub kind: &'static str,
    /// As it is.
    pub plain: Bytes,
    /// Packed by gzip, where that makes it smaller.
    pub packed: Option<Bytes>,
}

/// All of them.
pub(crate) struct Bundle {
    /// Of all paths and all that is in the files.
    pub hash: String,
    /// By their paths; the document's addresses are those with the hash.
    assets: BTreeMap<&'static str, Asset>,
}

impl Bundle {
    pub fn new(files: &[(&'static str, &'static [u8])]) -> Bundle {
        let hash = hash(files);
        let ready = |&(path, bytes): &(&'static str, &'static [u8])| {
            let plain =
                if path == INDEX { addressed(bytes, &hash, files) } else { Bytes::from_static(bytes) };
            let (kind, packable) = kind::of(path);
            let packed = packable.then(|| gzip(&plain)).flatten();
            (path, Asset { kind, plain, packed })
        };
        let assets = files.iter().map(ready).collect();
        Bundle { hash, assets }
    }

    pub fn get(&self, path: &str) -> Option<&Asset> {
        self.assets.get(path)
    }
}

/// Lengths go before what they measure, so that nothing can move from one file to the next unseen.
fn hash(files: &[(&str, &[u8])]) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        for part in [path.as_bytes(), bytes] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
    }
    let mut digits: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(DIGITS);
    digits
}

/// The document with the addresses of its files below the hash. It names them by `web/` and their path, in double quotes. Modules
/// are named at its head, so that a browser asks for all at once, and not for one after it has read the other.
fn addressed(document: &[u8], hash: &str, files: &[(&str, &[u8])]) -> Bytes {
    let modules = files.iter().filter(|(path, _)| path.ends_with(".js"));
    let links: String =
        modules.map(|(path, _)| format!("<link rel=\"modulepreload\" href=\"web/{path}\">\n")).collect();
    let document = String::from_utf8_lossy(document).replacen("</head>", &format!("{links}</head>"), 1);
    Bytes::from(document.replace("=\"web/", &format!("=\"/web/{hash}/")))
}

/// None where nothing is won.
fn gzip(plain: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < plain.len()).then(|| Bytes::from(packed))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    const TEXT: &[u8] = &[b'a'; 1000];

    #[test]
    fn the_hash_is_of_every_path_and_every_byte() {
        let files: &[(&str, &[u8])] = &[("a.js", b"one"), ("b.js", b"two")];
        let others: [&[(&str, &[u8])]; 4] = [
            &[("a.js", b"one"), ("b.js", b"twO")],
            &[("a.js", b"one"), ("c.js", b"two")],
            &[("a.js", b"onet"), ("b.js", b"wo")],
            &[("a.js", b"one")],
        ];
        assert_eq!(hash(files), hash(files));
        assert_eq!(hash(files).len(), DIGITS);
        for other in others {
            assert_ne!(hash(files), hash(other), "{other:?}");
        }
    }

    #[test]
    fn the_document_names_its_files_below_the_hash() {
        let document = br#"<link href="web/style.css"></head><script src="web/app.js"></script><p title="the web/">web/"#;
        let files: &[(&str, &[u8])] = &[("a/b.js", b""), ("app.js", b""), ("style.css", b"")];
        let addressed = addressed(document, "12ab", files);
        let lines: Vec<&str> = std::str::from_utf8(&addressed).unwrap().lines().collect();
        assert_eq!(
            lines,
            [
                r#"<link href="/web/12ab/style.css"><link rel="modulepreload" href="/web/12ab/a/b.js">"#,
                r#"<link rel="modulepreload" href="/web/12ab/app.js">"#,
                r#"</head><script src="/web/12ab/app.js"></script><p title="the web/">web/"#,
            ]
        );
    }

    #[test]
    fn only_what_becomes_smaller_is_packed() {
        let bundle = Bundle::new(&[
            ("index.html", b"<p>"),
            ("long.css", TEXT),
            ("picture.png", TEXT),
            ("short.css", b"a"),
        ]);
        let packed = bundle.get("long.css").unwrap().packed.as_ref().unwrap();
        let mut unpacked = Vec::new();
        GzDecoder::new(&packed[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, TEXT);
        assert!(bundle.get("short.css").unwrap().packed.is_none());
        assert!(bundle.get("picture.png").unwrap().packed.is_none(), "pictures are packed already");
        assert!(bundle.get("other.css").is_none());
    }
}
