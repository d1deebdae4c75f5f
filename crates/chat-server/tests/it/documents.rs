//! The pages of the documentation that show requests and answers: each request is made, and must be answered so.
//!
//! A block `http` is a request; the block `json` with a status behind it is its answer, in which `…` stands for what
//! differs each time, and `…NAME` for what later requests show as `…NAME` again. A block `http 204` has an answer without a body. `Bearer ANN` is the token of the user ann.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;

use crate::support::*;

/// A block of code: what stands behind its fence, and its lines.
struct Block {
    info: String,
    text: String,
    line: usize,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in page.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(_) if open => open = false,
            Some(info) => {
                blocks.push(Block { info: info.to_owned(), text: String::new(), line: number + 1 });
                open = true;
            }
            None if open => blocks.last_mut().unwrap().text.extend([line, "\n"]),
            None => {}
        }
    }
    blocks
}

/// What the page has given names, and what it was.
type Names = BTreeMap<String, String>;

/// Whether an answer is what the page shows.
fn matches(shown: &Value, answer: &Value, names: &mut Names) -> bool {
    match (shown, answer) {
        (Value::String(any), _) if any == "…" => true,
        (Value::String(name), Value::String(value)) if name.starts_with('…') => {
            names.entry(name.clone()).or_insert_with(|| value.clone()) == value
        }
        (Value::Object(shown), Value::Object(answer)) => {
            shown.len() == answer.len()
                && shown
                    .iter()
                    .all(|(name, value)| answer.get(name).is_some_and(|it| matches(value, it, names)))
        }
        (Value::Array(shown), Value::Array(answer)) => {
            shown.len() == answer.len()
                && shown.iter().zip(answer).all(|(one, other)| matches(one, other, names))
        }
        _ => shown == answer,
    }
}

/// Makes the request that a block shows.
async fn ask(server: &Server, tokens: &[(&str, String)], names: &Names, request: &str) -> (u16, String) {
    let request = names.iter().fold(request.to_owned(), |text, (name, value)| text.replace(name, value));
    let (head, body) = request.split_once("\n\n").unwrap_or((&request, ""));
    let mut lines = head.lines();
    let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut call = server.client.request(method, format!("{}{path}", server.url));
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        let user = value.strip_prefix("Bearer ").and_then(|user| tokens.iter().find(|one| one.0 == user));
        let value = user.map_or_else(|| value.to_owned(), |(_, token)| format!("Bearer {token}"));
        call = call.header(name, value);
    }
    if !body.trim().is_empty() {
        if !head.contains("Content-Type: ") {
            call = call.header("Content-Type", "application/json");
        }
        call = call.body(body.trim().to_owned());
    }
    let answer = call.send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn conversations_go_as_the_page_shows() {
    go_as_shown(include_str!("../../../../docs/conversations.md"), &["ANN", "BEN", "CID"]).await;
}

#[tokio::test]
async fn the_operators_calls_go_as_the_page_shows() {
    go_as_shown(include_str!("../../../../docs/operator.md"), &["ANN", "BEN", "CID", "DAN"]).await;
}

/// Asks a new server all that the page does, by these users, who have signed up in this order.
async fn go_as_shown(page: &str, users: &[&'static str]) {
    let place = Place::new();
    let server = start(place.server(&[]));
    let mut tokens = Vec::new();
    for name in users.iter().copied() {
        tokens.push((name, server.enter(&name.to_lowercase()).await));
    }
    let blocks = blocks(page);
    let mut names = Names::new();
    let mut asked = 0;
    for (index, block) in blocks.iter().enumerate() {
        let expected = match block.info.as_str() {
            "http" => {
                let answer = blocks.get(index + 1).filter(|next| next.info.starts_with("json "));
                let answer = answer.unwrap_or_else(|| panic!("line {}: no answer follows", block.line));
                (answer.info[5..].parse().unwrap(), Some(answer))
            }
            "http 204" => (204, None),
            _ => continue,
        };
        let (status, body) = ask(&server, &tokens, &names, &block.text).await;
        assert_eq!(status, expected.0, "line {}: {body}", block.line);
        if let Some(shown) = expected.1 {
            let wrong = |error| panic!("line {}: {error}", shown.line);
            let shown: Value = serde_json::from_str(&shown.text).unwrap_or_else(wrong);
            let answer: Value = serde_json::from_str(&body).unwrap();
            assert!(matches(&shown, &answer, &mut names), "line {}: the answer is\n{answer:#}", block.line);
        }
        asked += 1;
    }
    assert!(asked > 10, "{asked}");
}
