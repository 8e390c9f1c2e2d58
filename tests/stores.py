"""The PostgreSQL and Valkey of one test run.

The run has one throwaway server of each (or those of DATABASE_URL and REDIS_URL), and one template
database, migrated once. Every worker process has a copy of the template and a broker database of
its own. A test that commits is cleaned up after by emptying what it filled, in one statement.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2
from django.conf import settings
from django.db import connection
from psycopg2 import extensions

from running import embedded, postgres, preparing, processes
from running.servers import Servers

PREFIX = "huopan-test-"
BROKER_DATABASES = 15
FIRST_WITH_FEWER_ROUNDS = 160_000


@dataclass(frozen=True)
class Stores:
    """What the processes of one test run share."""

    home: str
    database_url: str
    redis_url: str
    embedded: bool

    @property
    def template(self) -> str:
        """The migrated database that is copied."""
        return f"test_{Path(self.home).name}".replace("-", "_")


def open_stores() -> Stores:
    """Start this run's servers; the first process of a run calls it, and no other."""
    _remove_left_behind()
    home = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp"))
    home.chmod(0o711)  # `nobody`, who runs the servers for root, must get through
    named = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if all(named):
        return Stores(str(home), str(named[0]), str(named[1]), embedded=False)
    found: Servers = embedded.start(home)
    opened = Stores(str(home), **asdict(found), embedded=True)
    _make_light(opened)
    return opened


def close_stores(stores: Stores) -> None:
    """Stop the servers and delete all that the run made."""
    if stores.embedded:
        embedded.remove(Path(stores.home))
        return
    with _administration(stores) as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [stores.template]
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    shutil.rmtree(stores.home, ignore_errors=True)


def use(stores: Stores, worker: str) -> None:
    """Point Django, and every process that it starts, to this worker's own stores."""
    database = f"{stores.template}_{worker}"
    index = int("".join(filter(str.isdigit, worker)) or 0)
    database_url = urlsplit(stores.database_url)._replace(path=f"/{database}").geturl()
    redis_url = (
        urlsplit(stores.redis_url)._replace(path=f"/{index % BROKER_DATABASES + 1}").geturl()
    )
    home = Path(stores.home) / worker
    # Where the web application looks for collected files: there are none, but the folder.
    (home / "static").mkdir(parents=True, exist_ok=True)
    os.environ.update(
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        HUOPAN_HOME=str(home),
        MEDIA_ROOT=str(home / "media"),
        PRIVATE_ROOT=str(home / "private"),
        # Tests say when the log of requests is written; else it would write into the next test.
        REQUEST_LOG_SECONDS="0",
    )
    # Django's settings were read before any conftest, but nothing is connected yet.
    settings.DATABASES["default"].update(_address(database_url))
    settings.REDIS_URL = settings.CELERY_BROKER_URL = redis_url
    settings.HOME = home
    settings.STATIC_ROOT = home / "static"
    settings.REQUEST_LOG_SECONDS = 0.0
    # Each client of a test would look at every file there is; those of pages come from a real server.
    settings.WHITENOISE_USE_FINDERS = False
    settings.PASSWORD_HASHERS = ["tests.hashing.Quick", *settings.PASSWORD_HASHERS[1:]]
    settings.MEDIA_ROOT = home / "media"
    storages: dict[str, Any] = settings.STORAGES
    storages["private"]["OPTIONS"]["location"] = home / "private"


def create_database(stores: Stores) -> None:
    """Make this worker's database from the template; the first worker to come makes that too."""
    database = settings.DATABASES["default"]["NAME"]
    with (Path(stores.home) / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with _administration(stores) as cursor:
            if not _exists(cursor, stores.template):
                _create_template(cursor, stores.template)
            cursor.execute(f'CREATE DATABASE "{database}" TEMPLATE "{stores.template}"')
    connection.settings_dict["NAME"] = database


def restore() -> None:
    """Make the committed data what it was when the database was made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pristine.restore()")


def _make_light(stores: Stores) -> None:
    """Let the run's own server wait for no disk, and let tests be cleaned up after by deleting.

    What it holds is thrown away, whatever becomes of it.
    """
    memory = json.loads((Path(stores.home) / embedded.MEMORY).read_text())
    url = urlsplit(stores.database_url)
    superuser = f"{postgres.SUPERUSER}:{memory['superuser_password']}@{url.hostname}:{url.port}"
    with _session(url._replace(netloc=superuser).geturl()) as cursor:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            cursor.execute(f"ALTER SYSTEM SET {name} = off")
        cursor.execute("SELECT pg_reload_conf()")
        cursor.execute(f"GRANT SET ON PARAMETER session_replication_role TO {postgres.OWNER}")
        # Who logs in proves the password by so many rounds of hashing; threads of races log in often.
        if cursor.connection.server_version >= FIRST_WITH_FEWER_ROUNDS:
            cursor.execute("SET scram_iterations = 1")
            cursor.execute(f"ALTER ROLE {postgres.OWNER} PASSWORD %s", [memory["password"]])


def _create_template(cursor: extensions.cursor, name: str) -> None:
    draft = f"{name}_draft"
    cursor.execute(f'CREATE DATABASE "{draft}"')
    connection.settings_dict["NAME"] = draft
    preparing.prepare(verbosity=0)
    with connection.cursor() as prepared:
        prepared.execute(PRISTINE)
    connection.close()
    # Renamed when all is done: an interrupted draft is never taken for the template.
    cursor.execute(f'ALTER DATABASE "{draft}" RENAME TO "{name}"')


def _exists(cursor: extensions.cursor, name: str) -> bool:
    cursor.execute("SELECT FROM pg_database WHERE datname = %s", [name])
    return bool(cursor.rowcount)


@contextmanager
def _administration(stores: Stores) -> Iterator[extensions.cursor]:
    with _session(stores.database_url) as cursor:
        yield cursor


@contextmanager
def _session(url: str) -> Iterator[extensions.cursor]:
    session = psycopg2.connect(url)
    session.autocommit = True
    try:
        with session.cursor() as cursor:
            yield cursor
    finally:
        session.close()


def _address(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    return {
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
    }


def _remove_left_behind() -> None:
    """Remove what a run that was killed left: its process is no more, its servers may run on."""
    for home in Path("/tmp").glob(f"{PREFIX}*"):
        owner = home.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not processes.alive(int(owner)) and os.access(home, os.W_OK):
            embedded.remove(home)


# A copy of every row that migrations and reference data brought, and a function that empties the
# tables that tests filled and puts those rows back where they are missing. Sequences go on, so that
# a key never names two things in one run. Which tables are asked is written out once, in
# `pristine.changed`: so a session plans the questions once, and not after every test.
PRISTINE = """
CREATE SCHEMA pristine;

CREATE FUNCTION pristine.copied() RETURNS SETOF name LANGUAGE sql AS $$
    SELECT relname FROM pg_class WHERE relnamespace = 'pristine'::regnamespace AND relkind = 'r'
$$;

DO $$
DECLARE
    name text; filled boolean; print text; body text := '';
    test text := 'IF %s THEN answer := answer || %L::text; END IF; ';
    held text := '(SELECT coalesce(sum(hashtextextended(t::text, 0)), 0) FROM public.%I t)';
BEGIN
    FOR name IN SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
          AND relname <> 'django_migrations'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', name) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE pristine.%I AS TABLE public.%I', name, name);
            EXECUTE format('SELECT ' || held, name) INTO print;
            body := body || format(
                test, format(held || ' <> %s', name, print), format('public.%I', name));
        ELSE
            body := body || format(
                test, format('EXISTS (SELECT FROM public.%I)', name), format('public.%I', name));
        END IF;
    END LOOP;
    EXECUTE format(
        'CREATE FUNCTION pristine.changed() RETURNS text[] LANGUAGE plpgsql AS %L',
        'DECLARE answer text[] := ''{}''; BEGIN ' || body || 'RETURN answer; END');
END $$;

CREATE FUNCTION pristine.restore() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text; columns text; missing boolean; dirty text[] := pristine.changed();
BEGIN
    IF dirty = '{}' THEN
        RETURN;
    END IF;

    -- A test leaves few rows, and deleting them costs a tenth of giving each table new files. As a
    -- replica the server asks no trigger and no foreign key; whoever may not be one truncates.
    IF has_parameter_privilege(current_user, 'session_replication_role', 'SET') THEN
        SET LOCAL session_replication_role = replica;
        FOREACH name IN ARRAY dirty LOOP
            EXECUTE 'DELETE FROM ' || name;
        END LOOP;
    ELSE
        EXECUTE 'TRUNCATE ' || array_to_string(dirty, ', ') || ' CASCADE';
    END IF;
    FOR name IN SELECT pristine.copied() LOOP
        EXECUTE format('SELECT NOT EXISTS (SELECT FROM public.%I)', name) INTO missing;
        IF missing THEN
            SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
            WHERE attrelid = format('public.%I', name)::regclass
              AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
            EXECUTE format('INSERT INTO public.%I (%s) SELECT %s FROM pristine.%I',
                           name, columns, columns, name);
        END IF;
    END LOOP;
END $$;
"""
