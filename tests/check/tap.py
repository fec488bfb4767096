"""tap.py - checks as TAP: each is a function that returns its problems, a line each; its name says what is so."""


def run(checks):
    """Runs them in their order, and prints. The exit status: 0 when none has a problem."""
    print(f'1..{len(checks)}')
    failed = 0
    for number, check in enumerate(checks, 1):
        problems = check()
        failed += bool(problems)
        print(f'{"not " if problems else ""}ok {number} - {check.__name__}')
        for problem in problems:
            print(f'# {problem}')
    return 1 if failed else 0
