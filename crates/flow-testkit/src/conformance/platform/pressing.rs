//! What is pressed comes back.

use flow_core::Input;

use super::{Counterpart, broken, kept, random::replies, stage::Stage};

/// To the last byte: a token is known by all of it, and by nothing else.
pub async fn what_is_pressed_comes_back_as_it_was_sent<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let mut message = 0;
    for reply in replies() {
        let sent: Vec<_> = reply.buttons().iter().map(|button| button.token().to_owned()).collect();
        let shown: Vec<_> = stage.shows(&reply).into_iter().flat_map(|shown| shown.buttons).collect();
        if shown.is_empty() {
            continue;
        }
        let tokens: Vec<_> = shown.into_iter().map(|(_, token)| token).collect();
        kept("a reply with choices was rendered", "what can be pressed has its choice's token", &tokens, &sent);
        for token in tokens.iter().take(3) {
            message += 1;
            let Some(press) = stage.counterpart.presses(1, message, token) else {
                let promise = "a counterpart that is shown buttons delivers what is pressed";
                broken("a button was shown, and pressed", promise, "Some(…)", &None::<()>);
            };
            let what = format!("what has the token {token:?} was pressed");
            let came = stage.brings_one(&press, &what);
            let came = if let Input::Button(button) = came.message().input() { Some(&*button.payload) } else { None };
            kept(&what, "a press comes as a button, with the token that was sent", &came, &Some(token.as_str()));
        }
    }
}
