//! Where traces go is a setting.

use flow_chat::service::Settings;

fn read<const N: usize>(pairs: [(&str, &str); N]) -> Result<Settings, String> {
    Settings::from_pairs(pairs.into_iter().chain([("store", "memory:")])).map_err(|mistakes| mistakes.to_string())
}

#[tokio::test]
async fn they_are_sent_where_a_collector_is_named_and_nowhere_else() {
    assert!(read([]).expect("right").traces("salon").is_none());
    let named = read([("traces.collector", "http://127.0.0.1:4318"), ("traces.share", "0.1")]).expect("right");
    named.traces("salon").expect("a collector").end().await;
}

#[test]
fn what_is_no_collector_and_no_share_is_told() {
    let mistakes = read([("traces.collector", "https://canary"), ("traces.share", "1.5")]).expect_err("two mistakes");
    assert!(mistakes.contains("`traces.collector`") && mistakes.contains("no address of a collector"), "{mistakes}");
    assert!(mistakes.contains("`traces.share`") && mistakes.contains("no share"), "{mistakes}");
    assert!(!mistakes.contains("canary"), "{mistakes}");
}
