//! The roles of a Postgres database: one owns the schema and migrates it; the application has one of
//! two, which take turns whenever the password is changed, so that the one before still opens the
//! door to whoever has not heard of it yet. Their names are made of the database's.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement, TransactionOptions};

use super::{Result, Store, StoreError, dialect, schema};
use crate::secrets::Credentials;

mod scram;

/// The longest name that Postgres takes.
const LONGEST_NAME: usize = 63;
/// Where the function stands by which the owner changes passwords of the application's roles, and no
/// others. It runs as the administrator who made it.
const SCHEMA: &str = "pharos_roles";
/// What is only ever added to: an audit that the application could change would prove nothing.
const ONLY_ADDED_TO: &str = "audit_events";
/// What only migrations write.
const ONLY_READ: [&str; 2] = ["schema_info", "seaql_migrations"];

/// The names of a database's roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles {
    database: String,
    /// Owns the database and its schema.
    pub owner: String,
    /// Holds the application's rights, and nobody signs in with it.
    application: String,
    /// Those that the application signs in with, one at a time.
    pub pair: [String; 2],
}

impl Roles {
    fn of(database: String) -> Result<Self> {
        let application = format!("{database}_application");
        let pair = ["a", "b"].map(|letter| format!("{application}_{letter}"));
        if pair[0].len() > LONGEST_NAME {
            return Err(StoreError::Refused(format!(
                "the database's name {database}: allowed are {} bytes, since the names of its roles are made of it",
                LONGEST_NAME - (pair[0].len() - database.len())
            )));
        }
        Ok(Self { owner: format!("{database}_owner"), application, pair, database })
    }

    /// The one of the pair that is not this one; none if it is none of them.
    pub fn other(&self, role: &str) -> Option<&str> {
        let at = self.pair.iter().position(|one| one == role)?;
        Some(&self.pair[1 - at])
    }

    fn all(&self) -> [&str; 4] {
        [&self.owner, &self.application, &self.pair[0], &self.pair[1]]
    }
}

impl Store {
    /// The names of the roles of this database.
    pub async fn roles(&self) -> Result<Roles> {
        if self.writer.get_database_backend() != DbBackend::Postgres {
            return Err(StoreError::Refused("SQLite has no roles: they are for Postgres".into()));
        }
        let name = text(&self.writer, "SELECT current_database()::text AS text").await?;
        Roles::of(name.unwrap_or_default())
    }

    /// Whether a role is there.
    pub async fn has_role(&self, role: &str) -> Result<bool> {
        has_role(&self.writer, role).await
    }

    /// Makes what is missing of the roles and their rights, gives those that are named these
    /// passwords, and migrates the schema as its owner. Whoever does it is the administrator.
    /// Says how many steps the schema lacked.
    pub async fn bootstrap(&self, roles: &Roles, passwords: &[Credentials]) -> Result<usize> {
        let transaction = self.writer.begin(TransactionOptions::default()).await?;
        transaction.execute_unprepared(&schema::patience()).await?;
        dialect::alone(&transaction).await?;
        make(&transaction, roles).await?;
        own(&transaction, roles).await?;
        transaction.execute_unprepared(&function(roles)).await?;
        for credentials in passwords {
            let verifier = literal(&verifier(credentials)?);
            let change = format!("ALTER ROLE {} PASSWORD {verifier}", quoted(&credentials.username));
            transaction.execute_unprepared(&change).await?;
        }
        transaction.commit().await?;
        self.migrate_as(&roles.owner).await
    }

    /// Whether the application's roles could make tables in the schema, which is so where it belongs
    /// to somebody else and is open to all, as it was before Postgres 15.
    pub async fn may_make_tables(&self, roles: &Roles) -> Result<bool> {
        let sql = format!(
            "SELECT 'yes' AS text WHERE has_schema_privilege({}, 'public', 'CREATE')",
            literal(&roles.pair[0])
        );
        Ok(text(&self.writer, &sql).await?.is_some())
    }

    /// Gives one of the application's roles another password, as the schema's owner.
    pub async fn change_password(&self, credentials: &Credentials) -> Result<()> {
        let values = [credentials.username.as_str().into(), verifier(credentials)?.into()];
        let sql = format!("SELECT {SCHEMA}.set_password($1, $2)");
        let call = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        Ok(self.writer.execute_raw(call).await.map(|_| ())?)
    }

    /// A transaction that does nothing but keep others from changing passwords as long as it is open.
    pub async fn turn_to_rotate(&self) -> Result<DatabaseTransaction> {
        let transaction = self.writer.begin(TransactionOptions::default()).await?;
        let lock = dialect::LOCK + 1;
        let sql = format!("SELECT 'yes' AS text WHERE pg_try_advisory_xact_lock({lock})");
        match text(&transaction, &sql).await? {
            Some(_) => Ok(transaction),
            None => Err(StoreError::Conflict("somebody else changes the password just now".into())),
        }
    }
}

/// Gives the application its rights to what there is, where the owner of the schema asks for it. Part
/// of each migration, so that what it adds can be used.
pub(super) async fn grant(transaction: &DatabaseTransaction) -> Result<()> {
    let ours = "SELECT current_database()::text AS text FROM pg_roles \
                WHERE rolname = current_database() || '_application' AND current_user = current_database() || '_owner'";
    let Some(database) = text(transaction, ours).await? else { return Ok(()) };
    let to = quoted(&Roles::of(database)?.application);
    for (name, is_sequence) in relations(transaction, "c.relowner = current_user::regrole").await? {
        let name_of = quoted(&name);
        let rights = match name.as_str() {
            _ if is_sequence => format!("GRANT USAGE, SELECT ON SEQUENCE public.{name_of} TO {to}"),
            ONLY_ADDED_TO => format!("GRANT SELECT, INSERT ON public.{name_of} TO {to}"),
            name if ONLY_READ.contains(&name) => format!("GRANT SELECT ON public.{name_of} TO {to}"),
            _ => format!("GRANT SELECT, INSERT, UPDATE, DELETE ON public.{name_of} TO {to}"),
        };
        // What was given before and is not meant any more goes.
        let kind = if is_sequence { "SEQUENCE" } else { "TABLE" };
        let sql = format!("REVOKE ALL ON {kind} public.{name_of} FROM {to}; {rights}");
        transaction.execute_unprepared(&sql).await?;
    }
    Ok(())
}

async fn make(transaction: &DatabaseTransaction, roles: &Roles) -> Result<()> {
    for role in roles.all() {
        let role_of = quoted(role);
        if !has_role(transaction, role).await? {
            transaction.execute_unprepared(&format!("CREATE ROLE {role_of}")).await?;
        }
        let login = if role == roles.application { "NOLOGIN" } else { "LOGIN" };
        let plain = format!("ALTER ROLE {role_of} {login} INHERIT NOCREATEDB NOCREATEROLE");
        transaction.execute_unprepared(&plain).await?;
    }
    // Who gives something away has to be a member of whom it is given to.
    let [owner, application, a, b] = roles.all().map(quoted);
    let members = format!("GRANT {owner} TO CURRENT_USER; GRANT {application} TO {a}, {b}");
    Ok(transaction.execute_unprepared(&members).await.map(|_| ())?)
}

/// The database, and what an earlier owner made in it, become the owner's; everybody else loses the
/// rights that Postgres gives to all.
async fn own(transaction: &DatabaseTransaction, roles: &Roles) -> Result<()> {
    let [owner, application, ..] = roles.all().map(quoted);
    let database = quoted(&roles.database);
    let rights = format!(
        "ALTER DATABASE {database} OWNER TO {owner}; REVOKE ALL ON DATABASE {database} FROM PUBLIC; \
         GRANT CONNECT ON DATABASE {database} TO {application}"
    );
    transaction.execute_unprepared(&rights).await?;
    let is_ours = "SELECT 'yes' AS text FROM pg_namespace \
                   WHERE nspname = 'public' AND pg_has_role(current_user, nspowner, 'USAGE')";
    if text(transaction, is_ours).await?.is_some() {
        let rights = format!(
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC; GRANT USAGE, CREATE ON SCHEMA public TO {owner}; \
             GRANT USAGE ON SCHEMA public TO {application}"
        );
        transaction.execute_unprepared(&rights).await?;
    }
    let foreign = format!("c.relowner <> {}::regrole", literal(&owner));
    for (name, is_sequence) in relations(transaction, &foreign).await? {
        if !is_sequence {
            let sql = format!("ALTER TABLE public.{} OWNER TO {owner}", quoted(&name));
            transaction.execute_unprepared(&sql).await?;
        }
    }
    Ok(())
}

fn function(roles: &Roles) -> String {
    let [owner, _, a, b] = roles.all();
    let (owner, a, b) = (quoted(owner), literal(a), literal(b));
    let part = "[A-Za-z0-9+/=]+";
    format!(
        "CREATE SCHEMA IF NOT EXISTS {SCHEMA}; \
         CREATE OR REPLACE FUNCTION {SCHEMA}.set_password(role text, verifier text) RETURNS void \
         LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$ BEGIN \
         IF role NOT IN ({a}, {b}) OR verifier !~ '^SCRAM-SHA-256[$][0-9]+:{part}[$]{part}:{part}$' THEN \
         RAISE EXCEPTION 'only a SCRAM verifier for a role of the application is taken'; END IF; \
         EXECUTE format('ALTER ROLE %I PASSWORD %L', role, verifier); END $body$; \
         REVOKE ALL ON FUNCTION {SCHEMA}.set_password(text, text) FROM PUBLIC; \
         GRANT USAGE ON SCHEMA {SCHEMA} TO {owner}; \
         GRANT EXECUTE ON FUNCTION {SCHEMA}.set_password(text, text) TO {owner}"
    )
}

/// Tables and sequences of the schema that are so and belong to no extension, and which of them are
/// sequences. One that numbers a table's column goes where its table goes.
async fn relations(connection: &impl ConnectionTrait, are: &str) -> Result<Vec<(String, bool)>> {
    let sql = format!(
        "SELECT c.relname::text AS name, c.relkind = 'S' AS is_sequence FROM pg_class AS c \
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S') AND {are} AND NOT EXISTS \
         (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')"
    );
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    let relation =
        |row: &sea_orm::QueryResult| Ok((row.try_get("", "name")?, row.try_get("", "is_sequence")?));
    rows.iter().map(relation).collect()
}

async fn has_role(connection: &impl ConnectionTrait, role: &str) -> Result<bool> {
    let sql = format!("SELECT 'yes' AS text FROM pg_roles WHERE rolname = {}", literal(role));
    Ok(text(connection, &sql).await?.is_some())
}

/// The text that a query finds.
async fn text(connection: &impl ConnectionTrait, sql: &str) -> Result<Option<String>> {
    let row = connection.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(row.map(|row| row.try_get("", "text")).transpose()?)
}

fn verifier(credentials: &Credentials) -> Result<String> {
    let wrong =
        || format!("the password of {}: allowed are printable characters of ASCII", credentials.username);
    scram::verifier(&credentials.password).ok_or_else(|| StoreError::Refused(wrong()))
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_named_after_the_database_and_take_turns() {
        let roles = Roles::of("status".to_owned()).unwrap();
        assert_eq!(
            roles.all(),
            ["status_owner", "status_application", "status_application_a", "status_application_b"]
        );
        assert_eq!(roles.other("status_application_a"), Some("status_application_b"));
        assert_eq!(roles.other("status_application_b"), Some("status_application_a"));
        assert_eq!(roles.other("postgres"), None);
        let error = Roles::of("x".repeat(50)).unwrap_err().to_string();
        assert!(error.contains("allowed are 49 bytes"), "{error}");
    }

    #[test]
    fn names_and_texts_stay_what_they_are() {
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
        assert_eq!(literal("it's"), "'it''s'");
    }
}
