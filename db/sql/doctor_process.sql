-- Which process of the server answers: through a pooler, each time another one.
-- No parameters.
-- Returns its pid.
SELECT pg_backend_pid()
