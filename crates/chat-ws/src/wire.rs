//! WebSocket frames as this server writes them (RFC 6455, section 5): whole, unmasked, ready for any connection.

use actix_http::ws::{CloseReason, OpCode, Parser};
use bytes::{BufMut, Bytes, BytesMut};
use chat_proto::limits;

/// How texts become messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// Many lines to a message (client protocol, section 2).
    Lines,
    /// A message for each line, as classic clients read.
    Objects,
}

/// How many bytes of lines share a message. A single longer line passes.
const JOINED_BYTES: usize = limits::DEFAULT_MESSAGE_BYTES;

/// The longest header of a frame that is not masked.
const HEADER_BYTES: usize = 10;

/// An empty command, which is a ping to a client (client protocol, section 9), as a message.
pub(crate) const PING_COMMAND: &[u8] = b"\x81\x02{}";

/// A ping of WebSocket itself.
pub(crate) const PING_FRAME: &[u8] = b"\x89\x00";

/// FIN, and the opcode of a text.
const TEXT: u8 = 0x81;

/// All these texts, in as few messages as may be.
pub(crate) fn texts<'a>(frames: impl Iterator<Item = &'a Bytes> + Clone, wire: Wire) -> Bytes {
    let size: usize = frames.clone().map(|frame| frame.len() + HEADER_BYTES).sum();
    let mut out = BytesMut::with_capacity(size);
    let mut frames = frames.peekable();
    while let Some(frame) = frames.next() {
        if wire == Wire::Objects {
            frame.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).for_each(|line| {
                header(&mut out, line.len());
                out.put_slice(line);
            });
            continue;
        }
        // The length comes first, so that those who share the message are counted before any of it is written.
        let (mut length, mut sharing) = (frame.len(), Vec::new());
        while let Some(next) = frames.next_if(|next| length + next.len() < JOINED_BYTES) {
            length += 1 + next.len();
            sharing.push(next);
        }
        header(&mut out, length);
        out.put_slice(frame);
        for next in sharing {
            out.put_u8(b'\n');
            out.put_slice(next);
        }
    }
    out.freeze()
}

fn header(out: &mut BytesMut, length: usize) {
    out.put_u8(TEXT);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ 0..=125), _) => out.put_u8(length),
        (_, Ok(length)) => {
            out.put_u8(126);
            out.put_u16(length);
        }
        _ => {
            out.put_u8(127);
            out.put_u64(length as u64);
        }
    }
}

/// The answer to a ping, which brings back what it brought.
pub(crate) fn pong(payload: &[u8]) -> Bytes {
    control(OpCode::Pong, payload)
}

fn control(code: OpCode, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::new();
    Parser::write_message(&mut out, payload, code, true, false);
    out.freeze()
}

/// A close, for this reason or none.
pub(crate) fn close(reason: Option<CloseReason>) -> Bytes {
    let mut out = BytesMut::new();
    Parser::write_close(&mut out, reason, false);
    out.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(lines: &[&str], wire: Wire) -> Vec<(usize, String)> {
        let frames: Vec<Bytes> = lines.iter().map(|line| Bytes::copy_from_slice(line.as_bytes())).collect();
        let mut out = BytesMut::from(&texts(frames.iter(), wire)[..]);
        let mut messages = Vec::new();
        while let Some((true, OpCode::Text, payload)) = Parser::parse(&mut out, false, usize::MAX).unwrap() {
            let text = String::from_utf8(payload.unwrap_or_default().to_vec()).unwrap();
            messages.push((text.len(), text));
        }
        assert!(out.is_empty());
        messages
    }

    #[test]
    fn lines_share_a_message_up_to_its_bound() {
        assert_eq!(written(&["a", "b", "c"], Wire::Lines), [(5, "a\nb\nc".to_owned())]);
        let half = "x".repeat(JOINED_BYTES / 2);
        let lengths: Vec<_> = written(&[&half, "y", &half, "z"], Wire::Lines).iter().map(|m| m.0).collect();
        assert_eq!(lengths, [half.len() + 2, half.len() + 2]);
        let whole = "x".repeat(JOINED_BYTES + 1);
        let lengths: Vec<_> = written(&["y", &whole, "z"], Wire::Lines).iter().map(|m| m.0).collect();
        assert_eq!(lengths, [1, whole.len(), 1]);
    }

    #[test]
    fn objects_have_a_message_each() {
        let messages: Vec<_> = written(&["a\nb", "", "c"], Wire::Objects).into_iter().map(|m| m.1).collect();
        assert_eq!(messages, ["a", "b", "c"]);
    }

    #[test]
    fn pings_are_what_the_parser_takes_for_them() {
        let texts = texts([&Bytes::from(chat_proto::PING)].into_iter(), Wire::Lines);
        assert_eq!(PING_COMMAND, &texts[..]);
        assert_eq!(PING_FRAME, &control(OpCode::Ping, &[])[..]);
    }

    #[test]
    fn every_length_has_its_header() {
        for length in [1, 125, 126, 65_535, 65_536] {
            let line = "x".repeat(length);
            assert_eq!(written(&[&line], Wire::Lines), [(length, line.clone())]);
        }
    }
}
