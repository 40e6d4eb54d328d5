//! What a query asks for: names of series, and labels with the values that it looks for. [`asks`].

/// A series that a query names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) series: String,
    /// Labels with the value that is looked for; none where they group, or a pattern is open.
    pub(crate) labels: Vec<(String, Option<String>)>,
}

/// Every series of a query with the labels beside it, and those that it groups by.
pub(crate) fn asks(query: &str) -> Vec<Asked> {
    let groups: Vec<_> = query
        .split("by (")
        .skip(1)
        .flat_map(|rest| rest.split(')').next().expect("an end").split(','))
        .map(|label| (label.trim().to_owned(), None))
        .collect();
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut asked = Vec::new();
    let mut rest = query;
    while let Some(start) = rest.find(is_of_name) {
        rest = &rest[start..];
        let end = rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        rest = after;
        let (matchers, behind) = match after.strip_prefix('{') {
            Some(inside) => inside.split_once('}').expect("a closing brace"),
            None => ("", after),
        };
        if name.starts_with("flow_") || name == "up" {
            let labels = matchers.split("\",").filter(|part| !part.is_empty()).flat_map(looked_for);
            asked.push(Asked { series: name.to_owned(), labels: labels.chain(groups.clone()).collect() });
            rest = behind;
        }
    }
    asked
}

/// A label with each of the values that it is compared with.
fn looked_for(matcher: &str) -> Vec<(String, Option<String>)> {
    let (label, value) = matcher.split_at(matcher.find(['=', '!']).expect("a comparison"));
    let value = value.trim_start_matches(['=', '!', '~']).trim_matches('"');
    let is_open = value.contains(['.', '$']);
    if is_open {
        return vec![(label.to_owned(), None)];
    }
    value.split('|').map(|value| (label.to_owned(), Some(value.to_owned()))).collect()
}

#[test]
fn a_query_is_read() {
    let asked = asks(r#"sum by (flow, le) (rate(flow_a_bucket{call=~"load|post",x!~"b_.*"}[5m])) / up"#);
    let labels = |of: &[(&str, Option<&str>)]| {
        let of = of.iter().map(|(label, value)| ((*label).to_owned(), value.map(str::to_owned)));
        of.collect::<Vec<_>>()
    };
    let groups = [("flow", None), ("le", None)];
    let first = [&[("call", Some("load")), ("call", Some("post")), ("x", None)][..], &groups].concat();
    assert_eq!(
        asked,
        [
            Asked { series: "flow_a_bucket".into(), labels: labels(&first) },
            Asked { series: "up".into(), labels: labels(&groups) }
        ]
    );
}
