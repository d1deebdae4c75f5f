//! What each push looks like on the wire.

use chat_proto::{
    ClientInfo, Disconnect, PING, Publication, RawValue, SubscribePush, Unsubscribe, push_disconnect,
    push_join, push_leave, push_message, push_publication, push_publication_with, push_subscribe,
    push_unsubscribe,
};

fn text(line: Vec<u8>) -> String {
    String::from_utf8(line).unwrap()
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

#[test]
fn a_publication_names_channel_data_and_offset_in_this_order() {
    assert_eq!(
        text(push_publication("room:den", r#"{"type":"message.created"}"#, u64::MAX)),
        r#"{"push":{"channel":"room:den","pub":{"data":{"type":"message.created"},"offset":18446744073709551615}}}"#
    );
}

#[test]
fn a_signal_has_no_offset() {
    assert_eq!(
        text(push_publication("room:den", r#"{"type":"typing"}"#, 0)),
        r#"{"push":{"channel":"room:den","pub":{"data":{"type":"typing"}}}}"#
    );
}

#[test]
fn a_plain_publication_is_the_same_from_either_function() {
    let publication = Publication::new(raw("[1]"), 4);
    assert_eq!(push_publication_with("c", &publication), push_publication("c", "[1]", 4));
}

#[test]
fn a_publication_can_name_its_publisher() {
    let info = ClientInfo { user: "17".into(), client: "c1".into(), ..Default::default() };
    let publication = Publication { info: Some(info), ..Publication::new(raw("1"), 2) };
    assert_eq!(
        text(push_publication_with("c", &publication)),
        r#"{"push":{"channel":"c","pub":{"data":1,"info":{"user":"17","client":"c1"},"offset":2}}}"#
    );
}

#[test]
fn raw_line_breaks_become_spaces_and_escaped_ones_stay() {
    assert_eq!(
        text(push_publication("c", "{\n\"a\":\r\n\"x\\ny\"}", 1)),
        r#"{"push":{"channel":"c","pub":{"data":{ "a":  "x\ny"},"offset":1}}}"#
    );
    assert_eq!(text(push_message(&raw("[\n]"))), r#"{"push":{"message":{"data":[ ]}}}"#);
    let info = ClientInfo { conn_info: Some(raw("{\n}")), ..Default::default() };
    assert!(!push_join("c", &info).contains(&b'\n'));
}

#[test]
fn names_are_escaped() {
    assert_eq!(
        text(push_publication("a\"b\\c\n\u{1}é", "1", 1)),
        r#"{"push":{"channel":"a\"b\\c\n\u0001é","pub":{"data":1,"offset":1}}}"#
    );
}

#[test]
fn join_and_leave_say_who() {
    let info = ClientInfo {
        user: "17".into(),
        client: "c1".into(),
        conn_info: Some(raw("{\"name\":\"Ann\"}")),
        chan_info: Some(raw("1")),
    };
    let body = r#"{"info":{"user":"17","client":"c1","conn_info":{"name":"Ann"},"chan_info":1}}"#;
    assert_eq!(text(push_join("c", &info)), format!(r#"{{"push":{{"channel":"c","join":{body}}}}}"#));
    assert_eq!(text(push_leave("c", &info)), format!(r#"{{"push":{{"channel":"c","leave":{body}}}}}"#));

    // Anonymous users are written too.
    assert_eq!(
        text(push_join("c", &ClientInfo::default())),
        r#"{"push":{"channel":"c","join":{"info":{"user":"","client":""}}}}"#
    );
}

#[test]
fn an_unsubscribe_says_why() {
    assert_eq!(
        text(push_unsubscribe("c", Unsubscribe::InsufficientState)),
        r#"{"push":{"channel":"c","unsubscribe":{"code":2500,"reason":"insufficient state"}}}"#
    );
}

#[test]
fn a_subscription_made_by_the_server_says_where_it_stands() {
    let subscription = SubscribePush {
        recoverable: true,
        epoch: "e".into(),
        offset: 9,
        positioned: true,
        data: Some(raw("{}")),
    };
    assert_eq!(
        text(push_subscribe("user:17", &subscription)),
        r#"{"push":{"channel":"user:17","subscribe":{"recoverable":true,"epoch":"e","offset":9,"positioned":true,"data":{}}}}"#
    );
    assert_eq!(text(push_subscribe("c", &Default::default())), r#"{"push":{"channel":"c","subscribe":{}}}"#);
}

#[test]
fn a_disconnect_says_whether_to_come_back() {
    assert_eq!(
        text(push_disconnect(Disconnect::Shutdown)),
        r#"{"push":{"disconnect":{"code":3001,"reason":"shutdown","reconnect":true}}}"#
    );
    assert_eq!(
        text(push_disconnect(Disconnect::InvalidToken)),
        r#"{"push":{"disconnect":{"code":3500,"reason":"invalid token"}}}"#
    );
}

#[test]
fn a_ping_is_an_empty_object() {
    assert_eq!(PING, "{}");
}
