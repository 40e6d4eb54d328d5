//! The storage that settings name is opened, and conversations are kept there.

use std::{fs, path::Path, time::Duration};

use flow_chat::{prelude::*, service::Settings};

use crate::running::{Hello, Host};

async fn opened(pairs: &[(&str, &str)]) -> (Engine<Hello>, bool, bool) {
    let settings = Settings::from_pairs(pairs.iter().copied()).expect("nothing is wrong");
    let storage = settings.connect().await.expect("it opens");
    assert_eq!(storage.warnings(), [""; 0]);
    let engine = storage.engine(settings.configure(Hello::engine(Host)));
    (engine, storage.archive().is_some(), storage.statistics().is_some())
}

#[tokio::test]
async fn a_conversation_is_kept_in_memory_for_as_long_as_the_process_lives() {
    let (engine, has_archive, can_count) = opened(&[("store", "memory:")]).await;
    assert_eq!((has_archive, can_count), (true, false));
    let id = SessionId::random();
    assert_eq!(engine.handle(id, "hi").await.expect("a turn").texts(), ["Hello?"]);
    assert_eq!(engine.handle(id, "you").await.expect("a turn").texts(), ["Bye."]);
}

#[tokio::test]
async fn memory_has_the_bounds_that_are_set() {
    let (engine, ..) = opened(&[("store", "memory:"), ("memory.sessions", "1")]).await;
    engine.handle(SessionId::random(), "hi").await.expect("there is room for one");
    engine.handle(SessionId::random(), "hi").await.expect_err("and not for two");
}

#[tokio::test]
async fn a_file_is_made_with_its_folder_and_goes_on_where_it_was_with_its_archive() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new/folder/bot.db");
    let id = SessionId::random();
    let urls =
        [format!("sqlite://{}", path.display()), format!("sqlite:{}", path.display()), path.display().to_string()];
    for (url, said) in urls.iter().zip(["Hello?", "Bye.", "Hello?"]) {
        let (engine, has_archive, can_count) = opened(&[("store", url)]).await;
        assert_eq!((has_archive, can_count), (true, true));
        assert_eq!(engine.handle(id, "you").await.expect("a turn").texts().last(), Some(&said), "{url}");
        engine.worker().look().await.expect("it is archived");
        assert!(engine.shutdown(Duration::from_secs(5)).await.is_complete());
    }
}

#[tokio::test]
async fn an_archive_is_where_it_is_said_to_be_or_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let archive = folder.path().join("archive.db").display().to_string();
    for (pairs, has_archive, can_count) in [
        (&[("store", "memory:"), ("archive", "none")][..], false, false),
        (&[("store", "memory:"), ("archive", "same")], true, false),
        (&[("store", "memory:"), ("archive", &archive)], true, true),
    ] {
        let (_, had, could) = opened(pairs).await;
        assert_eq!((had, could), (has_archive, can_count), "{pairs:?}");
    }
    assert!(Path::new(&archive).exists());
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_with_its_cause_and_which_of_the_two_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("no.db");
    fs::write(&file, "this is no database, and long enough to be seen as none").expect("a file");
    let file = file.display().to_string();
    for (pairs, told) in
        [([("store", &*file), ("archive", "none")], "store"), ([("store", "memory:"), ("archive", &file)], "archive")]
    {
        let error = Settings::from_pairs(pairs).expect("nothing is wrong").connect().await.expect_err("no database");
        assert_eq!(error.to_string(), format!("the {told} cannot be opened"));
        let cause = std::error::Error::source(&error).expect("a cause").to_string();
        assert_eq!(cause, "the file is no SQLite database");
    }
}
