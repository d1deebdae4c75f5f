//! What holds for any command and any text.

use std::collections::BTreeMap;

use chat_proto::{
    ClientInfo, Publication, RawValue, Reply, ReplyBody, Request, RpcResult, decode_frame, push_join,
    push_publication, push_publication_with,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Fields of each type, by name; a request takes some of them.
fn field(name: &'static str) -> BoxedStrategy<(&'static str, Value)> {
    let value = match name {
        "recover" | "positioned" | "recoverable" | "join_leave" | "reverse" => {
            any::<bool>().prop_map(Value::from).boxed()
        }
        "offset" => any::<u64>().prop_map(Value::from).boxed(),
        "limit" | "type" => any::<i32>().prop_map(Value::from).boxed(),
        "flag" => any::<i64>().prop_map(Value::from).boxed(),
        "data" => any_json().boxed(),
        "tf" => any_json().prop_filter("null is no filter", |tf| !tf.is_null()).boxed(),
        "channel" => ".{1,20}".prop_map(Value::from).boxed(),
        "headers" => {
            prop::collection::btree_map(".{0,8}", ".{0,8}", 0..3).prop_map(|headers| json!(headers)).boxed()
        }
        "since" => request(&["offset", "epoch"]).boxed(),
        "subs" => prop::collection::btree_map(".{0,8}", request(&["recover", "offset", "epoch"]), 0..3)
            .prop_map(|subs| json!(subs))
            .boxed(),
        _ => any::<String>().prop_map(Value::from).boxed(),
    };
    value.prop_map(move |value| (name, value)).boxed()
}

/// An object of some of `names`; the channel, without which nothing goes, is always there.
fn request(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let taken = |&name: &&'static str| match name {
        "channel" => field(name).prop_map(Some).boxed(),
        _ => prop::option::weighted(0.6, field(name)).boxed(),
    };
    let fields: Vec<_> = names.iter().map(taken).collect();
    fields.prop_map(|fields| {
        Value::Object(fields.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect())
    })
}

/// A command as a client would write it: its id, its name, its fields.
fn command() -> impl Strategy<Value = (u32, &'static str, Value)> {
    let with = |name: &'static str, names: &'static [&'static str]| {
        request(names).prop_map(move |fields| (name, fields)).boxed()
    };
    let request = prop_oneof![
        with("connect", &["token", "data", "name", "version", "headers", "subs"]),
        with(
            "subscribe",
            &[
                "channel",
                "token",
                "data",
                "recover",
                "epoch",
                "offset",
                "positioned",
                "recoverable",
                "join_leave",
                "delta",
                "tf",
                "flag",
                "type",
            ]
        ),
        with("unsubscribe", &["channel"]),
        with("publish", &["channel", "data"]),
        with("presence", &["channel"]),
        with("presence_stats", &["channel"]),
        with("history", &["channel", "limit", "since", "reverse"]),
        with("rpc", &["method", "data"]),
        with("send", &["data"]),
        with("refresh", &["token"]),
        with("sub_refresh", &["channel", "token"]),
    ];
    (1..=u32::MAX, request).prop_map(|(id, (name, fields))| (id, name, fields))
}

/// The fields of a decoded request that are not at their zero, as JSON again.
fn fields(request: &Request) -> Value {
    let raw = |data: &Option<Box<RawValue>>| {
        data.as_ref().map(|data| serde_json::from_str::<Value>(data.get()).unwrap())
    };
    let position = |offset: u64, epoch: &str| json!({"offset": offset, "epoch": epoch});
    match request {
        Request::Connect(r) => {
            let subs: BTreeMap<_, _> = r
                .subs
                .iter()
                .map(|(channel, sub)| {
                    (channel, json!({"recover": sub.recover, "offset": sub.offset, "epoch": sub.epoch}))
                })
                .collect();
            json!({"token": r.token, "data": raw(&r.data), "name": r.name, "version": r.version,
                   "headers": r.headers, "subs": subs})
        }
        Request::Subscribe(r) => json!({"channel": r.channel, "token": r.token, "data": raw(&r.data),
            "recover": r.recover, "epoch": r.epoch, "offset": r.offset, "positioned": r.positioned,
            "recoverable": r.recoverable, "join_leave": r.join_leave, "delta": r.delta, "tf": raw(&r.tf),
            "flag": r.flag, "type": r.kind}),
        Request::Unsubscribe(r) => json!({"channel": r.channel}),
        Request::Publish(r) => json!({"channel": r.channel, "data": raw(&r.data)}),
        Request::Presence(r) => json!({"channel": r.channel}),
        Request::PresenceStats(r) => json!({"channel": r.channel}),
        Request::History(r) => json!({"channel": r.channel, "limit": r.limit, "reverse": r.reverse,
            "since": r.since.as_ref().map(|since| position(since.offset, &since.epoch))}),
        Request::Rpc(r) => json!({"method": r.method, "data": raw(&r.data)}),
        Request::Send(r) => json!({"data": raw(&r.data)}),
        Request::Refresh(r) => json!({"token": r.token}),
        Request::SubRefresh(r) => json!({"channel": r.channel, "token": r.token}),
        Request::Pong => json!({}),
    }
}

/// `written` with every field of `read` that it leaves out at its zero.
fn completed(written: &Value, read: &Value) -> Value {
    let (Value::Object(written), Value::Object(read)) = (written, read) else { return written.clone() };
    let complete = |(name, read): (&String, &Value)| {
        let value = match written.get(name) {
            Some(sub @ Value::Object(_)) if name == "since" => completed(sub, read),
            Some(Value::Object(subs)) if name == "subs" => {
                let sub =
                    |(channel, sub): (&String, &Value)| (channel.clone(), completed(sub, &read[channel]));
                Value::Object(subs.iter().map(sub).collect())
            }
            Some(value) => value.clone(),
            None => zero(read),
        };
        (name.clone(), value)
    };
    // A field written but not read would be lost here: count them.
    assert!(written.keys().all(|name| read.contains_key(name)));
    Value::Object(read.iter().map(complete).collect())
}

fn zero(like: &Value) -> Value {
    match like {
        Value::Null => Value::Null,
        Value::Bool(_) => json!(false),
        Value::Number(_) => json!(0),
        Value::String(_) => json!(""),
        Value::Array(_) => json!([]),
        Value::Object(_) => json!({}),
    }
}

/// The line of `value`, over several lines if `pretty`.
fn written(value: &Value, pretty: bool) -> String {
    if pretty { serde_json::to_string_pretty(value).unwrap() } else { value.to_string() }
}

proptest! {
    #[test]
    fn any_commands_of_a_frame_are_read_as_they_were_written(
        commands in prop::collection::vec((command(), any::<bool>()), 1..5),
        separator in prop::sample::select(vec!["\n", "\n\n", "\r\n", " ", ""]),
        unknown in any_json(),
    ) {
        let lines: Vec<_> = commands.iter().map(|((id, name, fields), pretty)| {
            let mut object = Map::new();
            object.insert("unknown field".into(), unknown.clone());
            object.insert("id".into(), json!(id));
            object.insert((*name).into(), fields.clone());
            written(&Value::Object(object), *pretty)
        }).collect();
        let read: Vec<_> = decode_frame(&lines.join(separator)).collect::<Result<_, _>>().unwrap();
        prop_assert_eq!(read.len(), commands.len());
        for (read, ((id, name, written), _)) in read.iter().zip(&commands) {
            prop_assert_eq!(read.id, *id);
            prop_assert_eq!(read.request.name(), *name);
            let fields = fields(&read.request);
            prop_assert_eq!(&fields, &completed(written, &fields));
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        prop_assert!(decode_frame(&text).count() > 0);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(decode_frame(&String::from_utf8_lossy(&bytes)).count() > 0);
    }

    #[test]
    fn any_json_is_read_or_refused(json in any_json(), id in any_json(), request in command()) {
        prop_assert!(decode_frame(&json.to_string()).count() > 0);
        let (_, name, _) = request;
        let mut object = Map::new();
        object.insert("id".into(), id);
        object.insert(name.into(), json);
        prop_assert_eq!(decode_frame(&Value::Object(object).to_string()).count(), 1);
    }

    #[test]
    fn a_damaged_command_is_read_or_refused(
        (id, name, fields) in command(),
        at in any::<prop::sample::Index>(),
        byte in 0u8..128,
        cut in any::<bool>(),
    ) {
        let mut bytes = json!({"id": id, name: fields}).to_string().into_bytes();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        prop_assert!(decode_frame(&String::from_utf8_lossy(&bytes)).count() > 0);
    }

    #[test]
    fn any_payload_is_one_line_and_comes_back(
        data in any_json(),
        channel in any::<String>(),
        user in any::<String>(),
        offset in 1..u64::MAX,
        pretty in any::<bool>(),
    ) {
        let text = written(&data, pretty);
        let raw = RawValue::from_string(text.clone()).unwrap();
        let info = ClientInfo { user: user.clone(), conn_info: Some(raw.clone()), ..Default::default() };
        for (line, body) in [
            (
                push_publication(&channel, &text, offset),
                json!({"push": {"channel": channel, "pub": {"data": data, "offset": offset}}}),
            ),
            (
                push_publication_with(&channel, &Publication::new(raw.clone(), offset)),
                json!({"push": {"channel": channel, "pub": {"data": data, "offset": offset}}}),
            ),
            (
                push_join(&channel, &info),
                json!({"push": {"channel": channel,
                    "join": {"info": {"user": user, "client": "", "conn_info": data}}}}),
            ),
            (
                Reply { id: 8, body: ReplyBody::Rpc(RpcResult { data: Some(raw) }) }.encode(),
                json!({"id": 8, "rpc": {"data": data}}),
            ),
        ] {
            prop_assert!(!line.contains(&b'\n') && !line.contains(&b'\r'));
            prop_assert_eq!(serde_json::from_slice::<Value>(&line).unwrap(), body);
        }
    }
}
