-- Run once as a superuser of the PostgreSQL server, with a password of your own.
-- astro signs in, owns nothing and is what the policies hold; astro_owner owns and migrates; astro_reader reads across.
create role astro login noinherit password 'change me';
create role astro_owner nologin createdb;
create role astro_reader nologin;
grant astro_owner, astro_reader to astro;
create database astro owner astro_owner;
