"""table.py - what the turns of `make bench` come to: medians, ratios, and whether each goal is met."""
import dataclasses
import itertools
import math
import statistics


@dataclasses.dataclass
class Row:
    """A line of the table. The ratio is taken in each turn, of two figures that were measured next to each other: the
    machine's mood goes out of it."""
    name: str
    key: str
    unit: str = '/s'
    to: str = ''         # the key of what it is compared with
    than: str = ''       # ... and its name
    at_least: float = 0  # of the ratio; of the figure itself when there is none
    at_most: float = 0
    bound: str = ''      # what holds it back, when the goal is not met
    inverse: bool = False  # how many times less it takes than what it is compared with

    def ratios(self, turns):
        both = [(r[self.key], r[self.to] if self.to else 1) for r in turns if self.key in r]
        return [b / a if self.inverse else a / b for a, b in both]

    def value(self, turns):
        """What is held to the goal: what the ratios come to; of what is compared with nothing, the median."""
        return middle(self.ratios(turns)) if self.to else statistics.median(self.ratios(turns))

    def goal(self):
        return f'>= {self.at_least:g}' if self.at_least else f'<= {self.at_most:g}' if self.at_most else ''

    def met(self, value):
        return value >= self.at_least if self.at_least else not self.at_most or value <= self.at_most


def middle(ratios):
    """The median of the (geometric) means of any two of them (Hodges and Lehmann): an odd one hardly counts, as with
    the median, and it varies nearly as little as the mean, where the median takes half as many turns again."""
    logs = [math.log(r) for r in ratios]
    return math.exp(statistics.median((a + b) / 2 for a, b in itertools.combinations_with_replacement(logs, 2)))


def number(v):
    return f'{v:,.0f}' if v >= 100 else f'{v:.1f}' if v >= 10 else f'{v:.2f}'


def ratio_of(row, turns):
    """None: it is compared with nothing, or was not measured."""
    return row.value(turns) if row.to and row.ratios(turns) else None


def changes(section, turns, before):
    """How far each ratio is from what it was in the run before, in parts of it: (row, ratio then, change)."""
    both = ((row, ratio_of(row, before), ratio_of(row, turns)) for row in section.ROWS)
    return [(row, then, now / then - 1) for row, then, now in both if then and now]


def lines(section, turns, before=()):
    """The section's lines in Markdown; those without a figure are left out. `before`: the turns of the run before."""
    out = [f'| {section.TITLE} | measured | lowest .. highest | turns | compared | run before | goal | |',
           '|---|--:|---|--:|--:|--:|---|---|']
    then = {id(row): f'{number(ratio)} ({change:+.0%})' for row, ratio, change in changes(section, turns, before)}
    for row in section.ROWS:
        figures = [r[row.key] for r in turns if row.key in r]
        if not figures:
            continue
        value = row.value(turns)
        compared = f'{number(value)} x {row.than}' if row.to else ''
        verdict = '' if not row.goal() else 'met' if row.met(value) else f'**missed**: {row.bound}'
        out.append(f'| {row.name} | {number(statistics.median(figures))} {row.unit} '
                   f'| {number(min(figures))} .. {number(max(figures))} | {len(figures)} '
                   f'| {compared} | {then.get(id(row), "")} | {row.goal()} | {verdict} |')
    return out


def goals(section, turns, before=()):
    """The lines of those rows that have a goal, for a reader in a hurry: name, measured, the ratio in the run before,
    goal, whether it is met."""
    then = {id(row): number(ratio) for row, ratio, _ in changes(section, turns, before)}
    found, name, of_it = [], '', ''
    for row in section.ROWS:  # one without a name goes on with the one before it
        if row.name.startswith(' '):
            of_it = f', {row.name.strip()}'
        elif row.name:
            name, of_it = row.name, ''
        if row.goal() and row.ratios(turns):
            value = row.value(turns)
            told = f'{number(value)} x {row.than}' if row.to else f'{number(value)} {row.unit}'
            found.append(f'| {section.TITLE}: {name}{of_it} | {told} | {then.get(id(row), "")} | {row.goal()} '
                         f'| {"yes" if row.met(value) else "no"} |')
    return found
