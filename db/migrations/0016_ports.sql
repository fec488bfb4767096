-- 0016: a number is ported from one carrier to another.

-- While it moves it is here twice. One that does not send still listens: the last texts may come either way.
ALTER TABLE numbers ADD COLUMN sends boolean NOT NULL DEFAULT true;
