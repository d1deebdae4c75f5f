//! The fields of each command.

use chat_proto::{Position, RawValue, Request, decode_frame, subscribe_flag};

fn one(body: &str) -> Request {
    let mut commands = decode_frame(body);
    let command = commands.next().unwrap().unwrap();
    assert!(commands.next().is_none());
    command.request
}

fn text(data: &Option<Box<RawValue>>) -> Option<&str> {
    data.as_deref().map(RawValue::get)
}

#[test]
fn connect_brings_the_token_and_the_positions_of_server_side_subscriptions() {
    let Request::Connect(connect) = one(
        r##"{"id":1,"connect":{"token":"jwt","data":{"a":[1, 2]},"name":"js","version":"5.7.1","flag":1,
            "headers":{"x-tenant":"red"},"subs":{"user:17":{"recover":true,"offset":9007199254740991,"epoch":"e"},
            "#42":{}}}}"##,
    ) else {
        panic!("not a connect")
    };
    assert_eq!(connect.token, "jwt");
    assert_eq!(text(&connect.data), Some(r#"{"a":[1, 2]}"#));
    assert_eq!((connect.name.as_str(), connect.version.as_str()), ("js", "5.7.1"));
    assert_eq!(connect.headers["x-tenant"], "red");
    let sub = &connect.subs["user:17"];
    assert_eq!((sub.recover, sub.offset, sub.epoch.as_str()), (true, (1 << 53) - 1, "e"));
    assert_eq!(connect.subs["#42"], Default::default());
}

#[test]
fn subscribe_brings_every_field_a_server_without_maps_needs() {
    let Request::Subscribe(sub) =
        one(r#"{"id":1,"subscribe":{"channel":"room:a","token":"t","data":null,"recover":true,"epoch":"e",
            "offset":18446744073709551615,"positioned":true,"recoverable":true,"join_leave":true,
            "delta":"fossil","flag":3,"type":4,"tf":{"key":"k","cmp":"eq","val":"v"}}}"#)
    else {
        panic!("not a subscribe")
    };
    assert_eq!((sub.channel.as_str(), sub.token.as_str()), ("room:a", "t"));
    assert_eq!((sub.recover, sub.epoch.as_str(), sub.offset), (true, "e", u64::MAX));
    assert!(sub.positioned && sub.recoverable && sub.join_leave);
    assert_eq!((sub.delta.as_str(), sub.kind), ("fossil", 4));
    assert_eq!(sub.flag, subscribe_flag::CHANNEL_COMPACTION | subscribe_flag::REJECT_UNRECOVERED);
    assert!(sub.tf.is_some());
    assert_eq!(text(&sub.data), Some("null"));
}

#[test]
fn fields_left_out_or_null_are_at_their_zero() {
    for body in [
        r#"{"channel":"c"}"#,
        r#"{"channel":"c","token":null,"recover":null,"epoch":null,"offset":null,"positioned":null,
            "recoverable":null,"join_leave":null,"delta":null,"tf":null,"flag":null,"type":null}"#,
    ] {
        let Request::Subscribe(sub) = one(&format!("{{\"id\":1,\"subscribe\":{body}}}")) else {
            panic!("not a subscribe")
        };
        assert!(sub.token.is_empty() && sub.epoch.is_empty() && sub.delta.is_empty());
        assert!(!sub.recover && !sub.positioned && !sub.recoverable && !sub.join_leave);
        assert_eq!((sub.offset, sub.flag, sub.kind), (0, 0, 0));
        assert!(sub.tf.is_none() && sub.data.is_none());
    }
    let Request::Connect(connect) =
        one(r#"{"id":1,"connect":{"token":null,"name":null,"version":null,"headers":null,"subs":null}}"#)
    else {
        panic!("not a connect")
    };
    assert!(connect.token.is_empty() && connect.headers.is_empty() && connect.subs.is_empty());
}

#[test]
fn history_brings_a_range_in_either_direction() {
    let Request::History(history) = one(
        r#"{"id":1,"history":{"channel":"c","limit":-1,"since":{"offset":7,"epoch":"e"},"reverse":true}}"#,
    ) else {
        panic!("not a history")
    };
    assert_eq!((history.channel.as_str(), history.limit, history.reverse), ("c", -1, true));
    assert_eq!(history.since, Some(Position { offset: 7, epoch: "e".into() }));

    // A position at the start is one too: `since` of offset 0 is not the same as no `since`.
    let Request::History(history) = one(r#"{"id":1,"history":{"channel":"c","since":{}}}"#) else {
        panic!("not a history")
    };
    assert_eq!((history.limit, history.since, history.reverse), (0, Some(Position::default()), false));
}

#[test]
fn payloads_keep_their_text_whatever_json_they_are() {
    for data in
        ["null", "0", "-1.50e3", "\"a\\nb\\u00e9\"", "[ 1 ,\n 2 ]", "{\"b\":1,\"a\":1,\"a\":2}", "1e999"]
    {
        let Request::Rpc(rpc) = one(&format!("{{\"id\":1,\"rpc\":{{\"method\":\"m\",\"data\":{data}}}}}"))
        else {
            panic!("not an rpc")
        };
        assert_eq!((rpc.method.as_str(), text(&rpc.data)), ("m", Some(data)));

        let Request::Publish(publish) =
            one(&format!("{{\"id\":1,\"publish\":{{\"data\":{data},\"channel\":\"c\"}}}}"))
        else {
            panic!("not a publish")
        };
        assert_eq!((publish.channel.as_str(), text(&publish.data)), ("c", Some(data)));

        let Request::Send(send) = one(&format!("{{\"send\":{{\"data\":{data}}}}}")) else {
            panic!("not a send")
        };
        assert_eq!(text(&send.data), Some(data));
    }
}

#[test]
fn refreshes_bring_their_tokens() {
    let Request::Refresh(refresh) = one(r#"{"id":1,"refresh":{"token":"t"}}"#) else {
        panic!("not a refresh")
    };
    assert_eq!(refresh.token, "t");
    let Request::SubRefresh(refresh) = one(r#"{"id":1,"sub_refresh":{"channel":"c","token":"t"}}"#) else {
        panic!("not a sub_refresh")
    };
    assert_eq!((refresh.channel.as_str(), refresh.token.as_str()), ("c", "t"));
}

#[test]
fn escapes_in_names_and_strings_are_read() {
    let request = one(r#"{"id":1,"subscribe":{"cha\u006enel":"room:\ud83d\ude00\"\n"}}"#);
    assert_eq!(request.channel(), Some("room:😀\"\n"));
}

#[test]
fn a_channel_of_any_length_reaches_the_server_which_answers_an_error() {
    let channel = "c".repeat(60_000);
    let request = one(&format!("{{\"id\":1,\"subscribe\":{{\"channel\":\"{channel}\"}}}}"));
    assert_eq!(request.channel(), Some(channel.as_str()));
}
