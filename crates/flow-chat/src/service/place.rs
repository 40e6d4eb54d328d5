//! Where conversations are kept, as a URL says it: [`Place`].

use std::{
    fmt,
    path::{self, PathBuf},
};

use super::mistake::Fault;

/// Where conversations are kept.
#[derive(Clone)]
pub(super) enum Place {
    Memory,
    Sqlite(PathBuf),
    /// Of which the URL may hold a password.
    Redis(String),
    /// Of which the URL may hold a password.
    Postgres(String),
}

/// Where conversations are kept for months.
#[derive(Clone, Debug, Default)]
pub(super) enum Archiving {
    /// With the store, if it can be an archive.
    #[default]
    BesideIfItCan,
    /// With the store.
    Beside,
    Nowhere,
    At(Place),
}

const REDIS: [&str; 7] =
    ["redis", "rediss", "unix", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"];

impl Place {
    /// What the URL of a store may be.
    pub(super) const URLS: &str = "`sqlite:PATH`, `redis://HOST:PORT`, `rediss://…`, `unix://PATH`, `redis+sentinel://…`, \
                                   `redis+cluster://…`, `postgres://HOST/DATABASE` or `memory:`";

    /// Reads a URL, or the path of a file.
    ///
    /// Fails if it is of no store that there is. What is behind the scheme of a server's URL is not looked at yet.
    pub(super) fn read(url: &str) -> Result<Self, Fault> {
        if ["/", "./", "../"].iter().any(|start| url.starts_with(start)) {
            return Ok(Self::Sqlite(url.into()));
        }
        match url.split_once(':').unwrap_or((url, "")) {
            ("memory", "") => Ok(Self::Memory),
            ("sqlite", path) => sqlite(path).map(Self::Sqlite),
            (scheme, rest) if REDIS.contains(&scheme) && rest.starts_with("//") => Ok(Self::Redis(url.to_owned())),
            ("postgres" | "postgresql", rest) if rest.starts_with("//") => Ok(Self::Postgres(url.to_owned())),
            _ => Err(no(Self::URLS, "not the URL of a store")),
        }
    }

    /// Whether it can keep conversations for months, too.
    pub(super) fn can_archive(&self) -> bool {
        !matches!(self, Self::Redis(_))
    }

    /// Whether what is opened at one of them is at the other, too.
    pub(super) fn is(&self, other: &Self) -> bool {
        // Where a path begins is only asked, so a folder that is not there does no harm.
        let whole = |path: &PathBuf| path::absolute(path).unwrap_or_else(|_| path.clone());
        match (self, other) {
            (Self::Memory, Self::Memory) => true,
            (Self::Sqlite(one), Self::Sqlite(other)) => whole(one) == whole(other),
            (Self::Redis(one), Self::Redis(other)) | (Self::Postgres(one), Self::Postgres(other)) => one == other,
            _ => false,
        }
    }
}

impl Archiving {
    /// What the URL of an archive may be.
    pub(super) const URLS: &str =
        "`sqlite:PATH`, `postgres://HOST/DATABASE`, `memory:`, `same` (as the store) or `none`";

    /// Reads a URL, the path of a file, `same` or `none`.
    ///
    /// Fails if it is of no archive that there is.
    pub(super) fn read(url: &str) -> Result<Self, Fault> {
        match Place::read(url) {
            _ if url == "none" => Ok(Self::Nowhere),
            _ if url == "same" => Ok(Self::Beside),
            Ok(Place::Redis(_)) => Err(no(Self::URLS, "Redis is a store and no archive")),
            Ok(place) => Ok(Self::At(place)),
            Err(_) => Err(no(Self::URLS, "not the URL of an archive")),
        }
    }
}

fn no(urls: &str, wrong: &str) -> Fault {
    Fault::new(wrong, format_args!("it is {urls}"))
}

fn sqlite(path: &str) -> Result<PathBuf, Fault> {
    let fault =
        |wrong| Err(Fault::new(wrong, "it is `sqlite:PATH` or `sqlite:///FULL/PATH`, and `memory:` without a file"));
    match path.strip_prefix("//") {
        // Other programs take the first part for a host, or for a folder: this one asks what is meant.
        Some(rest) if !rest.starts_with('/') => fault("two slashes before a path that does not begin with a third"),
        _ if path.is_empty() => fault("a path is missing"),
        _ if path.starts_with(':') => fault("not a path"),
        _ if path.contains('?') => fault("there are no settings behind a `?`"),
        Some(rest) => Ok(rest.into()),
        None => Ok(path.into()),
    }
}

/// Without the URL of a server, which may hold a password.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Redis(_) => f.write_str("redis"),
            Self::Postgres(_) => f.write_str("postgres"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn debugged(url: &str) -> String {
        Place::read(url).map_or_else(|_| "no".to_owned(), |place| format!("{place:?}"))
    }

    #[test]
    fn a_url_or_a_path_says_where() {
        for (url, place) in [
            ("memory", "memory"),
            ("memory:", "memory"),
            ("sqlite:bot.db", "sqlite:bot.db"),
            ("sqlite:/var/lib/bot.db", "sqlite:/var/lib/bot.db"),
            ("sqlite:///var/lib/bot.db", "sqlite:/var/lib/bot.db"),
            ("/var/lib/bot.db", "sqlite:/var/lib/bot.db"),
            ("./bot.db", "sqlite:./bot.db"),
            ("redis://a:b@host", "redis"),
            ("rediss+sentinel://a:b@host/x", "redis"),
            ("unix:///run/redis.sock", "redis"),
            ("postgresql://a:b@host/x", "postgres"),
            ("", "no"),
            ("pigeons", "no"),
            ("bot.db", "no"),
            ("memory:x", "no"),
            ("sqlite:", "no"),
            ("sqlite://bot.db", "no"),
            ("sqlite::memory:", "no"),
            ("sqlite:bot.db?mode=rwc", "no"),
            ("redi://host", "no"),
            ("redis:host", "no"),
            ("postgres", "no"),
            ("mysql://host", "no"),
        ] {
            assert_eq!(debugged(url), place, "{url}");
        }
    }

    #[test]
    fn an_archive_may_be_with_its_store_or_nowhere_but_not_in_redis() {
        for (url, archive) in [
            ("none", "Nowhere"),
            ("same", "Beside"),
            ("memory", "At(memory)"),
            ("sqlite:bot.db", "At(sqlite:bot.db)"),
            ("postgres://host/x", "At(postgres)"),
            ("redis://host", "no"),
            ("nowhere", "no"),
        ] {
            let read = Archiving::read(url).map_or_else(|_| "no".to_owned(), |archive| format!("{archive:?}"));
            assert_eq!(read, archive, "{url}");
        }
    }

    #[test]
    fn one_file_is_the_same_however_it_is_written() {
        let here = std::env::current_dir().expect("a folder").join("bot.db");
        assert!(Place::Sqlite("bot.db".into()).is(&Place::Sqlite(here)));
        assert!(!Place::Sqlite("bot.db".into()).is(&Place::Sqlite("other.db".into())));
        assert!(!Place::Redis("redis://a".into()).is(&Place::Postgres("redis://a".into())));
    }
}
