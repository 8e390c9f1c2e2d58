#!/bin/sh
# Runs once, when the data folder is made: Huopan's own database and role. The role is no superuser,
# so that row-level security and revoked rights bind the application.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --set=password="$DATABASE_PASSWORD" <<'SQL'
CREATE ROLE huopan LOGIN PASSWORD :'password';
CREATE DATABASE huopan OWNER huopan;
SQL
