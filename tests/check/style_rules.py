#!/usr/bin/env python3
"""style_rules.py - a bad example for each rule of style.py, which must report it, and good ones."""
import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import style  # noqa: E402


def function(body, parameters='void'):
    return f'static void f({parameters})\n{{\n{body}}}\n'


# (rule, path, text behind the opening comment, what must be reported; None: nothing)
CASES = [
    ('a clean file', 'routing/a.c', '#include "str.h"\n\n' + function('\tg();\n'), None),
    ('a long function', 'db/a.c', function('\tg();\n' * 58), 'f() has 61 lines'),
    ('a function of 60 lines', 'db/a.c', function('\tg();\n' * 57), None),
    ('a long source file', 'db/a.c', 'int a;\n' * 400, '401 lines'),
    ('a long header', 'db/a.h', 'int a;\n' * 120, '121 lines'),
    ('a long line', 'db/a.c', '\t\tint ' + 'a' * 81 + ';\n', '102 columns'),
    ('#if in a source file', 'db/a.c', '#ifdef X\n#endif\n', 'no #if'),
    ('#if in a header', 'db/a.h', '#ifndef A_H\n#define A_H\n#endif\n', None),
    ('#if in a test', 'tests/a.c', '#if 1\n#endif\n', None),
    ('a blocking call', 'db/a.c', function('\tPQexecParams(c);\n'), 'PQexecParams() blocks'),
    ('a blocking call in migrate.c', 'db/migrate.c', function('\tPQexec(c);\n'), None),
    ('libcurl may block in mail.c', 'gateway/core/mail.c', function('\tcurl_easy_perform(c);\n'),
     None),
    ('libcurl may not block elsewhere', 'gateway/core/http_client.c',
     function('\tcurl_easy_perform(c);\n'), 'curl_easy_perform() blocks'),
    ('an unsafe call', 'db/a.c', function('\tstrcpy(a, b);\n'), 'strcpy() is unsafe'),
    ('an unsafe call in a test', 'tests/a.c', function('\tsprintf(a, b);\n'), 'sprintf() is unsafe'),
    ('PQresetStart', 'db/a.c', function('\tPQresetStart(c);\n'), None),
    ('gmtime_r', 'db/a.c', function('\tgmtime_r(&t, &tm);\n'), None),
    ('a banned call in a comment', 'db/a.c', '/* unlike sleep(1) */\n', None),
    ('a banned call in a string', 'db/a.c', 'const char *s = "system(x)";\n', None),
    ('core knows no provider', 'gateway/core/a.c', '#include "provider.h"\n', 'may not include'),
    ('a provider has no clock', 'providers/a.c', '#include "clock.h"\n', 'may not include'),
    ('a provider has the table', 'providers/a.c', '#include "codes_table.h"\n', None),
    ('db knows no provider', 'db/a.c', '#include "provider.h"\n', 'may not include'),
    ('only db has libpq', 'gateway/a.c', '#include <libpq-fe.h>\n', 'may include libpq-fe.h'),
    ('only the client has curl', 'gateway/a.c', '#include <curl/curl.h>\n', 'may include curl'),
    ('routing has no h2o', 'routing/a.c', '#include <h2o.h>\n', 'may include h2o.h'),
    ('only tokens have libjwt', 'gateway/a.c', '#include <jwt.h>\n', 'may include jwt.h'),
    ('deep nesting', 'db/a.c', function('\tif (a) {\n' * 5 + '\t}\n' * 5), 'nests 5 deep'),
    ('nesting of 4', 'db/a.c', function('\tif (a) {\n' * 4 + '\t}\n' * 4), None),
    ('many parameters', 'db/a.c', function('', ', '.join(f'int {c}' for c in 'abcdefg')),
     'f() has 7 parameters'),
    ('white space at the end', 'db/a.c', 'int a; \n', 'white space at the end'),
    ('unfinished work', 'db/a.c', '/* TO' + 'DO: more */\n', 'unfinished'),
]


def problems_of(path, text):
    with tempfile.NamedTemporaryFile('w', suffix=os.path.basename(path)) as file:
        file.write(text)
        file.flush()
        return style.check(path, file.name)


def main():
    failed = 0
    cases = [(rule, path, f'/* {os.path.basename(path)} - an example. */\n' + text, expected)
             for rule, path, text, expected in CASES]
    cases.append(('no opening comment', 'db/a.c', 'int a;\n', 'must open with a comment'))
    cases.append(('another name in it', 'db/a.c', '/* b.c - an example. */\n', 'must open with'))
    print(f'1..{len(cases)}')
    for number, (rule, path, text, expected) in enumerate(cases, 1):
        problems = problems_of(path, text)
        good = not problems if expected is None else any(expected in p for p in problems)
        print(f'{"" if good else "not "}ok {number} - {rule}')
        if not good:
            failed += 1
            print(f'# expected: {expected}\n# reported: {problems}')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
