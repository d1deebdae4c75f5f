//! Reads a body up to a limit, unpacked piece by piece.

use std::io::{self, Write};

use flate2::write::GzDecoder;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::error::Refusal;

/// Takes so many bytes and no more.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl Bounded {
    fn is_full(&self) -> bool {
        self.bytes.len() >= self.most
    }
}

impl Write for Bounded {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if self.is_full() && !piece.is_empty() {
            return Err(io::ErrorKind::WriteZero.into());
        }
        let taken = piece.len().min(self.most - self.bytes.len());
        self.bytes.extend_from_slice(&piece[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The first bytes of a body.
pub(crate) async fn plain(mut body: Incoming, most: usize) -> Result<Vec<u8>, Refusal> {
    let mut read = Bounded { bytes: Vec::new(), most };
    while !read.is_full() {
        let Some(piece) = next(&mut body).await? else { break };
        // What does not fit is what is not wanted.
        let _ = read.write_all(&piece);
    }
    Ok(read.bytes)
}

/// The first bytes of what a body packs by gzip. However much that is, no more than the limit is unpacked.
pub(crate) async fn unpacked(mut body: Incoming, most: usize) -> Result<Vec<u8>, Refusal> {
    let mut unpacker = GzDecoder::new(Bounded { bytes: Vec::new(), most });
    'body: while !unpacker.get_ref().is_full() {
        let Some(piece) = next(&mut body).await? else { break };
        let mut rest = &piece[..];
        while !rest.is_empty() {
            match unpacker.write(rest) {
                // What follows the end of what was packed.
                Ok(0) => break 'body,
                Ok(taken) => rest = &rest[taken..],
                Err(_) if unpacker.get_ref().is_full() => break 'body,
                Err(_) => return Err(Refusal::Unreachable),
            }
        }
    }
    // What it still holds; where the limit is reached it cannot be written, which is as it should be.
    let whole = unpacker.try_finish();
    let read = unpacker.get_mut();
    if whole.is_err() && !read.is_full() {
        return Err(Refusal::Unreachable);
    }
    Ok(std::mem::take(&mut read.bytes))
}

async fn next(body: &mut Incoming) -> Result<Option<hyper::body::Bytes>, Refusal> {
    while let Some(frame) = body.frame().await {
        // What is no data is a header behind the body.
        if let Ok(piece) = frame.map_err(|_| Refusal::Unreachable)?.into_data() {
            return Ok(Some(piece));
        }
    }
    Ok(None)
}
