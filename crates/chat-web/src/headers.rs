//! What every answer says to browsers beside the file.

use actix_web::http::header::{self, HeaderName};

/// Scripts, styles and whatever else come from this server's own files alone; nothing that is written into the document runs, and
/// no text can be made markup by a script. Pictures that are about to be sent are shown from memory (`blob:`). Everything
/// else, such as frames, plug-ins, workers and forms that go elsewhere, there is none of.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; \
                      connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// The same for files, for the document and for what there is not.
pub(crate) const COMMON: [(HeaderName, &str); 5] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CROSS_ORIGIN_OPENER_POLICY, "same-origin"),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
];

/// The document: kept, and asked for anew each time.
pub(crate) const REVALIDATED: &str = "no-cache";

/// A file whose address has the hash of what is in it (RFC 8246).
pub(crate) const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// What may be different the next moment.
pub(crate) const NEVER: &str = "no-store";
