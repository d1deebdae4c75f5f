//! Takes a password from the operator: never from an argument, which every user of the machine can see.

use std::io::{self, BufRead, IsTerminal};

/// The longest line that is read, in bytes: beyond what any password may have, so that the refusal comes from
/// the rules of passwords.
const LINE_BYTES: u64 = 1024;

/// Asks twice and without echo on a terminal; otherwise takes the first line of standard input.
///
/// # Errors
/// When nothing can be read, or the two do not agree.
pub fn read() -> io::Result<String> {
    if !io::stdin().is_terminal() {
        return first_line(io::stdin().lock());
    }
    let password = rpassword::prompt_password("Password: ")?;
    if password != rpassword::prompt_password("Again: ")? {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the two passwords are not the same"));
    }
    Ok(password)
}

fn first_line(input: impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    if input.take(LINE_BYTES).read_line(&mut line)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "no password on standard input"));
    }
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_without_its_end_is_the_password() {
        assert_eq!(first_line(" pass word \r\nrest".as_bytes()).unwrap(), " pass word ");
        assert_eq!(first_line("no end".as_bytes()).unwrap(), "no end");
        assert!(first_line(b"".as_slice()).is_err());
    }
}
