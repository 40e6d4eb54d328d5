//! Bytes as base64url (RFC 4648, section 5) without padding, and back: short, and at home in every channel.

/// The sixty-four letters, by their values.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The bytes as text: four letters for three bytes.
pub(crate) fn write(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let value = group.iter().fold(0, |value, byte| value << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            let letter = value >> (18 - 6 * place) & 63;
            text.push(char::from(ALPHABET[letter as usize]));
        }
    }
    text
}

/// The `N` bytes that this text was written of; none if it was written of none.
pub(crate) fn read<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.len() != (N * 8).div_ceil(6) {
        return None;
    }
    let (mut bytes, mut value, mut bits, mut place) = ([0; N], 0_u32, 0, 0);
    for letter in text {
        value = value << 6 | value_of(*letter)?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes[place] = (value >> bits & 255) as u8;
            place += 1;
        }
    }
    // What is left of the last letter says nothing, and so one text alone stands for the bytes.
    (value & ((1 << bits) - 1) == 0).then_some(bytes)
}

fn value_of(letter: u8) -> Option<u32> {
    let (first, value) = match letter {
        b'A'..=b'Z' => (b'A', 0),
        b'a'..=b'z' => (b'a', 26),
        b'0'..=b'9' => (b'0', 52),
        b'-' => return Some(62),
        b'_' => return Some(63),
        _ => return None,
    };
    Some(u32::from(letter - first) + value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn it_is_written_as_the_standard_has_it() {
        for (bytes, text) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")] {
            assert_eq!(write(bytes.as_bytes()), text);
        }
        assert_eq!(write(&[0xfb, 0xff, 0xfe]), "-__-");
    }

    #[test]
    fn what_was_not_written_is_not_read() {
        assert_eq!(read::<4>(b"Zm9vYg"), Some(*b"foob"));
        for other in ["Zm9vYh", "Zm9vY", "Zm9vYgA", "Zm9vY=", "Zm9v+g", "Zm9v\u{e9}"] {
            assert_eq!(read::<4>(other.as_bytes()), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(six: [u8; 6], four: [u8; 4], twelve: [u8; 12]) {
            prop_assert_eq!(read(write(&six).as_bytes()), Some(six));
            prop_assert_eq!(read(write(&four).as_bytes()), Some(four));
            prop_assert_eq!(read(write(&twelve).as_bytes()), Some(twelve));
        }
    }
}
