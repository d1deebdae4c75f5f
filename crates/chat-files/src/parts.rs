//! The objects that keep the bytes of an upload, in their order.

use std::ops::Range;

/// The most parts of one upload.
pub(crate) const MOST: usize = 1000;

/// One object: its name below the upload's, and how many bytes it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub name: String,
    pub bytes: u64,
}

/// All of them as the table keeps them: `name:bytes,name:bytes`.
pub(crate) fn write(parts: &[Part]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("{}:{}", part.name, part.bytes)).collect();
    parts.join(",")
}

/// None for a text that was never written.
pub(crate) fn read(text: &str) -> Option<Vec<Part>> {
    let part = |text: &str| {
        let (name, bytes) = text.split_once(':')?;
        Some(Part { name: name.to_owned(), bytes: bytes.parse().ok()? })
    };
    if text.is_empty() { Some(Vec::new()) } else { text.split(',').map(part).collect() }
}

/// Which bytes of which parts make this range of the whole, in pieces of at most `slice` bytes.
pub(crate) fn slices(parts: &[Part], range: &Range<u64>, slice: u64) -> Vec<(String, Range<u64>)> {
    let mut slices = Vec::new();
    let mut begin = 0;
    for part in parts {
        let end = begin + part.bytes;
        let (mut from, to) = (range.start.max(begin), range.end.min(end));
        while from < to {
            let next = to.min(from + slice);
            slices.push((part.name.clone(), from - begin..next - begin));
            from = next;
        }
        begin = end;
    }
    slices
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_never_written_is_not_read() {
        for wrong in ["a", "a:", "a:-1", "a:1,", ",", "a:1,b"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(read(""), Some(vec![]));
    }

    proptest! {
        #[test]
        fn slices_are_the_range_in_order(
            sizes in prop::collection::vec(0..50_u64, 0..10),
            from in 0..300_u64,
            length in 0..300_u64,
            slice in 1..20_u64,
        ) {
            let part = |(index, bytes): (usize, &u64)| Part { name: format!("p{index}"), bytes: *bytes };
            let parts: Vec<Part> = sizes.iter().enumerate().map(part).collect();
            prop_assert_eq!(read(&write(&parts)), Some(parts.clone()));
            let whole: Vec<(String, u64)> =
                parts.iter().flat_map(|part| (0..part.bytes).map(|byte| (part.name.clone(), byte))).collect();
            let end = (from + length).min(whole.len() as u64);
            let cut = slices(&parts, &(from..from + length), slice);
            prop_assert!(cut.iter().all(|(_, range)| range.end - range.start <= slice));
            let cut: Vec<(String, u64)> =
                cut.into_iter().flat_map(|(name, range)| range.map(move |byte| (name.clone(), byte))).collect();
            let begin = usize::try_from(from.min(end)).unwrap();
            prop_assert_eq!(&cut[..], &whole[begin..usize::try_from(end).unwrap().max(begin)]);
        }
    }
}
