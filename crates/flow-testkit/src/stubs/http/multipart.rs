//! `multipart/form-data`: fields, and files that are uploaded.

use bytes::Bytes;
use serde_json::{Map, Value};

/// A file that came with a call.
#[derive(Clone)]
pub(in super::super) struct Upload {
    /// The field's name.
    pub(in super::super) field: String,
    pub(in super::super) file_name: String,
    pub(in super::super) media_type: String,
    pub(in super::super) bytes: Bytes,
}

/// The fields and the files of a body. None if it is not of the form that its header says.
pub(super) fn read(media_type: &str, body: &Bytes) -> Option<(Map<String, Value>, Vec<Upload>)> {
    let boundary = parameter(media_type, "boundary")?;
    let (open, between) = (format!("--{boundary}"), format!("\r\n--{boundary}"));
    let (mut fields, mut uploads) = (Map::new(), Vec::new());
    let mut at = find(body, open.as_bytes(), 0)? + open.len();
    while body.get(at..at + 2)? == b"\r\n" {
        let head_end = find(body, b"\r\n\r\n", at)?;
        let head = std::str::from_utf8(&body[at..head_end]).ok()?;
        let begin = head_end + 4;
        let end = find(body, between.as_bytes(), begin)?;
        let bytes = body.slice(begin..end);
        let disposition = header(head, "content-disposition")?;
        let field = parameter(disposition, "name")?;
        match parameter(disposition, "filename") {
            Some(file_name) => {
                let media_type = header(head, "content-type").unwrap_or("application/octet-stream").to_owned();
                uploads.push(Upload { field, file_name, media_type, bytes });
            }
            None => {
                fields.insert(field, Value::String(String::from_utf8(bytes.to_vec()).ok()?));
            }
        }
        at = end + between.len();
    }
    Some((fields, uploads))
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.find(|(found, _)| found.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn parameter(header: &str, name: &str) -> Option<String> {
    let mut is_quoted = false;
    let parts = header.split(|character| {
        is_quoted ^= character == '"';
        character == ';' && !is_quoted
    });
    let mut parameters = parts.skip(1).filter_map(|one| one.trim().split_once('='));
    parameters.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim_matches('"').to_owned())
}

fn find(body: &[u8], what: &[u8], from: usize) -> Option<usize> {
    body.get(from..)?.windows(what.len()).position(|window| window == what).map(|place| place + from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_files_are_told_apart_and_a_cut_body_is_none() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n42\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a;b.png\"\r\nContent-Type: image/png\r\n\r\n\
                    \u{1}\r\n2\r\n--x--\r\n";
        let header = "multipart/form-data; boundary=x";
        let (fields, uploads) = read(header, &Bytes::from(body)).expect("it is whole");
        assert_eq!(fields["chat_id"], "42");
        let upload = &uploads[0];
        assert_eq!((&*upload.field, &*upload.file_name, &*upload.media_type), ("photo", "a;b.png", "image/png"));
        assert_eq!(&*upload.bytes, b"\x01\r\n2");
        for end in 0..body.len() - 4 {
            assert!(read(header, &Bytes::from(&body[..end])).is_none(), "{end}");
        }
    }
}
