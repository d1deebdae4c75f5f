//! What waits to be written to one connection.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// How many pieces go into one system call. The kernel takes 1,024; more than these seldom fit into a socket.
const PIECES: usize = 64;

/// Ready frames in their order. Holds no memory while it is empty.
#[derive(Default)]
pub(crate) struct Queue {
    /// Each ends where a frame ends; the first may have been written in part.
    pieces: VecDeque<Bytes>,
    bytes: usize,
    /// Whether the first was written in part.
    begun: bool,
}

impl Queue {
    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    pub fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() {
            self.bytes += piece.len();
            self.pieces.push_back(piece);
        }
    }

    /// Puts the end of a piece of which the beginning was written already into an empty queue.
    pub fn push_rest(&mut self, piece: &Bytes, written: usize) {
        self.push(piece.slice(written..));
        self.begun = written > 0;
    }

    /// Hands what waits to `write`, in one call or as many as it takes; `write` says how much it has taken.
    pub fn write<E>(&mut self, mut write: impl FnMut(&[IoSlice<'_>]) -> Result<usize, E>) -> Result<(), E> {
        while !self.pieces.is_empty() {
            let mut slices = [IoSlice::new(&[]); PIECES];
            let filled = slices
                .iter_mut()
                .zip(&self.pieces)
                .map(|(slice, piece)| *slice = IoSlice::new(piece))
                .count();
            let taken = write(&slices[..filled])?;
            self.advance(taken);
        }
        // Many are idle most of the time.
        self.pieces = VecDeque::new();
        Ok(())
    }

    /// Drops all that the peer has not seen the beginning of.
    pub fn drop_unseen(&mut self) {
        self.pieces.truncate(usize::from(self.begun));
        self.bytes = self.pieces.iter().map(Bytes::len).sum();
    }

    fn advance(&mut self, mut taken: usize) {
        self.bytes -= taken;
        while let Some(first) = self.pieces.front_mut() {
            if taken < first.len() {
                first.advance(taken);
                self.begun |= taken > 0;
                return;
            }
            taken -= first.len();
            self.begun = false;
            self.pieces.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(pieces: &[&'static str]) -> Queue {
        let mut queue = Queue::default();
        pieces.iter().for_each(|piece| queue.push(Bytes::from_static(piece.as_bytes())));
        queue
    }

    /// Writes until `room` bytes are taken, at most `step` at a time.
    fn take(queue: &mut Queue, mut room: usize, step: usize) -> String {
        let mut seen = Vec::new();
        let _ = queue.write(|slices| {
            let all: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            let count = all.len().min(room).min(step);
            room -= count;
            seen.extend_from_slice(&all[..count]);
            if count == 0 { Err(()) } else { Ok(count) }
        });
        String::from_utf8(seen).unwrap()
    }

    #[test]
    fn everything_is_written_in_order_however_much_is_taken_at_a_time() {
        for step in 1..8 {
            for room in 0..8 {
                let mut queue = queue(&["ab", "cde", "f"]);
                let mut seen = take(&mut queue, room, step);
                assert_eq!(queue.bytes(), 6 - seen.len());
                seen += &take(&mut queue, 100, step);
                assert_eq!(seen, "abcdef");
                assert!(queue.is_empty());
            }
        }
    }

    #[test]
    fn what_was_begun_is_kept_when_the_rest_is_dropped() {
        for (room, rest) in [(0, ""), (1, "b"), (2, ""), (3, "de"), (4, "e"), (5, "")] {
            let mut queue = queue(&["ab", "cde", "f"]);
            take(&mut queue, room, 1);
            queue.drop_unseen();
            assert_eq!(queue.bytes(), rest.len());
            assert_eq!(take(&mut queue, 100, 100), rest, "after {room}");
        }
    }
}
