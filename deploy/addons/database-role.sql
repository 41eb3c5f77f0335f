-- The role of the application: it owns the database, and can make no other and no role.
\getenv name APPLICATION_USER
\getenv password APPLICATION_PASSWORD
SELECT format('CREATE ROLE %I LOGIN', :'name') WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('ALTER ROLE %I LOGIN NOCREATEDB NOCREATEROLE PASSWORD %L', :'name', :'password') \gexec
-- Who gives something away has to be a member of whom it is given to.
SELECT format('GRANT %I TO CURRENT_USER', :'name') \gexec
SELECT format('ALTER DATABASE %I OWNER TO %I', current_database(), :'name') \gexec
SELECT format('GRANT ALL ON SCHEMA public TO %I', :'name') \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
