//! The guides beside the code that they speak of: what is logged, how loud, and where the links lead.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// The folder of the whole repository.
fn root() -> &'static Path {
    let mut folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    folders.find(|folder| folder.join("ARCHITECTURE.md").exists()).expect("these tests lie in it")
}

/// Every file below `folder` whose name ends so; what is built, or kept by git, is left out.
fn files(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let is_ours = path.file_name().is_some_and(|name| name != "target" && name != ".git");
        if path.is_dir() && is_ours {
            files(&path, extension, found);
        } else if path.extension().is_some_and(|ending| ending == extension) {
            found.push(path);
        }
    }
}

fn texts(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    files(&root().join(folder), extension, &mut found);
    let text = |path: PathBuf| fs::read_to_string(&path).map(|text| (path, text)).expect("text");
    found.into_iter().map(text).collect()
}

/// What the crates log for an operator, as the code spells it, and the levels at which it does.
fn logged() -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut lines = BTreeMap::<_, BTreeSet<_>>::new();
    for (path, code) in texts("crates", "rs") {
        if !path.components().any(|part| part.as_os_str() == "src") {
            continue;
        }
        for level in ["error", "warn", "info", "debug"] {
            for call in code.split(&format!("tracing::{level}!(")).skip(1) {
                let call = call.split(");").next().expect("the call");
                // The text is the last that stands in quotes.
                let text = call.rsplit('"').nth(1).expect("a text");
                lines.entry(text.to_owned()).or_default().insert(level);
            }
        }
    }
    assert!(lines.len() >= 12, "{lines:?}");
    lines
}

/// The rows of the operator's guide: a line of the log, its level, what to do.
fn told() -> BTreeMap<String, String> {
    let guide = fs::read_to_string(root().join("docs/operations.md")).expect("the guide");
    let rows = guide.lines().filter_map(|row| row.strip_prefix("| `")?.split_once("` | "));
    let rows = rows.filter_map(|(line, rest)| Some((line, rest.split_once(" |")?.0)));
    rows.map(|(line, level)| (line.to_owned(), level.to_owned())).collect()
}

#[test]
fn the_operators_guide_knows_every_log_line() {
    let told = told();
    let untold: Vec<_> = logged().into_keys().filter(|line| !told.contains_key(line)).collect();
    assert!(untold.is_empty(), "docs/operations.md has no row for {untold:#?}");
}

#[test]
fn a_log_line_has_the_level_that_the_operators_guide_tells() {
    let told = told();
    for (line, levels) in logged() {
        let Some(level) = told.get(&line) else { continue };
        let levels: Vec<_> = levels.into_iter().collect();
        assert_eq!(levels.join(", "), *level, "`{line}`: the code's level, and that of docs/operations.md");
    }
}

#[test]
fn every_link_of_the_guides_leads_to_a_file_that_is_there() {
    let mut links = 0;
    for (path, text) in texts("", "md") {
        // Code has brackets of its own, which are no links.
        let prose = text.split("```").step_by(2);
        for target in prose.flat_map(|prose| prose.split("](").skip(1)) {
            let target = target.split([')', '#']).next().expect("the target");
            if target.contains("://") || target.is_empty() {
                continue;
            }
            let file = path.parent().expect("a folder").join(target);
            assert!(file.exists(), "{}: {target}", path.display());
            links += 1;
        }
    }
    assert!(links >= 60, "{links}");
}

#[test]
fn the_security_page_names_tests_and_files_that_are_there() {
    let page = fs::read_to_string(root().join("docs/security.md")).expect("the page");
    let code: Vec<_> = ["crates", "tests", "examples"].into_iter().flat_map(|folder| texts(folder, "rs")).collect();
    let (mut tests, mut paths) = (0, 0);
    for named in page.split('`').skip(1).step_by(2) {
        if named.matches('_').count() >= 4 {
            let declared = format!("fn {named}(");
            assert!(code.iter().any(|(_, code)| code.contains(&declared)), "there is no test `{named}`");
            tests += 1;
        } else if named.contains('/') && !named.contains(' ') && !named.starts_with('/') {
            let places = ["", "crates", "crates/flow-chat/tests"].map(|folder| root().join(folder).join(named));
            assert!(places.iter().any(|place| place.exists()), "there is no `{named}`");
            paths += 1;
        }
    }
    assert!(tests >= 15 && paths >= 8, "{tests} tests, {paths} files");
}
