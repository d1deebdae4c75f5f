//! How a WebSocket message is cut into commands, and what makes it unacceptable.

use chat_proto::{Command, Disconnect, FrameError, JsonFault, Request, decode_frame};

fn decode(frame: &str) -> Result<Vec<Command>, FrameError> {
    decode_frame(frame).collect()
}

fn names(frame: &str) -> Vec<(u32, &'static str)> {
    decode(frame).unwrap().iter().map(|command| (command.id, command.request.name())).collect()
}

fn fault(frame: &str) -> JsonFault {
    let error = decode(frame).unwrap_err();
    let FrameError::Json { fault, .. } = error else { panic!("{frame} gave {error}") };
    fault
}

#[test]
fn connect_and_subscribes_of_one_frame_come_in_order() {
    let frame = "{\"id\":1,\"connect\":{\"token\":\"t\"}}\n{\"id\":2,\"subscribe\":{\"channel\":\"room:a\"}}\n\
                 {\"id\":3,\"subscribe\":{\"channel\":\"room:b\"}}";
    assert_eq!(names(frame), [(1, "connect"), (2, "subscribe"), (3, "subscribe")]);
    let channels: Vec<_> =
        decode(frame).unwrap().iter().map(|c| c.request.channel().map(str::to_owned)).collect();
    assert_eq!(channels, [None, Some("room:a".into()), Some("room:b".into())]);
}

#[test]
fn any_whitespace_may_stand_between_and_inside_commands() {
    assert_eq!(
        names("\n {\"id\":1,\"rpc\":{}}\r\n\n\t{\n\"id\" : 2,\n\"send\" :{}}{}\n"),
        [(1, "rpc"), (2, "send"), (0, "pong")]
    );
}

#[test]
fn a_frame_without_a_command_is_an_error() {
    for frame in ["", " ", "\n", "\r\n\t \n"] {
        let mut commands = decode_frame(frame);
        assert_eq!(commands.next().unwrap().unwrap_err(), FrameError::Empty, "{frame:?}");
        assert!(commands.next().is_none());
    }
}

#[test]
fn commands_before_a_broken_one_still_count_and_none_after_it() {
    let mut commands = decode_frame("{\"id\":1,\"rpc\":{}}\n{\"id\":2,,}\n{\"id\":3,\"rpc\":{}}");
    assert_eq!(commands.next().unwrap().unwrap().id, 1);
    let error = commands.next().unwrap().unwrap_err();
    assert_eq!(error, FrameError::Json { command: 2, fault: JsonFault::Syntax, line: 2, column: 9 });
    assert_eq!(error.to_string(), "command 2 of the frame is not JSON, at line 2 column 9");
    assert!(commands.next().is_none());
}

#[test]
fn nothing_follows_a_command_that_asks_nothing_known() {
    let mut commands = decode_frame("{\"id\":5}\n{\"id\":6,\"rpc\":{}}");
    assert_eq!(commands.next().unwrap().unwrap_err(), FrameError::UnknownRequest { id: 5 });
    assert!(commands.next().is_none());
}

#[test]
fn the_fault_says_whether_json_is_broken_cut_off_or_of_the_wrong_type() {
    for frame in
        ["hello", "{\"id\":1,\"rpc\":{}}]", "{id:1}", "{\"id\":01}", "\u{feff}{}", "{\"send\":{\"data\":+1}}"]
    {
        assert_eq!(fault(frame), JsonFault::Syntax, "{frame}");
    }
    for frame in ["{", "{\"id\":1,\"rpc\":{\"method\":\"a", "{\"send\":{\"data\":[1"] {
        assert_eq!(fault(frame), JsonFault::Truncated, "{frame}");
    }
    for frame in
        ["{\"id\":\"1\",\"rpc\":{}}", "{\"id\":1,\"rpc\":\"x\"}", "{\"id\":1,\"rpc\":{\"method\":7}}"]
    {
        assert_eq!(fault(frame), JsonFault::Value, "{frame}");
    }
}

#[test]
fn an_id_is_a_whole_number_of_32_bits() {
    assert_eq!(names("{\"id\":4294967295,\"rpc\":{}}"), [(u32::MAX, "rpc")]);
    for id in ["4294967296", "-1", "1.5", "true", "[]", "1e99"] {
        assert_eq!(fault(&format!("{{\"id\":{id},\"rpc\":{{}}}}")), JsonFault::Value, "{id}");
    }
}

#[test]
fn only_objects_are_commands_requests_and_positions() {
    for frame in [
        "[]",
        "[1,{}]",
        "null",
        "7",
        "\"{}\"",
        "true",
        "{\"id\":1,\"connect\":[]}",
        "{\"id\":1,\"subscribe\":[\"room:a\"]}",
        "{\"id\":1,\"connect\":{\"subs\":[]}}",
        "{\"id\":1,\"connect\":{\"subs\":{\"room:a\":[]}}}",
        "{\"id\":1,\"history\":{\"channel\":\"room:a\",\"since\":[1,\"e\"]}}",
    ] {
        assert_eq!(fault(frame), JsonFault::Value, "{frame}");
    }
}

#[test]
fn the_first_request_in_the_protocols_order_counts() {
    let order = [
        ("connect", "{}"),
        ("subscribe", "{\"channel\":\"c\"}"),
        ("unsubscribe", "{\"channel\":\"c\"}"),
        ("publish", "{\"channel\":\"c\"}"),
        ("presence", "{\"channel\":\"c\"}"),
        ("presence_stats", "{\"channel\":\"c\"}"),
        ("history", "{\"channel\":\"c\"}"),
        ("rpc", "{}"),
        ("send", "{}"),
        ("refresh", "{}"),
        ("sub_refresh", "{\"channel\":\"c\"}"),
    ];
    for first in 0..order.len() {
        // Written the other way round, so that the order of the text cannot be what decides.
        let fields: Vec<_> = order[first..].iter().rev().map(|(k, v)| format!("\"{k}\":{v}")).collect();
        assert_eq!(names(&format!("{{{},\"id\":9}}", fields.join(","))), [(9, order[first].0)]);
    }
}

#[test]
fn a_command_without_an_id_is_a_pong_unless_it_sends() {
    assert_eq!(names("{}"), [(0, "pong")]);
    assert_eq!(names("{\"id\":0}"), [(0, "pong")]);
    assert_eq!(names("{\"subscribe\":{\"channel\":\"c\"}}"), [(0, "pong")]);
    assert_eq!(names("{\"send\":{\"data\":1}}"), [(0, "send")]);
    assert_eq!(names("{\"id\":3,\"send\":{\"data\":1}}"), [(3, "send")]);
}

#[test]
fn a_request_that_goes_before_a_send_needs_an_id() {
    let error = decode("{\"send\":{},\"publish\":{\"channel\":\"c\"}}").unwrap_err();
    assert_eq!(error, FrameError::MissingId { request: "publish" });
}

#[test]
fn an_id_without_a_known_request_is_an_error() {
    for frame in
        ["{\"id\":7}", "{\"id\":7,\"ping\":{}}", "{\"id\":7,\"dance\":{}}", "{\"id\":7,\"rpc\":null}"]
    {
        assert_eq!(decode(frame).unwrap_err(), FrameError::UnknownRequest { id: 7 }, "{frame}");
    }
}

#[test]
fn a_command_about_a_channel_must_name_it() {
    for request in
        ["subscribe", "unsubscribe", "publish", "presence", "presence_stats", "history", "sub_refresh"]
    {
        for body in ["{}", "{\"channel\":\"\"}", "{\"channel\":null}"] {
            let error = decode(&format!("{{\"id\":4,\"{request}\":{body}}}")).unwrap_err();
            assert_eq!(error, FrameError::MissingChannel { id: 4, request }, "{body}");
        }
    }
}

#[test]
fn unknown_fields_are_ignored_at_every_level() {
    let frame = "{\"id\":1,\"x\":[{}],\"history\":{\"channel\":\"c\",\"x\":{\"y\":1},\
                 \"since\":{\"offset\":3,\"x\":null}},\"ping\":9}";
    let commands = decode(frame).unwrap();
    let Request::History(history) = &commands[0].request else { panic!("{commands:?}") };
    assert_eq!(history.since.as_ref().unwrap().offset, 3);
}

#[test]
fn a_field_given_twice_is_an_error() {
    assert_eq!(fault("{\"id\":1,\"id\":2,\"rpc\":{}}"), JsonFault::Value);
    assert_eq!(fault("{\"id\":1,\"rpc\":{\"data\":1,\"data\":2}}"), JsonFault::Value);
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    // Far past any frame limit, on a stack far below the default.
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let objects = format!("{}1{}", "{\"a\":".repeat(200_000), "}".repeat(200_000));
    let check = move || {
        let data = deep(500_000);
        let commands = decode(&format!("{{\"id\":1,\"rpc\":{{\"data\":{data}}}}}")).unwrap();
        let Request::Rpc(rpc) = &commands[0].request else { panic!("{commands:?}") };
        assert_eq!(rpc.data.as_ref().unwrap().get(), data);

        assert_eq!(names(&format!("{{\"id\":1,\"x\":{objects},\"rpc\":{{\"x\":{objects}}}}}")), [(1, "rpc")]);
        let tags = format!("{{\"id\":1,\"subscribe\":{{\"channel\":\"c\",\"tf\":{objects}}}}}");
        assert_eq!(names(&tags), [(1, "subscribe")]);
        assert_eq!(fault(&"[".repeat(500_000)), JsonFault::Value);
        assert_eq!(fault(&"{\"connect\":".repeat(100_000)), JsonFault::Truncated);
    };
    std::thread::Builder::new().stack_size(256 * 1024).spawn(check).unwrap().join().unwrap();
}

#[test]
fn errors_and_commands_print_no_token_and_no_text() {
    for frame in [
        "{\"id\":\"s3cret\",\"connect\":{}}",
        "{\"id\":1,\"connect\":{\"token\":\"s3cret\"}}",
        "{\"id\":1,\"connect\":{\"token\":[\"s3cret\"],\"data\":\"s3cret\"}}",
        "{\"id\":1,\"connect\":\"s3cret\"}",
        "{\"id\":1,\"publish\":{\"channel\":\"c\",\"data\":\"s3cret\"}}",
        "{\"id\":1,\"rpc\":{\"data\":\"s3cret\"}, \"s3cret\"}",
        "\"s3cret\"",
    ] {
        for command in decode_frame(frame) {
            let printed = match &command {
                Ok(command) => format!("{command:?}"),
                Err(error) => format!("{error:?} {error}"),
            };
            assert!(!printed.contains("s3cret"), "{printed}");
        }
    }
    let commands = decode("{\"id\":1,\"publish\":{\"channel\":\"c\"}}").unwrap();
    assert_eq!(format!("{:?}", commands[0]), "Command { id: 1, request: publish(\"c\") }");
}

#[test]
fn every_frame_error_ends_the_connection_as_a_bad_request() {
    for frame in ["", "x", "{\"id\":1}", "{\"id\":1,\"publish\":{}}"] {
        assert_eq!(decode(frame).unwrap_err().disconnect(), Disconnect::BadRequest);
    }
}
