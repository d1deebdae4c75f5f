//! An account, and what it may be called.

use chat_core::rules::check_name;
use chat_core::{Problem, Profile, Timestamp, UserId, Violation};

use crate::Listed;

/// The longest username, in characters.
const USERNAME_CHARS: usize = 32;

/// The longest display name, in characters.
const DISPLAY_NAME_CHARS: usize = 64;

/// The longest e-mail address, in bytes (RFC 5321, section 4.5.3.1.3, less the brackets).
const EMAIL_BYTES: usize = 254;

/// An account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// What others see of it.
    pub profile: Profile,
    /// Its address; shown to nobody else.
    pub email: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was disabled, if it is.
    pub disabled_at: Option<Timestamp>,
    /// Whether they are an administrator of the whole server.
    pub admin: bool,
}

impl User {
    /// The account.
    #[must_use]
    pub fn id(&self) -> UserId {
        self.profile.id
    }
}

/// An account to be made.
#[derive(Clone, PartialEq, Eq)]
pub struct NewUser {
    /// 1 to 32 characters, unique without regard to case, with no `@`.
    pub username: String,
    /// An e-mail address, unique without regard to case.
    pub email: String,
    /// 8 to 72 bytes.
    pub password: String,
}

impl NewUser {
    /// Everything that is wrong with it.
    pub(crate) fn check(&self) -> Vec<Violation> {
        let checks = [
            check_username(&self.username),
            check_email(&self.email),
            crate::password::check("password", &self.password),
        ];
        checks.into_iter().flatten().collect()
    }
}

/// What is compared in place of a username or an e-mail address, so that case makes no difference.
pub(crate) fn key(text: &str) -> String {
    text.to_lowercase()
}

fn check_username(username: &str) -> Option<Violation> {
    let field = "username";
    check_name(field, username, USERNAME_CHARS).or_else(|| {
        // @room and @here call many: nobody could be called by these.
        if ["room", "here"].contains(&&*key(username)) {
            let expected = "a name other than room and here, by which many are mentioned";
            return Some(Violation { field, problem: Problem::Malformed { expected } });
        }
        // An @ makes it an e-mail address; one logs in with either.
        let plain = username.trim() == username && !username.contains('@');
        let expected = "a name without @, and without white space at its ends";
        (!plain).then_some(Violation { field, problem: Problem::Malformed { expected } })
    })
}

/// What is wrong with the beginning of a username, by which users are looked for.
pub(crate) fn check_beginning(beginning: &str) -> Option<Violation> {
    check_name("q", beginning, USERNAME_CHARS)
}

/// What is wrong with the beginning of a username or an e-mail address, by which accounts are listed. Of nothing, all begin.
pub(crate) fn check_any_beginning(listed: &Listed) -> Option<Violation> {
    let (beginning, limit, unit) = match listed {
        Listed::ByUsername(beginning) => (beginning, USERNAME_CHARS, "characters"),
        Listed::ByEmail(beginning) => (beginning, EMAIL_BYTES, "bytes"),
    };
    let length = if unit == "bytes" { beginning.len() } else { beginning.chars().count() };
    (length > limit).then_some(Violation { field: "q", problem: Problem::TooLong { limit, unit } })
}

/// What is wrong with a display name.
pub(crate) fn check_display_name(name: &str) -> Option<Violation> {
    check_name("display_name", name, DISPLAY_NAME_CHARS)
}

/// Only what is certainly wrong: whether an address works shows when something is sent to it.
fn check_email(email: &str) -> Option<Violation> {
    let field = "email";
    let problem = if email.is_empty() {
        Problem::Empty
    } else if email.len() > EMAIL_BYTES {
        Problem::TooLong { limit: EMAIL_BYTES, unit: "bytes" }
    } else if email.chars().any(|c| c.is_whitespace() || c.is_control()) || !has_two_parts(email) {
        Problem::Malformed { expected: "an email address, such as ann@example.com" }
    } else {
        return None;
    };
    Some(Violation { field, problem })
}

fn has_two_parts(email: &str) -> bool {
    email.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let new = NewUser { username: " ".into(), email: "nowhere".into(), password: "short".into() };
        let fields: Vec<_> = new.check().into_iter().map(|violation| violation.field).collect();
        assert_eq!(fields, ["username", "email", "password"]);
    }

    #[test]
    fn usernames_that_look_like_others_are_refused() {
        for bad in
            ["", "Room", "here", " ann", "ann ", "a@b", "a\u{202E}b", "a\nb", "a\u{200B}b", &"x".repeat(33)]
        {
            assert!(check_username(bad).is_some(), "{bad:?}");
        }
        for good in ["ann", "Ann Müller", "李", &"é".repeat(32)] {
            assert_eq!(check_username(good), None, "{good:?}");
        }
    }

    #[test]
    fn email_addresses_have_two_parts_and_no_spaces() {
        for bad in ["", "a", "@b", "a@", "a b@c", "a@b\n", &format!("{}@b", "x".repeat(253))] {
            assert!(check_email(bad).is_some(), "{bad:?}");
        }
        assert_eq!(check_email("ann@localhost"), None);
    }
}
