//! Writing one line of JSON into a byte buffer.

use serde::Serialize;

/// What [`append`] takes: only values of this crate, whose serialisation cannot fail.
pub(crate) trait Plain: Serialize {}

impl Plain for str {}
impl Plain for u32 {}
impl Plain for u64 {}
impl Plain for bool {}

/// Appends `value` as compact JSON on one line.
pub(crate) fn append<T: Plain + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let start = out.len();
    // A `Vec` takes every write, all map keys are strings, and no type marked `Plain` refuses to serialise.
    serde_json::to_writer(&mut *out, value).expect("plain data always serialises");
    one_line(&mut out[start..]);
}

/// Appends `raw`, JSON text already, on one line.
pub(crate) fn append_raw(out: &mut Vec<u8>, raw: &str) {
    let start = out.len();
    out.extend_from_slice(raw.as_bytes());
    one_line(&mut out[start..]);
}

/// Blanks the raw line breaks that embedded application JSON may hold: a newline ends a reply, and in valid
/// JSON it is only whitespace, since inside strings it is escaped (client protocol, section 2).
fn one_line(json: &mut [u8]) {
    for byte in json {
        if matches!(*byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}

/// Whether a field is left out: the protocol does not write zero values.
pub(crate) fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
