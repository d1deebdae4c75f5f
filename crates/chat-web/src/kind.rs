//! What a file is, by its name.

/// The media type, and whether it becomes smaller when it is packed.
pub(crate) fn of(path: &str) -> (&'static str, bool) {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => ("text/html; charset=utf-8", true),
        "css" => ("text/css; charset=utf-8", true),
        "js" => ("text/javascript; charset=utf-8", true),
        "json" => ("application/json", true),
        "webmanifest" => ("application/manifest+json", true),
        "svg" => ("image/svg+xml", true),
        "txt" => ("text/plain; charset=utf-8", true),
        "ico" => ("image/x-icon", true),
        "png" => ("image/png", false),
        "webp" => ("image/webp", false),
        "woff2" => ("font/woff2", false),
        "mp3" => ("audio/mpeg", false),
        "ogg" => ("audio/ogg", false),
        _ => (UNKNOWN, false),
    }
}

/// What browsers neither run nor show.
pub(crate) const UNKNOWN: &str = "application/octet-stream";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_only_bytes() {
        assert_eq!(of("app.js").0, "text/javascript; charset=utf-8");
        assert_eq!(of("icons/a.b.svg").0, "image/svg+xml");
        for path in ["readme", "app.js.map", "APP.JS", "js", ""] {
            assert_eq!(of(path), (UNKNOWN, false), "{path}");
        }
    }
}
