-- Makes the journal's partitions for the days to come.
SELECT make_callback_partitions()
