"""Storage: everything that knows PostgreSQL, from the schema to bulk reads and writes."""
