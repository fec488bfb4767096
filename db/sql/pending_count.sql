-- How many journalled batches are not applied yet.
SELECT count(*) FROM pending
