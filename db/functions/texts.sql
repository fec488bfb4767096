-- How a text to a guest is made: from a template, what stands for its variables, and what carriers charge.

-- As providers/segment.c counts: septets of the SMS alphabet, those of its extension twice, else UTF-16
-- units; what takes two is not split. $2 of the first translate() is the alphabet, and of the second its
-- extension: 3GPP TS 23.038, section 6.2.1.
CREATE OR REPLACE FUNCTION segments_of(body text, OUT encoding text, OUT segments int)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    extension constant text := E'\f^{}\\[~]|€';
    basic     constant text := E'\n\r !"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_'
                               'abcdefghijklmnopqrstuvwxyz£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà';
    gsm7  boolean := translate(body, basic || extension, '') = '';
    wide  int := CASE WHEN gsm7 THEN length(body) - length(translate(body, extension, ''))
                      ELSE regexp_count(body, '[\U00010000-\U0010ffff]') END;
    units int := length(body) + wide;
    alone int := CASE WHEN gsm7 THEN 160 ELSE 70 END;
    part  int := CASE WHEN gsm7 THEN 153 ELSE 67 END;
    used  int := 0;
    c     text;
BEGIN
    encoding := CASE WHEN gsm7 THEN 'GSM-7' ELSE 'UCS-2' END;
    segments := 1;
    IF units <= alone THEN
        RETURN;
    ELSIF wide = 0 THEN
        segments := (units + part - 1) / part;
        RETURN;
    END IF;
    FOREACH c IN ARRAY string_to_array(body, NULL) LOOP
        units := CASE WHEN (gsm7 AND strpos(extension, c) > 0) OR (NOT gsm7 AND ascii(c) > 65535)
                      THEN 2 ELSE 1 END;
        IF used + units > part THEN
            segments := segments + 1;
            used := 0;
        END IF;
        used := used + units;
    END LOOP;
END $$;

-- The same in plainer letters. Those that the SMS alphabet has stay (é, but not á), and so does what it
-- has nothing like. What is last here and has no counterpart is left out: spaces without width.
CREATE OR REPLACE FUNCTION folded_text(body text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN replace(replace(replace(translate(normalize(body, NFC),
    E'‘’‚‛′´`“”„‟″«»‐‑‒–—―−\u00a0\u2007\u2009\u202f'
    'áâãāăąçćčďđêëēėęěğíîïīįıłńňôóõōőŕřśšşșťţțúûūůűųýÿźżž'
    'ÁÂÀÃĀĂĄĆČĎĐÈÊËĒĖĘĚĞÍÎÌÏĪĮİŁŃŇÔÓÒÕŌŐŔŘŚŠŞȘŤŢȚÚÛÙŪŮŰŲÝŸŹŻŽ'
    '\u200b\u2060\ufeff',
    E'\'\'\'\'\'\'\'"""""""-------    '
    'aaaaaacccddeeeeeegiiiiiilnnooooorrsssstttuuuuuuyyzzz'
    'AAAAAAACCDDEEEEEEEGIIIIIIILNNOOOOOORRSSSSTTTUUUUUUUYYZZZ'), '…', '...'), 'œ', 'oe'), 'Œ', 'OE');

-- A template with its variables' values in it; what they say is not looked at again. An empty one takes
-- with it what only makes sense with it: a name its comma, anything else its sentence, but no link that
-- stands before and nothing behind a link.
CREATE OR REPLACE FUNCTION filled(template text, vars jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    gone   text;
    result text;
BEGIN
    FOR gone IN SELECT DISTINCT m[1] FROM regexp_matches(template, '\{([a-z]+)\}', 'g') m
                WHERE coalesce(vars ->> m[1], '') = '' LOOP
        template := CASE gone
            WHEN 'name' THEN regexp_replace(regexp_replace(template,
                '(^|[.!?:] ?)\{name\}, *', '\1', 'g'), ',? *\{name\}', '', 'g')
            WHEN 'link' THEN regexp_replace(template, '[^.!?}]*\{link\}', '', 'g')
            ELSE regexp_replace(template, '(^\{venue\} ?:)?[^.!?}]*\{' || gone || '\}[^.!?{]*[.!?]*',
                                '\1', 'g') END;
    END LOOP;
    SELECT string_agg(CASE WHEN part LIKE '{_%}' THEN vars ->> btrim(part, '{}') ELSE part END, ''
                      ORDER BY place)
    INTO result
    FROM regexp_matches(template, '\{[a-z]+\}|[^{]+|\{', 'g') WITH ORDINALITY m (parts, place),
         LATERAL (SELECT parts[1]) p (part);
    RETURN btrim(coalesce(result, ''));
END $$;

-- The text that goes out: in plainer letters when that is wanted and saves a segment.
CREATE OR REPLACE FUNCTION thrifty(whole text, fold boolean, OUT body text, OUT encoding text,
                                   OUT segments int)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    plain record;
BEGIN
    body := whole;
    SELECT * INTO encoding, segments FROM segments_of(whole);
    IF NOT fold OR segments = 1 THEN
        RETURN;
    END IF;
    SELECT f.t AS body, s.* INTO plain FROM (SELECT folded_text(whole)) f (t), segments_of(f.t) s;
    IF plain.segments < segments THEN
        body := plain.body;
        encoding := plain.encoding;
        segments := plain.segments;
    END IF;
END $$;

-- The template with this for a name; what would join it to more of it goes.
CREATE OR REPLACE FUNCTION named_text(template text, vars jsonb, name text, fold boolean, OUT body text,
                                      OUT encoding text, OUT segments int)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    SELECT t.* INTO body, encoding, segments
    FROM thrifty(filled(template, vars || jsonb_build_object('name', rtrim(name, E' \u200d'))), fold) t;
END $$;

-- The template as it goes out to a guest. A name costs no segment: where all of it would, it is cut to as
-- much of it as takes no more than its first character does. More of a name never takes fewer, so each
-- try rules out half of what is left.
CREATE OR REPLACE FUNCTION made_text(template text, vars jsonb, fold boolean, OUT body text,
                                     OUT encoding text, OUT segments int, OUT name_cut boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    name text := btrim(regexp_replace(normalize(coalesce(vars ->> 'name', ''), NFC), '\s+', ' ', 'g'));
    fits int := 1;            -- so many characters
    over int := length(name); -- with these it takes more segments
    most int;                 -- segments
BEGIN
    SELECT t.*, false INTO body, encoding, segments, name_cut
    FROM named_text(template, vars, name, fold) t;
    IF segments = 1 OR over < 2 THEN
        RETURN;
    END IF;
    SELECT t.segments INTO most FROM named_text(template, vars, left(name, 1), fold) t;
    IF segments <= most THEN
        RETURN;
    END IF;
    WHILE over - fits > 1 LOOP
        SELECT t.segments INTO segments FROM named_text(template, vars, left(name, (fits + over) / 2), fold) t;
        IF segments <= most THEN
            fits := (fits + over) / 2;
        ELSE
            over := (fits + over) / 2;
        END IF;
    END LOOP;
    SELECT t.*, true INTO body, encoding, segments, name_cut
    FROM named_text(template, vars, left(name, fits), fold) t;
END $$;

-- What a text may name of its account: beside it the caller's own values. A number of North America is
-- written as people there read it.
CREATE OR REPLACE FUNCTION account_vars(venue text, phone text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN jsonb_build_object('venue', venue, 'phone',
    regexp_replace(phone, '^\+1(\d{3})(\d{3})(\d{4})$', '(\1) \2-\3'));

-- The account's words for an event, or else the default ones.
CREATE OR REPLACE FUNCTION template_of(account text, event text, language text, OUT body text,
                                       OUT automatic boolean, OUT is_default boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    SELECT coalesce(t.body, d.body), coalesce(t.automatic, d.automatic), t.event IS NULL
    INTO body, automatic, is_default
    FROM default_templates d
    LEFT JOIN templates t
           ON t.account_id = $1 AND t.event = d.event AND t.language = d.language
    WHERE d.event = $2 AND d.language = $3;
END $$;

-- What a guest is told of an event, and whether without anybody's asking for it. `vars` are those of
-- text_events; a language that there is not is the account's. NULL: there is no such event.
CREATE OR REPLACE FUNCTION text_for(account text, event text, language text, vars jsonb,
                                    OUT automatic boolean, OUT body text, OUT encoding text,
                                    OUT segments int)
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    a accounts;
    t record;
BEGIN
    SELECT * INTO a FROM accounts WHERE account_id = account;
    SELECT * INTO t
    FROM template_of(account, event, CASE WHEN language IN ('en', 'es', 'fr') THEN language
                                          ELSE a.language END);
    IF t.body IS NULL THEN
        RETURN;
    END IF;
    automatic := t.automatic;
    SELECT m.body, m.encoding, m.segments INTO body, encoding, segments
    FROM made_text(t.body, coalesce(vars, '{}') || account_vars(a.name, a.phone), a.fold_texts) m;
END $$;

-- A time as guests read it, where the venue is. The names keep to letters of the SMS alphabet, so that no
-- day makes a text dearer: "sab" lacks its accent (á is not in it; é of "mié" and "févr." is), and "aout"
-- is written as the reform of 1990 has it. All others are spelled as usual.
CREATE OR REPLACE FUNCTION when_text(at timestamptz, zone text, language text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT CASE language
    WHEN 'es' THEN ('{dom,lun,mar,mié,jue,vie,sab}'::text[])[weekday] || to_char(t, ' FMDD ')
        || ('{ene,feb,mar,abr,may,jun,jul,ago,sep,oct,nov,dic}'::text[])[month] || to_char(t, ', HH24:MI')
    WHEN 'fr' THEN ('{dim,lun,mar,mer,jeu,ven,sam}'::text[])[weekday] || ' '
        || CASE extract(day FROM t) WHEN 1 THEN '1er' ELSE to_char(t, 'FMDD') END || ' '
        || ('{janv.,févr.,mars,avr.,mai,juin,juil.,aout,sept.,oct.,nov.,déc.}'::text[])[month]
        || to_char(t, ', FMHH24 "h" MI')
    ELSE ('{Sun,Mon,Tue,Wed,Thu,Fri,Sat}'::text[])[weekday] || ' '
        || ('{Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec}'::text[])[month]
        || to_char(t, ' FMDD, FMHH12:MI AM') END
    FROM (SELECT at AT TIME ZONE zone AS t) l,
         LATERAL (SELECT extract(dow FROM t)::int + 1 AS weekday, extract(month FROM t)::int AS month) p);

-- Its time of day alone.
CREATE OR REPLACE FUNCTION clock_text(at timestamptz, zone text, language text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN to_char(at AT TIME ZONE zone, CASE language WHEN 'es' THEN 'HH24:MI' WHEN 'fr' THEN 'FMHH24 "h" MI'
                                     ELSE 'FMHH12:MI AM' END);

-- A wait in minutes, as it was quoted; the same in each language. '': none was.
CREATE OR REPLACE FUNCTION wait_text(quote_min int, quote_max int, language text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(CASE WHEN quote_min < quote_max THEN quote_min || '-' || quote_max
                     ELSE coalesce(quote_min, quote_max)::text END || ' min', '');

-- ---- as managers see and change them ----

-- Usual values, for what is shown before there is a guest; times and minutes are the account's.
CREATE OR REPLACE FUNCTION sample_vars(account text, language text) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT jsonb_build_object(
            'name', 'Maria', 'size', 4, 'wait', wait_text(25, 35, $2),
            'link', 'https://q.example.com/g/Ab3dE9xKq2Lm', 'hold', a.hold_minutes, 'yes', 1, 'more', 2,
            'no', 9, 'ahead', 2, 'minutes', a.more_minutes,
            'when', when_text('2030-07-12 19:00'::timestamp AT TIME ZONE a.zone, a.zone, $2))
            || account_vars(a.name, a.phone)
        FROM accounts a WHERE a.account_id = $1);

-- What the API shows of a template.
CREATE OR REPLACE FUNCTION template_json(account text, event text, language text) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (SELECT json_build_object(
            'event', e.event, 'language', $3, 'body', t.body, 'automatic', t.automatic,
            'is_default', t.is_default, 'variables', to_json(e.variables),
            'encoding', m.encoding, 'segments', m.segments)
        FROM accounts a, text_events e, template_of($1, e.event, $3) t,
             made_text(t.body, sample_vars($1, $3), a.fold_texts) m
        WHERE a.account_id = $1 AND e.event = $2);

-- Why the template cannot be used for an event, as a problem; NULL: it can.
CREATE OR REPLACE FUNCTION template_problem(account text, event text, language text, body text)
RETURNS json LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    known   text[] := (SELECT e.variables FROM text_events e WHERE e.event = $2);
    unknown text;
BEGIN
    IF known IS NULL OR language NOT IN ('en', 'es', 'fr') THEN
        RETURN problem('not_found', 'event', 'There is no such event, or no text of it in this language.');
    END IF;
    SELECT m[1] INTO unknown FROM regexp_matches(body, '\{[^{}]*\}', 'g') m
    WHERE m[1] <> ALL (SELECT '{' || v || '}' FROM unnest(known) v) LIMIT 1;
    IF FOUND THEN
        RETURN problem('invalid_field', 'body', format(
            'There is no %s in this text. It may have: %s.', unknown,
            (SELECT string_agg('{' || v || '}', ' ' ORDER BY n) FROM unnest(known) WITH ORDINALITY k (v, n))));
    ELSIF (made_text(body, sample_vars(account, language), true)).segments > 10 THEN
        RETURN problem('invalid_field', 'body', 'With what stands for its variables it is too long to be sent.');
    END IF;
    RETURN NULL;
END $$;

-- Changes the account's words for an event, and whether they go out by themselves; what is NULL stays.
CREATE OR REPLACE FUNCTION template_change(event text, language text, body text, automatic boolean,
                                           OUT status int, OUT reply json)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    reply := template_problem(scope(), $1, $2, $3);
    IF reply IS NOT NULL THEN
        status := CASE reply ->> 'code' WHEN 'not_found' THEN 404 ELSE 422 END;
        RETURN;
    END IF;
    INSERT INTO templates AS t (account_id, event, language, body, automatic)
    SELECT scope(), $1, $2, $3, $4 WHERE num_nonnulls($3, $4) > 0
    ON CONFLICT (account_id, event, language) DO UPDATE
        SET body = coalesce(excluded.body, t.body), automatic = coalesce(excluded.automatic, t.automatic),
            changed_at = now()
        WHERE (t.body, t.automatic) IS DISTINCT FROM
              (coalesce(excluded.body, t.body), coalesce(excluded.automatic, t.automatic));
    IF FOUND THEN
        PERFORM audit('template.changed', $1 || '/' || $2, json_strip_nulls(json_build_object(
                    'body', CASE WHEN $3 IS NOT NULL THEN 'changed' END, 'automatic', $4)));
    END IF;
    status := 200;
    reply := template_json(scope(), $1, $2);
END $$;

-- Back to the default one.
CREATE OR REPLACE FUNCTION template_reset(event text, language text, OUT status int, OUT reply json)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    reply := template_problem(scope(), $1, $2, '');
    IF reply IS NOT NULL THEN
        status := 404;
        RETURN;
    END IF;
    DELETE FROM templates WHERE account_id = scope() AND event = $1 AND language = $2;
    IF FOUND THEN
        PERFORM audit('template.reset', $1 || '/' || $2, '{}');
    END IF;
    status := 200;
    reply := template_json(scope(), $1, $2);
END $$;

-- What a guest would read: as it is written, and folded where that saves a segment. What is NULL is as
-- usual: the account's words, name and size.
CREATE OR REPLACE FUNCTION template_preview(event text, language text, body text, name text, size bigint,
                                            OUT status int, OUT reply json)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
DECLARE
    words  text := coalesce($3, (template_of(scope(), $1, $2)).body);
    vars   jsonb := sample_vars(scope(), $2)
                    || jsonb_strip_nulls(jsonb_build_object('name', $4, 'size', $5));
    whole  record;
    folded record;
BEGIN
    reply := template_problem(scope(), $1, $2, $3);
    IF reply IS NOT NULL THEN
        status := 422;
        RETURN;
    END IF;
    SELECT * INTO whole FROM made_text(words, vars, false);
    SELECT * INTO folded FROM made_text(words, vars, true);
    status := 200;
    reply := json_build_object(
        'text', whole.body, 'encoding', whole.encoding, 'segments', whole.segments,
        'characters', length(whole.body),
        'folded', json_build_object('text', folded.body, 'encoding', folded.encoding,
                                    'segments', folded.segments),
        'name_cut', (SELECT CASE WHEN a.fold_texts THEN folded.name_cut ELSE whole.name_cut END
                     FROM accounts a WHERE a.account_id = scope()));
END $$;

-- ---- quick replies ----

CREATE OR REPLACE FUNCTION quick_reply_json(q quick_replies) RETURNS json
LANGUAGE sql STABLE PARALLEL SAFE
RETURN json_build_object('id', q.quick_reply_id, 'label', q.label, 'body', q.body,
                         'changed_at', rfc3339(q.changed_at));

-- One at a time, so that there are never more than fifty.
CREATE OR REPLACE FUNCTION room_for_quick_reply() RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM accounts WHERE account_id = (SELECT scope()) FOR NO KEY UPDATE;
    RETURN (SELECT count(*) FROM quick_replies WHERE account_id = (SELECT scope())) < 50;
END $$;
