//! Who a request comes from is known by its bytes, before anything of it is read.

use chrono::{DateTime, TimeDelta, Utc};
use flow_http::axum::http::{HeaderName, HeaderValue};
use flow_http::platform::Forged;

use super::{Counterpart, Delivery, Signer, broken, kept, stage::Stage};

/// Each kind of request, as it is signed today.
pub async fn what_the_platform_signed_is_its_own<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let (what, delivery) = ("a text was delivered, signed as it should be", stage.text());
    kept(what, KNOWN, &stage.verifies(&stage.signed(&delivery), what), &Ok(()));
    // Again, since some keep what they have seen.
    kept(what, KNOWN, &stage.verifies(&stage.signed(&delivery), what), &Ok(()));
}

/// Nobody's.
pub async fn what_nobody_signed_is_refused<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    stage.refuses(&stage.text(), "a text was delivered without a signature");
    for name in stage.signature_headers() {
        let mut delivery = stage.signed(&stage.text());
        delivery.headers_mut().remove(&name);
        stage.refuses(&delivery, &format!("a text was delivered without its header `{name}`"));
    }
}

/// Somebody's who knows how it is done.
pub async fn what_another_secret_signed_is_refused<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let delivery = stage.signed_by(&stage.text(), Signer::Another, stage.now);
    stage.refuses(&delivery, "a text was delivered, signed under a secret that the bot has never known");
}

/// So that a secret can be changed while requests are on their way.
pub async fn the_previous_secret_is_still_known<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    if stage.counterpart.signature().has_previous {
        let what = "a text was delivered, signed under the previous secret";
        let delivery = stage.signed_by(&stage.text(), Signer::Previous, stage.now);
        kept(what, KNOWN, &stage.verifies(&delivery, what), &Ok(()));
    }
}

/// By one bit anywhere.
pub async fn a_request_that_was_changed_is_refused<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    if !stage.counterpart.signature().is_of_body {
        return;
    }
    let signed = stage.signed(&stage.text());
    for place in 0..signed.body().len() {
        for bit in [1, 0x20, 0x80] {
            let mut body = signed.body().to_vec();
            body[place] ^= bit;
            let what = format!("byte {place} of a signed text was changed");
            stage.refuses(&signed.clone().with_body(body), &what);
        }
    }
    let other = stage.signed(&stage.counterpart.says(2, 2, "another text"));
    stage.refuses(&signed.with_body(other.body()), "the signature of one text was put on another");
}

/// From its end, from its beginning, or with something behind it.
pub async fn a_request_that_was_cut_or_went_on_is_refused<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    if !stage.counterpart.signature().is_of_body {
        return;
    }
    let signed = stage.signed(&stage.text());
    let body = signed.body().to_vec();
    for length in 0..body.len() {
        let what = format!("a signed text of {} bytes was cut to {length}", body.len());
        stage.refuses(&signed.clone().with_body(&body[..length]), &what);
        stage.refuses(&signed.clone().with_body(&body[body.len() - length..]), &what);
    }
    for behind in [&b" "[..], b"\0", b"\n", &body] {
        let more = [&body, behind].concat();
        stage
            .refuses(&signed.clone().with_body(more), &format!("{} bytes were put behind a signed text", behind.len()));
    }
}

/// In any character of it; or it is cut, or is something else altogether.
pub async fn a_signature_that_was_changed_is_refused<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let signed = stage.signed(&stage.text());
    for name in stage.signature_headers() {
        let value = signed.header(name.as_str()).unwrap_or_default().to_owned();
        for (place, character) in value.char_indices() {
            let other = if character == '0' { 'A' } else { '0' };
            let mut changed = value.clone();
            changed.replace_range(place..place + character.len_utf8(), other.encode_utf8(&mut [0; 4]));
            let what = format!("character {place} of the header `{name}` of a signed text was changed");
            stage.refuses(&signed.clone().with_header(name.as_str(), &changed), &what);
        }
        // Some take the beginning of a tag for the tag, which is no harm as long as that is long.
        for (place, _) in value.char_indices().take_while(|(place, _)| *place < value.len() / 2) {
            let what = format!("the header `{name}` of a signed text was cut to {place} bytes");
            stage.refuses(&signed.clone().with_header(name.as_str(), &value[..place]), &what);
        }
        for strange in STRANGE {
            let mut delivery = signed.clone();
            let strange_value = HeaderValue::from_bytes(strange.as_bytes()).expect("a value");
            delivery.headers_mut().insert(&name, strange_value);
            stage.refuses(&delivery, &format!("the header `{name}` of a signed text was {strange:?}"));
        }
    }
}

/// Of two that disagree somebody put one there, and nobody knows which is read further on.
pub async fn a_signature_that_is_given_twice_is_refused<C: Counterpart>(counterpart: C) {
    let stage = Stage::with(counterpart);
    let signed = stage.signed(&stage.text());
    let forged = stage.signed_by(&stage.text(), Signer::Another, stage.now);
    for name in stage.signature_headers() {
        let value = |delivery: &Delivery| delivery.headers().get(&name).cloned();
        for other in [value(&signed), value(&forged)].into_iter().flatten() {
            for is_first in [true, false] {
                let mut delivery = signed.clone();
                if is_first {
                    let right = delivery.headers_mut().insert(&name, other.clone());
                    delivery.headers_mut().extend(right.map(|right| (name.clone(), right)));
                } else {
                    delivery.headers_mut().append(&name, other.clone());
                }
                stage.refuses(&delivery, &format!("the header `{name}` of a signed text was given twice"));
            }
        }
    }
}

/// Played again by somebody who has seen it.
pub async fn an_old_request_is_refused<C: Counterpart>(counterpart: C) {
    Stage::with(counterpart).refuses_from(-1, "ago");
}

/// Signed by a clock that is wrong, or to be played later.
pub async fn a_request_of_the_future_is_refused<C: Counterpart>(counterpart: C) {
    Stage::with(counterpart).refuses_from(1, "from now");
}

impl<C: Counterpart> Stage<C> {
    fn text(&self) -> Delivery {
        self.counterpart.says(1, 1, "hello")
    }

    /// The headers that a signature consists of.
    fn signature_headers(&self) -> Vec<HeaderName> {
        let (plain, signed) = (self.text(), self.signed(&self.text()));
        let is_new = |name: &&HeaderName| signed.headers().get(*name) != plain.headers().get(*name);
        let headers: Vec<_> = signed.headers().keys().filter(is_new).cloned().collect();
        if headers.is_empty() {
            let promise = "a counterpart signs a text by headers";
            broken("a text was signed", promise, "a header that was not there before", &"none");
        }
        headers
    }

    fn refuses(&self, delivery: &Delivery, what: &str) {
        if let Ok(()) = self.verifies(delivery, what) {
            broken(what, REFUSED, "Err(Unsigned), Err(Wrong) or Err(Late)", &Ok::<(), Forged>(()));
        }
    }

    /// A request that was signed a little too long before or after is refused, and a little less is not.
    fn refuses_from(&self, direction: i32, when: &str) {
        let Some(window) = self.counterpart.signature().window else { return };
        let window = TimeDelta::from_std(window).expect("a window of some minutes");
        for beyond in [TimeDelta::seconds(1), TimeDelta::minutes(10), TimeDelta::days(365)] {
            let apart = window + beyond;
            let what = format!("a text was delivered that was signed {} s {when}", apart.num_seconds());
            self.refuses(&self.signed_by(&self.text(), Signer::Present, self.apart(apart * direction)), &what);
        }
        let nearly = window - TimeDelta::seconds(1);
        let what = format!("a text was delivered that was signed {} s {when}", nearly.num_seconds());
        let delivery = self.signed_by(&self.text(), Signer::Present, self.apart(nearly * direction));
        kept(&what, KNOWN, &self.verifies(&delivery, &what), &Ok(()));
    }

    fn apart(&self, apart: TimeDelta) -> DateTime<Utc> {
        self.now + apart
    }
}

/// What is neither a time nor a tag, and has made some panic.
const STRANGE: [&str; 13] =
    ["-1", "0", "9", "99999999999999999999", "1e400", "NaN", "=", ",", ".", ":", "v0=", "sha256=", "é"];

const KNOWN: &str = "`verify` knows what the platform has signed under either of the two secrets, within its window";

const REFUSED: &str = "`verify` refuses what the platform has not signed, byte for byte, or not now";
