//! What comes out, and what must not.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod attacks;
mod held;
mod random;
mod shapes;
