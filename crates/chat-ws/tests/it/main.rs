//! Connections over real sockets, spoken to by a WebSocket client that is not ours.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on shall panic")]

/// Makes each test two: for connections that are mounted, and for those taken over.
macro_rules! on_both_ways {
    ($($test:ident),* $(,)?) => {
        mod mounted {
            $(#[actix_web::test] async fn $test() { super::$test(super::Way::Mounted).await; })*
        }
        mod taken {
            $(#[actix_web::test] async fn $test() { super::$test(super::Way::Taken).await; })*
        }
    };
}

mod classic;
mod closing;
mod connecting;
mod frames;
mod rooms;
mod slow;
mod support;
