//! What each reply looks like on the wire.

use chat_proto::{
    ClientInfo, ConnectResult, ErrorBody, ErrorCode, HistoryResult, PresenceResult, PresenceStatsResult,
    Publication, RawValue, RefreshResult, Reply, ReplyBody, RpcResult, SubRefreshResult, SubscribeResult,
    to_raw_value,
};

fn line(id: u32, body: ReplyBody) -> String {
    String::from_utf8(Reply { id, body }.encode()).unwrap()
}

fn raw(json: &str) -> Box<RawValue> {
    RawValue::from_string(json.to_owned()).unwrap()
}

#[test]
fn results_without_fields_are_empty_objects() {
    for (body, json) in [
        (ReplyBody::Unsubscribe, r#"{"id":3,"unsubscribe":{}}"#),
        (ReplyBody::Publish, r#"{"id":3,"publish":{}}"#),
        (ReplyBody::Subscribe(SubscribeResult::default()), r#"{"id":3,"subscribe":{}}"#),
        (ReplyBody::Rpc(RpcResult::default()), r#"{"id":3,"rpc":{}}"#),
        (ReplyBody::Refresh(RefreshResult::default()), r#"{"id":3,"refresh":{}}"#),
        (ReplyBody::SubRefresh(SubRefreshResult::default()), r#"{"id":3,"sub_refresh":{}}"#),
    ] {
        assert_eq!(line(3, body), json);
    }
}

#[test]
fn some_zeros_are_always_written() {
    for (body, json) in [
        (ReplyBody::Presence(PresenceResult::default()), r#"{"id":1,"presence":{"presence":{}}}"#),
        (
            ReplyBody::PresenceStats(PresenceStatsResult::default()),
            r#"{"id":1,"presence_stats":{"num_clients":0,"num_users":0}}"#,
        ),
        (
            ReplyBody::History(HistoryResult::default()),
            r#"{"id":1,"history":{"publications":[],"epoch":"","offset":0}}"#,
        ),
        (
            ReplyBody::Presence(PresenceResult { presence: [("c1".into(), ClientInfo::default())].into() }),
            r#"{"id":1,"presence":{"presence":{"c1":{"user":"","client":""}}}}"#,
        ),
    ] {
        assert_eq!(line(1, body), json);
    }
}

#[test]
fn an_error_is_temporary_only_when_it_says_so() {
    for (error, json) in [
        (
            ErrorBody::from(ErrorCode::Internal),
            r#"{"id":4294967295,"error":{"code":100,"message":"internal server error","temporary":true}}"#,
        ),
        (
            ErrorBody::with_message(ErrorCode::PermissionDenied, "not_a_member"),
            r#"{"id":4294967295,"error":{"code":103,"message":"not_a_member"}}"#,
        ),
        (
            ErrorBody { code: 400, message: "own \"word\"\n".into(), temporary: false },
            r#"{"id":4294967295,"error":{"code":400,"message":"own \"word\"\n"}}"#,
        ),
    ] {
        assert_eq!(String::from_utf8(Reply::error(u32::MAX, error).encode()).unwrap(), json);
    }
    assert!(
        Reply::error(1, ErrorCode::NotAvailable).encode().starts_with(b"{\"id\":1,\"error\":{\"code\":108,")
    );
}

#[test]
fn connect_tells_of_the_connection_and_its_subscriptions() {
    let user = SubscribeResult {
        recoverable: true,
        epoch: "xyz".into(),
        offset: 7,
        positioned: true,
        ..Default::default()
    };
    let result = ConnectResult {
        client: "0b1c".into(),
        version: "1.0".into(),
        expires: true,
        ttl: 600,
        data: Some(raw("{\"motd\": \"hi\"}")),
        subs: [("user:17".into(), user)].into(),
        ping: 25,
        pong: true,
    };
    assert_eq!(
        line(1, ReplyBody::Connect(result)),
        r#"{"id":1,"connect":{"client":"0b1c","version":"1.0","expires":true,"ttl":600,"data":{"motd": "hi"},"#
            .to_owned()
            + r#""subs":{"user:17":{"recoverable":true,"epoch":"xyz","offset":7,"positioned":true}},"#
            + r#""ping":25,"pong":true}}"#
    );
}

#[test]
fn a_recovered_subscription_carries_the_position_asked_for_and_what_was_missed() {
    let result = SubscribeResult {
        recoverable: true,
        epoch: "e".into(),
        publications: vec![Publication::new(raw("{\"n\":6}"), 6), Publication::new(raw("{\"n\":7}"), 7)],
        recovered: true,
        offset: 5,
        positioned: true,
        was_recovering: true,
        ..Default::default()
    };
    assert_eq!(
        line(2, ReplyBody::Subscribe(result)),
        r#"{"id":2,"subscribe":{"recoverable":true,"epoch":"e","publications":[{"data":{"n":6},"offset":6},"#
            .to_owned()
            + r#"{"data":{"n":7},"offset":7}],"recovered":true,"offset":5,"positioned":true,"was_recovering":true}}"#
    );
}

#[test]
fn recovered_with_nothing_missed_and_not_recovered_differ() {
    let recovered =
        SubscribeResult { recovered: true, was_recovering: true, offset: 5, ..Default::default() };
    let lost = SubscribeResult { was_recovering: true, offset: 9, ..Default::default() };
    assert_eq!(
        line(2, ReplyBody::Subscribe(recovered)),
        r#"{"id":2,"subscribe":{"recovered":true,"offset":5,"was_recovering":true}}"#
    );
    assert_eq!(
        line(2, ReplyBody::Subscribe(lost)),
        r#"{"id":2,"subscribe":{"offset":9,"was_recovering":true}}"#
    );
}

#[test]
fn a_publication_says_no_more_of_itself_than_it_has() {
    let publication = Publication {
        data: raw("null"),
        info: Some(ClientInfo {
            user: "17".into(),
            client: "c".into(),
            conn_info: Some(raw("{\"name\":\"Ann\"}")),
            chan_info: None,
        }),
        offset: 3,
        tags: [("lang".into(), "en".into())].into(),
        time: 1_700_000_000_000,
    };
    let result = HistoryResult { publications: vec![publication], epoch: "e".into(), offset: 3 };
    assert_eq!(
        line(5, ReplyBody::History(result)),
        r#"{"id":5,"history":{"publications":[{"data":null,"info":{"user":"17","client":"c","#.to_owned()
            + r#""conn_info":{"name":"Ann"}},"offset":3,"tags":{"lang":"en"},"time":1700000000000}],"#
            + r#""epoch":"e","offset":3}}"#
    );
}

#[test]
fn raw_line_breaks_in_payloads_never_reach_the_wire() {
    let result = RpcResult { data: Some(raw("{\r\n  \"text\": \"a\\nb\",\n  \"n\": [\n1\n]\r}")) };
    let line = line(9, ReplyBody::Rpc(result));
    assert!(!line.contains(['\n', '\r']), "{line:?}");
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&line).unwrap(),
        serde_json::json!({"id": 9, "rpc": {"data": {"text": "a\nb", "n": [1]}}})
    );
}

#[test]
fn replies_are_appended_to_a_frame_of_several_lines() {
    let mut frame = Vec::new();
    Reply { id: 1, body: ReplyBody::Publish }.encode_into(&mut frame);
    frame.push(b'\n');
    let data = to_raw_value(&["x"]).unwrap();
    Reply { id: 2, body: ReplyBody::Rpc(RpcResult { data: Some(data) }) }.encode_into(&mut frame);
    // What stands in the frame already, its line breaks too, is left alone.
    assert_eq!(frame, b"{\"id\":1,\"publish\":{}}\n{\"id\":2,\"rpc\":{\"data\":[\"x\"]}}");
}
