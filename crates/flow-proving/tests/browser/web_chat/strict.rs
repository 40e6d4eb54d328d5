//! What a page may not do is heard, so that a page of which nothing was heard is one that did nothing of it.

use flow_proving::Browser;

use super::{
    server::ChatServer,
    visitor::{SOON, assert_clean},
};

#[tokio::test]
async fn a_page_that_does_what_it_may_not_is_heard() {
    let (server, browser) = (ChatServer::start().await, Browser::start().await);
    let page = browser.open(&server.page_with("Nothing")).await;
    assert_clean(&page);
    for mistake in [
        "<script>1</script>",
        "<p style=\"color: red\">red</p>",
        "<img src=\"http://127.0.0.1:1/\">",
        "<iframe src=\"/page\"></iframe>",
    ] {
        let page = browser.open(&server.page_with(mistake)).await;
        page.wait_for("true", SOON).await;
        assert!(!page.violations().is_empty(), "{mistake}");
    }
    // Trusted types: text never becomes elements.
    page.evaluate("setTimeout(() => { document.body.innerHTML = '<b>bold</b>'; })").await;
    page.wait_for("new Promise((resolve) => setTimeout(() => resolve(true), 50))", SOON).await;
    assert!(page.violations().iter().any(|violation| violation.contains("TrustedHTML")), "{:?}", page.violations());
    assert!(page.console_messages().is_empty());
    page.evaluate("console.warn('a word')").await;
    assert!(page.console_messages()[0].contains("a word"));
}
