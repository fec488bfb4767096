#!/usr/bin/env python3
"""style.py - the rules of CONTRIBUTING.md that no compiler checks. `make test T=style` runs it.

Lengths of functions come from universal-ctags; everything else is a search through the text without
its comments and strings. tests/check/style_rules.py holds a bad example for each rule.

    tests/check/style.py [FILE ...]     the default is all C and C++ in the repository
"""
import fnmatch
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FOLDERS = ['gateway', 'providers', 'db', 'routing', 'fixtures', 'tests']

COLUMNS, TAB = 100, 8
FUNCTION_LINES, SOURCE_LINES, HEADER_LINES = 60, 400, 120
NESTING, PARAMETERS = 4, 6  # we aim at 3 and 5

# (calls, why not, where they are allowed all the same)
BANNED = [
    (r'PQ(connectdb|exec|setdb)\w*|PQ(prepare|cancel|reset)'
     r'|getaddrinfo|gethostbyname|u?sleep|nanosleep|system|popen',
     'blocks the event loop', ['db/migrate.c', 'db/inspect.c', 'tests/*']),
    # mail is sent on a crew's thread, where it may block
    (r'curl_easy_perform', 'blocks the event loop', ['gateway/core/mail.c', 'tests/*']),
    (r'strcpy|strcat|v?sprintf|gets|strtok|localtime|gmtime|asctime|ctime',
     'is unsafe: use the bounded or reentrant form', []),
    (r'v?sscanf|ato[il]|atoll|atof', 'hides errors: use str_number()', ['tests/*']),
]

CORE = ['gateway/core']
PURE_CORE = [f'gateway/core/{h}.h' for h in 'arena str buf http json form rfc3339 secret'.split()]
# Which of our headers a folder may include: folders or single headers. The first match counts.
MAY_INCLUDE = [
    ('gateway/core/*', CORE),
    ('providers/*', PURE_CORE + ['providers', 'codes_table.h', 'zones_table.h']),
    ('db/*', CORE + ['db', 'statements.h', 'migrations.h', 'functions.h']),
    ('routing/*', CORE + ['providers', 'db', 'routing']),
    ('gateway/dev.c',
     CORE + ['providers', 'db', 'routing', 'gateway', 'fixtures/carriers', 'assets.h']),
    ('gateway/*', CORE + ['providers', 'db', 'routing', 'gateway', 'assets.h', 'statements.h']),
    ('fixtures/carriers/*', CORE + ['providers', 'gateway', 'fixtures/carriers', 'assets.h']),
]
# Which files may include a library's headers.
LIBRARIES = [
    (r'libpq|postgres', ['db/*']),
    (r'curl/', ['gateway/core/http_client.*', 'gateway/core/http_transfer.*',
                'gateway/core/mail.c']),
    (r'h2o', ['gateway/core/loop.*', 'gateway/core/arena.*', 'gateway/core/http_client.*',
              'gateway/server.*', 'gateway/exchange.*', 'gateway/framing.*', 'gateway/reply.*',
              'gateway/worker.*', 'gateway/stream.*']),
    (r'yajl/', ['gateway/core/json*']),
    (r'phonenumbers/', ['providers/phone.cc']),
    (r'jwt', ['gateway/token.c']),
    (r'crypt\.h', ['gateway/password.c']),
    (r'kainjow/', ['gateway/mustache.cc']),
    (r'expat\.h', ['fixtures/carriers/markup.c']),
]


def matches(path, patterns):
    return any(fnmatch.fnmatch(path, p) for p in patterns)


def blank(match):
    """What a comment or string leaves behind: its line ends, so that line numbers stay right."""
    text = match.group(0)
    return re.sub(r'[^\n]', '', text) if text.startswith('/') else text[0] + text[-1]


def code_only(text):
    """The text without comments and without what stands in quotes."""
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


def check_lines(path, lines, report):
    limit = HEADER_LINES if path.endswith('.h') else SOURCE_LINES
    if len(lines) > limit:
        report(len(lines), f'{len(lines)} lines; at most {limit}')
    opening = ''.join(lines[:3])
    if not opening.startswith('/*') or f'{os.path.basename(path)} - ' not in opening:
        report(1, f'must open with a comment "{os.path.basename(path)} - what it is"')
    for number, line in enumerate(lines, 1):
        if len(line.expandtabs(TAB)) > COLUMNS:
            report(number, f'{len(line.expandtabs(TAB))} columns; at most {COLUMNS}')
        if line != line.rstrip():
            report(number, 'white space at the end')
        if re.search(r'\b(TODO|FIXME|XXX)\b', line):
            report(number, 'unfinished work is not noted in the code')


def check_code(path, code, report):
    for number, line in enumerate(code.splitlines(), 1):
        if re.match(r'\s*#\s*(if|ifdef|ifndef)\b', line):
            if not path.endswith('.h') and not path.startswith('tests/'):
                report(number, 'no #if in a source file: put the variants behind a header')
        for calls, why, allowed in BANNED:
            call = re.search(rf'(?<![\w.>])({calls})\s*\(', line)
            if call and not matches(path, allowed):
                report(number, f'{call.group(1)}() {why}')


def check_includes(path, text, report):
    allowed = next((a for p, a in MAY_INCLUDE if fnmatch.fnmatch(path, p)), None)
    for number, line in enumerate(text.splitlines(), 1):
        include = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if not include or path.startswith('tests/'):
            continue
        name = include.group(2)
        for library, users in LIBRARIES:
            if re.match(library, name) and not matches(path, users):
                report(number, f'only {" ".join(users)} may include {name}')
        if include.group(1) == '"' and allowed is not None:
            places = [a if a.endswith('.h') else f'{a}/{name}' for a in allowed]
            if not any(os.path.basename(p) == name and exists(p) for p in places):
                report(number, f'{os.path.dirname(path)} may not include {name}')


def exists(header):
    """A generated header has no folder, and is made by the build."""
    return '/' not in header or os.path.exists(os.path.join(ROOT, header))


def functions(file):
    """(first line, last line, name, signature) of each function, by ctags."""
    form = '--_xformat=%{line}\t%{end}\t%N\t%{signature}'
    out = subprocess.run(['ctags', '-x', '--kinds-C=f', '--kinds-C++=f', '--fields=+neS', form, file],
                         capture_output=True, text=True, check=True).stdout
    for line in out.splitlines():
        first, last, name, signature = line.split('\t')
        if last:
            yield int(first), int(last), name, signature


def check_functions(file, code, report):
    lines = code.splitlines()
    for first, last, name, signature in functions(file):
        if last - first + 1 > FUNCTION_LINES:
            report(first, f'{name}() has {last - first + 1} lines; at most {FUNCTION_LINES}')
        parameters = re.sub(r'\([^()]*\)', '', signature[1:-1]).count(',') + 1
        if parameters > PARAMETERS:
            report(first, f'{name}() has {parameters} parameters; at most {PARAMETERS}')
        depth = deepest = -1  # the function's own braces are level 0
        for line in lines[first - 1:last]:
            # Braces that close on their line hold a value, not a block.
            for brace in re.findall(r'[{}]', re.sub(r'\{[^{}]*\}', '', line)):
                depth += 1 if brace == '{' else -1
                deepest = max(deepest, depth)
        if deepest > NESTING:
            report(first, f'{name}() nests {deepest} deep; at most {NESTING}')


def check(path, file=None):
    """The problems of one file, as lines to print. `file` is where it is, if not at `path`."""
    problems = []
    file = file or os.path.join(ROOT, path)
    with open(file, encoding='utf-8') as f:
        text = f.read()

    def report(number, message):
        problems.append(f'{path}:{number}: {message}')

    code = code_only(text)
    check_lines(path, text.split('\n')[:-1], report)
    check_code(path, code, report)
    check_includes(path, text, report)
    check_functions(file, code, report)
    return problems


def sources():
    for folder in FOLDERS:
        for here, folders, files in os.walk(os.path.join(ROOT, folder)):
            folders[:] = [f for f in folders if f not in ('node_modules', 'dist')]
            for name in files:
                if name.endswith(('.c', '.h', '.cc')):
                    yield os.path.relpath(os.path.join(here, name), ROOT)


def main():
    paths = sys.argv[1:] or sorted(sources())
    problems = [p for path in paths for p in check(path)]
    print('\n'.join(problems) if problems else f'{len(paths)} files')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
