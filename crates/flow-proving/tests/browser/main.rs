//! What only a real browser shows. Its rooms are named in `check`, so that they are left out where there is no Chromium.

mod telegram_page;
mod web_chat;
