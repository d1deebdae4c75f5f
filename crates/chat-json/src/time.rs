//! Moments as text.

use std::fmt;
use std::str::FromStr;

use chat_core::{InvalidId, Timestamp};
use serde::{Serialize, Serializer};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A moment in RFC 3339, UTC, with milliseconds: `2026-11-23T06:40:00.123Z`. What is finer is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub Timestamp);

impl Time {
    /// The text's bytes, all ASCII. By hand: it is written for every event, and the formatter of `time` takes
    /// several times as long.
    fn text(self) -> [u8; 24] {
        let nanos = i128::from(self.0.as_micros()) * 1000;
        // RFC 3339 ends with the year 9999; a later moment only comes of a broken clock.
        let moment = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (year, month, day) = moment.to_calendar_date();
        let (hour, minute, second, milli) = moment.to_hms_milli();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        digits(&mut text[0..4], year.unsigned_abs());
        digits(&mut text[5..7], u32::from(u8::from(month)));
        digits(&mut text[8..10], u32::from(day));
        digits(&mut text[11..13], u32::from(hour));
        digits(&mut text[14..16], u32::from(minute));
        digits(&mut text[17..19], u32::from(second));
        digits(&mut text[20..23], u32::from(milli));
        text
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.text()).unwrap_or_default())
    }
}

impl FromStr for Time {
    type Err = InvalidId;

    /// Takes RFC 3339 in any time zone; what is finer than a microsecond is cut off.
    fn from_str(text: &str) -> Result<Time, InvalidId> {
        let wrong = InvalidId { expected: "a time in RFC 3339, such as 2026-11-23T06:40:00Z" };
        let moment = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| wrong)?;
        let micros = i64::try_from(moment.unix_timestamp_nanos().div_euclid(1000)).map_err(|_| wrong)?;
        Ok(Time(Timestamp::from_micros(micros)))
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(str::from_utf8(&self.text()).unwrap_or_default())
    }
}

/// Reads a moment in RFC 3339; what is finer than a microsecond is cut off.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let micros = moment.unix_timestamp_nanos().div_euclid(1000);
    i64::try_from(micros).ok().map(Timestamp::from_micros)
}

/// Writes a number in decimal, as many digits as there is room for.
fn digits(text: &mut [u8], mut number: u32) {
    for place in text.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_from_any_zone() {
        let micros = |text: &str| text.parse::<Time>().map(|time| time.0.as_micros()).ok();
        assert_eq!(micros("2026-11-23T06:40:00.123Z"), Some(1_795_416_000_123_000));
        assert_eq!(micros("2026-11-23T08:40:00.123456789+02:00"), Some(1_795_416_000_123_456));
        assert_eq!(micros("1969-12-31T23:59:59Z"), Some(-1_000_000));
        for wrong in ["", "2026-11-23", "2026-11-23T06:40:00", "1795416000", "2026-13-23T06:40:00Z", "now"] {
            assert_eq!(micros(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_is_rfc_3339_in_utc_with_milliseconds() {
        let text = |micros| Time(Timestamp::from_micros(micros)).to_string();
        assert_eq!(text(1_795_416_000_123_999), "2026-11-23T06:40:00.123Z");
        assert_eq!(text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(text(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(text(951_782_400_000_000), "2000-02-29T00:00:00.000Z");
        assert_eq!(text(i64::MAX), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn what_is_written_is_read_and_so_are_other_zones() {
        let micros = |text| read(text).map(Timestamp::as_micros);
        assert_eq!(micros("2026-11-23T06:40:00.123Z"), Some(1_795_416_000_123_000));
        assert_eq!(micros("2026-11-23T07:40:00.1239999+01:00"), Some(1_795_416_000_123_999));
        assert_eq!(micros("1969-12-31T23:59:59.999999Z"), Some(-1));
        for wrong in ["", "2026-11-23", "2026-11-23T06:40:00", "2026-13-23T06:40:00Z", "1795416000"] {
            assert_eq!(micros(wrong), None, "{wrong}");
        }
    }
}
