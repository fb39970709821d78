-- What a database needs before it has its first table.

-- Only its owner makes things in the schema that everybody looks into. New databases of
-- PostgreSQL 15 and later are so from the start; those that were upgraded or restored need not be.
revoke create on schema public from public;

-- Nobody gets in who was not let in by name.
do $$
begin
  execute format('revoke connect, temporary on database %I from public', current_database());
end;
$$;

-- Where tables of the greetings go.
create schema greetings;
