//! Bytes as text: the standard alphabet of base64, with its padding.

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(crate) fn write(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= group.len() { letter.into() } else { '=' });
        }
    }
    text
}

/// The bytes that this text stands for; none if it is no base64. Libraries differ in whether they pad, and in what the bits behind the
/// last byte are.
pub(crate) fn read(text: &str) -> Option<Vec<u8>> {
    let letters = text.trim_end_matches('=');
    if letters.len() % 4 == 1 || text.len() - letters.len() > 2 {
        return None;
    }
    let (mut bytes, mut bits, mut count) = (Vec::with_capacity(letters.len() * 3 / 4), 0_u32, 0);
    for letter in letters.bytes() {
        bits = bits << 6 | u32::from(value(letter)?);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 255) as u8);
        }
    }
    Some(bytes)
}

fn value(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    /// The vectors of RFC 4648.
    #[test]
    fn what_the_standard_shows_is_written_and_read() {
        let vectors =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")];
        for (bytes, text) in vectors.into_iter().chain([("foobar", "Zm9vYmFy")]) {
            assert_eq!((write(bytes.as_bytes()), read(text)), (text.to_owned(), Some(bytes.into())));
            assert_eq!(read(text.trim_end_matches('=')), Some(bytes.into()));
        }
        let all: Vec<_> = (0..=u8::MAX).collect();
        assert_eq!(read(&write(&all)), Some(all));
    }

    #[test]
    fn what_is_no_base64_is_not_read() {
        for text in ["Z", "Zm9vY", "Zm 9", "Zm9v=Zm9v", "Zm9v===", "Zm9_", "Zm9-", "Zmé="] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
