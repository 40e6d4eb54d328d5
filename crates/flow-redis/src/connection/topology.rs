//! Where the sessions are kept, as the URL says: on one server, behind sentinels, or in a cluster: [`Topology`].

use super::{Address, AddressError};

/// One server, or the servers that lead to it.
pub(crate) enum Topology {
    Server(Address),
    Sentinels(Sentinels),
    /// Some nodes of a cluster; they know the others.
    Cluster(Vec<Address>),
}

/// Servers that know which of others is the master.
pub(crate) struct Sentinels {
    /// Where they are, and the user and password that they are given.
    pub(crate) addresses: Vec<Address>,
    /// What they call the master.
    pub(crate) service: String,
    /// The user and password that the master is given, and whether its connection is encrypted; its address is asked for.
    pub(crate) master: Address,
}

impl Topology {
    /// Reads `redis://`, `rediss://`, `unix://`, and `redis+sentinel://user:password@host:port,host:port/service/database`
    /// or `rediss+sentinel://`, with `?sentinel_user=…&sentinel_password=…`, and `redis+cluster://user:password@host:port,…`.
    pub(crate) fn parse(url: &str) -> Result<Self, AddressError> {
        if let Some((scheme, rest)) = url.split_once("+sentinel://") {
            Sentinels::parse(scheme, rest).map(Self::Sentinels)
        } else if let Some((scheme, rest)) = url.split_once("+cluster://") {
            cluster(scheme, rest).map(Self::Cluster)
        } else {
            Address::parse(url).map(Self::Server)
        }
    }

    /// Changes the user, the password or the database at the server that keeps the sessions.
    pub(crate) fn map(self, change: impl Fn(Address) -> Address) -> Self {
        match self {
            Self::Cluster(nodes) => Self::Cluster(nodes.into_iter().map(change).collect()),
            Self::Server(address) => Self::Server(change(address)),
            Self::Sentinels(sentinels) => Self::Sentinels(Sentinels { master: change(sentinels.master), ..sentinels }),
        }
    }

    /// The hosts of the URL.
    pub(crate) fn addresses(&self) -> &[Address] {
        match self {
            Self::Server(address) => std::slice::from_ref(address),
            Self::Sentinels(sentinels) => &sentinels.addresses,
            Self::Cluster(nodes) => nodes,
        }
    }
}

impl Sentinels {
    fn parse(scheme: &str, rest: &str) -> Result<Self, AddressError> {
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (hosts, path) = rest.split_once('/').ok_or(AddressError::Sentinels)?;
        let (login, hosts) = hosts.rsplit_once('@').map_or(("", hosts), |(login, hosts)| (login, hosts));
        let (service, database) = path.split_once('/').unwrap_or((path, ""));
        if service.is_empty() || hosts.is_empty() {
            return Err(AddressError::Sentinels);
        }
        let (mut user, mut password) = ("", "");
        for setting in query.split('&').filter(|setting| !setting.is_empty()) {
            match setting.split_once('=') {
                Some(("sentinel_user", value)) => user = value,
                Some(("sentinel_password", value)) => password = value,
                _ => return Err(AddressError::Sentinels),
            }
        }
        let addresses = hosts.split(',').map(|host| {
            let port = if host.rsplit(']').next().is_some_and(|end| end.contains(':')) { "" } else { ":26379" };
            Address::parse(&format!("{scheme}://{}{host}{port}", login_of(user, password)))
        });
        let login = if login.is_empty() { String::new() } else { format!("{login}@") };
        Ok(Self {
            addresses: addresses.collect::<Result<_, _>>()?,
            service: service.to_owned(),
            // Any host will do, since the master's own is asked for.
            master: Address::parse(&format!("{scheme}://{login}localhost/{database}"))?,
        })
    }
}

/// The nodes of a cluster, which has one database.
fn cluster(scheme: &str, rest: &str) -> Result<Vec<Address>, AddressError> {
    let hosts = rest.strip_suffix('/').unwrap_or(rest);
    let (login, hosts) =
        hosts.rsplit_once('@').map_or((String::new(), hosts), |(login, hosts)| (format!("{login}@"), hosts));
    if hosts.is_empty() || hosts.contains(['/', '?']) {
        return Err(AddressError::Cluster);
    }
    hosts.split(',').map(|host| Address::parse(&format!("{scheme}://{login}{host}"))).collect()
}

fn login_of(user: &str, password: &str) -> String {
    if user.is_empty() && password.is_empty() { String::new() } else { format!("{user}:{password}@") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentinels(url: &str) -> Result<Sentinels, AddressError> {
        match Topology::parse(url)? {
            Topology::Sentinels(sentinels) => Ok(sentinels),
            _ => panic!("{url} names no sentinels"),
        }
    }

    #[test]
    fn a_url_names_several_sentinels_their_service_and_who_we_are_to_each() {
        let url = "redis+sentinel://ann:p%40ss@a:1,b,[::1]:3/salon/4?sentinel_password=s%2Fecret";
        let Sentinels { addresses, service, master } = sentinels(url).expect("a URL");
        let named: Vec<_> = addresses.iter().map(|address| address.info().addr().to_string()).collect();
        assert_eq!((named.join(" "), service.as_str()), ("a:1 b:26379 ::1:3".to_owned(), "salon"));
        let settings = addresses[0].info().redis_settings();
        assert_eq!((settings.username(), settings.password()), (None, Some("s/ecret")));
        let settings = master.info().redis_settings();
        assert_eq!((settings.username(), settings.password(), settings.db()), (Some("ann"), Some("p@ss"), 4));
    }

    #[test]
    fn a_url_names_several_nodes_of_a_cluster() {
        let topology = Topology::parse("redis+cluster://ann:x@a:1,b").expect("a URL");
        let named: Vec<_> = topology.addresses().iter().map(|address| address.info().addr().to_string()).collect();
        assert_eq!(named, ["a:1", "b:6379"]);
        assert!(topology.addresses().iter().all(|node| node.info().redis_settings().username() == Some("ann")));
        for url in ["redis+cluster://", "redis+cluster://a/3", "redis+cluster://a@"] {
            assert_eq!(Topology::parse(url).err(), Some(AddressError::Cluster), "{url}");
        }
    }

    #[test]
    fn a_url_of_sentinels_that_lacks_something_is_refused() {
        for url in
            ["redis+sentinel://a:1", "redis+sentinel://a:1/", "redis+sentinel:///salon", "redis+sentinel://a/x?y=z"]
        {
            assert_eq!(sentinels(url).err(), Some(AddressError::Sentinels), "{url}");
        }
        assert_eq!(sentinels("http+sentinel://a/salon").err(), Some(AddressError::Scheme));
        assert_eq!(sentinels("redis+sentinel://a/salon/x").err(), Some(AddressError::Form));
    }
}
