-- Makes the journal's partitions for the days to come, and drops those that are old.
SELECT make_callback_partitions(), drop_callback_partitions()
