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
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN thrifty(filled(template, vars || jsonb_build_object('name', rtrim(name, E' \u200d'))), fold);

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
CREATE OR REPLACE FUNCTION account_vars(a accounts) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
RETURN jsonb_build_object('venue', a.name, 'phone',
    regexp_replace(a.phone, '^\+1(\d{3})(\d{3})(\d{4})$', '(\1) \2-\3'));

-- The account's words for an event, or else the default ones.
CREATE OR REPLACE FUNCTION template_of(account text, event text, language text, OUT body text,
                                       OUT automatic boolean, OUT is_default boolean)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(t.body, d.body), coalesce(t.automatic, d.automatic), t.event IS NULL
    FROM default_templates d
    LEFT JOIN templates t
           ON t.account_id = $1 AND t.event = d.event AND t.language = d.language
    WHERE d.event = $2 AND d.language = $3;
END;

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
    FROM made_text(t.body, coalesce(vars, '{}') || account_vars(a), a.fold_texts) m;
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

-- A wait in minutes, as it was quoted; the same in each language. '': none was.
CREATE OR REPLACE FUNCTION wait_text(quote_min int, quote_max int, language text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(CASE WHEN quote_min < quote_max THEN quote_min || '-' || quote_max
                     ELSE coalesce(quote_min, quote_max)::text END || ' min', '');
