//! The OpenAPI document is what is served, and what is served is in it.

use actix_web::http::header;
use serde_json::Value;

use crate::support::TestApp;

async fn document(app: &TestApp) -> Value {
    app.get("/api/openapi.json").send().await.ok(200)
}

#[actix_rt::test]
async fn every_operation_of_the_document_is_there() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    let mut operations = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let path = path
                .replace("{room}", "general")
                .replace("{user}", "1")
                .replace("{offset}", "1")
                .replace("{reaction}", ":x:")
                .replace("{attachment}", "1")
                .replace("{upload}", "1")
                .replace("{link}", "1")
                .replace("{session}", "x")
                .replace("{id}", "x")
                .replace("{roomId}", "general");
            assert!(!path.contains('{'), "{path}");
            let reply = app.call(&method.to_uppercase(), &path).send().await;
            assert!(reply.status != 404 && reply.status != 405, "{method} {path}: {}", reply.status);
            assert!(reply.status != 500, "{method} {path}: {}", reply.text());
            operations += 1;
        }
    }
    assert!(operations > 10, "{operations}");
}

#[actix_rt::test]
async fn every_operation_says_what_it_answers_and_who_may_call_it() {
    let app = TestApp::new().await;
    let document = document(&app).await;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["summary"].is_string(), "{name}");
            assert!(operation["operationId"].is_string(), "{name}");
            let responses = operation["responses"].as_object().unwrap();
            assert!(responses.keys().any(|status| status.starts_with('2')), "{name}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                assert!(parameter["description"].is_string(), "{name}: {parameter}");
            }
            if operation["tags"][0] == "classic" {
                continue;
            }
            for (status, response) in responses {
                if !status.starts_with('2') {
                    let schema = &response["content"]["application/problem+json"]["schema"]["$ref"];
                    assert_eq!(schema, "#/components/schemas/Problem", "{name} {status}");
                }
            }
            assert_eq!(
                responses.contains_key("401"),
                !operation["security"][0].as_object().unwrap().is_empty()
                    || path == "/api/v1/sessions"
                    || path == "/api/v1/sessions/refresh",
                "{name}"
            );
            if operation["requestBody"].is_object() {
                assert!(responses.contains_key("415") && responses.contains_key("422"), "{name}");
            }
        }
    }
}

#[actix_rt::test]
async fn every_reference_of_the_document_leads_somewhere() {
    fn walk<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(reference)) = fields.get("$ref") {
                    references.push(reference);
                }
                fields.values().for_each(|value| walk(value, references));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(value, references)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let app = TestApp::new().await;
    let document = document(&app).await;
    let mut references = Vec::new();
    walk(&document, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

#[actix_rt::test]
async fn the_document_can_be_browsed_without_anyone_elses_server() {
    let app = TestApp::new().await;
    assert_eq!(app.get("/api/docs").send().await.header(header::LOCATION), "/api/docs/");
    let page = app.get("/api/docs/").send().await;
    assert_eq!(page.status, 200);
    let page = page.text().to_owned();
    assert!(page.contains("swagger-ui"));
    assert!(!page.contains("//"), "{page}");
    for part in page
        .split('"')
        .filter(|part| part.ends_with(".js") || part.ends_with(".css") || part.ends_with(".png"))
    {
        let path = format!("/api/docs/{}", part.trim_start_matches("./"));
        assert_eq!(app.get(&path).send().await.status, 200, "{path}");
    }
    let start = app.get("/api/docs/swagger-initializer.js").send().await;
    assert!(start.text().contains("/api/openapi.json"), "{}", start.text());
    assert!(start.text().contains(r#""validatorUrl": "none""#), "{}", start.text());
}
