//! What comes out, and what must not.

mod attacks;
mod held;
mod random;
mod shapes;
