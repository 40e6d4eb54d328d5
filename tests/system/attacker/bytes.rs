//! The attacker's hand in a store: the bytes of a record, read and written past every engine.

use flow_core::SessionId;
use rusqlite::Connection;

use super::ground::{Behind, Ground};

impl Ground {
    /// The bytes that are stored for the session.
    pub(crate) fn bytes(&self, id: SessionId) -> Vec<u8> {
        let hex = match &self.behind {
            Behind::None => unreachable!("no other program reaches these bytes"),
            Behind::Sqlite(_) => {
                let sql = "SELECT hex(record) FROM sessions WHERE id = ?1";
                self.file().query_row(sql, [id.to_string()], |row| row.get::<_, String>(0)).expect("a row")
            }
            Behind::Redis(server, _) => server.ask(&["EVAL", TO_HEX, "1", &self.key(id)]),
            Behind::Postgres(server, schema) => {
                server.ask(&format!("SELECT encode(record, 'hex') FROM {schema}.live WHERE id = '{id}'"))
            }
        };
        let hex = hex.trim();
        let byte = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("two digits");
        (0..hex.len()).step_by(2).map(byte).collect()
    }

    /// Puts these bytes where those of the session are.
    pub(crate) fn plant(&self, id: SessionId, bytes: &[u8]) {
        let hex = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        match &self.behind {
            Behind::None => unreachable!("no other program reaches these bytes"),
            Behind::Sqlite(_) => {
                let sql = "UPDATE sessions SET record = ?2 WHERE id = ?1";
                let changed = self.file().execute(sql, (id.to_string(), bytes)).expect("it is written");
                assert_eq!(changed, 1);
            }
            Behind::Redis(server, _) => {
                assert_eq!(server.ask(&["EVAL", FROM_HEX, "1", &self.key(id), &hex]).trim(), "OK");
            }
            Behind::Postgres(server, schema) => {
                server.ask(&format!("UPDATE {schema}.live SET record = decode('{hex}', 'hex') WHERE id = '{id}'"));
            }
        }
        assert_eq!(self.bytes(id), bytes, "{}: it was planted", self.name);
    }

    fn file(&self) -> Connection {
        let Behind::Sqlite(folder) = &self.behind else { unreachable!("no file") };
        Connection::open(folder.path().join("shop.db")).expect("the file")
    }

    /// Where Redis has the session.
    fn key(&self, id: SessionId) -> String {
        let Behind::Redis(_, prefix) = &self.behind else { unreachable!("no keys") };
        let id = id.to_string();
        format!("{prefix}:state:{{{}}}:{id}", &id[..2])
    }
}

const TO_HEX: &str = "local hex = redis.call('GET', KEYS[1]):gsub('.', function(byte) \
    return string.format('%02x', byte:byte()) end) return hex";

const FROM_HEX: &str = "return redis.call('SET', KEYS[1], (ARGV[1]:gsub('..', function(byte) \
    return string.char(tonumber(byte, 16)) end)), 'KEEPTTL')";
