//! How much the HTTP API takes, and whom it trusts.

use std::net::IpAddr;

use chat_core::Rate;

/// The settings of the HTTP API. [`Settings::default`] gives the documented defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The longest body of a request, in bytes. Default 64 KiB.
    pub body_bytes: usize,
    /// Origins besides the server's own whose pages may make calls that change something with the cookie,
    /// such as `https://chat.example.org`. Default none.
    pub origins: Vec<String>,
    /// The addresses of the proxies in front of this server: what they say of whom they speak for is believed.
    /// Default none.
    pub proxies: Vec<IpAddr>,
    /// Whether the cookie is only sent over HTTPS. Default no: over plain HTTP browsers would lose it.
    pub secure_cookie: bool,
    /// Whether anyone may make an account. Default yes.
    pub sign_up_open: bool,
    /// Whether the first account of all, when it is made by the native call, becomes an administrator. Default yes.
    pub first_is_admin: bool,
    /// How often one address may try to log in; none switches the limit off. Default 20 a minute, 20 at once.
    pub log_in: Option<Rate>,
    /// How often one address may sign up; none switches the limit off. Default once a minute, 60 at once.
    pub sign_up: Option<Rate>,
    /// The classic calls; none leaves them out. Default on.
    pub classic: Option<ClassicSettings>,
}

/// The settings of the classic calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassicSettings {
    /// Whether a room may be made by a caller who is nobody, as it was with the original. Default no.
    pub trust: bool,
    /// How many rooms the list shows at the most; it has no pages. Default 1,000.
    pub rooms: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            body_bytes: 64 * 1024,
            origins: Vec::new(),
            proxies: Vec::new(),
            secure_cookie: false,
            sign_up_open: true,
            first_is_admin: true,
            log_in: Some(Rate { per_minute: 20, burst: 20 }),
            sign_up: Some(Rate { per_minute: 1, burst: 60 }),
            classic: Some(ClassicSettings::default()),
        }
    }
}

impl Default for ClassicSettings {
    fn default() -> ClassicSettings {
        ClassicSettings { trust: false, rooms: 1000 }
    }
}
