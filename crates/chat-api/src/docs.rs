//! The OpenAPI document, and a page to browse it.

use utoipa::openapi::path::Operation;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{Components, ContentBuilder, InfoBuilder, OpenApi, Ref, RefOr};
use utoipa::{OpenApi as _, ToSchema};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::auth::COOKIE;
use crate::error::{PROBLEM_JSON, ProblemBody};
use crate::routes::{CLASSIC, classic, native};

/// Where the document is.
const DOCUMENT: &str = "/api/openapi.json";

/// The OpenAPI document of everything that [`configure`](crate::configure) serves, with the classic calls or
/// without them.
#[must_use]
pub fn openapi(with_classic: bool) -> OpenApi {
    let mut document = native::Handlers::openapi();
    if with_classic {
        document.merge(classic::Handlers::openapi());
    }
    document.info = InfoBuilder::new()
        .title("Chat")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Rooms, members and messages. Errors are problem documents (RFC 9457) whose `code` is the word to \
             switch on. Operations are named as the methods of the socket's `rpc`, whose data is the body with \
             the fields of the path and the query in it; those of `admin` are of HTTP alone.",
        ))
        .build();
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.insert("Problem".to_owned(), <ProblemBody<'_> as utoipa::PartialSchema>::schema());
    let mut schemas = Vec::new();
    <ProblemBody<'_> as ToSchema>::schemas(&mut schemas);
    components.schemas.extend(schemas);
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let cookie = ApiKeyValue::with_description(COOKIE, "Calls that change something need a trusted Origin.");
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));

    for (path, item) in &mut document.paths.paths {
        let methods = [
            (false, &mut item.get),
            (false, &mut item.options),
            (true, &mut item.post),
            (true, &mut item.put),
            (true, &mut item.patch),
            (true, &mut item.delete),
        ];
        for (changes, operation) in methods {
            if let Some(operation) = operation {
                add_common(path, changes, operation);
            }
        }
    }
    document
}

/// Adds to an operation what follows from what it takes: who may call it, and the problems that every call of
/// its kind can have.
fn add_common(path: &str, changes: bool, operation: &mut Operation) {
    if operation.tags.iter().flatten().any(|tag| tag == CLASSIC) {
        return;
    }
    // Only what is open to everyone says so itself.
    let secured = operation.security.is_none();
    if secured {
        let no_scopes: [&str; 0] = [];
        operation.security = Some(vec![
            SecurityRequirement::new("token", no_scopes),
            SecurityRequirement::new("cookie", no_scopes),
        ]);
    }
    let body = operation.request_body.is_some();
    let fields = body || operation.parameters.as_ref().is_some_and(|parameters| !parameters.is_empty());
    let for_admins = path.starts_with("/api/v1/admin/");
    let in_room = path.contains("{room}");
    let problems = [
        (fields, "400", "`malformed_json`, `unknown_field`, `missing_field`, `wrong_type`"),
        (secured, "401", "`unauthorized`, `token_expired`, `token_invalid`"),
        (for_admins, "403", "`forbidden`: the caller is no administrator; `cross_origin`"),
        (
            secured && changes,
            "403",
            if in_room { "`not_a_member`, `forbidden`, `cross_origin`" } else { "`cross_origin`" },
        ),
        (in_room, "404", "`room_not_found`, `member_not_found`, `message_not_found`"),
        (body, "413", "`body_too_large`"),
        (body, "415", "`unsupported_media_type`"),
        (
            fields,
            "422",
            "a value breaks a rule: the field and its fault in one word, such as `text_too_long`; `invalid` for several",
        ),
        (path != "/health/live", "503", "`unavailable`: try again"),
        (true, "500", "`internal`: a bug of the server"),
    ];
    for (applies, status, description) in problems {
        if applies {
            let responses = &mut operation.responses.responses;
            responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
        }
    }
}

/// The response with a problem document.
fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content(PROBLEM_JSON, content).build()
}

/// The page that browses the document. All that it loads comes from this server; the validator of the page's
/// makers, which it would ask about the document, is switched off.
pub(crate) fn page(with_classic: bool) -> SwaggerUi {
    let config = Config::new([DOCUMENT]).validator_url("none");
    SwaggerUi::new("/api/docs/{_:.*}").url(DOCUMENT, openapi(with_classic)).config(config)
}
