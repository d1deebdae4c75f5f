//! What a request may look like, and what is said of those that do not.

use chat_json::request::{AddMember, ChangeRoom, CreateRoom, ListMessages, ListRooms, SendMessage};
use chat_json::{CallError, ErrorKind, parse};
use serde::de::DeserializeOwned;

fn refusal<T: DeserializeOwned>(address: &[(&str, &str)], body: &str) -> CallError {
    match parse::<T>(address, body) {
        Ok(_) => panic!("{body} was taken"),
        Err(error) => error,
    }
}

/// Kind, code, the first field, and the detail.
fn told<T: DeserializeOwned>(
    address: &[(&str, &str)],
    body: &str,
) -> (ErrorKind, &'static str, String, String) {
    let error = refusal::<T>(address, body);
    let field = error.errors.first().map(|error| error.field.clone()).unwrap_or_default();
    (error.kind, error.code, field, error.detail)
}

const ROOM: &[(&str, &str)] = &[("room", "general")];

#[test]
fn a_body_that_is_no_json_is_malformed_and_nothing_of_it_is_repeated() {
    for body in [
        "{",
        "{\"text\":",
        "{\"text\":\"secret\"",
        "{'text':1}",
        "{\"text\":\"a\"} secret",
        "secret",
        "\u{FEFF}{}",
    ] {
        let (kind, code, field, detail) = told::<SendMessage>(ROOM, body);
        assert_eq!((kind, code, field.as_str()), (ErrorKind::Malformed, "malformed_json", ""), "{body}");
        assert!(detail.contains("line 1 column"), "{detail}");
        assert!(!detail.contains("secret"), "{detail}");
    }
}

#[test]
fn a_body_that_is_no_object_is_of_the_wrong_type() {
    for body in ["[]", "\"text\"", "1", "null", "true"] {
        let (kind, code, field, _) = told::<SendMessage>(ROOM, body);
        assert_eq!((kind, code, field.as_str()), (ErrorKind::Malformed, "wrong_type", ""), "{body}");
    }
}

#[test]
fn an_unknown_field_is_named() {
    let (kind, code, field, detail) = told::<SendMessage>(ROOM, r#"{"text":"hi","tetx":1}"#);
    assert_eq!((kind, code, field.as_str()), (ErrorKind::Malformed, "unknown_field", "tetx"));
    assert_eq!(detail, "tetx is not a field of this call");
    let long = format!(r#"{{"{}":1}}"#, "x".repeat(5000));
    assert!(refusal::<SendMessage>(ROOM, &long).detail.len() < 200);
}

#[test]
fn a_missing_field_is_named() {
    let (kind, code, field, detail) = told::<SendMessage>(ROOM, "{}");
    assert_eq!((kind, code, field.as_str()), (ErrorKind::Malformed, "missing_field", "text"));
    assert_eq!(detail, "text is missing");
    assert_eq!(told::<SendMessage>(&[], r#"{"text":"hi"}"#).2, "room");
    assert_eq!(told::<SendMessage>(ROOM, "").1, "missing_field");
}

#[test]
fn a_field_of_another_type_is_named_with_what_was_expected_and_without_what_was_sent() {
    let long = "y".repeat(2000);
    for (body, field, detail) in [
        (r#"{"text":5}"#.to_owned(), "text", "text must be a string, not a number"),
        (r#"{"text":null}"#.to_owned(), "text", "text must be a string, not null"),
        (r#"{"text":["a"]}"#.to_owned(), "text", "text must be a string, not a list"),
        (r#"{"text":{"a":1}}"#.to_owned(), "text", "text must be a string, not an object"),
        (
            r#"{"text":"a","client_id":true}"#.to_owned(),
            "client_id",
            "client_id must be a string, not true or false",
        ),
        (
            format!(r#"{{"text":"a","reply_to":"{long}"}}"#),
            "reply_to",
            "reply_to must be a whole number, 0 or greater",
        ),
        (
            r#"{"text":"a","reply_to":-1}"#.to_owned(),
            "reply_to",
            "reply_to must be a whole number, 0 or greater",
        ),
        (
            r#"{"text":"a","expires_in":"x"}"#.to_owned(),
            "expires_in",
            "expires_in must be a whole number, 0 or greater, not a string",
        ),
        (
            r#"{"text":"a","attachments":"x"}"#.to_owned(),
            "attachments",
            "attachments must be a list, not a string",
        ),
    ] {
        let (kind, code, of, said) = told::<SendMessage>(ROOM, &body);
        assert_eq!((kind, code, of.as_str()), (ErrorKind::Malformed, "wrong_type", field), "{body}");
        assert_eq!(said, detail);
    }
    assert_eq!(told::<SendMessage>(ROOM, r#"{"text":"a","reply_to":1.5}"#).1, "wrong_type");
}

#[test]
fn a_field_that_stands_there_twice_is_refused() {
    assert_eq!(told::<SendMessage>(ROOM, r#"{"text":"a","text":"b"}"#).1, "duplicate_field");
}

#[test]
fn what_stands_in_the_address_may_not_stand_in_the_body() {
    let (_, code, field, _) = told::<SendMessage>(ROOM, r#"{"text":"a","room":"other"}"#);
    assert_eq!((code, field.as_str()), ("unknown_field", "room"));
}

#[test]
fn a_value_that_is_not_of_its_form_has_the_word_of_its_field() {
    let id = told::<CreateRoom>(&[], r#"{"name":"a","id":"a b"}"#);
    assert_eq!((id.0, id.1), (ErrorKind::Invalid, "id_malformed"));
    assert_eq!(id.3, "id must be 1 to 64 of the characters A-Z, a-z, 0-9, _ and -");
    assert_eq!(told::<CreateRoom>(&[], r#"{"name":"a","kind":"direct"}"#).1, "kind_malformed");
    assert_eq!(told::<CreateRoom>(&[], r#"{"name":"a","kind":"Public"}"#).1, "kind_malformed");
    let add = [("room", "general"), ("user", "17")];
    assert_eq!(told::<AddMember>(&add, r#"{"role":"king"}"#).1, "role_malformed");
    assert_eq!(told::<AddMember>(&[("room", "general"), ("user", "me")], "").1, "user_malformed");
    assert_eq!(told::<SendMessage>(ROOM, r#"{"text":"a","client_id":""}"#).1, "client_id_malformed");
    let beyond = told::<SendMessage>(ROOM, r#"{"text":"a","reply_to":9007199254740992}"#);
    assert_eq!((beyond.0, beyond.1), (ErrorKind::Invalid, "reply_to_malformed"));
    assert_eq!(told::<ListRooms>(&[("cursor", "a/b")], "").1, "cursor_malformed");
}

#[test]
fn numbers_and_truths_of_an_address_are_read_from_text() {
    let page: ListMessages = parse(&[("room", "a"), ("before", "7"), ("limit", "3")], "").unwrap();
    assert_eq!((page.before.unwrap().get(), page.limit), (7, Some(3)));
    let rooms: ListRooms = parse(&[("mine", "true")], "").unwrap();
    assert_eq!(rooms.mine, Some(true));
    for (field, text) in
        [("limit", "many"), ("limit", "-1"), ("limit", ""), ("before", "x"), ("before", "1.0")]
    {
        let (kind, code, of, said) = told::<ListMessages>(&[("room", "a"), (field, text)], "");
        assert_eq!((kind, code, of.as_str()), (ErrorKind::Malformed, "wrong_type", field), "{text}");
        assert_eq!(said, format!("{field} must be a whole number, 0 or greater"));
    }
    assert_eq!(told::<ListRooms>(&[("mine", "yes")], "").1, "wrong_type");
    assert_eq!(told::<ListRooms>(&[("limit", "1"), ("limit", "2")], "").1, "duplicate_field");
}

#[test]
fn null_is_as_if_left_out() {
    let change: ChangeRoom = parse(ROOM, r#"{"name":null,"topic":"","kind":null}"#).unwrap();
    assert_eq!((change.name, change.topic.as_deref(), change.kind), (None, Some(""), None));
    let message: SendMessage =
        parse(ROOM, r#"{"text":"a","data":null,"client_id":null,"reply_to":null}"#).unwrap();
    assert_eq!((message.data, message.client_id, message.reply_to), (None, None, None));
}

#[test]
fn the_next_of_a_page_is_taken_as_it_is() {
    let page: ListMessages = parse(&[], r#"{"room":"a","after":"12"}"#).unwrap();
    assert_eq!(page.after.unwrap().get(), 12);
}

#[test]
fn data_keeps_all_but_the_white_space_between_its_parts() {
    let body = "{\"text\":\"a\",\"data\": {\n \"b\" : [ 1.50 , -0, 1e2 ] ,\r\n\t\"a\":\" x \\\" \\\\\" , \"\\u00e9\":{ } }}";
    let message: SendMessage = parse(ROOM, body).unwrap();
    let expected = r#"{"b":[1.50,-0,1e2],"a":" x \" \\","\u00e9":{}}"#;
    assert_eq!(message.data.unwrap().into_string(), expected);
}

#[test]
fn data_that_some_readers_could_not_read_is_refused() {
    let deep = format!(r#"{{"text":"a","data":{}{}}}"#, "[".repeat(65), "]".repeat(65));
    for body in [r#"{"text":"a","data":"\ud800"}"#, r#"{"text":"a","data":1e999}"#, &deep] {
        assert_eq!(told::<SendMessage>(ROOM, body).1, "data_malformed", "{body}");
    }
    let as_deep = format!(r#"{{"text":"a","data":{}{}}}"#, "[".repeat(64), "]".repeat(64));
    assert!(parse::<SendMessage>(ROOM, &as_deep).is_ok());
}

#[test]
fn a_string_whose_escapes_make_no_character_is_malformed() {
    let (kind, code, field, _) = told::<SendMessage>(ROOM, r#"{"text":"\ud800"}"#);
    assert_eq!((kind, code, field.as_str()), (ErrorKind::Malformed, "malformed_json", "text"));
    let message: SendMessage = parse(ROOM, r#"{"text":"\ud83d\ude00","cl\u0069ent_id":"x"}"#).unwrap();
    assert_eq!((message.text.as_str(), message.client_id.unwrap().as_str()), ("😀", "x"));
}
