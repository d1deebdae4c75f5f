//! The tables of client protocol, section 10.

use chat_proto::{Disconnect, ErrorBody, ErrorCode, Unsubscribe, limits};

#[test]
fn every_error_has_the_protocols_code_and_text() {
    let table: Vec<_> = ErrorCode::ALL.iter().map(|e| (e.code(), e.message(), e.temporary())).collect();
    assert_eq!(
        table,
        [
            (100, "internal server error", true),
            (101, "unauthorized", false),
            (102, "unknown channel", false),
            (103, "permission denied", false),
            (104, "method not found", false),
            (105, "already subscribed", false),
            (106, "limit exceeded", false),
            (107, "bad request", false),
            (108, "not available", false),
            (109, "token expired", false),
            (110, "expired", false),
            (111, "too many requests", true),
            (112, "unrecoverable position", false),
            (113, "concurrent pagination", true),
        ]
    );
}

#[test]
fn an_error_keeps_its_code_under_a_message_of_the_applications_own() {
    let error = ErrorBody::with_message(ErrorCode::TooManyRequests, "slow_mode");
    assert_eq!((error.code, &*error.message, error.temporary), (111, "slow_mode", true));
    assert_eq!(error.to_string(), "111: slow_mode");
    assert_eq!(ErrorBody::from(ErrorCode::Expired).message, "expired");
}

#[test]
fn every_disconnect_has_the_protocols_code_and_text() {
    let table: Vec<_> = Disconnect::ALL.iter().map(|d| (d.code(), d.reason())).collect();
    assert_eq!(
        table,
        [
            (3000, "connection closed"),
            (3001, "shutdown"),
            (3004, "internal server error"),
            (3005, "connection expired"),
            (3006, "subscription expired"),
            (3008, "slow"),
            (3009, "write error"),
            (3010, "insufficient state"),
            (3011, "force reconnect"),
            (3012, "no pong"),
            (3013, "too many requests"),
            (3014, "state invalidated"),
            (3500, "invalid token"),
            (3501, "bad request"),
            (3502, "stale"),
            (3503, "force disconnect"),
            (3504, "connection limit"),
            (3505, "channel limit"),
            (3506, "inappropriate protocol"),
            (3507, "permission denied"),
            (3508, "not available"),
            (3509, "too many errors"),
        ]
    );
}

#[test]
fn a_disconnect_reconnects_where_the_sdks_ranges_say_so() {
    for disconnect in Disconnect::ALL {
        let stops = matches!(disconnect.code(), 3500..=3999 | 4500..=4999);
        assert_eq!(disconnect.reconnects(), !stops, "{disconnect:?}");
        assert!(matches!(disconnect.code(), 3000..=4999), "{disconnect:?}");
    }
}

#[test]
fn a_close_reason_is_never_empty_never_json_and_fits_a_close_frame() {
    for disconnect in Disconnect::ALL {
        let reason = disconnect.reason();
        assert!(!reason.is_empty(), "the JavaScript SDK would reconnect after {disconnect:?}");
        assert!(!reason.starts_with('{'), "SDKs would parse the reason of {disconnect:?}");
        assert!(reason.len() <= limits::CLOSE_REASON_BYTES, "{disconnect:?}");
    }
}

#[test]
fn an_unsubscribe_resubscribes_from_2500_on() {
    let table: Vec<_> = Unsubscribe::ALL.iter().map(|u| (u.code(), u.reason(), u.resubscribes())).collect();
    assert_eq!(
        table,
        [
            (2000, "server unsubscribe", false),
            (2500, "insufficient state", true),
            (2501, "subscription expired", true),
            (2502, "state invalidated", true),
        ]
    );
}
